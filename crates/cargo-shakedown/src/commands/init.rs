//! `cargo shakedown init`: adds the library and a first target to a package; in a package for another
//! fuzzer it changes the line that names that. Nothing is written before it is shown.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use super::USAGE;
use super::output::{Notes, Output};
use crate::build::{Around, BuildOptions, around, here};
use crate::init::{
    Requirement, add_bin, add_dev_dependency, add_test, diff, first_test, program, rename,
};
use crate::report::{from_here, visible};
use crate::store::file;

/// What `init` is to do.
#[derive(Debug)]
pub(crate) struct InitOptions {
    /// Which packages are meant.
    pub build: BuildOptions,
    /// Name of the first target; of a further program in a package for a drop-in.
    pub name: Option<String>,
    /// Write without a question.
    pub is_agreed: bool,
}

/// Files that are to be written: what they are, and what they will be.
#[derive(Default)]
struct Changes {
    files: BTreeMap<PathBuf, (Option<String>, String)>,
    /// What to do then.
    advice: String,
}

pub(super) fn run(options: &InitOptions, out: &mut Output) -> anyhow::Result<u8> {
    let changes = plan(options)?;
    for (path, (old, new)) in &changes.files {
        let name = from_here(path).display().to_string();
        writeln!(out, "{}", visible(diff(&name, old.as_deref(), new).trim_end()));
    }
    if changes.files.is_empty() {
        writeln!(Notes, "{}", changes.advice);
        return Ok(0);
    }
    match options.is_agreed || is_agreed() {
        true => {
            for (path, (_, new)) in &changes.files {
                file::write(path, new.as_bytes())?;
            }
            writeln!(Notes, "{}", changes.advice);
            Ok(0)
        }
        false => {
            writeln!(Notes, "nothing is written; --yes writes without a question");
            Ok(if stdin().is_terminal() { 0 } else { USAGE })
        }
    }
}

/// Asks whoever sits at the terminal.
fn is_agreed() -> bool {
    if !stdin().is_terminal() {
        return false;
    }
    write!(Notes, "Write this? [y/N] ");
    let mut answer = String::new();
    let is_read = stdin().read_line(&mut answer).is_ok();
    is_read && ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

fn plan(options: &InitOptions) -> anyhow::Result<Changes> {
    let is_named = |package: &Around| options.build.packages.contains(&package.name);
    let all = around(&options.build)?;
    let foreign: Vec<&Around> = all
        .iter()
        .filter(|one| !one.untouched.is_empty() || !one.replaced.is_empty())
        .filter(|one| options.build.packages.is_empty() || is_named(one))
        .collect();
    match (&options.name, foreign.is_empty()) {
        (_, true) => first_target(options),
        (Some(name), false) => further_program(&foreign, name),
        (None, false) => changed_lines(&foreign),
    }
}

/// Our library, and a first target, for the only package that is meant.
fn first_target(options: &InitOptions) -> anyhow::Result<Changes> {
    let all = here(&options.build)?;
    let names = &options.build.packages;
    let is_meant =
        |one: &&Around| if names.is_empty() { one.is_here } else { names.contains(&one.name) };
    let meant: Vec<&Around> = all.iter().filter(is_meant).collect();
    let [package] = meant[..] else {
        let names: Vec<_> = all.iter().map(|one| one.name.as_str()).collect();
        bail!("name the package that is meant by -p; there are {}", names.join(", "));
    };
    let mut changes = Changes::default();
    let name = options.name.as_deref().unwrap_or("fuzz");
    ensure!(is_identifier(name), "`{name}` is no name of a function");
    if package.has_runtime && options.name.is_none() {
        changes.advice = format!("package `{}` depends on shakedown already", package.name);
        return Ok(changes);
    }
    let source = format!("tests/{name}.rs");
    let function = if name == "fuzz" { "first_target" } else { name };
    changes.add(package.folder().join(&source), first_test(&package.name, function))?;
    if !package.has_runtime {
        let ours = requirement("../shakedown");
        changes.edit(&package.manifest, |text| {
            Ok(Some(add_dev_dependency(text, "shakedown", &ours)?))
        })?;
    }
    changes.edit(&package.manifest, |text| {
        let is_automatic = !text.lines().any(|line| line.replace(' ', "") == "autotests=false");
        Ok(if is_automatic { None } else { Some(add_test(text, name, &source)?) })
    })?;
    changes.advice = format!("then: cargo shakedown fuzz {function}");
    Ok(changes)
}

/// The lines by which packages name other fuzzers lead to ours.
fn changed_lines(packages: &[&Around]) -> anyhow::Result<Changes> {
    let mut changes = Changes::default();
    for package in packages {
        for (original, ours) in &package.untouched {
            let folder = format!("../compat/{}", ours.trim_start_matches("shakedown-"));
            let requirement = requirement(&folder);
            // One that is inherited is named at the root.
            for manifest in [&package.manifest, &package.root] {
                changes.edit(manifest, |text| Ok(rename(text, original, ours, &requirement)?))?;
            }
        }
    }
    changes.advice = match changes.files.is_empty() {
        true => {
            "nothing is to be changed; a further program: cargo shakedown init --name NAME".into()
        }
        false => "then: cargo shakedown list".into(),
    };
    Ok(changes)
}

/// A further program in a package for another fuzzer.
fn further_program(packages: &[&Around], name: &str) -> anyhow::Result<Changes> {
    let [package] = packages else {
        let names: Vec<_> = packages.iter().map(|one| one.name.as_str()).collect();
        bail!("name the package that is meant by -p; there are {}", names.join(", "));
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    ensure!(!name.is_empty() && name.chars().all(is_name), "`{name}` is no name of a program");
    ensure!(
        !package.targets.iter().any(|target| target == name),
        "package `{}` has a program `{name}` already",
        package.name
    );
    let untouched = package.untouched.iter().map(|(original, _)| *original);
    let fuzzer = package.replaced.iter().copied().chain(untouched).next().unwrap_or_default();
    let source = format!("fuzz_targets/{name}.rs");
    let mut changes = Changes::default();
    changes.add(package.folder().join(&source), program(fuzzer))?;
    changes.edit(&package.manifest, |text| Ok(Some(add_bin(text, name, &source)?)))?;
    changes.advice = format!("then: cargo shakedown fuzz {name}");
    Ok(changes)
}

/// How a manifest names our package: by its version, or by its folder in a checkout of this repository.
fn requirement(folder: &str) -> Requirement {
    let version = env!("CARGO_PKG_VERSION");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let is_there = path.join("Cargo.toml").is_file();
    let path = is_there.then(|| path.canonicalize().unwrap_or(path));
    let minor = version.rsplit_once('.').map_or(version, |(minor, _)| minor);
    Requirement { version: minor.to_owned(), path: path.map(|path| path.display().to_string()) }
}

fn is_identifier(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && name.chars().all(is_part)
}

impl Around {
    fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(&self.manifest)
    }
}

impl Changes {
    /// A new file.
    fn add(&mut self, path: PathBuf, content: String) -> anyhow::Result<()> {
        ensure!(
            !path.exists(),
            "{} is there already; choose another name by --name",
            from_here(&path).display()
        );
        self.files.insert(path, (None, content));
        Ok(())
    }

    /// A change of a file, after those before, unless it is none.
    fn edit(
        &mut self,
        path: &Path,
        change: impl FnOnce(&str) -> anyhow::Result<Option<String>>,
    ) -> anyhow::Result<()> {
        let cannot = || format!("cannot change {}", from_here(path).display());
        let (old, now) = match self.files.get(path) {
            Some((old, new)) => (old.clone(), new.clone()),
            None => {
                let text = std::fs::read_to_string(path).with_context(cannot)?;
                (Some(text.clone()), text)
            }
        };
        if let Some(new) = change(&now).with_context(cannot)? {
            self.files.insert(path.to_owned(), (old, new));
        }
        Ok(())
    }
}
