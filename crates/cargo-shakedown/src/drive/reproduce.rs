//! The commands that show a finding again.

use std::path::Path;

use crate::report::{TargetName, from_here};

/// Commands that show a finding again.
pub(super) fn reproduce(label: &TargetName, file: Option<&Path>) -> Vec<String> {
    let TargetName { package, target, .. } = label;
    let mut commands = vec![format!("cargo test -p {package} {target}::fuzz")];
    if let Some(file) = file {
        let file = shell_words(&from_here(file).to_string_lossy());
        commands.push(format!("cargo shakedown replay -p {package} {target} {file}"));
    }
    commands
}

/// A word as a shell reads it.
fn shell_words(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    match word.chars().all(plain) && !word.is_empty() {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
