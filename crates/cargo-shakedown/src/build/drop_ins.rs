//! Other fuzzers whose targets are run, and the crates of ours that stand in for theirs.

use std::collections::BTreeSet;

use cargo_metadata::{Dependency, Package};

/// The crate of another fuzzer, and ours that has its name and interface.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DropIn {
    /// The other's package.
    pub(super) original: &'static str,
    /// Our package.
    pub(super) package: &'static str,
    /// The name of both as libraries.
    pub(super) library: &'static str,
    /// The first minor version before 1.0 that ours can stand in for.
    pub(super) since: u64,
}

/// All that there are.
pub(super) const DROP_INS: [DropIn; 3] = [
    DropIn {
        original: "libfuzzer-sys",
        package: "shakedown-libfuzzer",
        library: "libfuzzer_sys",
        since: 3,
    },
    DropIn { original: "afl", package: "shakedown-afl", library: "afl", since: 4 },
    DropIn {
        original: "honggfuzz",
        package: "shakedown-honggfuzz",
        library: "honggfuzz",
        since: 5,
    },
];

/// Whether a package of this name is a drop-in.
pub(super) fn is_named(name: &str) -> bool {
    DROP_INS.iter().any(|drop_in| drop_in.package == name)
}

/// Whether the programs of a package may be targets for a drop-in. Renamed dependencies count.
pub(super) fn is_used_by(package: &Package) -> bool {
    package.dependencies.iter().any(|dependency| is_named(&dependency.name))
}

/// Whether the targets of a package are written with the crate of another fuzzer.
pub(super) fn is_wanted_by(package: &Package) -> bool {
    package.dependencies.iter().any(|dependency| of(dependency).is_some())
}

/// The drop-in for a dependency.
fn of(dependency: &Dependency) -> Option<&'static DropIn> {
    DROP_INS.iter().find(|drop_in| drop_in.original == dependency.name)
}

/// The drop-ins for the crates that the targets of a package are written with, where these features are
/// enabled; and features of which one would be needed, if it is none.
pub(super) fn wanted_by(
    package: &Package,
    enabled: &BTreeSet<String>,
) -> Result<Vec<&'static DropIn>, Vec<String>> {
    let named = package.dependencies.iter().filter_map(|own| Some((own, of(own)?)));
    let (is_on, is_off): (Vec<_>, Vec<_>) =
        named.partition(|(own, _)| !own.optional || enabled.contains(&switch(own)));
    if !is_on.is_empty() {
        return Ok(is_on.into_iter().map(|(_, drop_in)| drop_in).collect());
    }
    let switches: Vec<String> = is_off.iter().map(|(own, _)| switch(own)).collect();
    let brings = |others: &[String]| others.iter().any(|other| is_by(package, other, &switches));
    let features = package.features.iter().filter(|(_, others)| brings(others));
    Err(features.map(|(name, _)| name.clone()).collect())
}

/// Whether something that a feature enables is one of these switches, or the feature of the same name.
fn is_by(package: &Package, enabled: &str, switches: &[String]) -> bool {
    let implied = package.features.get(enabled).into_iter().flatten();
    switches.iter().any(|switch| switch == enabled || implied.clone().any(|one| one == switch))
}

/// What a feature says to enable an optional dependency.
fn switch(dependency: &Dependency) -> String {
    format!("dep:{}", dependency.rename.as_ref().unwrap_or(&dependency.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A package with these optional dependencies and features.
    fn package(optional: &[&str], features: &str) -> Package {
        let dependency = |name: &&str| {
            serde_json::json!({
                "name": name, "req": "*", "kind": null, "optional": true,
                "uses_default_features": true, "features": [], "source": null, "target": null,
            })
        };
        let features: serde_json::Value = serde_json::from_str(features).unwrap();
        let package = serde_json::json!({
            "name": "p", "version": "1.0.0", "id": "p", "targets": [], "features": features,
            "dependencies": optional.iter().map(dependency).collect::<Vec<_>>(),
            "manifest_path": "/w/Cargo.toml",
        });
        serde_json::from_value(package).unwrap()
    }

    #[test]
    fn features_choose_the_fuzzer() {
        let features = r#"{"afl": ["dep:afl"], "afl_fuzz": ["afl"], "hf": ["dep:honggfuzz"]}"#;
        let package = package(&["afl", "honggfuzz"], features);
        assert!(is_wanted_by(&package) && !is_used_by(&package));
        let wanted = |enabled: &[&str]| {
            let enabled = enabled.iter().map(ToString::to_string).collect();
            wanted_by(&package, &enabled)
                .map(|all| all.iter().map(|drop_in| drop_in.original).collect::<Vec<_>>())
        };
        assert_eq!(wanted(&["afl_fuzz", "afl", "dep:afl"]), Ok(vec!["afl"]));
        assert_eq!(wanted(&["hf", "dep:honggfuzz"]), Ok(vec!["honggfuzz"]));
        let needed = ["afl", "afl_fuzz", "hf"].map(str::to_owned).to_vec();
        assert_eq!(wanted(&["default"]), Err(needed));
    }
}
