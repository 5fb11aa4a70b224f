//! The profile that tests are built with: `release`, with the checks that find bugs.
//!
//! It is passed to cargo on the command line, so that the user's manifest needs no entry. What
//! the user says under `[profile.shakedown]` is left as it is, and so is everything in
//! `[profile.release]` that is not listed here.

/// The name of the profile.
pub(super) const NAME: &str = "shakedown";

/// Its settings, in TOML.
const SETTINGS: [(&str, &str); 9] = [
    ("inherits", "\"release\""),
    // One unit and no link-time optimization: the crate is optimized as a whole before it is
    // instrumented, and instrumented once.
    ("codegen-units", "1"),
    ("lto", "\"off\""),
    ("debug", "\"line-tables-only\""),
    ("strip", "\"none\""),
    ("debug-assertions", "true"),
    ("overflow-checks", "true"),
    ("incremental", "false"),
    ("panic", "\"unwind\""),
];

/// The values of cargo's `--config` that make the profile, without those that the user has set; it
/// inherits from `base` where that is asked for.
pub(super) fn arguments(base: Option<&str>, is_set: impl Fn(&str) -> bool) -> Vec<String> {
    let is_needed = |key: &str| !is_set(key) && (key != "inherits" || base.is_none());
    let settings = SETTINGS.iter().filter(|(key, _)| is_needed(key));
    let base = base.map(|base| format!("profile.{NAME}.inherits={base:?}"));
    let settings = settings.map(|(key, value)| format!("profile.{NAME}.{key}={value}"));
    base.into_iter().chain(settings).collect()
}

/// The environment variable by which the user can set `key`.
#[must_use]
pub(super) fn variable(key: &str) -> String {
    format!("CARGO_PROFILE_{}_{}", NAME.to_uppercase(), key.to_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_user_are_left_alone() {
        let all = arguments(None, |_| false);
        assert_eq!(all.len(), SETTINGS.len());
        assert!(all.contains(&"profile.shakedown.inherits=\"release\"".to_owned()));
        let some = arguments(None, |key| key == "debug" || key == "inherits");
        assert_eq!(some.len(), SETTINGS.len() - 2);
        assert!(!some.iter().any(|setting| setting.starts_with("profile.shakedown.debug=")));
    }

    #[test]
    fn it_inherits_from_what_is_asked_for() {
        let all = arguments(Some("dev"), |key| key == "inherits");
        assert_eq!(all[0], "profile.shakedown.inherits=\"dev\"");
        assert_eq!(all.iter().filter(|setting| setting.contains("inherits")).count(), 1);
    }

    #[test]
    fn every_setting_is_toml() {
        for setting in arguments(Some("dev"), |_| false) {
            assert!(setting.parse::<toml::Table>().is_ok(), "{setting}");
        }
    }

    #[test]
    fn variables_are_named_as_cargo_names_them() {
        assert_eq!(variable("debug-assertions"), "CARGO_PROFILE_SHAKEDOWN_DEBUG_ASSERTIONS");
    }
}
