//! Other fuzzers whose targets are run, and the crates of ours that stand in for theirs.

use cargo_metadata::Package;

/// The crate of another fuzzer, and ours that has its name and interface.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DropIn {
    /// The other's package.
    pub(super) original: &'static str,
    /// Our package.
    pub(super) package: &'static str,
    /// The name of both as libraries.
    pub(super) library: &'static str,
}

/// All that there are.
pub(super) const DROP_INS: [DropIn; 1] = [DropIn {
    original: "libfuzzer-sys",
    package: "shakedown-libfuzzer",
    library: "libfuzzer_sys",
}];

/// Whether a package of this name is a drop-in.
pub(super) fn is_named(name: &str) -> bool {
    DROP_INS.iter().any(|drop_in| drop_in.package == name)
}

/// Whether the programs of a package may be targets for a drop-in. Renamed dependencies count.
pub(super) fn is_used_by(package: &Package) -> bool {
    package.dependencies.iter().any(|dependency| is_named(&dependency.name))
}

/// The drop-in for the crate that the targets of a package are written with.
pub(super) fn wanted_by(package: &Package) -> Option<&'static DropIn> {
    let has = |name: &str| package.dependencies.iter().any(|dependency| dependency.name == name);
    DROP_INS.iter().find(|drop_in| has(drop_in.original))
}
