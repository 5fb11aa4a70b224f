//! The commands that show a failure again, ready to be pasted into a shell.

use std::path::Path;

use crate::TEST_NAME;

/// The command that runs all known inputs of a target, and no other test; `options` tell cargo which
/// program it is in, and how that is built.
#[must_use]
pub fn test_command(options: &[String], target: &str) -> String {
    let test = format!("{target}::{TEST_NAME}");
    line("cargo test", options, &[&test, "--", "--exact"])
}

/// The command that runs only the inputs in `file`; `options` are as for [`test_command`].
#[must_use]
pub fn replay_command(options: &[String], target: &str, file: &Path) -> String {
    line("cargo shakedown replay", options, &[target, &file.to_string_lossy()])
}

fn line(program: &str, options: &[String], rest: &[&str]) -> String {
    let words = options.iter().map(String::as_str).chain(rest.iter().copied());
    words.fold(program.to_owned(), |line, word| line + " " + &quoted(word))
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

    fn options(words: &str) -> Vec<String> {
        words.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn plain_words_stay_as_they_are() {
        let options = options("-p url --test it");
        let command = test_command(&options, "tests::trip");
        assert_eq!(command, "cargo test -p url --test it tests::trip::fuzz -- --exact");
        let file = Path::new("testdata/fuzz/tests.trip/3f2a91c0.sequence");
        let command = replay_command(&options[..2], "tests::trip", file);
        assert_eq!(
            command,
            format!("cargo shakedown replay -p url tests::trip {}", file.display())
        );
    }

    #[test]
    fn every_part_is_quoted_where_a_shell_would_read_more_into_it() {
        let command = test_command(&["--manifest-path=a b".into()], "r#match::x");
        assert_eq!(command, "cargo test '--manifest-path=a b' 'r#match::x::fuzz' -- --exact");
        let command = replay_command(&[], "r#match::x", Path::new("it's $HOME"));
        assert_eq!(command, r"cargo shakedown replay 'r#match::x' 'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
