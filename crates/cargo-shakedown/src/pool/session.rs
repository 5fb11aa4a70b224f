//! A worker that is always there: started when needed, replaced when it died.

use std::fs::File;
use std::io;
use std::sync::Arc;

use shakedown_core::failure::{Failure, Kind};
use shakedown_core::features::features;
use shakedown_core::layout::{Layout, Phase};
use shakedown_core::message::{
    Answer, Call, Execute, Executed, Fuzz, Fuzzed, Keep, Minimize, Minimized,
};
use shakedown_core::schema::Schema;
use shakedown_core::shape;

use super::autopsy::Autopsy;
use super::blame::Blame;
use super::memory::{LastWords, Memory};
use super::worker::{CallError, Control, Setup, StartError, Worker};

/// A worker process and its memory, for one supervisor.
pub struct Session {
    setup: Arc<Setup>,
    map: File,
    control: Arc<Control>,
    memory: Memory,
    layout: Layout,
    schema: Arc<Schema>,
    worker: Option<Worker>,
    autopsy: Autopsy,
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
}

/// How a worker ended.
#[derive(Debug)]
pub enum How {
    /// The target did it, with this input.
    Target(Vec<u8>, Failure),
    /// Somebody else did.
    Lost(String),
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
        let autopsy = Autopsy::new(&setup.binary.path, &setup.binary.workspace_root);
        Ok(Self { setup, map, control, memory, layout, schema, worker: None, autopsy })
    }

    /// What the coordinator wants.
    #[must_use]
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Most bytes of an encoded input.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.layout.capacity
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
        self.memory.format(self.layout)?;
        let (mut worker, greeting) =
            Worker::start(&self.setup, &self.memory, &self.map, &self.control)?;
        if greeting.counters != self.layout.counters as u64 || greeting.schema != *self.schema {
            return Err(StartError("the test binary has changed during the campaign".into()));
        }
        worker.attach(&self.setup, self.layout, &self.memory, &self.control)?;
        self.autopsy.admit(worker.mapped(&self.setup));
        self.worker = Some(worker);
        Ok(())
    }

    /// Runs an input once; returns its features too.
    pub fn execute(&mut self, input: &[u8]) -> Done<(Executed, Vec<u32>)> {
        let call = Call::Execute(Execute { len: input.len() as u64 });
        self.call(&call, input, &[], |session, answer| match answer {
            Answer::Executed(executed) => Ok((executed, session.features()?)),
            other => Err(unexpected(&other)),
        })
    }

    /// Runs an input once, with a backtrace if it fails.
    pub fn replay(&mut self, input: &[u8]) -> Done<Executed> {
        let call = Call::Replay(Execute { len: input.len() as u64 });
        self.call(&call, input, &[], |_, answer| match answer {
            Answer::Executed(executed) => Ok(executed),
            other => Err(unexpected(&other)),
        })
    }

    /// Runs a batch; returns the last input too.
    pub fn fuzz(&mut self, fuzz: Fuzz, entry: &[u8], donor: &[u8]) -> Done<(Fuzzed, Vec<u8>)> {
        self.call(&Call::Fuzz(fuzz), entry, donor, |session, answer| match answer {
            Answer::Fuzzed(fuzzed) => {
                let input = session.input(fuzzed.input_len)?;
                Ok((fuzzed, input))
            }
            other => Err(unexpected(&other)),
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
        self.call(&call, input, &[], |session, answer| match answer {
            Answer::Minimized(minimized) => {
                let best = minimized.len.map(|len| session.input(len)).transpose()?;
                Ok((minimized, best))
            }
            other => Err(unexpected(&other)),
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
        entry: &[u8],
        donor: &[u8],
        read: impl FnOnce(&Self, Answer) -> Result<T, String>,
    ) -> Done<T> {
        let ready = self.ready().map_err(|error| error.0);
        let prepared = ready.and_then(|()| {
            self.memory.prepare(entry, donor).map_err(|error| format!("shared memory: {error}"))
        });
        if let Err(reason) = prepared {
            return self.broken(reason);
        }
        let Some(mut worker) = self.worker.take() else {
            return self.broken("no worker".into());
        };
        let limit = self.setup.memory_limit;
        match worker.call(call, &self.memory, self.setup.timeout, limit, &self.control) {
            Ok(Answer::Internal(reason)) => {
                self.broken(format!("the worker reports an internal error: {reason}"))
            }
            Ok(answer) => {
                self.worker = Some(worker);
                match self.checked(entry).and_then(|()| read(self, answer)) {
                    Ok(value) => Done::Answered(value),
                    Err(reason) => {
                        self.worker = None;
                        self.broken(reason)
                    }
                }
            }
            Err(error) => Done::Ended(self.ended(worker, error)),
        }
    }

    /// Checks that the target did not write to the entry.
    fn checked(&self, entry: &[u8]) -> Result<(), String> {
        match self.memory.entry_is(entry) {
            Ok(true) => Ok(()),
            Ok(false) => Err("the target wrote through the shared memory: it has changed its \
                              entry, which it was given to read"
                .into()),
            Err(error) => Err(format!("shared memory: {error}")),
        }
    }

    fn broken<T>(&self, reason: String) -> Done<T> {
        let words = self.memory.last_words().ok();
        Done::Ended(ended(How::Broken(reason), words))
    }

    fn ended(&mut self, worker: Worker, error: CallError) -> Ended {
        let (how, words) = self.cause(worker, error);
        let how = how.map(|failure| self.autopsy.complete(failure, self.memory.record()));
        let how = how.and_then(|failure| match words.map(|w| self.memory.last_input(&w)) {
            Some(Ok(input)) if shape::check(&self.schema, &input).is_ok() => {
                Ok(How::Target(input, failure))
            }
            _ => Err(How::Lost(format!("its input is damaged; it ended by: {}", failure.message))),
        });
        ended(how.unwrap_or_else(|other| other), words)
    }

    /// Why there was no answer: a failure of the target, or something else. Sees to it that the
    /// process is gone.
    fn cause(&self, worker: Worker, error: CallError) -> (Result<Failure, How>, Option<LastWords>) {
        let words = self.memory.last_words().ok();
        match error {
            CallError::Died => {
                let (blame, words) = worker.bury(&self.memory);
                let cause = match blame {
                    Blame::Target(failure) => Ok(failure),
                    Blame::Outside(reason) => Err(How::Lost(reason)),
                    Blame::Engine(reason) => Err(How::Broken(reason)),
                };
                (cause, words)
            }
            CallError::Hung if words.is_some_and(|words| words.phase != Phase::Target) => {
                let (_, stderr) = worker.kill();
                (Err(How::Broken(format!("the engine hangs in the worker: {stderr}"))), words)
            }
            CallError::Hung => {
                worker.query(&self.memory);
                let (_, stderr) = worker.kill();
                (self.unless_it_went_on(words, self.timeout(stderr)), words)
            }
            CallError::TooBig(used) if words.is_some_and(|words| words.phase != Phase::Target) => {
                drop(worker);
                let reason = format!("it grew to {} MiB outside the target", used >> 20);
                (Err(How::Lost(reason)), words)
            }
            CallError::TooBig(used) => {
                worker.query(&self.memory);
                let (_, stderr) = worker.kill();
                (self.unless_it_went_on(words, out_of_memory(used, stderr)), words)
            }
            CallError::Garbled(reason) => {
                (Err(How::Broken(format!("a corrupt message: {reason}"))), None)
            }
            CallError::Aborted => (Err(How::Lost("the campaign was stopped".into())), words),
        }
    }

    /// The failure, if the worker died in the execution that it was killed for. One that went on in
    /// the last moment was only slow, and its memory holds another input by now.
    fn unless_it_went_on(
        &self,
        before: Option<LastWords>,
        failure: Failure,
    ) -> Result<Failure, How> {
        match before == self.memory.last_words().ok() {
            true => Ok(failure),
            false => Err(How::Lost(format!("{}, but went on", failure.message))),
        }
    }

    fn timeout(&self, stderr: String) -> Failure {
        let limit = humantime::format_duration(self.setup.timeout);
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
    Ended { how, execs, rejected }
}

fn unexpected(answer: &Answer) -> String {
    format!("the answer to another call: {answer:?}")
}
