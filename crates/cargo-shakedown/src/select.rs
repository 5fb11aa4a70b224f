//! From names on the command line to targets: build, then filter. A name that matches nothing is
//! an error that suggests near ones.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::build::{BuildOptions, FoundTarget, Program, Tests, build, programs};
use crate::report;
use crate::store::foreign::seed_folders;
use crate::store::orphans::orphans;
use crate::store::paths::{self, Locations};
use crate::store::patterns::SeedPatterns;

/// Which targets are meant, how they are built, and where their corpora are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// What to build.
    pub build: BuildOptions,
    /// Folder of the entries, if it is not one in the user's cache folder.
    pub corpus: Option<PathBuf>,
    /// Folder of the entries of the only target.
    pub entries: Option<PathBuf>,
    /// Folder of the findings of the only target.
    pub findings: Option<PathBuf>,
    /// Other files and folders of seeds of the only target.
    pub seeds: Vec<PathBuf>,
    /// Arguments for the programs of the targets, which must be targets themselves.
    pub arguments: Vec<String>,
    /// Names of targets, or parts of names; all targets if there are none.
    pub names: Vec<String>,
}

/// A target that was built.
#[derive(Clone, Debug)]
pub(crate) struct Selected {
    /// The program that it is in.
    pub program: Program,
    /// Its names.
    pub label: report::TargetName,
    /// Its file and line.
    pub place: String,
    /// Where its files are.
    pub locations: Locations,
}

/// What a selection has come to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    /// The targets.
    pub targets: Vec<Selected>,
    /// Warnings of code that is not instrumented, and of folders in their packages' `testdata` that
    /// belong to no target.
    pub warnings: Vec<String>,
    /// What is meant, too, and cannot be run, with the reasons. Only known where no names are given.
    pub not_run: Vec<String>,
    /// Whether something that is meant does not build.
    pub is_broken: bool,
}

impl Selection {
    /// Puts the files of the only target where it is said.
    fn place(&self, targets: &mut [Selected]) -> anyhow::Result<()> {
        if self.entries.is_none() && self.findings.is_none() && self.seeds.is_empty() {
            return Ok(());
        }
        let [Selected { locations, .. }] = targets else {
            bail!(
                "--entries, --findings and --seeds are for one target, but {} are meant: name one",
                targets.len()
            );
        };
        if let Some(entries) = &self.entries {
            locations.cache = std::path::absolute(entries)?;
        }
        if let Some(findings) = &self.findings {
            locations.testdata = std::path::absolute(findings)?;
        }
        locations.seeds.extend(self.seeds.iter().cloned());
        Ok(())
    }

    /// Gives the programs of the targets their arguments.
    fn pass_arguments(&self, targets: &mut [Selected]) -> anyhow::Result<()> {
        for Selected { program, label, .. } in targets {
            if !program.is_target && !self.arguments.is_empty() {
                bail!(
                    "`{}` takes no arguments, for it is a test: those after `--` are for targets that \
                     are programs",
                    label.label
                );
            }
            program.arguments.clone_from(&self.arguments);
        }
        Ok(())
    }
}

/// Builds, and returns the targets that are meant.
///
/// # Errors
/// If the build fails, there are no targets, or a name matches none.
pub(crate) fn targets(selection: &Selection) -> anyhow::Result<Vec<Selected>> {
    Ok(chosen(selection)?.targets)
}

/// As [`targets`], with all that is to be said of them.
///
/// # Errors
/// As [`targets`].
pub(crate) fn chosen(selection: &Selection) -> anyhow::Result<Chosen> {
    let All { targets: all, not_run, others, mut warnings, is_broken } = all_targets(selection)?;
    let names: Vec<_> = all.iter().map(|selected| selected.label.clone()).collect();
    let chosen = choose(&names, &others, &selection.names);
    let is_chosen = chosen.map_err(|error| match not_run.is_empty() {
        true => error,
        false => error.context(format!("not run: {}", not_run.join("; "))),
    })?;
    let tested = all.iter().filter(|target| !target.program.is_target);
    let folders: Vec<Locations> = tested.map(|target| target.locations.clone()).collect();
    let mut targets: Vec<_> =
        all.into_iter().zip(is_chosen).filter_map(|(target, is)| is.then_some(target)).collect();
    refuse_twins(&targets)?;
    selection.place(&mut targets)?;
    selection.pass_arguments(&mut targets)?;
    warnings.extend(about_orphans(&targets, &folders)?);
    let not_run = if selection.names.is_empty() { not_run } else { Vec::new() };
    Ok(Chosen { targets, warnings, not_run, is_broken })
}

/// The names of the targets that are meant. Nothing is built for programs.
///
/// # Errors
/// As [`targets`].
pub(crate) fn names(selection: &Selection) -> anyhow::Result<Vec<report::TargetName>> {
    let Some(all) = programs(&selection.build)? else {
        return Ok(targets(selection)?.into_iter().map(|target| target.label).collect());
    };
    let all: Vec<_> = all.into_iter().map(name).collect();
    let is_chosen = choose(&all, &[], &selection.names)?;
    Ok(all.into_iter().zip(is_chosen).filter_map(|(name, is)| is.then_some(name)).collect())
}

/// Warnings of folders without a target next to those of the chosen targets.
fn about_orphans(chosen: &[Selected], all: &[Locations]) -> anyhow::Result<Vec<String>> {
    let tested = chosen.iter().filter(|target| !target.program.is_target);
    let parents: BTreeSet<&Path> =
        tested.filter_map(|target| target.locations.testdata.parent()).collect();
    let mut warnings = Vec::new();
    for parent in parents {
        let testdata = all.iter().map(|locations| &locations.testdata);
        let names: Vec<String> = testdata
            .filter(|folder| folder.parent() == Some(parent))
            .filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
            .collect();
        for orphan in orphans(parent, &names)? {
            let advice = match &orphan.heir {
                Some(heir) => {
                    format!("if the target was renamed to `{heir}`, rename the folder")
                }
                None => "remove it, or rename it to the name of a target".to_owned(),
            };
            warnings.push(format!(
                "no target uses {}, so its {} {} not run; {advice}",
                report::from_here(&orphan.folder).display(),
                report::counted(orphan.files, "file"),
                if orphan.files == 1 { "is" } else { "are" },
            ));
        }
    }
    Ok(warnings)
}

/// Builds, and returns the only target that is meant.
///
/// # Errors
/// As [`targets`], and if there are several.
pub(crate) fn target(selection: &Selection) -> anyhow::Result<Selected> {
    let mut found = targets(selection)?;
    if found.len() > 1 {
        let names: Vec<_> = found.iter().map(|target| target.label.label.as_str()).collect();
        let name = selection.names.join(" ");
        bail!("`{name}` is ambiguous: {}; give the full name", names.join(", "));
    }
    found.pop().context("no target")
}

/// All targets of the packages that are meant.
struct All {
    /// Those that were built.
    targets: Vec<Selected>,
    /// What cannot be run, with the reasons.
    not_run: Vec<String>,
    /// The names of those that were not built, because they are not asked for.
    others: Vec<report::TargetName>,
    /// What is to be said of the build.
    warnings: Vec<String>,
    /// Whether something that is asked for does not build.
    is_broken: bool,
}

fn all_targets(selection: &Selection) -> anyhow::Result<All> {
    let own = std::env::current_exe().context("cannot find the program of this process")?;
    let mut all: Vec<Selected> = Vec::new();
    let Tests { programs, not_run, not_asked, native, is_broken } = build(&own, &selection.build)?;
    for program in programs {
        let root = paths::cache_root(
            selection.corpus.as_deref(),
            |name| std::env::var_os(name),
            &program.workspace_root,
            Path::new("target"),
        );
        let root = std::path::absolute(root)?;
        for FoundTarget { id, place, seed_files } in program.targets.clone() {
            let package = program.package.clone();
            let locations = match program.is_target {
                true => {
                    let (folder, own) = (&program.package_dir, selection.corpus.is_none());
                    let seeds = seed_folders(folder, &id);
                    let locations = Locations::of_program(folder, &package, &root, &id, own);
                    Locations { seeds, ..locations }
                }
                false => {
                    let patterns = SeedPatterns {
                        package_dir: program.package_dir.clone(),
                        patterns: seed_files,
                    };
                    let locations = Locations::new(&program.package_dir, &package, &root, &id);
                    Locations { patterns, ..locations }
                }
            };
            let label = report::TargetName { package, label: id.clone(), target: id };
            all.push(Selected { program: program.clone(), label, place, locations });
        }
    }
    let others: Vec<_> = not_asked.into_iter().map(name).collect();
    if all.is_empty() && others.is_empty() && !not_run.is_empty() {
        bail!("there are no targets to run: {}", not_run.join("; "));
    }
    if all.is_empty() && others.is_empty() {
        bail!(
            "there are no targets: mark a function of your tests with #[shakedown::fuzz], for \
             instance\n\n    #[shakedown::fuzz]\n    fn never_panics(text: &str) {{\n        let _ \
             = my_crate::parse(text);\n    }}\n"
        );
    }
    leave_out_copies(&mut all);
    label_apart(&mut all);
    Ok(All { targets: all, not_run, others, warnings: native, is_broken })
}

/// The name of a target that is a program, by its package and its own.
fn name((package, target): (String, String)) -> report::TargetName {
    report::TargetName { package, label: target.clone(), target }
}

/// Leaves out targets that another program of the package has from the same lines: both contain the
/// module. The library's is kept, or else the first one.
fn leave_out_copies(all: &mut Vec<Selected>) {
    let rank = |index: usize, target: &Selected| (target.program.kind != "lib", index);
    let is_copy = |index: usize| {
        let target = &all[index];
        let is_same =
            |other: &Selected| other.locations == target.locations && other.place == target.place;
        let mut others = all.iter().enumerate();
        others.any(|(at, other)| is_same(other) && rank(at, other) < rank(index, target))
    };
    let copies: Vec<bool> = (0..all.len()).map(is_copy).collect();
    let mut copies = copies.into_iter();
    all.retain(|_| !copies.next().unwrap_or(false));
}

/// Refuses targets of one id in two test binaries of a package.
fn refuse_twins(chosen: &[Selected]) -> anyhow::Result<()> {
    for (index, target) in chosen.iter().enumerate() {
        let (program, id) = (&target.program, &target.label.target);
        let is_twin = |other: &&Selected| other.locations.testdata == target.locations.testdata;
        if let Some(twin) = chosen[..index].iter().find(is_twin) {
            bail!(
                "package `{}` has two targets named `{id}`, in {} `{}` ({}) and in {} `{}` ({}); they \
                 would share the files in testdata, in `cargo test` too: rename one of them or its \
                 module",
                program.package,
                twin.program.kind,
                twin.program.name,
                twin.place,
                program.kind,
                program.name,
                target.place,
            );
        }
    }
    Ok(())
}

/// Puts the package before ids that more than one package has.
fn label_apart(all: &mut [Selected]) {
    let names: Vec<_> = all.iter().map(|target| target.label.clone()).collect();
    for target in all {
        let label = &mut target.label;
        let is_same = |other: &&report::TargetName| {
            other.target == label.target && other.package != label.package
        };
        if names.iter().any(|other| is_same(&other)) {
            label.label = label.whole();
        }
    }
}

/// Which targets the filters choose. There are `others`, which they were seen not to choose.
fn choose(
    targets: &[report::TargetName],
    others: &[report::TargetName],
    filters: &[String],
) -> anyhow::Result<Vec<bool>> {
    let mut chosen = vec![filters.is_empty(); targets.len()];
    for filter in filters {
        // The package counts only where it is asked for: its name is often a part of all of them.
        let has = |target: &report::TargetName, name: &str| match name.contains('/') {
            true => target.whole().contains(name),
            false => target.target.contains(name),
        };
        // The name of its test will do, too, unless that is a name of a target.
        let matches = |name: &str| targets.iter().any(|target| has(target, name));
        let target = filter.strip_suffix("::fuzz").filter(|_| !matches(filter));
        let filter = target.unwrap_or(filter);
        let whole = |target: &report::TargetName| {
            filter == target.label || filter == target.target || filter == target.whole()
        };
        let part = |target: &report::TargetName| has(target, filter);
        let exact = targets.iter().any(whole);
        let mut matched = false;
        for (target, chosen) in targets.iter().zip(&mut chosen) {
            if if exact { whole(target) } else { part(target) } {
                *chosen = true;
                matched = true;
            }
        }
        if !matched {
            let all = [targets, others].concat();
            bail!("no target matches `{filter}`; {}", suggestion(&all, filter));
        }
    }
    Ok(chosen)
}

/// Names like the one that was not found, or all of them.
fn suggestion(targets: &[report::TargetName], filter: &str) -> String {
    if targets.iter().any(|target| target.package == filter) {
        return format!("for the targets of that package write `{filter}/` or `-p {filter}`");
    }
    let last = |name: &str| name.rsplit("::").next().unwrap_or(name).to_owned();
    let likeness = |target: &report::TargetName| {
        let whole = strsim::jaro_winkler(&target.target, filter);
        whole.max(strsim::jaro_winkler(&last(&target.target), &last(filter)))
    };
    let mut near: Vec<_> = targets.iter().filter(|target| likeness(target) > 0.8).collect();
    near.sort_by(|a, b| likeness(b).total_cmp(&likeness(a)));
    let (intro, names): (_, Vec<_>) = match near.is_empty() {
        false => ("did you mean", near.into_iter().take(3).collect()),
        true => ("there are", targets.iter().take(20).collect()),
    };
    let names: Vec<_> = names.into_iter().map(|target| format!("`{}`", target.label)).collect();
    format!("{intro} {}{}", names.join(", "), if intro == "there are" { "" } else { "?" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets() -> Vec<report::TargetName> {
        [("a", "tests::parses"), ("a", "tests::parses_strictly"), ("b", "round_trip")]
            .map(|(package, id)| report::TargetName {
                package: package.into(),
                target: id.into(),
                label: id.into(),
            })
            .into()
    }

    #[track_caller]
    fn check(filters: &[&str], expected: [bool; 3]) {
        let filters: Vec<_> = filters.iter().map(|filter| (*filter).to_owned()).collect();
        assert_eq!(choose(&targets(), &[], &filters).unwrap(), expected);
    }

    #[test]
    fn filters_are_parts_of_names_and_whole_names_are_exact() {
        check(&[], [true; 3]);
        check(&["pars"], [true, true, false]);
        check(&["tests::parses"], [true, false, false]);
        check(&["b/"], [false, false, true]);
        check(&["tests::parses::fuzz"], [true, false, false]);
        check(&["strict", "round"], [false, true, true]);
    }

    #[test]
    fn a_filter_that_matches_nothing_suggests_near_names() {
        let message = |filter: &str| {
            choose(&targets()[1..], &targets()[..1], &[filter.to_owned()]).unwrap_err().to_string()
        };
        assert_eq!(
            message("round_tripp"),
            "no target matches `round_tripp`; did you mean `round_trip`?"
        );
        assert_eq!(
            message("zzz"),
            "no target matches `zzz`; there are `tests::parses_strictly`, `round_trip`, \
             `tests::parses`"
        );
    }
}
