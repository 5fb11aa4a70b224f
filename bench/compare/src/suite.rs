//! What is fuzzed: programs, each with one or more targets that take bytes.

use std::path::PathBuf;

use anyhow::{Result, ensure};

/// Programs to compare engines on.
pub struct Suite {
    /// The name of the package and of the file of results.
    pub name: &'static str,
    /// A lock file to start from.
    pub lock: Option<PathBuf>,
    /// Each becomes one executable.
    pub programs: Vec<Program>,
}

/// One executable, which holds the code of its own targets only.
#[derive(Clone)]
pub struct Program {
    /// A valid name of a Rust module.
    pub name: String,
    /// Lines of `[dependencies]` in a manifest.
    pub dependencies: String,
    /// Functions that the calls of the targets need, as Rust source.
    pub items: String,
    /// At least one.
    pub targets: Vec<Target>,
}

/// One function to fuzz.
#[derive(Clone, Default)]
pub struct Target {
    /// A valid name of a Rust function, unique in its suite.
    pub name: String,
    /// Its arguments as in Rust: `data: &[u8]` for all but typed ones.
    pub arguments: String,
    /// Rust expression that runs it with these.
    pub call: String,
    /// A folder of inputs to start from.
    pub seeds: Option<PathBuf>,
    /// Executions that plain random mutation needs, from seeds and from nothing, where known.
    pub blind: [Option<String>; 2],
}

impl Target {
    /// What its row of a table is called: instances of one idiom share it.
    pub fn group(&self) -> &str {
        match self.name.rsplit_once('_') {
            Some((group, number)) if number.parse::<u32>().is_ok() => group,
            _ => &self.name,
        }
    }
}

impl Suite {
    /// Leaves only targets whose names contain one of `filters`, in which a `-` stands for a `_`;
    /// all if there are none. An error if that leaves nothing.
    pub fn keep(&mut self, filters: &[String]) -> Result<()> {
        let filters: Vec<String> = filters.iter().map(|filter| filter.replace('-', "_")).collect();
        let is_wanted = |target: &Target| filters.iter().any(|part| target.name.contains(part));
        if !filters.is_empty() {
            for program in &mut self.programs {
                program.targets.retain(is_wanted);
            }
            self.programs.retain(|program| !program.targets.is_empty());
        }
        ensure!(!self.programs.is_empty(), "no target of {} matches {filters:?}", self.name);
        Ok(())
    }

    /// All targets, each with the name of its program.
    pub fn targets(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.programs.iter().flat_map(|program| {
            program.targets.iter().map(|target| (program.name.as_str(), target))
        })
    }
}
