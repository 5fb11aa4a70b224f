//! A worker that has its memory: what each call does.

use std::fs::File;
use std::time::Duration;

use shakedown_core::hints::retain_what_lies_in;
use shakedown_core::mutate::{Mutator, Recipe, Variations};
use shakedown_core::rng::Rng;
use shakedown_core::schema::{Schema, shape};
use shakedown_core::wire::layout::Layout;
use shakedown_core::wire::page::Phase;
use shakedown_core::wire::{
    Answer, Attach, Call, End, Execute, Executed, Fuzz, Fuzzed, Minimize, Minimized, Recorded,
    Rerun, RngState, Visit,
};

use super::batch::{Batch, Progress};
use super::clock::Clock;
use super::minimize::minimize;
use super::runner::{self, Runner};
use super::trial::Trial;
use crate::coverage::{self, Counters, program_counters};
use crate::execute::{Outcome, Stage};
use crate::own;
use crate::panics;
use crate::process::isolate::Isolation;
use crate::process::shared::{Memory, Regions, SeenMap};
use crate::target::Target;

/// A worker that has its memory.
pub(super) struct Worker<'t> {
    runner: Runner<'t>,
    schema: Schema,
    memory: Memory,
    seen: SeenMap,
    counters: Counters,
    mutator: Mutator,
    /// Most bytes of an input that mutation may make.
    max_len: usize,
    /// Executions since cold lines were last hit; see [`Batch`].
    undisturbed: u64,
}

impl<'t> Worker<'t> {
    pub(super) fn attach(
        target: &'t Target,
        attach: &Attach,
        memory: &File,
        map: &File,
    ) -> Result<Self, String> {
        let mut counters = program_counters();
        coverage::prepare_recording();
        if attach.counters != counters.of_program() as u64 {
            return Err(format!(
                "a coverage map of {} counters for a program of {}",
                attach.counters,
                counters.of_program()
            ));
        }
        let capacity = attach.capacity as usize;
        if attach.max_len > attach.capacity {
            return Err(format!("{} bytes of input in {capacity}", attach.max_len));
        }
        let layout = Layout { capacity, counters: counters.of_program() };
        let cannot_map = |error| format!("cannot map memory: {error}");
        let isolation = attach.isolate.then(|| Isolation::new(counters.len()));
        let isolation = isolation.transpose().map_err(cannot_map)?;
        let mut dictionary = (target.dictionary)();
        dictionary.extend_from_slice(&attach.dictionary);
        let seen = SeenMap::attach(map, counters.len()).map_err(cannot_map)?;
        counters.expect_seen(seen.words());
        let mut mutator = Mutator::new(Rng::new(0), dictionary);
        own::lend(&mutator);
        mutator.set_own(own::registered());
        Ok(Self {
            runner: Runner { stage: Stage::new(target, capacity).map_err(cannot_map)?, isolation },
            schema: (target.schema)().map_err(|error| error.to_string())?,
            memory: Memory::attach(memory, layout).map_err(cannot_map)?,
            seen,
            counters,
            mutator,
            max_len: attach.max_len as usize,
            undisturbed: 0,
        })
    }

    pub(super) fn serve(&mut self, call: Call) -> Result<Answer, String> {
        self.memory.page().set_phase(Phase::Engine);
        panics::install_hook();
        self.counters.reset();
        let answer = match call {
            Call::Execute(execute) => self.execute(&execute).map(Answer::Executed),
            Call::Replay(execute) => self.replay(&execute).map(Answer::Executed),
            Call::Fuzz(fuzz) => self.fuzz(&fuzz).map(Answer::Fuzzed),
            Call::Rerun(rerun) => self.rerun(&rerun).map(Answer::Fuzzed),
            Call::Minimize(minimize) => self.minimize(&minimize).map(Answer::Minimized),
            Call::Learn(learn) => {
                self.mutator.learn(learn);
                Ok(Answer::Done)
            }
            Call::Hello(_) | Call::Attach(_) | Call::Ping => Err("a call out of its turn".into()),
        };
        self.memory.page().set_phase(Phase::Idle);
        answer
    }

    fn execute(&mut self, call: &Execute) -> Result<Executed, String> {
        let Regions { mut entries, input, snapshot, page, .. } = self.memory.regions();
        let entry = take(&mut entries, call.len, input.len())?;
        shape::check(&self.schema, entry).map_err(|error| format!("the entry: {error}"))?;
        let input = &mut input[..entry.len()];
        input.copy_from_slice(entry);
        let mut run = || self.runner.run(&mut self.counters, page, 1, input);
        let (outcome, mut recorded) =
            if call.record { coverage::record(run) } else { (run(), Recorded::default()) };
        let outcome = outcome?;
        retain_what_lies_in(entry, &mut recorded.comparisons);
        self.counters.take_all(self.seen.words());
        self.counters.snapshot(snapshot);
        let caught = self.runner.stage.take_caught();
        Ok(Executed { outcome: outcome.into(), caught, recorded })
    }

    /// As [`Self::execute`], with a backtrace of a panic. It is made when the target has ended, so
    /// that it does not count as a part of the execution.
    fn replay(&mut self, call: &Execute) -> Result<Executed, String> {
        panics::want_backtrace(true);
        let executed = self.execute(call);
        panics::want_backtrace(false);
        let mut executed = executed?;
        runner::add_backtrace(&mut executed.outcome);
        Ok(executed)
    }

    fn fuzz(&mut self, call: &Fuzz) -> Result<Fuzzed, String> {
        let Regions { entries, donors, hints, input, snapshot, page } = self.memory.regions();
        let mut ingredients = Ingredients { entries, donors, hints, capacity: input.len() };
        let mut clock = Clock::new(Duration::from_millis(call.max_ms));
        let mut batch = Batch {
            runner: &mut self.runner,
            counters: &mut self.counters,
            seen: self.seen.words(),
            page,
            snapshot,
            undisturbed: &mut self.undisturbed,
            late: None,
            progress: Progress::default(),
        };
        let (mut end, mut input_len, mut rng, mut work) = (End::Execs, 0, (0, 0), 0);
        let mut mutators = Vec::new();
        for visit in &call.visits {
            let recipe = ingredients.take(visit)?;
            self.mutator.rng = generator(visit.rng);
            let mut variations =
                Variations::new(&mut self.mutator, &self.schema, recipe, input, self.max_len)
                    .map_err(|error| error.to_string())?;
            let before = batch.progress.execs;
            end = if variations.are_stretched() {
                let visit = || batch.visit(&mut variations, visit.execs, &mut clock);
                let (end, recorded) = coverage::record(visit);
                work += recorded.work;
                end?
            } else {
                batch.visit(&mut variations, visit.execs, &mut clock)?
            };
            if batch.progress.execs > before {
                input_len = variations.last().len() as u64;
                rng = state(variations.position().rng);
            }
            if end != End::Execs {
                mutators = variations.mutators().iter().map(|mutator| mutator.0).collect();
                break;
            }
        }
        let Batch { progress: Progress { execs, rejected, .. }, late, .. } = batch;
        let caught = self.runner.stage.take_caught();
        Ok(Fuzzed { execs, rejected, end, input_len, rng, mutators, work, late, caught })
    }

    fn rerun(&mut self, call: &Rerun) -> Result<Fuzzed, String> {
        let Regions { entries, donors, hints, input, page, .. } = self.memory.regions();
        let mut ingredients = Ingredients { entries, donors, hints, capacity: input.len() };
        let recipe = ingredients.take(&call.visit)?;
        self.mutator.rng = generator(call.visit.rng);
        let mut variations =
            Variations::new(&mut self.mutator, &self.schema, recipe, input, self.max_len)
                .map_err(|error| error.to_string())?;
        let (mut execs, mut rejected, mut end) = (0, 0, End::Execs);
        for made in 0..call.visit.execs {
            let is_repaired = variations.are_repaired();
            let input = variations.next();
            if made < call.from {
                continue;
            }
            execs += 1;
            let (runner, counters) = (&mut self.runner, &mut self.counters);
            let outcome = match is_repaired {
                true => runner.run_repaired(counters, page, execs, &mut variations)?.0,
                false => runner.run(counters, page, execs, input)?,
            };
            match outcome {
                Outcome::Passed => {}
                Outcome::Rejected => {
                    rejected += 1;
                    page.set_rejected(rejected);
                }
                Outcome::Failed(failure) => {
                    end = End::Failed(*failure);
                    break;
                }
            }
        }
        let input_len = variations.last().len() as u64;
        let rng = state(variations.position().rng);
        let caught = self.runner.stage.take_caught();
        let (mutators, work, late) = (Vec::new(), 0, None);
        Ok(Fuzzed { execs, rejected, end, input_len, rng, mutators, work, late, caught })
    }

    fn minimize(&mut self, call: &Minimize) -> Result<Minimized, String> {
        let Regions { mut entries, input, snapshot, page, .. } = self.memory.regions();
        let entry = take(&mut entries, call.entry_len, input.len())?;
        shape::check(&self.schema, entry).map_err(|error| format!("the entry: {error}"))?;
        let trial = Trial {
            runner: &mut self.runner,
            counters: &mut self.counters,
            seen: &self.seen,
            page,
            input,
            snapshot,
            keep: &call.keep,
            execs: 0,
            failure: None,
            first: None,
            others: Vec::new(),
        };
        minimize(&self.schema, entry, call, trial)
    }
}

/// The first `len` bytes of those that are left, which must hold one input and so be no more than
/// `most`.
fn take<'m>(left: &mut &'m [u8], len: u64, most: usize) -> Result<&'m [u8], String> {
    let room = left.len().min(most);
    let is_within = len <= room as u64;
    let taken = if is_within { left.split_off(..len as usize) } else { None };
    taken.ok_or_else(|| format!("an input of {len} bytes where there is room for {room}"))
}

/// What is left of the regions that hold what visits are made of.
struct Ingredients<'m> {
    entries: &'m [u8],
    donors: &'m [u8],
    hints: &'m [u8],
    /// Most bytes of an entry and of a donor.
    capacity: usize,
}

impl<'m> Ingredients<'m> {
    /// Takes those of the next visit.
    fn take(&mut self, visit: &Visit) -> Result<Recipe<'m>, String> {
        let room = self.hints.len();
        Ok(Recipe {
            entry: take(&mut self.entries, visit.entry_len, self.capacity)?,
            donor: take(&mut self.donors, visit.donor_len, self.capacity)?,
            hints: take(&mut self.hints, visit.hints_len, room)?,
            tokens: visit.tokens,
            weights: visit.weights,
        })
    }
}

fn generator((state, inc): RngState) -> Rng {
    Rng { state, inc }
}

fn state(Rng { state, inc }: Rng) -> RngState {
    (state, inc)
}
