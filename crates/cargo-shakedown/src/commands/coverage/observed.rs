//! The programs of some targets, and what all inputs of these hit of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::run::{Reached, Tally, run_all};
use crate::coverage::Coverage;
use crate::places::{self, Counters, Sources};
use crate::select::Selected;
use crate::worker::Limits;

/// What was hit.
#[derive(Default)]
pub(in crate::commands) struct Observed {
    programs: BTreeMap<PathBuf, Hits>,
    workspace: PathBuf,
    members: Vec<PathBuf>,
}

/// The counters of a program, and whether they were hit.
struct Hits {
    counters: Counters,
    is_hit: Vec<bool>,
}

impl Observed {
    /// Runs all inputs of a target, and notes what they hit of its program.
    ///
    /// # Errors
    /// If the program has no counters, or they cannot be read; and as [`run_all`].
    pub(in crate::commands) fn add(
        &mut self,
        target: &Selected,
        limits: &Limits,
    ) -> anyhow::Result<Tally> {
        let program = &target.program;
        self.workspace.clone_from(&program.workspace_root);
        self.members.clone_from(&program.members);
        if !self.programs.contains_key(&program.path) {
            let counters = places::counters(&program.path)?;
            let is_hit = vec![false; counters.counted.len()];
            self.programs.insert(program.path.clone(), Hits { counters, is_hit });
        }
        let Some(Hits { counters, is_hit }) = self.programs.get_mut(&program.path) else {
            unreachable!()
        };
        let Reached { numbers, tally } = run_all(target, limits, counters.numbers)?;
        for (at, is_hit) in is_hit.iter_mut().enumerate() {
            *is_hit |= numbers[counters.first + at];
        }
        Ok(tally)
    }

    /// The counters of all programs as lines of the source: of the workspace's files, and of all others
    /// if it `has_dependencies`.
    pub(in crate::commands) fn in_source(&self, has_dependencies: bool) -> (Coverage, Sources) {
        let packages = if has_dependencies { &[][..] } else { &self.members };
        let mut sources = Sources::new(&self.workspace, packages);
        let mut coverage = Coverage::default();
        for Hits { counters, is_hit } in self.programs.values() {
            coverage.add(&counters.counted, is_hit, &mut |path| sources.name(path));
        }
        (coverage, sources)
    }
}
