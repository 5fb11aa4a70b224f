//! Where the packages are that are meant. Those with targets for another fuzzer usually lie apart, in a
//! folder `fuzz` that is a workspace of its own.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::Metadata;
use toml::{Table, Value};

use super::drop_ins::DROP_INS;
use super::error::BuildError;
use super::options::BuildOptions;
use super::workspace;

/// How far below a folder others are looked at.
const MAX_DEPTH: usize = 3;

/// The workspaces that are meant, each with the manifest that leads to it if it is not that of this
/// directory: the one here, if it has packages with targets; else those nearest around and below that
/// lie apart.
///
/// # Errors
/// If cargo cannot be run or finds no valid workspace.
pub(super) fn workspaces(
    cargo: &Path,
    options: &BuildOptions,
) -> Result<Vec<(Option<PathBuf>, Metadata)>, BuildError> {
    let here = workspace::read(cargo, &options.workspace_arguments())?;
    if options.manifest_path.is_some() || workspace::has_dependents(&here, &options.packages) {
        return Ok(vec![(options.manifest_path.clone(), here)]);
    }
    let current = std::env::current_dir().map_err(BuildError::file("find", Path::new(".")))?;
    let mut found = Vec::new();
    for manifest in manifests_apart(&current, here.workspace_root.as_std_path()) {
        let manifest_path = Some(manifest);
        let there = BuildOptions { manifest_path: manifest_path.clone(), ..options.clone() };
        let metadata = workspace::read(cargo, &there.workspace_arguments())?;
        if workspace::has_dependents(&metadata, &options.packages) {
            found.push((manifest_path, metadata));
        }
    }
    // What is wrong with the workspace here is what the user should hear.
    Ok(if found.is_empty() { vec![(None, here)] } else { found })
}

/// The manifests that depend on a drop-in, in the nearest folder from `current` up to `root` that has
/// any below it.
fn manifests_apart(current: &Path, root: &Path) -> Vec<PathBuf> {
    let around = current.ancestors().take_while(|folder| folder.starts_with(root));
    let mut found = around.map(|folder| {
        let mut manifests = Vec::new();
        collect(folder, MAX_DEPTH, &mut manifests);
        manifests
    });
    found.find(|manifests| !manifests.is_empty()).unwrap_or_default()
}

/// Adds the manifests in the folders below. What lies below one of them belongs to it.
fn collect(folder: &Path, depth: usize, manifests: &mut Vec<PathBuf>) {
    let items = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_folder = |item: &fs::DirEntry| item.file_type().is_ok_and(|kind| kind.is_dir());
    let mut folders: Vec<PathBuf> = items.filter(is_folder).map(|item| item.path()).collect();
    folders.sort();
    for folder in folders.into_iter().filter(|folder| !is_passed_over(folder)) {
        let manifest = folder.join("Cargo.toml");
        match fs::read_to_string(&manifest).is_ok_and(|text| uses_drop_in(&text)) {
            true => manifests.push(manifest),
            false if depth > 1 => collect(&folder, depth - 1, manifests),
            false => {}
        }
    }
}

/// Whether a folder is hidden, or holds what was built.
fn is_passed_over(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".") || name == b"target"
}

/// Whether the text of a manifest names a drop-in, or what it stands in for, among its dependencies or
/// those of its workspace.
fn uses_drop_in(manifest: &str) -> bool {
    let manifest: Table = manifest.parse().unwrap_or_default();
    let workspace = manifest.get("workspace").and_then(Value::as_table);
    let tables = [Some(&manifest), workspace].into_iter().flatten();
    let dependencies = tables.filter_map(|table| table.get("dependencies")?.as_table());
    dependencies.flatten().any(|(name, value)| {
        let package = value.get("package").and_then(Value::as_str).unwrap_or(name);
        DROP_INS.iter().any(|drop_in| [drop_in.package, drop_in.original].contains(&package))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_name_a_drop_in_in_several_ways() {
        let renamed = "libfuzzer-sys = { package = 'shakedown-libfuzzer', version = '1' }";
        assert!(uses_drop_in(&format!("[dependencies]\n{renamed}")));
        assert!(uses_drop_in(&format!("[workspace.dependencies]\n{renamed}")));
        assert!(uses_drop_in("[dependencies.shakedown-libfuzzer]\npath = 'x'"));
        assert!(uses_drop_in("[dependencies]\nlibfuzzer-sys = '0.4'"));
        assert!(!uses_drop_in("[dependencies]\nshakedown = '1'"));
        assert!(!uses_drop_in("no manifest"));
    }

    #[test]
    fn the_nearest_folder_with_such_packages_counts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let add = |path: &str| {
            fs::create_dir_all(root.join(path)).unwrap();
            let text = "[dependencies]\nshakedown-libfuzzer = '1'";
            fs::write(root.join(path).join("Cargo.toml"), text).unwrap();
            root.join(path).join("Cargo.toml")
        };
        let (own, nested) = (add("fuzz"), add("url/fuzz"));
        for elsewhere in ["target/x", ".hidden/x", "url/fuzz/below", "a/b/c/too-deep"] {
            add(elsewhere);
        }
        fs::create_dir_all(root.join("url/src")).unwrap();
        assert_eq!(manifests_apart(root, root), [own, nested.clone()]);
        assert_eq!(manifests_apart(&root.join("url/src"), root), [nested]);
        assert!(manifests_apart(Path::new("/nowhere"), root).is_empty());
    }
}
