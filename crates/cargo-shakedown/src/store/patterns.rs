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
}
