//! Candidates of a minimization: does one still do what is to be kept.

use shakedown_core::failure::Failure;
use shakedown_core::features;
use shakedown_core::wire::Keep;
use shakedown_core::wire::page::Page;

use crate::coverage::Counters;
use crate::execute::Outcome;
use crate::process::shared::SeenMap;
use crate::serve::runner::Runner;

/// Most failures of another key that one minimization reports.
const MAX_OTHERS: usize = 8;

/// Most bytes of their inputs, which go through the pipe.
const MAX_OTHER_BYTES: usize = 16 << 20;

/// The state of one minimization.
pub(crate) struct Trial<'a, 't> {
    pub(crate) runner: &'a mut Runner<'t>,
    pub(crate) counters: &'a mut Counters,
    pub(crate) seen: &'a SeenMap,
    pub(crate) page: Page<'a>,
    pub(crate) input: &'a mut [u8],
    pub(crate) snapshot: &'a mut [u8],
    pub(crate) keep: &'a Keep,
    pub(crate) execs: u64,
    /// What the best input so far fails with.
    pub(crate) failure: Option<Failure>,
    /// The first input that failed as wanted.
    pub(crate) first: Option<(Vec<u8>, Failure)>,
    pub(crate) others: Vec<(Vec<u8>, Failure)>,
}

impl Trial<'_, '_> {
    /// Runs a candidate; whether it does what is to be kept.
    pub(crate) fn keeps(&mut self, candidate: &[u8]) -> Result<bool, String> {
        // A simpler value can be a longer one: a declared default, for instance.
        if candidate.len() > self.input.len() {
            return Ok(false);
        }
        let input = &mut self.input[..candidate.len()];
        input.copy_from_slice(candidate);
        self.execs += 1;
        self.counters.reset();
        let outcome = self.runner.run(self.counters, self.page, self.execs, input)?;
        match (outcome, self.keep) {
            (Outcome::Failed(failure), Keep::Failure(key))
                if self.is_wanted(candidate, &failure, key) =>
            {
                self.first.get_or_insert_with(|| (candidate.to_vec(), (*failure).clone()));
                self.failure = Some(*failure);
                Ok(true)
            }
            (Outcome::Failed(failure), _) => {
                self.note_other(candidate, *failure);
                Ok(false)
            }
            (Outcome::Passed, Keep::Features(wanted)) => {
                self.counters.take_all(self.seen.words());
                self.counters.snapshot(self.snapshot);
                Ok(features::covers(self.snapshot, wanted))
            }
            _ => Ok(false),
        }
    }

    /// Whether a failure is the one with this key, or differs from it in what it repeats of its input.
    fn is_wanted(&self, candidate: &[u8], failure: &Failure, key: &str) -> bool {
        failure.key() == *key
            || self
                .first
                .as_ref()
                .is_some_and(|(input, first)| failure.is_alike(candidate, first, input))
    }

    fn note_other(&mut self, candidate: &[u8], failure: Failure) {
        let known = |(_, other): &(Vec<u8>, Failure)| other.key() == failure.key();
        let bytes: usize = self.others.iter().map(|(input, _)| input.len()).sum();
        let has_room = self.others.len() < MAX_OTHERS && bytes + candidate.len() <= MAX_OTHER_BYTES;
        if has_room && !self.others.iter().any(known) {
            self.others.push((candidate.to_vec(), failure));
        }
    }
}
