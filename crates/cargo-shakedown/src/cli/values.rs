//! Values of options: what they may be, checked as far as possible without looking at anything.

use std::time::Duration;

use crate::build::Sanitizer;
use crate::campaign::Enough;
use crate::worker::{MIN_MEMORY, MIN_STACK_SIZE};

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write a time as 500ms, 10s, 5m or 2h"))
}

pub(super) fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("must be longer than zero".into()),
        time => Ok(time),
    }
}

pub(super) fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("must be at least 1".into()),
        Ok(number) => Ok(number),
    }
}

pub(super) fn sanitizer(name: &str) -> Result<Sanitizer, String> {
    match name {
        "address" => Ok(Sanitizer::Address),
        "leak" => Err("leaks would be seen only at the end of a process, which is not that of an \
                       execution; a target that grows from execution to execution is told without a \
                       sanitizer"
            .into()),
        "memory" | "thread" => {
            Err("it needs a standard library that is built for it, by `-Zbuild-std` and the component \
                 rust-src, and that is not done here; `address` needs none"
                .into())
        }
        _ => Err("the only one is `address`".into()),
    }
}

/// When a target has been searched enough: `no-news 10m`, `bound 1e-6`, or both with `|` between them.
pub(super) fn enough(text: &str) -> Result<Enough, String> {
    let mut enough = Enough::default();
    for condition in text.split('|').map(str::trim) {
        match condition.split_once(char::is_whitespace) {
            Some(("no-news", time)) => enough.no_news = Some(positive_duration(time.trim())?),
            Some(("bound", chance)) => enough.bound = Some(probability(chance.trim())?),
            _ => return Err("write `no-news 10m`, `bound 1e-6`, or both with `|` between".into()),
        }
    }
    Ok(enough)
}

fn probability(text: &str) -> Result<f64, String> {
    let chance = text.parse().ok().filter(|chance| *chance > 0.0 && *chance < 1.0);
    chance.ok_or_else(|| "write a chance between 0 and 1, such as 1e-6".into())
}

pub(super) fn stack_size(text: &str) -> Result<u64, String> {
    match size(text)? {
        size if size < MIN_STACK_SIZE => Err("must be at least 512K".into()),
        size => Ok(size),
    }
}

pub(super) fn memory_limit(text: &str) -> Result<u64, String> {
    match size(text)? {
        size @ 1..MIN_MEMORY => {
            Err(format!("{size} bytes is less than a worker itself needs; must be at least 32MiB"))
        }
        size => Ok(size),
    }
}

/// A size in bytes: `4096`, `64K`, `512MiB`. All units are powers of 1024.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        unit => return Err(format!("unknown unit `{unit}`; use K, M, G or KiB, MiB, GiB")),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(|| "write a size as 4096, 64K or 512MiB".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_to_stop_are_one_or_both() {
        let no_news = Some(Duration::from_secs(600));
        assert_eq!(enough("no-news 10m"), Ok(Enough { no_news, bound: None }));
        assert_eq!(enough("bound 1e-6|no-news 10m"), Ok(Enough { no_news, bound: Some(1e-6) }));
        for wrong in
            ["", "10m", "no-news", "no-news 0s", "bound 0", "bound 2", "bound x", "news 1s"]
        {
            assert!(enough(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(size("4096"), Ok(4096));
        assert_eq!(size("64K"), Ok(65536));
        assert_eq!(size("512MiB"), Ok(512 << 20));
        assert!(size("x").is_err());
        assert!(size("5 parsecs").is_err());
        assert!(size("99999999999G").is_err());
    }
}
