//! The programs of some targets, and what all inputs of these hit of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::run::{Reached, run_all};
use crate::coverage::{self, Blocker, Coverage, Nearest};
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

/// The counters of a program, and the shortest input that hit each.
struct Hits {
    counters: Counters,
    nearest: Vec<Option<Nearest>>,
}

impl Hits {
    fn is_hit(&self) -> Vec<bool> {
        self.nearest.iter().map(Option::is_some).collect()
    }
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
    ) -> anyhow::Result<Reached> {
        let program = &target.program;
        self.workspace.clone_from(&program.workspace_root);
        self.members.clone_from(&program.members);
        if !self.programs.contains_key(&program.path) {
            let counters = places::counters(&program.path)?;
            let nearest = vec![None; counters.counted.len()];
            self.programs.insert(program.path.clone(), Hits { counters, nearest });
        }
        let Some(Hits { counters, nearest }) = self.programs.get_mut(&program.path) else {
            unreachable!()
        };
        let reached = run_all(target, limits, counters.numbers)?;
        for (known, new) in nearest.iter_mut().zip(reached.numbers.iter().skip(counters.first)) {
            *known = known.take().into_iter().chain(new.clone()).min();
        }
        Ok(reached)
    }

    /// The counters of all programs as lines of the source: of the workspace's files, and of all others
    /// if it `has_dependencies`.
    pub(in crate::commands) fn in_source(&self, has_dependencies: bool) -> (Coverage, Sources) {
        let packages = if has_dependencies { &[][..] } else { &self.members };
        let mut sources = Sources::new(&self.workspace, packages);
        let mut coverage = Coverage::default();
        for hits in self.programs.values() {
            let counted = &hits.counters.counted;
            coverage.add(counted, &hits.is_hit(), &mut |path| sources.name(path));
        }
        (coverage, sources)
    }

    /// What was not reached in functions that were entered, what most lies behind first, and the input
    /// that comes nearest to each.
    pub(in crate::commands) fn blockers(
        &self,
        coverage: &Coverage,
        sources: &mut Sources,
    ) -> Vec<Blocker> {
        let mut all = Vec::new();
        for hits in self.programs.values() {
            let Counters { counted, flow, .. } = &hits.counters;
            let name = &mut |path: &str| sources.name(path);
            let mut blockers = coverage::blockers(counted, &hits.is_hit(), flow, coverage, name);
            for blocker in &mut blockers {
                let near = blocker.before.iter().filter_map(|at| hits.nearest[*at].as_ref());
                blocker.nearest = near.min().cloned();
            }
            all.append(&mut blockers);
        }
        coverage::rank(&mut all);
        all
    }
}
