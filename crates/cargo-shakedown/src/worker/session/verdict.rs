//! What becomes of a worker that has not answered: whose fault that is.

use std::process::ExitStatus;

use shakedown_core::failure::{Caller, Failure, Kind};
use shakedown_core::wire::page::{DeathRecord, LastWords, Phase};

use super::super::ended::How;
use super::super::error::CallError;
use super::super::process::Worker;
use super::Session;
use crate::postmortem::blame::{self, Blame};

impl Session {
    /// Why there was no answer. Sees to it that the process is gone.
    pub(super) fn cause(&mut self, worker: Worker, error: CallError) -> How {
        let words = self.memory.last_words().ok();
        let in_target = words.is_some_and(|words| words.phase == Phase::Target);
        match error {
            CallError::Died => self.died(worker),
            CallError::Hung(_) if !in_target => self.stuck_outside(worker, &error, words),
            CallError::Hung(_) => {
                worker.query(&self.memory);
                let (_, stderr) = self.put_down(worker);
                self.unless_it_went_on(words, self.timeout(stderr))
            }
            CallError::TooBig(_) if !in_target => How::Lost(format!("{error} outside the target")),
            CallError::TooBig(used) => {
                worker.query(&self.memory);
                let (_, stderr) = self.put_down(worker);
                self.unless_it_went_on(words, out_of_memory(used, stderr))
            }
            CallError::Garbled(_) => {
                let (_, stderr) = self.put_down(worker);
                self.damaged(error.to_string(), &stderr, words)
            }
            CallError::Aborted => How::Lost(error.to_string()),
        }
    }

    /// What becomes of a worker that has ended by itself.
    fn died(&mut self, worker: Worker) -> How {
        let (status, stderr) = self.put_down(worker);
        // Nothing changes what the header says once the worker is gone.
        let words = self.memory.last_words().ok();
        let Some(status) = status else {
            return self.damaged("its exit status was lost".into(), &stderr, words);
        };
        let phase = words.map_or(Phase::Engine, |words| words.phase);
        match self.autopsy.blame(status, phase, &self.record(), &stderr) {
            Blame::Target(failure) => self.target(failure, words),
            Blame::Unclear(failure) => self.unclear(failure, words),
            Blame::Outside(reason) => How::Lost(reason),
            Blame::Engine(reason) => self.damaged(reason, "", words),
        }
    }

    /// What becomes of a worker that hangs outside of the target. The standard library may wait for
    /// ever if an allocation fails while it makes a backtrace.
    fn stuck_outside(
        &mut self,
        worker: Worker,
        error: &CallError,
        words: Option<LastWords>,
    ) -> How {
        worker.query(&self.memory);
        let (_, stderr) = self.put_down(worker);
        match self.autopsy.failed_allocation(&self.record()) {
            Some(true) => self.unclear(blame::out_of_memory(&stderr), words),
            _ => self.damaged(format!("{error} outside the target"), &stderr, words),
        }
    }

    /// Kills a worker; its status and last words.
    pub(super) fn put_down(&mut self, worker: Worker) -> (Option<ExitStatus>, String) {
        let id = worker.id();
        let (status, stderr) = worker.kill();
        if status.is_none() {
            self.stuck = Some(id);
        }
        (status, stderr)
    }

    /// What the worker recorded of its end, as far as that can be read.
    fn record(&self) -> DeathRecord {
        self.memory.page().map(|page| page.record()).unwrap_or_default()
    }

    /// A failure that is the target's if it comes again; what happened if nothing was run.
    fn unclear(&mut self, failure: Failure, words: Option<LastWords>) -> How {
        let reason = failure.message.clone();
        match words.filter(|words| words.execs > 0).map(|_| self.target(failure, words)) {
            Some(How::Target(input, failure)) => How::Unclear(input, failure),
            _ => How::Lost(reason),
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
        let failure = self.autopsy.complete(failure, self.record());
        match words.map(|words| self.memory.input(words.input_len)) {
            Some(Ok(input)) if self.is_input(&input) => How::Target(input, failure),
            _ => {
                let reason = format!("its input is damaged; it ended by: {}", failure.message);
                self.damaged(reason, "", words)
            }
        }
    }

    fn timeout(&self, stderr: String) -> Failure {
        let limit = humantime::format_duration(self.shared.setup.limits.timeout());
        Failure {
            kind: Kind::Timeout,
            place: String::new(),
            message: format!("an execution took longer than {limit}"),
            caller: Caller::Unknown,
            backtrace: stderr,
        }
    }
}

fn out_of_memory(used: u64, stderr: String) -> Failure {
    Failure {
        kind: Kind::OutOfMemory,
        place: String::new(),
        message: format!("the process grew to {} MiB", used >> 20),
        caller: Caller::Unknown,
        backtrace: stderr,
    }
}
