//! Durations as people write them: `500ms`, `10s`, `5m`, `2h`.

use std::time::Duration;

const HELP: &str = "write a whole number and its unit: `500ms`, `10s`, `5m`, `2h`";

/// Reads a duration; it is never zero.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let millis: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        "" if digits > 0 => return Err(format!("this duration has no unit; {HELP}")),
        _ => return Err(format!("this is not a duration; {HELP}")),
    };
    if digits == 0 {
        return Err(format!("this is not a duration; {HELP}"));
    }
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(millis)) {
        Some(0) => Err("the timeout must be longer than zero".into()),
        Some(millis) => Ok(Duration::from_millis(millis)),
        None => Err("this duration is too long".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_known() {
        let millis = |text| parse(text).map(|duration| duration.as_millis());
        assert_eq!(millis("500ms"), Ok(500));
        assert_eq!(millis("10s"), Ok(10_000));
        assert_eq!(millis("5m"), Ok(300_000));
        assert_eq!(millis("2h"), Ok(7_200_000));
    }

    #[test]
    fn everything_else_is_refused_with_help() {
        let error = |text| parse(text).unwrap_err();
        assert!(error("10").starts_with("this duration has no unit"));
        for text in ["", "s", "1.5s", "-1s", "10 s", "10sec", "1m30s"] {
            assert!(error(text).starts_with("this is not a duration"), "{text}");
        }
        assert_eq!(error("0s"), "the timeout must be longer than zero");
        assert_eq!(error("99999999999999999999h"), "this duration is too long");
    }
}
