//! The commands that show a failure again, ready to be pasted into a shell.

use std::path::Path;

use crate::TEST_NAME;

/// The command that runs all known inputs of a target.
#[must_use]
pub fn test_command(package: &str, target: &str) -> String {
    let test = format!("{target}::{TEST_NAME}");
    format!("cargo test -p {} {}", quoted(package), quoted(&test))
}

/// The command that runs only the inputs in `file`. Without a package, cargo takes that of the
/// working directory.
#[must_use]
pub fn replay_command(package: Option<&str>, target: &str, file: &Path) -> String {
    let package = package.map_or_else(String::new, |name| format!("-p {} ", quoted(name)));
    let file = file.to_string_lossy();
    format!("cargo shakedown replay {package}{} {}", quoted(target), quoted(&file))
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:+=@%,".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_as_they_are() {
        assert_eq!(test_command("url", "tests::trip"), "cargo test -p url tests::trip::fuzz");
        let file = Path::new("testdata/fuzz/tests.trip/3f2a91c0.sequence");
        let command = replay_command(Some("url"), "tests::trip", file);
        assert_eq!(
            command,
            format!("cargo shakedown replay -p url tests::trip {}", file.display())
        );
    }

    #[test]
    fn every_part_is_quoted_where_a_shell_would_read_more_into_it() {
        assert_eq!(test_command("p", "r#match::x"), "cargo test -p p 'r#match::x::fuzz'");
        let command = replay_command(None, "r#match::x", Path::new("it's $HOME"));
        assert_eq!(command, r"cargo shakedown replay 'r#match::x' 'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
