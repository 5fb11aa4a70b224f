//! The calls of a session, each with its answer as what it is.

use std::ops::Range;

use shakedown_core::features::features;
use shakedown_core::schema::shape;
use shakedown_core::wire::{
    self, Answer, Call, Execute, Executed, Fuzz, Fuzzed, Keep, Minimize, Minimized, Rerun,
};

use super::ended::Done;
use super::memory::CallInputs;
use super::session::Session;
use crate::campaign::Visit;

impl Session {
    /// Runs an input once; returns its features too.
    pub fn execute(&mut self, input: &[u8]) -> Done<(Executed, Vec<u32>)> {
        self.execute_and(input, false)
    }

    /// The same, and records what is compared.
    pub fn execute_recorded(&mut self, input: &[u8]) -> Done<(Executed, Vec<u32>)> {
        self.execute_and(input, true)
    }

    fn execute_and(&mut self, input: &[u8], record: bool) -> Done<(Executed, Vec<u32>)> {
        let call = Call::Execute(Execute { len: input.len() as u64, record });
        self.call(&call, &CallInputs::one(input), |session, answer| match answer {
            Answer::Executed(executed) => Ok((executed, session.features()?)),
            _ => Err(unexpected()),
        })
    }

    /// Runs an input once, with a backtrace if it fails.
    pub fn replay(&mut self, input: &[u8]) -> Done<Executed> {
        let call = Call::Replay(Execute { len: input.len() as u64, record: false });
        self.call(&call, &CallInputs::one(input), |_, answer| match answer {
            Answer::Executed(executed) => Ok(executed),
            _ => Err(unexpected()),
        })
    }

    /// Runs visits one after the other, each from its first variation on; returns the last input too.
    pub fn fuzz(&mut self, visits: &[Visit], max_ms: u64) -> Done<(Fuzzed, Vec<u8>)> {
        let asked = visits.iter().map(|visit| in_memory(visit, visit.execs.end)).collect();
        self.vary(&Call::Fuzz(Fuzz { visits: asked, max_ms }), visits)
    }

    /// Makes the variations of a visit again up to the end of `execs`, and runs these; returns the
    /// last one too.
    pub fn rerun(&mut self, visit: &Visit, execs: Range<u64>) -> Done<(Fuzzed, Vec<u8>)> {
        let rerun = Rerun { visit: in_memory(visit, execs.end), from: execs.start };
        self.vary(&Call::Rerun(rerun), std::slice::from_ref(visit))
    }

    fn vary(&mut self, call: &Call, visits: &[Visit]) -> Done<(Fuzzed, Vec<u8>)> {
        if let Some(failed) = self.teach() {
            return Done::Ended(failed);
        }
        self.call(call, &CallInputs::of(visits), |session, answer| match answer {
            Answer::Fuzzed(fuzzed) => {
                let input = session.input(fuzzed.input_len)?;
                Ok((fuzzed, input))
            }
            _ => Err(unexpected()),
        })
    }

    /// Makes an input smaller; returns the best one too.
    pub fn minimize(
        &mut self,
        input: &[u8],
        keep: Keep,
        max_execs: u64,
        max_ms: u64,
    ) -> Done<(Minimized, Option<Vec<u8>>)> {
        let entry_len = input.len() as u64;
        let call = Call::Minimize(Minimize { entry_len, keep, max_execs, max_ms });
        self.call(&call, &CallInputs::one(input), |session, answer| match answer {
            Answer::Minimized(minimized) => {
                let best = minimized.len.map(|len| session.input(len)).transpose()?;
                Ok((minimized, best))
            }
            _ => Err(unexpected()),
        })
    }

    /// The features in the snapshot region.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn features(&self) -> Result<Vec<u32>, String> {
        let snapshot = self.memory().snapshot().map_err(|error| error.to_string())?;
        Ok(features(&snapshot).collect())
    }

    /// The first `len` bytes of the input region, if they are an input.
    fn input(&self, len: u64) -> Result<Vec<u8>, String> {
        let input = self.memory().input(len).map_err(|error| error.to_string())?;
        match shape::check(self.schema(), &input) {
            Ok(()) => Ok(input),
            Err(error) => Err(format!("the input in shared memory is damaged: {error}")),
        }
    }
}

/// The first `execs` variations of a visit, whose inputs lie in the memory.
fn in_memory(visit: &Visit, execs: u64) -> wire::Visit {
    wire::Visit {
        entry_len: visit.entry.len() as u64,
        donor_len: visit.donor.len() as u64,
        hints_len: visit.hints.len() as u64,
        tokens: visit.tokens,
        weights: visit.weights,
        rng: visit.rng,
        execs,
    }
}

fn unexpected() -> String {
    "it gave the answer to another call".to_owned()
}
