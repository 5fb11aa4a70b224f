//! What has changed since a commit, which programs that is part of, and which of their targets may reach
//! it.

mod items;
mod reach;
mod tokens;

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use shakedown_core::testdata::{ROOT, program_folders};

use crate::build::Program;
use reach::Source;

/// Files that say how everything is built, in the folder of a workspace and in those above it.
const EVERYWHERE: [&str; 6] = [
    "Cargo.lock",
    "Cargo.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    ".cargo/config",
    ".cargo/config.toml",
];

/// What is not as it was.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The folder of the repository.
    root: PathBuf,
    /// The commit that it is compared with.
    base: String,
    /// Paths of files that are not as they were.
    files: BTreeSet<PathBuf>,
    /// The source of packages that was read.
    sources: HashMap<BTreeSet<PathBuf>, Source>,
    /// What [`Self::read_texts`] has answered.
    texts: HashMap<PathBuf, Option<(String, String)>>,
}

impl Changes {
    /// What differs in the files of the repository at `folder` from where its branch left that of
    /// `commit`, with files that git does not know yet.
    ///
    /// # Errors
    /// If git says so.
    pub(crate) fn since(folder: &Path, commit: &str) -> anyhow::Result<Self> {
        let root = git(folder, &["rev-parse", "--show-toplevel"])?;
        let root = PathBuf::from(OsStr::from_bytes(root.trim_ascii_end()));
        let diff = ["diff", "--name-only", "--no-renames", "--no-relative", "-z", "--merge-base"];
        let diff = git(&root, &[&diff[..], &["--end-of-options", commit, "--"]].concat())
            .with_context(|| {
                format!(
                    "cannot tell what has changed since `{commit}` (a CI system may have to fetch \
                     more of the history)"
                )
            })?;
        let new = git(&root, &["ls-files", "--others", "--exclude-standard", "-z"])?;
        let names = diff.split(|byte| *byte == 0).chain(new.split(|byte| *byte == 0));
        let names = names.filter(|name| !name.is_empty());
        let files = names.map(|name| root.join(OsStr::from_bytes(name))).collect();
        let base = git(&root, &["merge-base", "--end-of-options", commit, "HEAD"])?;
        let base = String::from_utf8_lossy(base.trim_ascii_end()).into_owned();
        Ok(Self { root, base, files, ..Self::default() })
    }

    /// Whether a file is one of them.
    pub(crate) fn include(&self, is_meant: impl Fn(&Path) -> bool) -> bool {
        self.files.iter().any(|file| is_meant(file))
    }

    /// Whether a target of a program may be another for them. Inputs are no part of it.
    pub(crate) fn concern(&mut self, program: &Program, target: &str) -> bool {
        let origins: BTreeSet<PathBuf> = program.origins.iter().map(real).collect();
        let files = self.of(program, &origins);
        // Where the code of a target is that is a program of its own, its name does not say.
        if files.is_empty() || program.is_target {
            return !files.is_empty();
        }
        for file in &files {
            if !self.texts.contains_key(file) {
                self.texts.insert(file.clone(), self.read_texts(file));
            }
        }
        let texts = files.iter().map(|file| self.texts[file].as_ref());
        let Some(texts) = texts.collect::<Option<Vec<_>>>() else { return true };
        // What is in no repository of ours is like what is from a registry.
        let root = &self.root;
        let ours = origins.into_iter().filter(|folder| folder.starts_with(root)).collect();
        let source = self.sources.entry(ours).or_insert_with_key(Source::read);
        let function = target.rsplit("::").next().unwrap_or(target);
        let Some(reach) = source.reach(function) else { return true };
        files.iter().zip(&texts).any(|(file, (old, new))| reach.is_changed(file, old, new))
    }

    /// What a file of Rust code was, and what it is; nothing if it is another file, or runs when the
    /// program is built, or was not there all the time.
    fn read_texts(&self, file: &Path) -> Option<(String, String)> {
        let is_code = file.extension().is_some_and(|kind| kind == "rs");
        let path = file.strip_prefix(&self.root).ok().filter(|_| is_code)?.to_str()?;
        let builds = file.file_name().is_some_and(|name| name == "build.rs");
        let new = std::fs::read_to_string(file).ok().filter(|_| !builds)?;
        let old = git(&self.root, &["show", &format!("{}:{path}", self.base)]).ok()?;
        Some((String::from_utf8(old).ok()?, new))
    }

    /// Those that a program may be another for, which is made of packages in these folders.
    fn of(&self, program: &Program, origins: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
        let mut known: BTreeSet<PathBuf> = program.members.iter().map(real).collect();
        known.extend(origins.iter().cloned());
        let root = real(&program.workspace_root);
        let inputs = folders_of_inputs(program, &real(&program.package_dir));
        let is_part = |file: &&PathBuf| {
            let package = || file.ancestors().skip(1).find(|folder| known.contains(*folder));
            is_everywhere(file, &root)
                || !is_input(file, &inputs)
                    && package().is_some_and(|folder| origins.contains(folder))
        };
        self.files.iter().filter(is_part).cloned().collect()
    }
}

/// A folder without links.
fn real(folder: impl AsRef<Path>) -> PathBuf {
    let folder = folder.as_ref();
    folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf())
}

/// Whether a file says how the workspace at `root` is built.
fn is_everywhere(file: &Path, root: &Path) -> bool {
    root.ancestors().any(|folder| EVERYWHERE.iter().any(|name| folder.join(name) == file))
}

/// The folders of inputs in a package that are not in `testdata`: those of a drop-in.
fn folders_of_inputs(program: &Program, package: &Path) -> Vec<PathBuf> {
    let targets = program.targets.iter().filter(|_| program.is_target);
    targets.flat_map(|target| program_folders(&target.id)).map(|name| package.join(name)).collect()
}

fn is_input(file: &Path, others: &[PathBuf]) -> bool {
    let mut folders = file.ancestors().skip(1);
    folders.any(|folder| folder.ends_with(ROOT) || others.iter().any(|other| other == folder))
}

/// What git prints.
fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<Vec<u8>> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output();
    let output = output.context("cannot run git")?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        bail!("git says: {}", reason.trim());
    }
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::FoundTarget;

    fn concern(file: &str) -> bool {
        let folders = |names: &[&str]| names.iter().map(PathBuf::from).collect();
        let program = Program {
            workspace_root: "/nowhere/w".into(),
            members: folders(&["/nowhere/w", "/nowhere/w/a", "/nowhere/w/b"]),
            origins: folders(&["/nowhere/w/a", "/nowhere/shared"]),
            ..Program::default()
        };
        changed(file).concern(&program, "tests::parse")
    }

    fn changed(file: &str) -> Changes {
        Changes { files: [file.into()].into(), ..Changes::default() }
    }

    #[test]
    fn files_of_what_a_program_is_made_of_concern_it() {
        assert!(concern("/nowhere/w/a/src/lib.rs") && concern("/nowhere/w/a/data/x.json"));
        assert!(concern("/nowhere/shared/src/lib.rs"));
        assert!(!concern("/nowhere/w/b/src/lib.rs") && !concern("/nowhere/w/b/Cargo.toml"));
        assert!(!concern("/nowhere/w/src/lib.rs"), "of the package around it");
        assert!(!concern("/nowhere/README.md") && !concern("/elsewhere/x.rs"));
        assert!(!Changes::default().concern(&Program::default(), "parse"));
    }

    #[test]
    fn what_builds_everything_concerns_all_and_inputs_none() {
        for file in ["w/Cargo.lock", "w/Cargo.toml", "rust-toolchain.toml", "w/.cargo/config.toml"]
        {
            assert!(concern(&format!("/nowhere/{file}")), "{file}");
        }
        assert!(!concern("/nowhere/w/b/rust-toolchain.toml"));
        assert!(!concern("/nowhere/w/a/testdata/fuzz/parse/seed"));
        assert!(concern("/nowhere/w/a/testdata/other"));
    }

    #[test]
    fn inputs_of_a_program_that_is_a_target_are_none_of_its_sources() {
        let program = Program {
            package_dir: "/nowhere/fuzz".into(),
            origins: vec!["/nowhere/fuzz".into()],
            targets: vec![FoundTarget {
                id: "parse".into(),
                place: String::new(),
                seed_files: Vec::new(),
            }],
            is_target: true,
            ..Program::default()
        };
        let concern = |file: &str| changed(file).concern(&program, "parse");
        assert!(!concern("/nowhere/fuzz/corpus/parse/old/1"));
        assert!(!concern("/nowhere/fuzz/artifacts/parse/crash-1"));
        assert!(concern("/nowhere/fuzz/corpus/mod.rs"));
        assert!(concern("/nowhere/fuzz/fuzz_targets/parse.rs"));
    }
}
