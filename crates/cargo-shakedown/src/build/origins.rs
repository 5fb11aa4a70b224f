//! Which folders a program is made of: those of its package and of the packages by path that it
//! depends on. All others come from elsewhere, and change with the lock file only.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use cargo_metadata::{DependencyKind, Metadata, Node, Package, PackageId};

use super::program::Program;

/// Fills in `origins`, from all that cargo knows of the workspace.
pub(super) fn fill(metadata: &Metadata, programs: &mut [Program]) {
    let local = |package: &&Package| package.source.is_none();
    let folder = |package: &Package| package.manifest_path.parent().map(PathBuf::from);
    let folders: HashMap<&PackageId, PathBuf> = metadata
        .packages
        .iter()
        .filter(local)
        .filter_map(|package| Some((&package.id, folder(package)?)))
        .collect();
    let nodes = metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let nodes: HashMap<&PackageId, &Node> = nodes.map(|node| (&node.id, node)).collect();
    for program in programs {
        let is_own = |(_, folder): &(&&PackageId, &PathBuf)| **folder == program.package_dir;
        let own = folders.iter().find(is_own).map(|(id, _)| *id);
        let reached = own.map(|own| reach(own, &nodes)).unwrap_or_default();
        program.origins = reached.into_iter().filter_map(|id| folders.get(id).cloned()).collect();
    }
}

/// A package and all that its tests are compiled with. What the tests of another need does not count.
fn reach<'m>(
    own: &'m PackageId,
    nodes: &HashMap<&'m PackageId, &'m Node>,
) -> BTreeSet<&'m PackageId> {
    let (mut reached, mut left) = (BTreeSet::from([own]), vec![own]);
    while let Some(id) = left.pop() {
        for dependency in nodes.get(id).into_iter().flat_map(|node| &node.deps) {
            let is_built = |kind: DependencyKind| kind != DependencyKind::Development || id == own;
            let is_used = dependency.dep_kinds.iter().any(|info| is_built(info.kind));
            if is_used && reached.insert(&dependency.pkg) {
                left.push(&dependency.pkg);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use cargo_metadata::MetadataCommand;
    use serde_json::json;

    use super::*;

    /// `a` tests with `b`, which depends on `c` and tests with `d`; `c` is built with `serde`, which is
    /// from elsewhere.
    fn metadata() -> Metadata {
        let package = |name: &str| {
            let source = (name == "serde").then_some("registry+x");
            json!({
                "name": name, "version": "1.0.0", "id": name, "dependencies": [], "targets": [],
                "features": {}, "manifest_path": format!("/w/{name}/Cargo.toml"), "source": source,
            })
        };
        let node = |name: &str, deps: &[(&str, Option<&str>)]| {
            let dep = |(name, kind): &(&str, Option<&str>)| {
                let kind = json!({ "kind": kind, "target": null });
                json!({ "name": name, "pkg": name, "dep_kinds": [kind] })
            };
            let deps: Vec<_> = deps.iter().map(dep).collect();
            json!({ "id": name, "deps": deps, "dependencies": [], "features": [] })
        };
        let nodes = [
            node("a", &[("b", Some("dev"))]),
            node("b", &[("c", None), ("d", Some("dev"))]),
            node("c", &[("serde", Some("build"))]),
            node("d", &[]),
            node("serde", &[]),
        ];
        let packages = ["a", "b", "c", "d", "serde"].map(package);
        let text = json!({
            "packages": packages,
            "workspace_members": ["a", "b"], "workspace_root": "/w", "target_directory": "/t",
            "resolve": { "nodes": nodes, "root": null }, "version": 1,
        });
        MetadataCommand::parse(text.to_string()).expect("valid metadata")
    }

    #[test]
    fn a_program_is_made_of_what_it_is_compiled_with() {
        let of = |name: &str| {
            let package_dir = format!("/w/{name}").into();
            let mut programs = [Program { package_dir, ..Program::default() }];
            fill(&metadata(), &mut programs);
            let [Program { origins, .. }] = programs;
            origins
        };
        let folders = |names: &[&str]| -> Vec<PathBuf> {
            names.iter().map(|name| format!("/w/{name}").into()).collect()
        };
        assert_eq!(of("a"), folders(&["a", "b", "c"]));
        assert_eq!(of("b"), folders(&["b", "c", "d"]));
        assert_eq!(of("unknown"), folders(&[]));
    }
}
