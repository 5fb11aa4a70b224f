//! One worker process: started, spoken to, and ended.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open};
use shakedown_core::WORKER_VARIABLE;
use shakedown_core::layout::{Layout, Phase};
use shakedown_core::message::{
    Answer, Attach, Call, Greeting, Hello, Message, PROTOCOL, body_len, greeting_version,
};

use super::blame::{Blame, blame};
use super::memory::{CoverageMap, LastWords, Memory};
use super::spawn::spawn;
use super::symbols::Mapped;
use super::tail::Tail;
use crate::build::TestBinary;

/// How often a call in progress is looked at.
const TICK: Duration = Duration::from_millis(50);

/// How long a worker may take to answer the handshake.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How long each step of the escalation waits: closed pipe, SIGINT, SIGKILL.
const STOP_STEP: Duration = Duration::from_secs(1);

/// How long a worker may take to record where it is.
const QUERY_PATIENCE: Duration = Duration::from_millis(200);

/// What is needed to start workers of a target.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The test binary.
    pub binary: TestBinary,
    /// Id of the target.
    pub target: String,
    /// Longest execution.
    pub timeout: Duration,
    /// Most resident memory, in bytes.
    pub memory_limit: Option<u64>,
    /// Most bytes of an encoded input that mutation may make.
    pub max_len: usize,
    /// Most bytes of an encoded input at all.
    pub capacity: usize,
    /// Tokens given to the command.
    pub dictionary: Vec<Vec<u8>>,
    /// Show what the target prints, instead of keeping only the end of its standard error.
    pub show_output: bool,
}

/// What the coordinator wants of its supervisors.
#[derive(Debug, Default)]
pub struct Control(AtomicU8);

impl Control {
    /// Go on, but begin nothing that takes long: wrap up.
    pub fn hurry(&self) {
        self.0.fetch_max(1, Ordering::Relaxed);
    }

    /// Drop everything.
    pub fn abort(&self) {
        self.0.fetch_max(2, Ordering::Relaxed);
    }

    /// Whether [`Self::hurry`] was called.
    #[must_use]
    pub fn is_hurried(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= 1
    }

    /// Whether [`Self::abort`] was called.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= 2
    }
}

/// Why a worker could not be started: an error in the set-up, never a finding.
#[derive(Debug)]
pub struct StartError(pub String);

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self(format!("cannot start a worker: {error}"))
    }
}

/// Why a call was not answered. The process is of no use afterwards.
#[derive(Debug)]
pub enum CallError {
    /// It ended.
    Died,
    /// An execution took longer than the timeout.
    Hung,
    /// It used more memory than the limit; how much, in bytes.
    TooBig(u64),
    /// It answered nonsense.
    Garbled(String),
    /// The coordinator wants to end at once.
    Aborted,
}

/// A running worker process.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    /// Becomes readable when the process ends.
    end: OwnedFd,
    calls: Option<PipeWriter>,
    answers: PipeReader,
    tail: Option<Tail>,
}

impl Worker {
    /// Starts a worker and makes the handshake, but shares no memory yet.
    ///
    /// # Errors
    /// If it does not start, ends first, or is of another version; with its standard error.
    pub fn start(
        setup: &Setup,
        memory: &Memory,
        map: &File,
        control: &Control,
    ) -> Result<(Self, Box<Greeting>), StartError> {
        let (calls_read, calls) = io::pipe()?;
        let (answers, answers_write) = io::pipe()?;
        let inherited =
            [calls_read.as_fd(), answers_write.as_fd(), memory.file().as_fd(), map.as_fd()];
        let mut command = command(setup);
        let numbers = inherited.map(|fd| fd.as_raw_fd().to_string()).join(":");
        command.env(WORKER_VARIABLE, format!("{}:{numbers}", setup.target));
        let mut child = spawn(&mut command, &inherited)?;
        let pid = Pid::from_child(&child);
        let end = match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(end) => end,
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(io::Error::from(error).into());
            }
        };
        let tail = child.stderr.take().map(|stderr| Tail::follow(stderr, setup.show_output));
        let mut worker = Self { child, end, calls: Some(calls), answers, tail };
        match worker.hello(memory, control) {
            Ok(greeting) => Ok((worker, greeting)),
            Err(reason) => {
                let (status, stderr) = worker.kill();
                Err(StartError(explain_start(&setup.target, &reason, status, &stderr)))
            }
        }
    }

    fn hello(&mut self, memory: &Memory, control: &Control) -> Result<Box<Greeting>, String> {
        let version = env!("CARGO_PKG_VERSION");
        let hello = Call::Hello(Hello { protocol: PROTOCOL, version: version.into() });
        let body = self
            .exchange(&hello, memory, START_TIMEOUT, None, control)
            .map_err(|error| format!("{error:?}"))?;
        if let Some((protocol, library)) = greeting_version(&body)
            && protocol != PROTOCOL
        {
            let which = if protocol < PROTOCOL {
                "upgrade the `shakedown` dependency of the package"
            } else {
                "upgrade the command: cargo install cargo-shakedown"
            };
            return Err(format!(
                "cargo-shakedown {version} speaks protocol {PROTOCOL}, but the package uses \
                 shakedown {library}, which speaks protocol {protocol}: {which}"
            ));
        }
        match Answer::from_body(&body) {
            Ok(Answer::Hello(greeting)) => Ok(greeting),
            Ok(Answer::Internal(reason)) => Err(reason),
            _ => Err("the answer to the handshake makes no sense".into()),
        }
    }

    /// Has the worker map its memory, which must have been formatted.
    ///
    /// # Errors
    /// If the worker cannot.
    pub fn attach(
        &mut self,
        setup: &Setup,
        layout: Layout,
        memory: &Memory,
        control: &Control,
    ) -> Result<(), StartError> {
        let attach = Call::Attach(Attach {
            capacity: layout.capacity as u64,
            counters: layout.counters as u64,
            max_len: setup.max_len as u64,
            dictionary: setup.dictionary.clone(),
        });
        match self.call(&attach, memory, START_TIMEOUT, None, control) {
            Ok(Answer::Done) => Ok(()),
            Ok(Answer::Internal(reason)) => Err(StartError(reason)),
            Ok(other) => Err(StartError(format!("a wrong answer: {other:?}"))),
            Err(error) => Err(StartError(format!("no answer: {error:?}"))),
        }
    }

    /// Makes a call and waits for its answer, at most `timeout` for each execution.
    ///
    /// # Errors
    /// If there is no answer; the process must then be taken care of by [`Self::bury`].
    pub fn call(
        &mut self,
        call: &Call,
        memory: &Memory,
        timeout: Duration,
        memory_limit: Option<u64>,
        control: &Control,
    ) -> Result<Answer, CallError> {
        let body = self.exchange(call, memory, timeout, memory_limit, control)?;
        Answer::from_body(&body).map_err(|error| CallError::Garbled(error.to_string()))
    }

    /// Sends a call; returns the body of the answer.
    fn exchange(
        &mut self,
        call: &Call,
        memory: &Memory,
        timeout: Duration,
        memory_limit: Option<u64>,
        control: &Control,
    ) -> Result<Vec<u8>, CallError> {
        let sent = self.calls.as_mut().map(|calls| calls.write_all(&call.to_frame()));
        if !matches!(sent, Some(Ok(()))) {
            return Err(CallError::Died);
        }
        self.wait_for_answer(memory, timeout, memory_limit, control)?;
        self.read_answer()
    }

    /// Waits until there is something to read.
    fn wait_for_answer(
        &self,
        memory: &Memory,
        timeout: Duration,
        memory_limit: Option<u64>,
        control: &Control,
    ) -> Result<(), CallError> {
        let mut progress = (0, Instant::now());
        let tick = TICK.min(timeout / 4);
        loop {
            let mut fds =
                [PollFd::new(&self.answers, PollFlags::IN), PollFd::new(&self.end, PollFlags::IN)];
            let tick = Timespec::try_from(tick).ok();
            match poll(&mut fds, tick.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(CallError::Garbled(error.to_string())),
            }
            if fds[0].revents().contains(PollFlags::IN) {
                return Ok(());
            }
            if !(fds[0].revents() | fds[1].revents()).is_empty() {
                return Err(CallError::Died);
            }
            if control.is_aborted() {
                return Err(CallError::Aborted);
            }
            let (execs, limit) = match memory.last_words() {
                Ok(words) if words.phase == Phase::Target => (words.execs, timeout),
                // What the engine does between executions is not the target's to answer for.
                Ok(words) => (words.execs, timeout.max(START_TIMEOUT)),
                Err(_) => (0, timeout.max(START_TIMEOUT)),
            };
            if execs != progress.0 {
                progress = (execs, Instant::now());
            }
            if progress.1.elapsed() > limit {
                return Err(CallError::Hung);
            }
            if let Some(used) = memory_limit.and_then(|limit| self.memory_over(limit)) {
                return Err(CallError::TooBig(used));
            }
        }
    }

    fn read_answer(&mut self) -> Result<Vec<u8>, CallError> {
        let mut start = [0; 4];
        self.answers.read_exact(&mut start).map_err(|_| CallError::Died)?;
        let len = body_len(start).map_err(|error| CallError::Garbled(error.to_string()))?;
        let mut body = Vec::new();
        // Memory is only taken for what really arrives, whatever the length says.
        match (&mut self.answers).take(len as u64).read_to_end(&mut body) {
            Ok(read) if read == len => Ok(body),
            _ => Err(CallError::Died),
        }
    }

    /// Resident memory of the process in bytes, if it is above the limit.
    fn memory_over(&self, limit: u64) -> Option<u64> {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", self.child.id())).ok()?;
        let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
        let used = pages * rustix::param::page_size() as u64;
        (used > limit).then_some(used)
    }

    /// Asks the worker to end, ever less politely: closes the pipe of calls, sends SIGINT, sends
    /// SIGKILL, each after a second.
    pub fn stop(mut self, log: &mut dyn FnMut(&str)) {
        self.calls = None;
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

    /// Takes care of a worker that did not answer: makes sure that it is dead, and tells who is to
    /// blame and what it was doing.
    #[must_use]
    pub fn bury(self, memory: &Memory) -> (Blame, Option<LastWords>) {
        // A pipe may break a moment before the process is gone; it must not be blamed for the
        // SIGKILL that only makes sure.
        let ended = self.has_ended_within(STOP_STEP);
        let words = memory.last_words().ok();
        let (status, stderr) = self.kill();
        if !ended {
            let reason = "it closed its pipe but lives on: does the target close descriptors that it \
                          has not opened?";
            return (Blame::Outside(reason.into()), words);
        }
        let phase = words.map_or(Phase::Engine, |words| words.phase);
        let blame = match status {
            Some(status) => blame(status, phase, &stderr),
            None => Blame::Engine("its exit status was lost".into()),
        };
        (blame, words)
    }

    /// Kills the process and whatever it started, and collects its status and last words.
    pub fn kill(mut self) -> (Option<ExitStatus>, String) {
        self.signal(Signal::KILL);
        let status = self.child.wait().ok();
        let stderr = self.tail.take().map_or_else(String::new, |tail| tail.text());
        (status, stderr)
    }

    /// Asks a worker that does not answer to record where it is, and waits a moment for that.
    pub(super) fn query(&self, memory: &Memory) {
        if kill_process(Pid::from_child(&self.child), Signal::USR2).is_ok() {
            let asked = Instant::now();
            while !memory.has_record() && asked.elapsed() < QUERY_PATIENCE {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// Where the program lies in the memory of the process.
    pub(super) fn mapped(&self, setup: &Setup) -> Mapped {
        Mapped::of_process(self.child.id(), &setup.binary.path)
    }

    fn signal(&self, signal: Signal) {
        // The group may be gone already, which is what is wanted.
        let _ = kill_process_group(Pid::from_child(&self.child), signal);
    }

    fn has_ended_within(&self, time: Duration) -> bool {
        let mut fds = [PollFd::new(&self.end, PollFlags::IN)];
        let time = Timespec::try_from(time).ok();
        poll(&mut fds, time.as_ref()).is_ok_and(|ready| ready > 0)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal(Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// The command line of a worker.
fn command(setup: &Setup) -> Command {
    let mut command = setup.binary.command();
    command
        .arg(TestBinary::test_name(&setup.target))
        .args(["--exact", "--nocapture", "--test-threads=1"])
        .stdin(Stdio::null())
        // Even if it is shown, its end tells what kind of failure it was.
        .stderr(Stdio::piped());
    if !setup.show_output {
        command.stdout(Stdio::null());
    }
    command
}

fn explain_start(target: &str, reason: &str, status: Option<ExitStatus>, stderr: &str) -> String {
    let mut text = format!("a worker for `{target}` did not start: {reason}");
    if let Some(status) = status.filter(|_| reason == "Died") {
        text = format!("a worker for `{target}` ended before it served anything: {status}");
    }
    if !stderr.trim().is_empty() {
        text.push_str("\nits standard error was:\n");
        text.push_str(stderr.trim_end());
    }
    text
}

/// Starts a worker only to hear about its target.
///
/// # Errors
/// If it does not start.
pub fn describe(setup: &Setup) -> Result<Box<Greeting>, StartError> {
    let memory = Memory::new()?;
    let map = CoverageMap::new(0)?;
    let (worker, greeting) = Worker::start(setup, &memory, map.file(), &Control::default())?;
    worker.stop(&mut |_| {});
    Ok(greeting)
}
