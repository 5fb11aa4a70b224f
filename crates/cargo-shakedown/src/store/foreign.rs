//! Where the users of other fuzzers keep inputs, beside the folders that cargo-fuzz has.

use std::path::{Path, PathBuf};

/// The folders and files in which a package has seeds of its target `id`: those of AFL's examples, of OSS-Fuzz, and
/// of honggfuzz. What AFL has left in `out` counts, too.
#[must_use]
pub(crate) fn seed_folders(package: &Path, id: &str) -> Vec<PathBuf> {
    let is_there = |path: &PathBuf| path.is_dir();
    let own = ["in", "input", "inputs", "seeds", "seed_corpus"].into_iter().filter_map(|folder| {
        let folder = package.join(folder);
        [folder.join(id), folder].into_iter().find(is_there)
    });
    let corpus = package.join(format!("{id}_seed_corpus"));
    let workspace = package.join("hfuzz_workspace").join(id);
    let others = [corpus, workspace.join("input")].into_iter().filter(is_there);
    own.chain(others).chain(crashes(&workspace)).chain(queues(package, id)).collect()
}

/// What honggfuzz has found.
fn crashes(workspace: &Path) -> Vec<PathBuf> {
    let is_crash = |path: &PathBuf| path.extension().is_some_and(|end| end == "fuzz");
    let mut found: Vec<PathBuf> = items(workspace).into_iter().filter(is_crash).collect();
    found.sort();
    found
}

fn items(folder: &Path) -> Vec<PathBuf> {
    let items = std::fs::read_dir(folder).into_iter().flatten().flatten();
    items.map(|item| item.path()).collect()
}

/// The queues that instances of AFL have left.
fn queues(package: &Path, id: &str) -> Vec<PathBuf> {
    let out = package.join("out");
    let roots = [out.join(id), out];
    let mut found: Vec<PathBuf> = roots
        .iter()
        .flat_map(|root| items(root).into_iter().chain([root.clone()]))
        .flat_map(|instance| ["queue", "crashes", "hangs"].map(|folder| instance.join(folder)))
        .filter(|folder| folder.is_dir())
        .collect();
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_other_fuzzers_are_found() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        assert!(seed_folders(root.path(), "parse").is_empty());
        for folder in [
            "in/parse",
            "in/other",
            "seeds/x",
            "parse_seed_corpus",
            "hfuzz_workspace/parse/input",
            "out/default/queue",
            "out/default/crashes",
            "out/notes",
        ] {
            std::fs::create_dir_all(at(folder)).unwrap();
        }
        std::fs::write(at("hfuzz_workspace/parse/SIGABRT.PC.1.fuzz"), "x").unwrap();
        std::fs::write(at("hfuzz_workspace/parse/HONGGFUZZ.REPORT.TXT"), "x").unwrap();
        let found = [
            "in/parse",
            "seeds",
            "parse_seed_corpus",
            "hfuzz_workspace/parse/input",
            "hfuzz_workspace/parse/SIGABRT.PC.1.fuzz",
            "out/default/crashes",
            "out/default/queue",
        ];
        assert_eq!(seed_folders(root.path(), "parse"), found.map(at));
    }
}
