//! The files that a target's `seed_files` names, on this disk.

use std::fs;
use std::path::{Path, PathBuf};

use shakedown_core::testdata::{Item, ItemKind, SeedFiles, seed_files};

/// The patterns of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeedPatterns {
    /// The folder that they begin at.
    pub package_dir: PathBuf,
    /// Each as it is written.
    pub patterns: Vec<String>,
}

impl SeedPatterns {
    /// The files, with their paths, and what is to be told of the patterns.
    pub(super) fn find(&self) -> SeedFiles {
        let mut found = seed_files(&self.patterns, |folder| items(&self.package_dir.join(folder)));
        found.files.iter_mut().for_each(|file| *file = self.package_dir.join(&*file));
        found
    }

    /// Whether they name a file, be it still there or not. Its path has no links.
    pub(crate) fn name(&self, file: &Path) -> bool {
        let step = |folder: &Path| step(&real(&self.package_dir.join(folder)), file);
        !seed_files(&self.patterns, |folder| step(folder).into_iter().collect()).files.is_empty()
    }
}

/// What is in a folder if there is no other file.
fn step(folder: &Path, file: &Path) -> Option<Item> {
    let rest = file.strip_prefix(folder).ok()?;
    let name = rest.iter().next()?.to_str()?.to_owned();
    let kind = if rest.iter().count() == 1 { ItemKind::File(0) } else { ItemKind::Folder };
    Some(Item { name, kind })
}

/// A path without links, as far as there is such a folder.
fn real(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| match (folder.parent(), folder.file_name()) {
        (Some(parent), Some(name)) => real(parent).join(name),
        _ => folder.to_owned(),
    })
}

/// What is in a folder. What cannot be looked at is not there.
fn items(folder: &Path) -> Vec<Item> {
    let items = fs::read_dir(folder).into_iter().flatten().flatten();
    let item = |item: fs::DirEntry| {
        let name = item.file_name().into_string().ok()?;
        let data = item.metadata().ok()?;
        let kind = match data.file_type() {
            kind if kind.is_file() => ItemKind::File(data.len()),
            kind if kind.is_dir() => ItemKind::Folder,
            kind if kind.is_symlink() => ItemKind::Link,
            _ => ItemKind::Other,
        };
        Some(Item { name, kind })
    };
    items.filter_map(item).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn files_are_found_and_links_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let at = |path: &str| dir.path().join(path);
        fs::create_dir_all(at("data/deep")).unwrap();
        fs::write(at("data/a"), "").unwrap();
        fs::write(at("data/deep/b"), "").unwrap();
        symlink("a", at("data/link")).unwrap();
        symlink("..", at("data/deep/up")).unwrap();
        let patterns = SeedPatterns {
            package_dir: dir.path().into(),
            patterns: ["data/**", "data/none*"].map(str::to_owned).into(),
        };
        let SeedFiles { files, warnings } = patterns.find();
        assert_eq!(files, ["data/a", "data/deep/b"].map(at));
        assert_eq!(
            warnings,
            [
                "no seed: data/deep/up: it is a link, which is not followed (and 1 more)",
                "`seed_files = \"data/none*\"` matches no file",
            ]
        );
    }

    #[test]
    fn files_that_are_gone_have_the_names_that_they_had() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("package")).unwrap();
        symlink("../elsewhere", root.join("package/link")).unwrap();
        fs::create_dir_all(root.join("elsewhere")).unwrap();
        let patterns = SeedPatterns {
            package_dir: root.join("package"),
            patterns: ["data/**/*.txt", "../shared/s*", "link/*"].map(str::to_owned).into(),
        };
        let named = ["package/data/a.txt", "package/data/b/c/d.txt", "shared/seed", "elsewhere/x"];
        assert!(named.iter().all(|file| patterns.name(&root.join(file))));
        let others = ["package/a.txt", "package/data/a.json", "package/data/.a/b.txt", "shared/a"];
        assert!(!others.iter().any(|file| patterns.name(&root.join(file))));
        assert!(!SeedPatterns::default().name(&root.join("shared/seed")));
    }
}
