//! Where the counters of a program are in its source, for the page of a campaign that runs.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::build::Program;
use crate::coverage::{self, Coverage, Nearest};
use crate::places::{self, Counters, Sources};

/// Most places that stop the search that are shown.
const MAX_BLOCKERS: usize = 100;

/// Most inputs that are looked at for the one that comes nearest to a place.
const MAX_NEAR: usize = 4;

/// The source of a program. Any thread may use it.
#[derive(Debug)]
pub(crate) struct Atlas {
    program: PathBuf,
    workspace: PathBuf,
    members: Vec<PathBuf>,
    /// Read when somebody wants to see it for the first time.
    counters: OnceLock<Result<Counters, String>>,
}

impl Atlas {
    /// That of a program, of which nothing is read yet.
    #[must_use]
    pub(crate) fn new(program: &Program) -> Self {
        Self {
            program: program.path.clone(),
            workspace: program.workspace_root.clone(),
            members: program.members.clone(),
            counters: OnceLock::new(),
        }
    }

    /// The program.
    pub(crate) fn program(&self) -> &std::path::Path {
        &self.program
    }

    /// The files of the workspace with what was hit, and their texts if these are wanted, too.
    pub(super) fn files(&self, hit: &[u8], has_text: bool) -> Value {
        let counters = match self.counters() {
            Ok(counters) => counters,
            Err(error) => return json!({ "error": error }),
        };
        let (coverage, sources, _) = self.observed(counters, hit);
        let files = coverage::json(&coverage).map(|mut file| {
            if let (true, Some(name)) = (has_text, file["file"].as_str()) {
                file["text"] = sources.text(name).into();
            }
            file
        });
        json!({ "files": files.collect::<Vec<_>>() })
    }

    /// What stops the search, with the inputs that come nearest: `nearest` has the number of the shortest
    /// input that hits each counter, and `input` what is known of an input by its number.
    pub(super) fn blockers(
        &self,
        hit: &[u8],
        nearest: &[u64],
        input: impl Fn(u64) -> Option<Nearest>,
    ) -> Value {
        let counters = match self.counters() {
            Ok(counters) => counters,
            Err(error) => return json!({ "error": error }),
        };
        let (coverage, mut sources, is_hit) = self.observed(counters, hit);
        let name = &mut |path: &str| sources.name(path);
        let Counters { counted, flow, first, .. } = counters;
        let mut all = coverage::blockers(counted, &is_hit, flow, &coverage, name);
        all.retain(|blocker| !blocker.is_hidden);
        let total = all.len();
        all.truncate(MAX_BLOCKERS);
        for blocker in &mut all {
            let number = |at: &usize| nearest.get(first + at).copied().filter(|number| *number > 0);
            let near = blocker.before.iter().filter_map(number).take(MAX_NEAR);
            blocker.nearest = near.filter_map(&input).min();
        }
        json!({ "total": total, "blockers": all.iter().map(coverage::of_blocker).collect::<Vec<_>>() })
    }

    fn counters(&self) -> &Result<Counters, String> {
        let read = || places::counters(&self.program).map_err(|error| format!("{error:#}"));
        self.counters.get_or_init(read)
    }

    /// What was hit of each file, and of the counters.
    fn observed(&self, counters: &Counters, hit: &[u8]) -> (Coverage, Sources, Vec<bool>) {
        let mut sources = Sources::new(&self.workspace, &self.members);
        let mut coverage = Coverage::default();
        let is_hit: Vec<bool> =
            (0..counters.counted.len()).map(|at| is_set(hit, counters.first + at)).collect();
        coverage.add(&counters.counted, &is_hit, &mut |path| sources.name(path));
        (coverage, sources, is_hit)
    }
}

/// A bit of many, the lowest of a byte first.
fn is_set(bits: &[u8], at: usize) -> bool {
    bits.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_have_the_order_of_the_counters() {
        let set: Vec<usize> = (0..20).filter(|at| is_set(&[0b1000_0001, 0b10], *at)).collect();
        assert_eq!(set, [0, 7, 9]);
    }

    #[test]
    fn a_program_without_counters_says_so() {
        let path = std::env::current_exe().unwrap();
        let atlas = Atlas::new(&Program { path, ..Program::default() });
        let error = atlas.files(&[], true)["error"].as_str().map(str::to_owned);
        assert!(error.is_some_and(|error| error.ends_with("so it has no coverage")));
    }
}
