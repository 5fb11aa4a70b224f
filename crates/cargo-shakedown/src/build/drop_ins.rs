//! Other fuzzers whose targets are run, and the crates that stand in for theirs.

use cargo_metadata::Package;

/// The packages of ours that stand in.
pub(super) const DROP_INS: [&str; 1] = ["shakedown-libfuzzer"];

/// Whether the programs of a package may be targets for a drop-in. Renamed dependencies count.
pub(super) fn is_used_by(package: &Package) -> bool {
    package.dependencies.iter().any(|dependency| DROP_INS.contains(&&*dependency.name))
}
