//! What cargo does not test, or not with libtest, though its source has targets: it is named, for a
//! target that silently does not run is taken for one that finds nothing.

use std::path::Path;

use cargo_metadata::{Package, Target};

use super::workspace::{OwnHarness, kind};

/// How a target is written in a source.
const ATTRIBUTE: &str = "#[shakedown::fuzz";

/// The libraries, programs and tests of a package that seem to have targets and cannot be run.
pub(super) fn in_package(package: &Package) -> Vec<String> {
    let own_harness = OwnHarness::read(package.manifest_path.as_std_path());
    let reason = |target: &Target| {
        let setting = match (target.test, own_harness.contains(target)) {
            (false, _) => "test = false",
            (true, true) => "harness = false",
            (true, false) => return None,
        };
        // Cargo tests examples and benchmarks only where it is told to.
        let is_tested = !target.is_example() && !target.is_bench() && !target.is_custom_build();
        let has_targets = || has_attribute(target.src_path.as_std_path(), target);
        (is_tested && has_targets()).then(|| words(package, target, setting))
    };
    package.targets.iter().filter_map(reason).collect()
}

fn words(package: &Package, target: &Target, setting: &str) -> String {
    let (kind, name) = (kind(target), &target.name);
    let section = if kind == "lib" { "[lib]".to_owned() } else { format!("[[{kind}]]") };
    format!(
        "the targets in {kind} `{name}` of package `{}`, for its {section} in Cargo.toml has \
         `{setting}`; remove that, or move them",
        package.name
    )
}

/// Whether the attribute is in a source file; for a library or program also in those beside it, which
/// may be its modules.
fn has_attribute(root: &Path, target: &Target) -> bool {
    let is_in =
        |path: &Path| std::fs::read_to_string(path).is_ok_and(|source| source.contains(ATTRIBUTE));
    let is_module = |path: &Path| path.extension().is_some_and(|extension| extension == "rs");
    let beside = match (target.is_test(), root.parent()) {
        (false, Some(folder)) => std::fs::read_dir(folder).ok(),
        _ => None,
    };
    let mut beside = beside.into_iter().flatten().flatten().map(|item| item.path());
    is_in(root) || beside.any(|path| is_module(&path) && is_in(&path))
}
