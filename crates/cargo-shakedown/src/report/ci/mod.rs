//! What CI systems take, each made of the summary of a campaign: a JUnit file, a SARIF file, and
//! GitHub's annotations and step summary. Nothing here writes it anywhere.

mod github;
mod junit;
mod sarif;

use std::path::{Path, PathBuf};

use super::FindingNotice;

pub(crate) use github::{annotations, step_summary};
pub(crate) use junit::junit;
pub(crate) use sarif::sarif;

/// A place in the repository: its file from the root, and the line and column, if it has them.
#[derive(Debug, PartialEq, Eq)]
struct Spot {
    file: PathBuf,
    position: Option<(u32, u32)>,
}

/// The place in the repository at `root` that a finding should be shown at: where the code failed; if
/// that was in code from elsewhere, the file with the input; and if it has none, the list of accepted
/// failures, which is in the folder of the target.
fn spot(finding: &FindingNotice, root: &Path) -> Option<Spot> {
    let inside = |path: &Path| path.strip_prefix(root).ok().map(Path::to_path_buf);
    let failed = finding.location.as_ref().and_then(|location| {
        let file = inside(location.path.as_deref()?)?;
        Some(Spot { file, position: Some((location.line, location.column)) })
    });
    let whole = |path: &Path| Some(Spot { file: inside(path)?, position: None });
    let input = || whole(finding.file.as_deref().unwrap_or(&finding.accept.file));
    failed.or_else(input)
}

/// What a finding is, on one line.
fn title(finding: &FindingNotice) -> String {
    format!("{} in {}", finding.kind, finding.target.label)
}

#[cfg(test)]
mod tests;
