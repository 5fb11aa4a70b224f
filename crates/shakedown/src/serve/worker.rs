//! The worker: serves the coordinator's calls for one target, one at a time and in order, until
//! the pipe of calls is closed.
//!
//! Everything the coordinator needs after a sudden death is in the header of the shared memory
//! before the target runs. An error in here is an internal one and says so ([`Answer::Internal`]);
//! it is never taken for a failure of the target.

use std::fs::File;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use shakedown_core::INTERNAL_ERROR_STATUS;
use shakedown_core::minimize::{Verdict as Judgement, minimize};
use shakedown_core::mutate::{Mutator, Variations};
use shakedown_core::rng::Rng;
use shakedown_core::schema::Schema;
use shakedown_core::schema::shape;
use shakedown_core::schema::shape::ShapeError;
use shakedown_core::testdata;
use shakedown_core::wire::page::{Layout, Phase};
use shakedown_core::wire::{
    Answer, Attach, Call, End, Execute, Executed, Fuzz, Fuzzed, Greeting, Keep, Message, Minimize,
    Minimized, PROTOCOL, Rerun, RngState, Visit, body_len,
};

use crate::coverage::{Counters, program_counters};
use crate::execute::{Outcome, Stage};
use crate::panics;
use crate::process::isolate::Isolation;
use crate::process::shared::{Memory, Regions, SeenMap};
use crate::process::spawned::Descriptors;
use crate::process::{fault, spawned};
use crate::serve::batch::{Batch, Clock, Progress};
use crate::serve::runner::{self, Runner};
use crate::serve::trial::Trial;
use crate::target::Target;

/// Serves `target` until there are no more calls, then ends the process.
pub(crate) fn serve(target: &Target, descriptors: &str) -> ! {
    let status = match spawned::show_output().and_then(|()| Descriptors::open(descriptors)) {
        Ok(descriptors) => match serve_calls(target, descriptors) {
            Ok(()) => 0,
            Err(error) => fail(&error),
        },
        Err(error) => fail(&error),
    };
    std::process::exit(status)
}

fn fail(error: &io::Error) -> i32 {
    eprintln!("shakedown: the worker cannot go on: {error}");
    INTERNAL_ERROR_STATUS
}

fn serve_calls(target: &Target, descriptors: Descriptors) -> io::Result<()> {
    let Descriptors { mut calls, mut answers, memory, map } = descriptors;
    // Closed as soon as they are mapped: what the target does to descriptors must not reach them.
    let mut shared = Some((memory, map));
    panics::enter_thread();
    fault::install();
    fault::install_query();
    fault::widen_stack();
    let mut attached = None;
    while let Some(call) = read_call(&mut calls)? {
        let answer = match (call, &mut attached) {
            (Call::Hello(_), _) => greet(target),
            (Call::Attach(attach), _) => match shared.take() {
                Some((memory, map)) => {
                    Worker::attach(target, &attach, &memory, &map).map(|worker| {
                        attached = Some(worker);
                        Answer::Done
                    })
                }
                None => Err("a second attachment".into()),
            },
            (Call::Ping, _) => Ok(Answer::Done),
            (call, Some(worker)) => worker.serve(call),
            (_, None) => Err("a call before the memory was attached".into()),
        };
        let answer = answer.unwrap_or_else(Answer::Internal);
        answers.write_all(&answer.to_frame())?;
    }
    Ok(())
}

/// The next call; nothing at the end of the stream.
fn read_call(calls: &mut File) -> io::Result<Option<Call>> {
    spawned::await_briefly(calls);
    let mut start = [0; 4];
    let read = loop {
        match calls.read(&mut start) {
            // A signal that the target has a handler for.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    match read {
        0 => return Ok(None),
        n => calls.read_exact(&mut start[n..])?,
    }
    let mut body = vec![0; body_len(start).map_err(io::Error::other)?];
    calls.read_exact(&mut body)?;
    Call::from_body(&body).map(Some).map_err(io::Error::other)
}

fn greet(target: &Target) -> Result<Answer, String> {
    let schema = (target.schema)().map_err(|error| format!("the argument types: {error}"))?;
    let seeds = (target.seeds)();
    for (index, seed) in seeds.iter().enumerate() {
        shape::check(&schema, seed)
            .map_err(|error| format!("{}: {error}", testdata::seed_name(index)))?;
    }
    Ok(Answer::Hello(Box::new(Greeting {
        protocol: PROTOCOL,
        version: env!("CARGO_PKG_VERSION").into(),
        target: target.id().into(),
        schema,
        counters: program_counters().len() as u64,
        seeds,
        max_len: target.max_len.map(|len| len as u64),
        timeout_ms: target.timeout.map(|timeout| timeout.as_millis() as u64),
    })))
}

/// A worker that has its memory.
struct Worker<'t> {
    runner: Runner<'t>,
    schema: Schema,
    memory: Memory,
    seen: SeenMap,
    counters: Counters,
    mutator: Mutator,
    /// Most bytes of an input that mutation may make.
    max_len: usize,
    /// Executions since cold lines were last hit; see [`Batch`].
    quiet: u64,
}

impl<'t> Worker<'t> {
    fn attach(
        target: &'t Target,
        attach: &Attach,
        memory: &File,
        map: &File,
    ) -> Result<Self, String> {
        let mut counters = program_counters();
        if attach.counters != counters.len() as u64 {
            return Err(format!(
                "a coverage map of {} counters for a program of {}",
                attach.counters,
                counters.len()
            ));
        }
        let capacity = attach.capacity as usize;
        if attach.max_len > attach.capacity {
            return Err(format!("{} bytes of input in {capacity}", attach.max_len));
        }
        let layout = Layout { capacity, counters: counters.len() };
        let cannot_map = |error| format!("cannot map memory: {error}");
        let isolation = attach.isolate.then(|| Isolation::new(counters.len()));
        let isolation = isolation.transpose().map_err(cannot_map)?;
        let mut dictionary = (target.dictionary)();
        dictionary.extend_from_slice(&attach.dictionary);
        let seen = SeenMap::attach(map, counters.len()).map_err(cannot_map)?;
        counters.expect_seen(seen.words());
        Ok(Self {
            runner: Runner { stage: Stage::new(target, capacity).map_err(cannot_map)?, isolation },
            schema: (target.schema)().map_err(|error| error.to_string())?,
            memory: Memory::attach(memory, layout).map_err(cannot_map)?,
            seen,
            counters,
            mutator: Mutator::new(Rng::new(0), dictionary),
            max_len: attach.max_len as usize,
            quiet: 0,
        })
    }

    fn serve(&mut self, call: Call) -> Result<Answer, String> {
        self.memory.header().set_phase(Phase::Engine);
        panics::install_hook();
        self.counters.reset();
        let answer = match call {
            Call::Execute(execute) => self.execute(&execute).map(Answer::Executed),
            Call::Replay(execute) => self.replay(&execute).map(Answer::Executed),
            Call::Fuzz(fuzz) => self.fuzz(&fuzz).map(Answer::Fuzzed),
            Call::Rerun(rerun) => self.rerun(&rerun).map(Answer::Fuzzed),
            Call::Minimize(minimize) => self.minimize(&minimize).map(Answer::Minimized),
            Call::Hello(_) | Call::Attach(_) | Call::Ping => Err("a call out of its turn".into()),
        };
        self.memory.header().set_phase(Phase::Idle);
        answer
    }

    fn execute(&mut self, call: &Execute) -> Result<Executed, String> {
        let Regions { mut entries, input, snapshot, header, .. } = self.memory.regions();
        let entry = take(&mut entries, call.len, input.len())?;
        shape::check(&self.schema, entry).map_err(|error| format!("the entry: {error}"))?;
        let input = &mut input[..entry.len()];
        input.copy_from_slice(entry);
        let outcome = self.runner.run(&mut self.counters, header, 1, input)?;
        self.counters.take_all(self.seen.words());
        self.counters.snapshot(snapshot);
        Ok(Executed { outcome: outcome.into() })
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
        let Regions { mut entries, mut donors, input, snapshot, header } = self.memory.regions();
        let mut clock = Clock::new(Duration::from_millis(call.max_ms));
        let mut batch = Batch {
            runner: &mut self.runner,
            counters: &mut self.counters,
            seen: self.seen.words(),
            header,
            snapshot,
            quiet: &mut self.quiet,
            beside: None,
            progress: Progress::default(),
        };
        let (mut end, mut input_len, mut rng) = (End::Execs, 0, (0, 0));
        for visit in &call.visits {
            let inputs = inputs_of(visit, &mut entries, &mut donors, input.len())?;
            self.mutator.rng = generator(visit.rng);
            header.set_rng(self.mutator.rng);
            let mut variations =
                Variations::new(&mut self.mutator, &self.schema, inputs, input, self.max_len)
                    .map_err(unfit)?;
            let before = batch.progress.execs;
            end = batch.visit(&mut variations, visit.execs, &mut clock)?;
            if batch.progress.execs > before {
                input_len = variations.last().len() as u64;
                rng = state(variations.position().rng);
            }
            if end != End::Execs {
                break;
            }
        }
        let Batch { progress: Progress { execs, rejected, .. }, beside, .. } = batch;
        Ok(Fuzzed { execs, rejected, end, input_len, rng, beside })
    }

    fn rerun(&mut self, call: &Rerun) -> Result<Fuzzed, String> {
        let Regions { mut entries, mut donors, input, header, .. } = self.memory.regions();
        let inputs = inputs_of(&call.visit, &mut entries, &mut donors, input.len())?;
        self.mutator.rng = generator(call.visit.rng);
        header.set_rng(self.mutator.rng);
        let mut variations =
            Variations::new(&mut self.mutator, &self.schema, inputs, input, self.max_len)
                .map_err(unfit)?;

        let (mut execs, mut rejected, mut end) = (0, 0, End::Execs);
        for made in 0..call.visit.execs {
            let input = variations.next();
            if made < call.from {
                continue;
            }
            execs += 1;
            match self.runner.run(&mut self.counters, header, execs, input)? {
                Outcome::Passed => {}
                Outcome::Rejected => {
                    rejected += 1;
                    header.set_rejected(rejected);
                }
                Outcome::Failed(failure) => {
                    end = End::Failed(*failure);
                    break;
                }
            }
        }
        let input_len = variations.last().len() as u64;
        let rng = state(variations.position().rng);
        Ok(Fuzzed { execs, rejected, end, input_len, rng, beside: None })
    }

    fn minimize(&mut self, call: &Minimize) -> Result<Minimized, String> {
        let Regions { mut entries, input, snapshot, header, .. } = self.memory.regions();
        let entry = take(&mut entries, call.entry_len, input.len())?;
        shape::check(&self.schema, entry).map_err(|error| format!("the entry: {error}"))?;
        let mut trial = Trial {
            runner: &mut self.runner,
            counters: &mut self.counters,
            seen: &self.seen,
            header,
            input,
            snapshot,
            keep: &call.keep,
            execs: 0,
            failure: None,
            others: Vec::new(),
        };
        if !trial.keeps(entry)? {
            let Trial { execs, others, .. } = trial;
            return Ok(Minimized { execs, len: None, failure: None, complete: false, others });
        }
        let deadline = Instant::now() + Duration::from_millis(call.max_ms);
        // The coverage of the best input must be taken again in the end.
        let last = u64::from(matches!(call.keep, Keep::Features(_)));
        let mut broken = None;
        let minimum = minimize(&self.schema, entry, &mut |candidate| {
            if trial.execs + last >= call.max_execs || Instant::now() >= deadline {
                return Judgement::Stop;
            }
            match trial.keeps(candidate) {
                Ok(true) => Judgement::Keep,
                Ok(false) => Judgement::Reject,
                Err(error) => {
                    broken = Some(error);
                    Judgement::Stop
                }
            }
        });
        if let Some(error) = broken {
            return Err(error);
        }
        // The memory and the snapshot hold the last candidate; make them hold the best.
        if last == 1 && !trial.keeps(&minimum.input)? {
            let Trial { execs, others, .. } = trial;
            return Ok(Minimized { execs, len: None, failure: None, complete: false, others });
        }
        trial.input[..minimum.input.len()].copy_from_slice(&minimum.input);
        let Trial { execs, failure, others, .. } = trial;
        let len = Some(minimum.input.len() as u64);
        Ok(Minimized { execs, len, failure, complete: minimum.complete, others })
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

/// The entry and the donor of a visit, as [`take`] takes them.
fn inputs_of<'m>(
    visit: &Visit,
    entries: &mut &'m [u8],
    donors: &mut &'m [u8],
    most: usize,
) -> Result<[&'m [u8]; 2], String> {
    Ok([take(entries, visit.entry_len, most)?, take(donors, visit.donor_len, most)?])
}

fn unfit(error: ShapeError) -> String {
    format!("an entry or a donor: {error}")
}

fn generator((state, inc): RngState) -> Rng {
    Rng { state, inc }
}

fn state(Rng { state, inc }: Rng) -> RngState {
    (state, inc)
}
