//! A worker process that runs: spoken to, and ended.

use std::io::{PipeReader, PipeWriter};
use std::os::fd::OwnedFd;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process, kill_process_group, pidfd_send_signal};
use shakedown_core::QUERY_SIGNAL;
use shakedown_core::wire::{Answer, Call, Message};

use super::answers::max_execs;
use super::error::CallError;
use super::memory::Memory;
use super::pipes::Pipes;
use super::setup::Setup;
use super::tail::Tail;
use super::traced::release;
use super::watch::{Silence, Watch, await_briefly, look, wait};
use crate::symbols::Mapped;

/// How often a call in progress is looked at.
const TICK: Duration = Duration::from_millis(50);

/// The same where executions may take less.
const SHORTEST_TICK: Duration = Duration::from_millis(1);

/// Most executions of such a call: those of a first visit.
const FEW_EXECS: u64 = 64;

/// How long each step of the escalation waits: closed pipe, SIGINT, SIGKILL.
const STOP_STEP: Duration = Duration::from_secs(1);

/// How long the system may take to end a process that was killed. One that waits for a broken device
/// may never end.
const KILL_PATIENCE: Duration = Duration::from_secs(5);

/// How often the end of a process is looked for that must be near.
const SHORT_WAIT: Duration = Duration::from_millis(1);

/// Asks a worker where it is.
const QUERY: Signal = Signal::from_named_raw(QUERY_SIGNAL).expect("a named signal");

/// How long a worker may take to record where it is.
const QUERY_PATIENCE: Duration = Duration::from_millis(200);

/// A running worker process.
#[derive(Debug)]
pub struct Worker {
    pub(super) child: Child,
    /// Becomes readable when the process ends.
    pub(super) end: OwnedFd,
    pub(super) pipes: Pipes,
    /// The worker's own ends of them, which it opens again here if the target has closed them.
    pub(super) _theirs: (PipeReader, PipeWriter),
    pub(super) tail: Option<Tail>,
}

impl Worker {
    /// Makes a call and waits for its answer, at most the timeout for each execution.
    ///
    /// # Errors
    /// If there is no answer; the process must then be ended by [`Self::kill`].
    pub fn call(&mut self, call: &Call, watch: &Watch<'_>) -> Result<Answer, CallError> {
        let body = self.exchange(call, watch)?;
        Answer::from_body(&body).map_err(|error| CallError::Garbled(error.to_string()))
    }

    /// Sends a call; returns the body of the answer.
    pub(super) fn exchange(
        &mut self,
        call: &Call,
        watch: &Watch<'_>,
    ) -> Result<Vec<u8>, CallError> {
        let (id, most) = (self.child.id(), max_execs(call));
        let mut exchange = self.pipes.exchange(call.to_frame())?;
        exchange.send()?;
        if most <= FEW_EXECS
            && let Some(body) = await_briefly(&mut exchange)?
        {
            return Ok(body);
        }
        let mut silence = Silence::begin();
        let tick = (watch.timeout / 4).clamp(SHORTEST_TICK, TICK);
        loop {
            exchange.send()?;
            let woken = wait(&exchange, &self.end, tick)?;
            if woken.answers {
                if let Some(body) = exchange.receive()? {
                    return Ok(body);
                }
            } else if woken.ended {
                return Err(CallError::Died);
            }
            // However much the worker has to say, and however slowly.
            if silence.looked.elapsed() >= tick {
                release(Pid::from_child(&self.child));
                let used = || resident(target_process(watch.memory).unwrap_or(id)).unwrap_or(0);
                look(watch, &mut silence, most, tick, used)?;
            }
        }
    }

    /// Id of the process.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory of the process, in bytes; nothing if it is gone.
    pub(super) fn resident(&self) -> Option<u64> {
        resident(self.child.id())
    }

    /// Asks the worker to end, ever less politely: closes the pipe of calls, sends SIGINT, sends
    /// SIGKILL, each after a second.
    pub fn stop(mut self, log: &mut dyn FnMut(&str)) {
        self.pipes.close();
        for signal in [Some(Signal::INT), Some(Signal::KILL), None] {
            if self.has_ended_within(STOP_STEP) {
                break;
            }
            match signal {
                Some(signal) => self.signal(signal),
                None => log("waiting for a worker to end, although it was killed"),
            }
        }
        let _ = self.kill();
    }

    /// Kills the process and whatever it started, and collects its last words, and its status unless
    /// the system does not let go of it.
    pub fn kill(mut self) -> (Option<ExitStatus>, String) {
        let status = self.end();
        let stderr = self.tail.take().map_or_else(String::new, Tail::text);
        (status, stderr)
    }

    fn end(&mut self) -> Option<ExitStatus> {
        self.signal(Signal::KILL);
        let killed = Instant::now();
        self.has_ended_within(KILL_PATIENCE);
        reap(&mut self.child, killed)
    }

    /// Asks a worker that does not answer to record where it is, and waits a moment for that.
    pub(super) fn query(&self, memory: &Memory) {
        if kill_process(Pid::from_child(&self.child), QUERY).is_ok() {
            let asked = Instant::now();
            while !has_record(memory) && asked.elapsed() < QUERY_PATIENCE {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// Where the program lies in the memory of the process.
    pub(super) fn mapped(&self, setup: &Setup) -> Mapped {
        Mapped::of_process(self.child.id(), &setup.program.path)
    }

    /// Sends a signal to the process, wherever it has gone, and to what it has started.
    fn signal(&self, signal: Signal) {
        // Either may be gone already, which is what is wanted.
        let _ = kill_process_group(Pid::from_child(&self.child), signal);
        let _ = pidfd_send_signal(&self.end, signal);
    }

    pub(super) fn has_ended_within(&self, time: Duration) -> bool {
        let begun = Instant::now();
        loop {
            release(Pid::from_child(&self.child));
            let left = time.saturating_sub(begun.elapsed());
            let tick = Timespec::try_from(left.min(TICK)).ok();
            let mut fds = [PollFd::new(&self.end, PollFlags::IN)];
            if poll(&mut fds, tick.as_ref()).is_ok_and(|ready| ready > 0) {
                return true;
            }
            if left.is_zero() {
                return false;
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.end();
        }
    }
}

/// The status of a process that was killed then, unless the system does not let go of it.
pub(super) fn reap(child: &mut Child, killed: Instant) -> Option<ExitStatus> {
    loop {
        let status = child.try_wait().ok().flatten();
        // Where somebody else traces it, its status is theirs first.
        if status.is_some() || killed.elapsed() >= KILL_PATIENCE {
            return status;
        }
        std::thread::sleep(SHORT_WAIT);
    }
}

/// The process that runs the target, if it is not the worker itself.
fn target_process(memory: &Memory) -> Option<u32> {
    memory.page().ok()?.process()
}

/// Whether the worker has left a record of a signal or an exit.
fn has_record(memory: &Memory) -> bool {
    memory.page().is_ok_and(|page| page.record().fault != 0)
}

/// Resident memory of a process, in bytes; nothing if it is gone.
fn resident(process: u32) -> Option<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
