//! Files of options as ClusterFuzz and OSS-Fuzz have them beside a target: `[libfuzzer]`, then lines
//! `name = value`. Pure.

use std::time::Duration;

use shakedown_core::literal::Diagnostic;

/// What such a file says that has a meaning here.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FileOptions {
    /// Longest input that mutation makes, in bytes.
    pub(super) max_len: Option<u64>,
    /// Longest execution.
    pub(super) timeout: Option<Duration>,
    /// Path of a dictionary, from the folder of the file.
    pub(super) dict: Option<String>,
    /// Most memory, in MiB.
    pub(super) memory: Option<u64>,
}

/// Reads the section of libFuzzer. Others are for other fuzzers, and so are other options.
///
/// # Errors
/// The first line that is no option, or whose value cannot be one.
pub(super) fn parse(text: &str) -> Result<FileOptions, Diagnostic> {
    let mut options = FileOptions::default();
    let mut is_ours = false;
    for (index, line) in text.lines().enumerate() {
        let entry = line.trim();
        let wrong = |message: String| Diagnostic { line: index + 1, column: 1, message };
        if entry.is_empty() || entry.starts_with(['#', ';']) {
            continue;
        }
        if let Some(section) = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_ours = section.trim() == "libfuzzer";
            continue;
        }
        let Some((name, value)) = entry.split_once('=') else {
            return Err(wrong("expected `name = value` or `[section]`".into()));
        };
        if is_ours {
            options.take(name.trim(), value.trim()).map_err(wrong)?;
        }
    }
    Ok(options)
}

impl FileOptions {
    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        let number = || match value.parse::<u64>() {
            Ok(number) => Ok(Some(number).filter(|number| *number > 0)),
            Err(_) => Err(format!("`{name}` must be a number, not `{value}`")),
        };
        match name.trim_start_matches('-') {
            "max_len" => self.max_len = number()?,
            "timeout" => self.timeout = number()?.map(Duration::from_secs),
            "rss_limit_mb" => self.memory = number()?,
            "dict" => self.dict = Some(value.trim_matches('"').to_owned()),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_section_of_libfuzzer_is_read() {
        let text = "# of a target\n[asan]\nmax_len = 1\nodd = x\n\n[libfuzzer]\nmax_len = 65536\n \
            timeout=25 \ndict = \"gif.dict\"\nclose_fd_mask = 3\n; so\nrss_limit_mb = 0\n";
        let options = parse(text).unwrap();
        let timeout = Some(Duration::from_secs(25));
        let dict = Some("gif.dict".to_owned());
        assert_eq!(options, FileOptions { max_len: Some(65536), timeout, dict, memory: None });
        assert_eq!(parse(""), Ok(FileOptions::default()));
    }

    #[test]
    fn what_cannot_be_an_option_is_an_error_at_its_line() {
        let error = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(error("[libfuzzer]\nmax_len"), "2:1: expected `name = value` or `[section]`");
        let number = "2:1: `timeout` must be a number, not `1s`";
        assert_eq!(error("[libfuzzer]\ntimeout = 1s"), number);
    }
}
