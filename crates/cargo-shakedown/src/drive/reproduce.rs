//! The commands that show a finding again.

use std::path::Path;

use shakedown_core::testdata::{replay_command, test_command};

use crate::report::{TargetName, from_here};

/// Commands that show a finding again.
#[must_use]
pub(crate) fn reproduce(target: &TargetName, file: Option<&Path>) -> Vec<String> {
    let TargetName { package, target, .. } = target;
    let replay = |file| replay_command(Some(package), target, &from_here(file));
    [test_command(package, target)].into_iter().chain(file.map(replay)).collect()
}
