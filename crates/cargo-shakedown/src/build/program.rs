//! A program with targets in it, and how one of them is run. That the program is one of libtest, and
//! what libtest makes of its arguments, is known here and nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use shakedown_core::TEST_NAME;

use super::error::BuildError;
use super::listing;
use super::marks::{Marked, is_sanitized, marked_paths, shows_values};
use super::options::Sanitizer;

/// The variable that AddressSanitizer takes its options from.
const SANITIZER_VARIABLE: &str = "ASAN_OPTIONS";

/// An executable of tests with at least one target, built to be searched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// Name of the package.
    pub package: String,
    /// Directory of the package's `Cargo.toml`, where its tests run.
    pub package_dir: PathBuf,
    /// Root directory of the workspace.
    pub workspace_root: PathBuf,
    /// Directories of all packages of the workspace.
    pub members: Vec<PathBuf>,
    /// Directories of its package and of the packages by path that it depends on, if they were asked
    /// for.
    pub origins: Vec<PathBuf>,
    /// Name of the cargo target: of the library, the `[[bin]]`, the file in `tests/`. Together
    /// with `kind` it tells apart binaries of one package that have targets of the same id.
    pub name: String,
    /// What cargo calls the cargo target: `lib` (of any crate type), `bin`, `test`, `example` or
    /// `bench`.
    pub kind: String,
    /// The executable.
    pub path: PathBuf,
    /// Its targets, sorted by id.
    pub targets: Vec<FoundTarget>,
    /// Whether it is a target itself, by cargo's name of it, without a test harness. Such a program runs
    /// where the user is, as programs do.
    pub is_target: bool,
    /// Arguments for it, if it is a target itself.
    pub arguments: Vec<String>,
    /// Whether it can write what a target's argument is instead of running it.
    pub can_show: bool,
    /// Options that it was built with and that decide what is in it: `--features`, ..
    pub build_options: Vec<String>,
    /// What was to be built into it to watch its memory.
    pub sanitizer: Option<Sanitizer>,
    /// Whether a sanitizer is in it that reserves more memory than there is.
    pub is_sanitized: bool,
    /// Variables that cargo sets for it, over those of this process.
    pub environment: Vec<(OsString, OsString)>,
}

/// A target in a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTarget {
    /// Its id: the path of its function, without the crate.
    pub id: String,
    /// Its file and line, as the compiler has them.
    pub place: String,
    /// The patterns of the files that are seeds, from the folder of its package.
    pub seed_files: Vec<String>,
}

impl Program {
    /// The options by which people reach its package, with what is built into it.
    #[must_use]
    pub fn package_options(&self) -> Vec<String> {
        let package = ["-p".to_owned(), self.package.clone()];
        package.into_iter().chain(self.build_options.iter().cloned()).collect()
    }

    /// The same, for a command of ours.
    #[must_use]
    pub fn replay_options(&self) -> Vec<String> {
        let sanitizer = self.sanitizer.map(|one| format!("--sanitizer={}", one.name()));
        self.package_options().into_iter().chain(sanitizer).collect()
    }

    /// The same as [`Self::package_options`], and those by which cargo runs no other program.
    #[must_use]
    pub fn test_options(&self) -> Vec<String> {
        let only = match self.kind.as_str() {
            "lib" => vec!["--lib".to_owned()],
            kind => vec![format!("--{kind}"), self.name.clone()],
        };
        self.package_options().into_iter().chain(only).collect()
    }

    /// The executable without arguments, in the directory and the environment in which cargo runs it.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        if !self.is_target {
            command.current_dir(&self.package_dir);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if self.is_sanitized {
            command.env(SANITIZER_VARIABLE, sanitizer_options());
        }
        command
    }

    /// The command that runs the target `id` alone, in one thread, with what it prints passed on;
    /// `stack_size` is that of this thread in bytes, if it is not to be that of any test.
    #[must_use]
    pub fn target_command(&self, id: &str, stack_size: Option<u64>) -> Command {
        let mut command = self.command();
        if self.is_target {
            command.args(&self.arguments);
        } else {
            command.args([&test_name(id), "--exact", "--nocapture", "--test-threads=1"]);
        }
        if let Some(size) = stack_size {
            // libtest runs every test in a thread of its own, and the standard library asks this. So
            // does a program that is a target.
            command.env("RUST_MIN_STACK", size.to_string());
        }
        command
    }

    /// How a person runs the target `id` alone.
    #[must_use]
    pub fn command_line(&self, id: &str) -> String {
        match self.is_target {
            true => self.path.display().to_string(),
            false => format!("{} --exact {}", self.path.display(), test_name(id)),
        }
    }

    /// Fills in `targets`. The binary is only run, to list its tests, if there are marks in it. One
    /// with a harness of its own is not looked at: what it does with arguments is unknown.
    ///
    /// # Errors
    /// If the file cannot be read, or does not list its tests in time.
    pub(super) fn find_targets(&mut self, has_own_harness: bool) -> Result<(), BuildError> {
        if has_own_harness {
            return Ok(());
        }
        let bytes = std::fs::read(&self.path).map_err(BuildError::file("read", &self.path))?;
        self.is_sanitized = is_sanitized(&bytes);
        let marked = marked_paths(&bytes);
        self.targets = match marked.is_empty() {
            true => Vec::new(),
            false => select(&marked, &listing::tests_of(&self.path, self.command())?),
        };
        Ok(())
    }

    /// Fills in `targets` of a program that may be a target itself, which its mark says.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn find_itself(&mut self) -> Result<(), BuildError> {
        let bytes = std::fs::read(&self.path).map_err(BuildError::file("read", &self.path))?;
        let place = marked_paths(&bytes).into_values().next().map(|marked| marked.place.to_owned());
        self.is_target = place.is_some();
        self.can_show = shows_values(&bytes);
        self.is_sanitized = is_sanitized(&bytes);
        let (id, seed_files) = (self.name.clone(), Vec::new());
        self.targets.extend(place.map(|place| FoundTarget { id, place, seed_files }));
        Ok(())
    }
}

/// What a sanitizer is told, before what the user tells it. It ends the process by a signal, whose stack
/// says where, and leaves signals to us. Leaks it would see only at the end of the process, which is not
/// that of an execution; symbols it would look for in every process that fails.
fn sanitizer_options() -> String {
    const OURS: &str = "abort_on_error=1:handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:\
                        handle_sigill=0:detect_leaks=0:symbolize=0:print_legend=0:\
                        allocator_may_return_null=1:use_sigaltstack=0";
    match std::env::var(SANITIZER_VARIABLE) {
        Ok(users) => format!("{OURS}:{users}"),
        Err(_) => OURS.to_owned(),
    }
}

/// The name that libtest knows the target `id` by.
fn test_name(id: &str) -> String {
    format!("{id}::{TEST_NAME}")
}

/// The targets of the marked paths, which begin with the crate, whose test is in the list.
fn select(marked: &BTreeMap<&str, Marked<'_>>, tests: &BTreeSet<String>) -> Vec<FoundTarget> {
    let ids: BTreeMap<&str, &Marked<'_>> = marked
        .iter()
        .filter_map(|(path, marked)| Some((path.split_once("::")?.1, marked)))
        .filter(|(id, _)| tests.contains(&test_name(id)))
        .collect();
    let found = |(id, marked): (&str, &Marked<'_>)| FoundTarget {
        id: id.into(),
        place: marked.place.into(),
        seed_files: marked.seed_files.iter().map(|pattern| (*pattern).to_owned()).collect(),
    };
    ids.into_iter().map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_marked_and_listed() {
        let tests = ["b::fuzz", "x::fuzz", "tests::d::fuzz"].map(str::to_owned).into();
        let at = Marked { place: "x.rs:1", seed_files: vec!["a/*"] };
        let marked = ["a::b", "a::tests::d", "a::tests::gone", "x"].map(|path| (path, at.clone()));
        let found = select(&marked.into(), &tests);
        let ids: Vec<&str> = found.iter().map(|target| &*target.id).collect();
        assert_eq!(ids, ["b", "tests::d"]);
        assert_eq!((&*found[0].place, &*found[0].seed_files), ("x.rs:1", &["a/*".to_owned()][..]));
    }

    #[test]
    fn people_reach_a_program_by_its_kind_and_name() {
        let program = |kind: &str| Program {
            package: "url".into(),
            name: "it".into(),
            kind: kind.into(),
            build_options: vec!["--features=x".into()],
            ..Program::default()
        };
        assert_eq!(program("lib").test_options(), ["-p", "url", "--features=x", "--lib"]);
        assert_eq!(program("test").test_options(), ["-p", "url", "--features=x", "--test", "it"]);
    }
}
