//! The workspace as cargo sees it, and which of its packages have targets to build.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, Target};
use toml::{Table, Value};

use super::drop_ins;
use super::error::BuildError;

/// The package that targets are written with.
const RUNTIME: &str = "shakedown";

/// Runs `cargo metadata`, with cargo's complaints on stderr. `arguments` select the manifest.
///
/// # Errors
/// If cargo cannot be run or finds no valid workspace.
pub(super) fn read(cargo: &Path, arguments: &[String]) -> Result<Metadata, BuildError> {
    metadata(cargo, &["--no-deps"], arguments)
}

fn metadata(cargo: &Path, own: &[&str], arguments: &[String]) -> Result<Metadata, BuildError> {
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1"])
        .args(own)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(BuildError::spawn(cargo))?;
    if !output.status.success() {
        return Err(BuildError::Workspace);
    }
    MetadataCommand::parse(String::from_utf8_lossy(&output.stdout))
        .map_err(|error| BuildError::Output(error.to_string()))
}

/// Runs `cargo metadata` with all that the lock file says for a platform.
///
/// # Errors
/// As [`read`].
pub(super) fn resolve(
    cargo: &Path,
    arguments: &[String],
    platform: &str,
) -> Result<Metadata, BuildError> {
    metadata(cargo, &["--filter-platform", platform], arguments)
}

/// The directories of all packages of a workspace.
pub(super) fn folders(metadata: &Metadata) -> Vec<PathBuf> {
    let packages = metadata.workspace_packages().into_iter();
    packages.filter_map(|package| Some(package.manifest_path.parent()?.into())).collect()
}

/// The directories of the packages that one names by their paths, but for ours.
pub(super) fn beside(package: &Package) -> Vec<PathBuf> {
    let is_ours = |name: &str| name == RUNTIME || drop_ins::is_named(name);
    let others = package.dependencies.iter().filter(|dependency| !is_ours(&dependency.name));
    others.filter_map(|dependency| Some(dependency.path.clone()?.into())).collect()
}

/// Which members of a workspace are meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Members<'a> {
    /// Those that cargo would test in this directory.
    Here,
    /// All but these.
    AllBut(&'a [String]),
}

/// The packages to build, by how their targets are found. One may be both.
#[derive(Debug, PartialEq)]
pub(super) struct Packages<'m> {
    /// Their tests have targets.
    pub(super) tested: Vec<&'m Package>,
    /// Their programs are targets, for a drop-in.
    pub(super) fuzzed: Vec<&'m Package>,
    /// Whether these name another fuzzer, for which the drop-in has to stand in.
    pub(super) is_untouched: bool,
}

/// The packages to build: those named; else those that cargo would test in this directory and
/// that use Shakedown; else all members that use it. With `workspace` all members that use it, but
/// those that are excluded.
///
/// # Errors
/// If a named package is not a member or does not use Shakedown, or no package does.
pub(super) fn select<'m>(
    metadata: &'m Metadata,
    names: &[String],
    meant: Members<'_>,
) -> Result<Packages<'m>, BuildError> {
    let all = select_all(metadata, names, meant)?;
    let those = |is: fn(&Package) -> bool| all.iter().copied().filter(|one| is(one)).collect();
    let (tested, fuzzed): (Vec<_>, Vec<_>) = (those(has_runtime), those(drop_ins::is_used_by));
    // Who has chosen is not asked again: a package that names another fuzzer is left to that one.
    let is_untouched = tested.is_empty() && fuzzed.is_empty();
    let fuzzed = if is_untouched { those(drop_ins::is_wanted_by) } else { fuzzed };
    Ok(Packages { tested, fuzzed, is_untouched })
}

/// Whether a workspace has packages of these names that use Shakedown, or any if there are no names.
pub(super) fn has_dependents(metadata: &Metadata, names: &[String]) -> bool {
    let is_named = |package: &Package| names.iter().any(|name| *name == package.name.as_str());
    let members = metadata.workspace_packages();
    members.iter().any(|one| is_dependent(one) && (names.is_empty() || is_named(one)))
}

fn select_all<'m>(
    metadata: &'m Metadata,
    names: &[String],
    meant: Members<'_>,
) -> Result<Vec<&'m Package>, BuildError> {
    let members = metadata.workspace_packages();
    let excluded = match meant {
        Members::Here if !names.is_empty() => {
            return names.iter().map(|name| dependent(&members, name)).collect();
        }
        Members::Here => &[],
        Members::AllBut(excluded) => excluded,
    };
    for name in excluded {
        named(&members, name)?;
    }
    let has_own = members.iter().any(|package| is_own(package));
    let is_meant = |package: &&Package| {
        (if has_own { is_own(package) } else { is_dependent(package) })
            && !excluded.iter().any(|name| *name == package.name.as_str())
    };
    let dependents: Vec<_> = members.into_iter().filter(is_meant).collect();
    if matches!(meant, Members::AllBut(_)) && !dependents.is_empty() {
        return Ok(dependents);
    }
    let is_default = |package: &&Package| {
        metadata.workspace_default_members.is_available()
            && metadata.workspace_default_members.contains(&package.id)
    };
    let here: Vec<_> = dependents.iter().copied().filter(is_default).collect();
    match (here.is_empty(), dependents.is_empty()) {
        (_, true) => Err(BuildError::NoDependents),
        (true, false) => Ok(dependents),
        (false, false) => Ok(here),
    }
}

fn named<'m>(members: &[&'m Package], name: &str) -> Result<&'m Package, BuildError> {
    let package = members.iter().find(|package| package.name.as_str() == name);
    package.copied().ok_or_else(|| BuildError::UnknownPackage(name.to_owned()))
}

fn dependent<'m>(members: &[&'m Package], name: &str) -> Result<&'m Package, BuildError> {
    let package = named(members, name)?;
    if is_dependent(package) {
        Ok(package)
    } else {
        Err(BuildError::NotADependent(name.to_owned()))
    }
}

/// Whether a package can have targets.
fn is_dependent(package: &Package) -> bool {
    is_own(package) || drop_ins::is_wanted_by(package)
}

/// Whether a package names a crate of ours.
fn is_own(package: &Package) -> bool {
    has_runtime(package) || drop_ins::is_used_by(package)
}

/// Whether the tests of a package can use the runtime. A renamed dependency counts.
pub(super) fn has_runtime(package: &Package) -> bool {
    package
        .dependencies
        .iter()
        .any(|dependency| dependency.name == RUNTIME && dependency.kind != DependencyKind::Build)
}

/// What cargo calls a target on its command line.
pub(super) fn kind(target: &Target) -> &'static str {
    let kinds = [
        (target.is_bin(), "bin"),
        (target.is_test(), "test"),
        (target.is_example(), "example"),
        (target.is_bench(), "bench"),
    ];
    kinds.into_iter().find(|(is, _)| *is).map_or("lib", |(_, kind)| kind)
}

/// The targets of a package that say `harness = false`: programs that do as they like when run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct OwnHarness {
    is_library: bool,
    names: BTreeSet<(&'static str, String)>,
}

impl OwnHarness {
    /// Reads it from a `Cargo.toml`, because cargo's messages do not tell. What cannot be read
    /// counts as absent.
    #[must_use]
    pub(super) fn read(manifest: &Path) -> Self {
        let text = std::fs::read_to_string(manifest).unwrap_or_default();
        Self::parse(&text.parse().unwrap_or_default())
    }

    fn parse(manifest: &Table) -> Self {
        let is_own = |target: &Value| target.get("harness").and_then(Value::as_bool) == Some(false);
        let mut names = BTreeSet::new();
        for kind in ["bin", "example", "test", "bench"] {
            let targets = manifest.get(kind).and_then(Value::as_array);
            for target in targets.into_iter().flatten().filter(|target| is_own(target)) {
                if let Some(name) = target.get("name").and_then(Value::as_str) {
                    names.insert((kind, name.to_owned()));
                }
            }
        }
        Self { is_library: manifest.get("lib").is_some_and(is_own), names }
    }

    /// Whether `target` has a harness of its own.
    #[must_use]
    pub(super) fn contains(&self, target: &Target) -> bool {
        let has_kind = |kind: &str| target.kind.iter().any(|own| own.to_string() == kind);
        self.names.iter().any(|(kind, name)| *name == target.name && has_kind(kind))
            || (self.is_library && !["bin", "example", "test", "bench"].into_iter().any(has_kind))
    }
}

/// Packages made up for tests.
#[cfg(test)]
pub(super) mod fixture {
    use super::*;

    /// A package with these programs, each with the features that it needs, and these features.
    pub(in crate::build) fn package(name: &str, bins: &str, features: &str) -> Package {
        let bins: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(bins).expect("valid JSON");
        let targets = bins.into_iter().map(|(name, required)| {
            serde_json::json!({
                "name": name, "kind": ["bin"], "crate_types": ["bin"],
                "required-features": required, "src_path": "/w/x.rs",
            })
        });
        let features: serde_json::Value = serde_json::from_str(features).expect("valid JSON");
        let package = serde_json::json!({
            "name": name, "version": "1.0.0", "id": name, "dependencies": [],
            "targets": targets.collect::<Vec<_>>(), "features": features,
            "manifest_path": "/w/Cargo.toml",
        });
        serde_json::from_value(package).expect("a package")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The metadata of a workspace with one member for each name and list of dependencies, as
    /// `name` or `name kind`; `default` names those that cargo would test.
    fn metadata(members: &[(&str, &[&str])], default: &[&str]) -> Metadata {
        let id = |name: &str| format!("path+file:///w/{name}#1.0.0");
        let packages = members.iter().map(|(name, dependencies)| {
            let dependencies = dependencies.iter().map(|dependency| {
                let (name, kind) = dependency.split_once(' ').unwrap_or((dependency, "dev"));
                format!(
                    r#"{{"name":"{name}","req":"*","kind":"{kind}","optional":false,
                    "uses_default_features":true,"features":[],"source":null,"target":null}}"#
                )
            });
            format!(
                r#"{{"name":"{name}","version":"1.0.0","id":"{}","dependencies":[{}],"targets":[],
                "features":{{}},"manifest_path":"/w/{name}/Cargo.toml"}}"#,
                id(name),
                dependencies.collect::<Vec<_>>().join(",")
            )
        });
        let ids = |names: Vec<&str>| {
            names.iter().map(|name| format!("{:?}", id(name))).collect::<Vec<_>>().join(",")
        };
        let text = format!(
            r#"{{"packages":[{}],"workspace_members":[{}],"workspace_default_members":[{}],
            "resolve":null,"workspace_root":"/w","target_directory":"/w/target","version":1}}"#,
            packages.collect::<Vec<_>>().join(","),
            ids(members.iter().map(|(name, _)| *name).collect()),
            ids(default.to_vec()),
        );
        MetadataCommand::parse(text).expect("valid metadata")
    }

    fn check(metadata: &Metadata, names: &[&str]) -> Result<Vec<String>, String> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        select(metadata, &names, Members::Here)
            .map(|packages| packages.tested.iter().map(|one| one.name.to_string()).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn dependents_of_this_directory_come_first() {
        let members: [(&str, &[&str]); 3] =
            [("a", &["shakedown"]), ("b", &["serde"]), ("c", &["serde", "shakedown"])];
        assert_eq!(check(&metadata(&members, &["a", "b"]), &[]), Ok(vec!["a".into()]));
        assert_eq!(check(&metadata(&members, &["b"]), &[]), Ok(vec!["a".into(), "c".into()]));
    }

    #[test]
    fn the_workspace_is_all_that_is_not_excluded() {
        let metadata =
            metadata(&[("a", &["shakedown"]), ("b", &["shakedown"]), ("c", &[])], &["a"]);
        let check = |exclude: &[&str]| {
            let exclude: Vec<_> = exclude.iter().map(ToString::to_string).collect();
            let packages = select(&metadata, &[], Members::AllBut(&exclude));
            let packages = packages.map_err(|error| error.to_string())?;
            Ok(packages.tested.iter().map(|package| package.name.to_string()).collect())
        };
        assert_eq!(check(&[]), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(check(&["a", "c"]), Ok(vec!["b".to_owned()]));
        assert_eq!(check(&["x"]), Err("no package `x` in this workspace".to_owned()));
    }

    #[test]
    fn named_packages_must_be_dependents() {
        let metadata = metadata(&[("a", &["shakedown"]), ("b", &["shakedown build"])], &["a"]);
        assert_eq!(check(&metadata, &["a"]), Ok(vec!["a".into()]));
        assert!(check(&metadata, &["b"]).is_err_and(|error| error.contains("cargo add")));
        assert_eq!(check(&metadata, &["x"]), Err("no package `x` in this workspace".into()));
    }

    #[test]
    fn a_workspace_without_dependents_is_told_what_to_do() {
        let error = check(&metadata(&[("a", &[])], &["a"]), &[]);
        assert!(error.is_err_and(|error| error.contains("cargo add --dev shakedown")));
    }

    #[test]
    fn packages_for_a_drop_in_are_told_apart_and_one_may_be_both() {
        let both: &[&str] = &["shakedown", "shakedown-libfuzzer normal"];
        let metadata =
            metadata(&[("a", both), ("b", &["shakedown-libfuzzer"]), ("c", &[])], &["c"]);
        let names = |packages: &[&Package]| -> Vec<String> {
            packages.iter().map(|package| package.name.to_string()).collect()
        };
        let Packages { tested, fuzzed, is_untouched } =
            select(&metadata, &[], Members::Here).expect("dependents");
        assert!(!is_untouched);
        assert_eq!(
            (names(&tested), names(&fuzzed)),
            (vec!["a".into()], vec!["a".into(), "b".into()])
        );
        assert!(has_dependents(&metadata, &["b".into()]) && has_dependents(&metadata, &[]));
        assert!(!has_dependents(&metadata, &["c".into()]));
    }

    #[test]
    fn a_drop_in_stands_in_where_no_package_names_one_of_ours() {
        let other: &[&str] = &["libfuzzer-sys normal"];
        let untouched = metadata(&[("a", &[]), ("b", other)], &["a", "b"]);
        let packages = select(&untouched, &[], Members::Here).expect("dependents");
        assert_eq!((packages.tested.len(), packages.fuzzed.len()), (0, 1));
        assert!(packages.is_untouched);
        let mixed = metadata(&[("a", &["shakedown"]), ("b", other)], &["b"]);
        let packages = select(&mixed, &[], Members::Here).expect("dependents");
        assert_eq!((packages.tested.len(), packages.fuzzed.len()), (1, 0));
        assert!(!packages.is_untouched);
    }

    #[test]
    fn own_harnesses_are_found_by_kind_and_name() {
        let manifest = "[lib]\nharness = false\n[[test]]\nname = 'own'\nharness = false\n
            [[test]]\nname = 'plain'\n[[bench]]\nname = 'plain'\nharness = false";
        let own = OwnHarness::parse(&manifest.parse().expect("valid TOML"));
        assert!(own.contains(&target("test", "own")));
        assert!(own.contains(&target("bench", "plain")));
        assert!(own.contains(&target("cdylib", "package")));
        assert!(!own.contains(&target("test", "plain")));
        assert!(!own.contains(&target("bin", "own")));
    }

    /// A target, read from a message of cargo.
    fn target(kind: &str, name: &str) -> Target {
        let line = format!(
            r#"{{"reason":"compiler-artifact","package_id":"p","manifest_path":"/w/Cargo.toml",
            "target":{{"kind":["{kind}"],"crate_types":["bin"],"name":"{name}","src_path":"/w/x.rs",
            "edition":"2024","test":true,"doctest":false,"doc":false}},"profile":{{"opt_level":"0",
            "debug_assertions":true,"overflow_checks":true,"test":true}},"features":[],
            "filenames":[],"executable":null,"fresh":true}}"#
        )
        .replace('\n', " ");
        let mut messages = cargo_metadata::Message::parse_stream(line.as_bytes());
        match messages.next() {
            Some(Ok(cargo_metadata::Message::CompilerArtifact(artifact))) => artifact.target,
            other => panic!("not an artifact: {other:?}"),
        }
    }
}
