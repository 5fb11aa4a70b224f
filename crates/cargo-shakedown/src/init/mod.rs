//! What `cargo shakedown init` changes, as texts: manifests, and first targets. Pure.

mod manifest;
mod sources;

pub(crate) use manifest::{Requirement, add_bin, add_dev_dependency, add_test, rename};
pub(crate) use sources::{first_test, program};

/// How a text differs from what it was, for people.
#[must_use]
pub(crate) fn diff(name: &str, old: Option<&str>, new: &str) -> String {
    let from = if old.is_some() { name } else { "/dev/null" };
    let diff = similar::TextDiff::from_lines(old.unwrap_or_default(), new);
    diff.unified_diff().context_radius(2).header(from, name).to_string()
}
