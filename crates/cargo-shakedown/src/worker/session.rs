//! A worker that is always there: started when needed, replaced when it died.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shakedown_core::failure::{Failure, Kind};
use shakedown_core::features::features;
use shakedown_core::schema::Schema;
use shakedown_core::schema::shape;
use shakedown_core::wire::page::{Layout, Phase};
use shakedown_core::wire::{
    self, Answer, Call, Execute, Executed, Fuzz, Fuzzed, Keep, Minimize, Minimized, Rerun,
};

use super::answers::{check, max_execs};
use super::control::Control;
use super::error::{CallError, StartError};
use super::memory::{LastWords, Memory, Window};
use super::process::Worker;
use super::setup::Setup;
use super::start::start_again;
use super::watch::Watch;
use crate::campaign::{Damage, Past, Ran, Visit};
use crate::postmortem::autopsy::Autopsy;
use crate::postmortem::blame::{Blame, describe};

/// How often the memory of a worker between its calls is looked at.
const GROWTH_TICK: Duration = Duration::from_millis(50);

/// Executions of a process from which on its growth is told as a leak.
const LEAK_FROM: u64 = 64;

/// Longest execution of a minimization that is to tell what it has come to.
const MINIMIZE_PATIENCE: Duration = Duration::from_secs(1);

/// Inputs, visits and trimmings that are remembered of a process.
const REMEMBERED: usize = 1024;

/// Most bytes of inputs that this keeps in memory; the corpus may hold them no more.
const REMEMBERED_BYTES: usize = 32 << 20;

/// A worker process and its memory, for one supervisor.
pub struct Session {
    setup: Arc<Setup>,
    map: File,
    control: Arc<Control>,
    /// See [`Self::set_droppable`].
    droppable: bool,
    memory: Memory,
    layout: Layout,
    schema: Arc<Schema>,
    worker: Option<Worker>,
    growth: Growth,
    /// Bytes that an execution seems to leave behind, once that was noticed.
    leak: Option<u64>,
    outgrown: bool,
    /// What the last process has run.
    past: VecDeque<Ran>,
    past_bytes: usize,
    /// See [`Self::repeated`].
    repeated: u64,
    autopsy: Autopsy,
}

/// How a worker grows from call to call.
#[derive(Debug)]
struct Growth {
    /// Resident memory before the first call, in bytes.
    before: u64,
    /// Executions since.
    execs: u64,
    looked: Instant,
}

/// What a call came to.
#[derive(Debug)]
pub enum Done<T> {
    /// It was answered.
    Answered(T),
    /// The worker ended.
    Ended(Ended),
}

impl<T> Done<T> {
    /// The same with another answer.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Done<U> {
        match self {
            Self::Answered(answer) => Done::Answered(change(answer)),
            Self::Ended(ended) => Done::Ended(ended),
        }
    }
}

/// What is known of the end of a worker.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub how: How,
    /// Executions begun in the call.
    pub execs: u64,
    /// How many of them were rejected.
    pub rejected: u64,
    /// The window that they were in, if some of it was run.
    pub window: Option<Window>,
}

/// How a worker ended.
#[derive(Debug)]
pub enum How {
    /// The target did it, with this input.
    Target(Vec<u8>, Failure),
    /// Somebody else did.
    Lost(String),
    /// What it did or left behind makes no sense.
    Damaged(Damage),
    /// It makes no sense to try again.
    Broken(String),
}

impl Session {
    /// A session without a process yet.
    ///
    /// # Errors
    /// If the system has no more files or memory.
    pub fn new(
        setup: Arc<Setup>,
        map: &File,
        control: Arc<Control>,
        schema: Arc<Schema>,
        counters: usize,
    ) -> io::Result<Self> {
        let layout = Layout { capacity: setup.capacity, counters };
        let mut memory = Memory::new()?;
        memory.format(layout)?;
        let map = map.try_clone()?;
        let autopsy = Autopsy::new(&setup.program.path, &setup.program.workspace_root);
        let growth = Growth { before: 0, execs: 0, looked: Instant::now() };
        Ok(Self {
            setup,
            map,
            control,
            droppable: false,
            memory,
            layout,
            schema,
            worker: None,
            growth,
            leak: None,
            outgrown: false,
            past: VecDeque::new(),
            past_bytes: 0,
            repeated: 0,
            autopsy,
        })
    }

    /// What the coordinator wants.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Says whether calls from now on are of no use to a coordinator that wants to wrap up. Then they are
    /// dropped; a minimization, which soon tells what it has come to, only if it hangs. Returns what was
    /// said before.
    pub fn set_droppable(&mut self, droppable: bool) -> bool {
        std::mem::replace(&mut self.droppable, droppable)
    }

    /// Whether calls are dropped because the coordinator wants it so.
    #[must_use]
    pub fn is_dropping(&self) -> bool {
        self.control.is_aborted() || self.droppable && self.control.is_hurried()
    }

    /// Most bytes of an encoded input.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.layout.capacity
    }

    /// Most bytes of all entries that one call can have, and of all donors.
    #[must_use]
    pub fn room(&self) -> usize {
        self.layout.room()
    }

    /// The shape of inputs.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Ends the process, if there is one; the next call starts another.
    pub fn restart(&mut self) {
        self.worker = None;
    }

    /// Ends the process politely.
    pub fn stop(&mut self, log: &mut dyn FnMut(&str)) {
        if let Some(worker) = self.worker.take() {
            worker.stop(log);
        }
    }

    /// Makes sure that there is a process.
    ///
    /// # Errors
    /// If there cannot be one.
    pub fn ready(&mut self) -> Result<(), StartError> {
        if self.worker.is_some() {
            return Ok(());
        }
        let control = self.control.clone();
        let worker = start_again(&control, || {
            self.memory.format(self.layout)?;
            let (worker, greeting) = Worker::start(&self.setup, &self.memory, &self.map, &control)?;
            let is_same = greeting.counters == self.layout.counters as u64;
            if !is_same || greeting.schema != *self.schema {
                return Err(StartError::new(
                    "the test binary has changed during the campaign: start it again",
                ));
            }
            worker.attach(&self.setup, self.layout, &self.memory, &control)
        })?;
        self.autopsy.admit(worker.mapped(&self.setup));
        let before = worker.resident().unwrap_or(0);
        self.growth = Growth { before, execs: 0, looked: Instant::now() };
        self.worker = Some(worker);
        self.past.clear();
        self.past_bytes = 0;
        Ok(())
    }

    /// Bytes that each execution seems to leave behind, if a worker had to be replaced because of
    /// that since this was last asked.
    pub fn take_leak(&mut self) -> Option<u64> {
        self.leak.take()
    }

    /// Whether a worker had to be replaced because it grew, since this was last asked.
    pub fn take_outgrown(&mut self) -> bool {
        std::mem::take(&mut self.outgrown)
    }

    /// Whether the process is there that served the last call.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.worker.is_some()
    }

    /// Notes what the process has run, and may have died of.
    pub fn remember(&mut self, ran: Ran) {
        // Where every input has a process of its own, none depends on another.
        if self.setup.limits.isolate {
            return;
        }
        self.past_bytes += ran.bytes();
        self.past.push_back(ran);
        while self.past.len() > REMEMBERED || self.past_bytes > REMEMBERED_BYTES {
            let Some(oldest) = self.past.pop_front() else { break };
            self.past_bytes -= oldest.bytes();
        }
    }

    /// What was noted since the process was started that served the last call.
    #[must_use]
    pub fn past(&self) -> Past {
        self.past.iter().cloned().collect()
    }

    /// Runs an input once; returns its features too.
    pub fn execute(&mut self, input: &[u8]) -> Done<(Executed, Vec<u32>)> {
        let call = Call::Execute(Execute { len: input.len() as u64 });
        self.call(&call, &[input], &[], |session, answer| match answer {
            Answer::Executed(executed) => Ok((executed, session.features()?)),
            _ => Err(unexpected()),
        })
    }

    /// Runs an input once, with a backtrace if it fails.
    pub fn replay(&mut self, input: &[u8]) -> Done<Executed> {
        let call = Call::Replay(Execute { len: input.len() as u64 });
        self.call(&call, &[input], &[], |_, answer| match answer {
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
        let entries: Vec<&[u8]> = visits.iter().map(|visit| &*visit.entry).collect();
        let donors: Vec<&[u8]> = visits.iter().map(|visit| &*visit.donor).collect();
        self.call(call, &entries, &donors, |session, answer| match answer {
            Answer::Fuzzed(fuzzed) => {
                let input = session.input(fuzzed.input_len)?;
                Ok((fuzzed, input))
            }
            _ => Err(unexpected()),
        })
    }

    /// Executions that the worker made in the last call beside those that it answered for.
    #[must_use]
    pub fn repeated(&self) -> u64 {
        self.repeated
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
        self.call(&call, &[input], &[], |session, answer| match answer {
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
        let snapshot = self.memory.snapshot().map_err(|error| error.to_string())?;
        Ok(features(&snapshot).collect())
    }

    /// The first `len` bytes of the input region, if they are an input.
    fn input(&self, len: u64) -> Result<Vec<u8>, String> {
        let input = self.memory.input(len).map_err(|error| error.to_string())?;
        match shape::check(&self.schema, &input) {
            Ok(()) => Ok(input),
            Err(error) => Err(format!("the input in shared memory is damaged: {error}")),
        }
    }

    fn call<T>(
        &mut self,
        call: &Call,
        entries: &[&[u8]],
        donors: &[&[u8]],
        read: impl FnOnce(&Self, Answer) -> Result<T, String>,
    ) -> Done<T> {
        self.repeated = 0;
        let ready = self.ready().map_err(|error| error.to_string());
        let prepared = ready.and_then(|()| {
            self.memory.prepare(entries, donors).map_err(|error| format!("shared memory: {error}"))
        });
        let worker = match prepared {
            Ok(()) => self.worker.take().ok_or_else(|| "no worker".to_owned()),
            Err(reason) => Err(reason),
        };
        let mut worker = match worker {
            Ok(worker) => worker,
            Err(reason) => {
                // A worker that does not start any more because the campaign ends is no error.
                let how = match self.control.is_aborted() {
                    true => How::Lost(CallError::Aborted.to_string()),
                    false => How::Broken(reason),
                };
                return Done::Ended(ended(how, None));
            }
        };
        let watch = Watch {
            memory: &self.memory,
            control: &self.control,
            timeout: self.setup.limits.timeout(),
            memory_limit: self.setup.memory_limits().resident,
            patience: self.droppable.then_some(match call {
                Call::Minimize(_) => MINIMIZE_PATIENCE,
                _ => Duration::ZERO,
            }),
        };
        let result = worker.call(call, &watch);
        // What the header says once the worker is done or gone; nothing changes it then.
        let words = |session: &mut Self| {
            let words = session.memory.last_words().ok().map(|words| words.within(max_execs(call)));
            session.repeated = words.map_or(0, |words| words.repeated);
            words
        };
        match result {
            Ok(answer) => {
                match self
                    .checked(call, &answer, entries)
                    .and_then(|words| Ok((words, read(self, answer)?)))
                {
                    Ok((words, value)) => {
                        let words = words.within(max_execs(call));
                        self.repeated = words.repeated;
                        self.growth.execs += words.execs;
                        self.worker = self.unless_it_grew(worker);
                        Done::Answered(value)
                    }
                    Err(reason) => {
                        let (_, stderr) = worker.kill();
                        let words = words(self);
                        Done::Ended(ended(self.damaged(reason, &stderr, words), words))
                    }
                }
            }
            Err(error) => {
                let how = self.cause(worker, error);
                Done::Ended(ended(how, words(self)))
            }
        }
    }

    /// Checks that the answer can be one to the call, and that the target did not write to the
    /// entries. Returns what the header says.
    fn checked(
        &self,
        call: &Call,
        answer: &Answer,
        entries: &[&[u8]],
    ) -> Result<LastWords, String> {
        let memory = |error| format!("shared memory: {error}");
        let words = self.memory.last_words().map_err(memory)?;
        check(call, answer, &words, &self.schema)?;
        match self.memory.entries_are(entries).map_err(memory)? {
            true => Ok(words),
            false => {
                Err("the entry in its shared memory, which is only to be read, has changed".into())
            }
        }
    }

    /// The worker, unless it has come near its limit from call to call: then it ends before an
    /// execution is blamed for what all before it have left behind.
    fn unless_it_grew(&mut self, worker: Worker) -> Option<Worker> {
        let Some(limit) = self.setup.limits.memory else { return Some(worker) };
        if self.growth.looked.elapsed() < GROWTH_TICK {
            return Some(worker);
        }
        self.growth.looked = Instant::now();
        let grown = worker.resident().unwrap_or(0).saturating_sub(self.growth.before);
        if grown <= limit / 2 {
            return Some(worker);
        }
        self.outgrown = true;
        // What few executions have left behind is no slow leak: making a backtrace takes memory, too.
        if self.growth.execs >= LEAK_FROM {
            self.leak = Some(grown / self.growth.execs);
        }
        None
    }

    /// What becomes of a worker that cannot be trusted: what is wrong, and with which input.
    fn damaged(&self, reason: String, stderr: &str, words: Option<LastWords>) -> How {
        let input = words.filter(|words| words.execs > 0).and_then(|words| {
            self.memory.last_input(&words).ok().filter(|input| self.is_input(input))
        });
        How::Damaged(Damage { reason: describe(&reason, stderr), input: input.map(Into::into) })
    }

    fn is_input(&self, bytes: &[u8]) -> bool {
        shape::check(&self.schema, bytes).is_ok()
    }

    /// Why there was no answer. Sees to it that the process is gone.
    fn cause(&mut self, worker: Worker, error: CallError) -> How {
        let words = self.memory.last_words().ok();
        let in_target = words.is_some_and(|words| words.phase == Phase::Target);
        match error {
            CallError::Died => {
                let (blame, words) = worker.bury(&self.memory);
                match blame {
                    Blame::Target(failure) => self.target(failure, words),
                    Blame::Outside(reason) => How::Lost(reason),
                    Blame::Engine(reason) => self.damaged(reason, "", words),
                }
            }
            CallError::Hung(_) if !in_target => {
                let (_, stderr) = worker.kill();
                self.damaged(format!("{error} outside the target"), &stderr, words)
            }
            CallError::Hung(_) => {
                worker.query(&self.memory);
                let (_, stderr) = worker.kill();
                self.unless_it_went_on(words, self.timeout(stderr))
            }
            CallError::TooBig(_) if !in_target => How::Lost(format!("{error} outside the target")),
            CallError::TooBig(used) => {
                worker.query(&self.memory);
                let (_, stderr) = worker.kill();
                self.unless_it_went_on(words, out_of_memory(used, stderr))
            }
            CallError::Garbled(_) => {
                let (_, stderr) = worker.kill();
                self.damaged(error.to_string(), &stderr, words)
            }
            CallError::Aborted => How::Lost(error.to_string()),
        }
    }

    /// The failure, if the worker died in the execution that it was killed for. One that went on in
    /// the last moment was only slow, and its memory holds another input by now.
    fn unless_it_went_on(&mut self, before: Option<LastWords>, failure: Failure) -> How {
        match before == self.memory.last_words().ok() {
            true => self.target(failure, before),
            false => How::Lost(format!("{}, but went on", failure.message)),
        }
    }

    /// A failure of the target, with the input that lies in the memory.
    fn target(&mut self, failure: Failure, words: Option<LastWords>) -> How {
        let failure = self.autopsy.complete(failure, self.memory.record());
        match words.map(|words| self.memory.last_input(&words)) {
            Some(Ok(input)) if self.is_input(&input) => How::Target(input, failure),
            _ => {
                let reason = format!("its input is damaged; it ended by: {}", failure.message);
                self.damaged(reason, "", words)
            }
        }
    }

    fn timeout(&self, stderr: String) -> Failure {
        let limit = humantime::format_duration(self.setup.limits.timeout());
        Failure {
            kind: Kind::Timeout,
            place: String::new(),
            message: format!("an execution took longer than {limit}"),
            backtrace: stderr,
        }
    }
}

fn out_of_memory(used: u64, stderr: String) -> Failure {
    Failure {
        kind: Kind::OutOfMemory,
        place: String::new(),
        message: format!("the process grew to {} MiB", used >> 20),
        backtrace: stderr,
    }
}

fn ended(how: How, words: Option<LastWords>) -> Ended {
    let (execs, rejected) = words.map_or((0, 0), |words| (words.execs, words.rejected));
    let window = words.and_then(|words| words.window());
    Ended { how, execs, rejected, window }
}

/// The first `execs` variations of a visit, whose inputs lie in the memory.
fn in_memory(visit: &Visit, execs: u64) -> wire::Visit {
    wire::Visit {
        entry_len: visit.entry.len() as u64,
        donor_len: visit.donor.len() as u64,
        rng: visit.rng,
        execs,
    }
}

fn unexpected() -> String {
    "it gave the answer to another call".to_owned()
}
