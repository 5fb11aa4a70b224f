//! What is said of files: those that cannot be written, and those that are passed over.

use std::path::Path;

use super::counted;

/// An entry could not be written.
#[must_use]
pub(crate) fn entry_not_saved(error: &str) -> String {
    format!("{error}; the campaign continues and will retry when it ends")
}

/// Entries could not be written even at the end.
#[must_use]
pub(crate) fn entries_lost(count: usize, error: &str) -> String {
    format!("{} could not be saved: {error}", counted(count, "new entry"))
}

/// What the next campaign is to remember could not be written.
#[must_use]
pub(crate) fn coverage_not_saved(error: &str) -> String {
    format!("{error}; the next campaign will run all entries again")
}

/// A finding is in another folder than it should be.
#[must_use]
pub(crate) fn finding_elsewhere(error: &str, path: &Path) -> String {
    format!("{error}; the finding is in {}", path.display())
}

/// A finding could not be written.
#[must_use]
pub(crate) fn finding_not_saved(error: &str) -> String {
    format!("{error}; the campaign will retry when it ends")
}

/// A finding could not be written even at the end.
#[must_use]
pub(crate) fn finding_lost(error: &str, text: &str) -> String {
    format!("{error}; save it by hand:\n{text}")
}

/// Cached files that are not inputs of a target.
#[must_use]
pub(crate) fn unreadable_entries(target: &str, count: usize) -> String {
    let files = counted(count, "cached file");
    format!(
        "skipped {files} of {target}: not inputs of the target (nothing is deleted; `cargo \
         shakedown corpus stats` names them)"
    )
}

/// Cached entries that are too long.
#[must_use]
pub(crate) fn oversized_entries(target: &str, count: usize) -> String {
    let entries = counted(count, "cached entry");
    format!("skipped {entries} of {target}: longer than --max-len (nothing is deleted)")
}
