//! One worker process: started, spoken to, and ended.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open};
use shakedown_core::wire::layout::Layout;
use shakedown_core::wire::page::{LastWords, Phase};
use shakedown_core::wire::{
    Answer, Attach, Call, Greeting, Hello, Message, PROTOCOL, greeting_version,
};
use shakedown_core::{OUTPUT_VARIABLE, QUERY_SIGNAL, WORKER_VARIABLE};

use super::answers::{self, max_execs};
use super::error::{CallError, StartError};
use super::limits::Limits;
use super::memory::{CoverageMap, Memory};
use super::pipes::{Exchange, Pipes};
use super::spawn::spawn;
use super::tail::Tail;
use crate::build::TestBinary;
use crate::postmortem::blame::{Blame, blame, is_from_outside};
use crate::symbols::Mapped;

/// How often a call in progress is looked at.
const TICK: Duration = Duration::from_millis(50);

/// The same where executions may take less.
const SHORTEST_TICK: Duration = Duration::from_millis(1);

/// How long the answer to a short call is awaited without going to sleep.
const PATIENCE: Duration = Duration::from_micros(20);

/// Most executions of such a call: those of a first visit.
const FEW_EXECS: u64 = 64;

/// How long a worker may take to answer the handshake.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the engine may take outside the target, unless the target may take longer.
const ENGINE_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a worker is started that is killed from outside before it is ready.
const START_TRIES: u32 = 10;

/// How long each step of the escalation waits: closed pipe, SIGINT, SIGKILL.
const STOP_STEP: Duration = Duration::from_secs(1);

/// Asks a worker where it is.
const QUERY: Signal = Signal::from_named_raw(QUERY_SIGNAL).expect("a named signal");

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
    /// Most memory, in bytes.
    pub memory_limit: Option<u64>,
    /// Most bytes of an encoded input that mutation may make.
    pub max_len: usize,
    /// Most bytes of an encoded input at all.
    pub capacity: usize,
    /// Tokens given to the command.
    pub dictionary: Vec<Vec<u8>>,
    /// Run every input in a process of its own.
    pub isolate: bool,
    /// Stack of the thread on which the target runs, in bytes, if it is not to be that of any test.
    pub stack_size: Option<u64>,
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

/// What a call is made with, and looked after by.
#[derive(Clone, Copy, Debug)]
pub struct Watch<'a> {
    /// The memory of the worker.
    pub memory: &'a Memory,
    /// What the coordinator wants.
    pub control: &'a Control,
    /// Longest execution.
    pub timeout: Duration,
    /// Most resident memory, in bytes.
    pub memory_limit: Option<u64>,
    /// Longest execution once the coordinator wants to wrap up, if the answer is not worth more.
    pub patience: Option<Duration>,
}

impl<'a> Watch<'a> {
    /// Over a worker that starts.
    fn of_start(memory: &'a Memory, control: &'a Control) -> Self {
        Self { memory, control, timeout: START_TIMEOUT, memory_limit: None, patience: None }
    }
}

/// How long a worker has been silent. Time in which nobody looked does not count: where we were
/// stopped or starved, the worker was too.
#[derive(Debug)]
struct Silence {
    execs: u64,
    time: Duration,
    looked: Instant,
}

impl Silence {
    fn begin() -> Self {
        Self { execs: 0, time: Duration::ZERO, looked: Instant::now() }
    }

    /// The silence by now, given how many executions have begun.
    fn look(&mut self, execs: u64, tick: Duration) -> Duration {
        self.time += self.looked.elapsed().min(tick * 4);
        self.looked = Instant::now();
        if execs > self.execs {
            (self.execs, self.time) = (execs, Duration::ZERO);
        }
        self.time
    }
}

/// A running worker process.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    /// Becomes readable when the process ends.
    end: OwnedFd,
    pipes: Pipes,
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
        let mut inherited =
            vec![calls_read.as_fd(), answers_write.as_fd(), memory.file().as_fd(), map.as_fd()];
        let mut command = command(setup);
        let numbers: Vec<_> = inherited.iter().map(|fd| fd.as_raw_fd().to_string()).collect();
        command.env(WORKER_VARIABLE, format!("{}:{}", setup.target, numbers.join(":")));
        // Our own standard output is for results.
        let output = setup.show_output.then(|| io::stderr().as_fd().try_clone_to_owned());
        let output = output.transpose()?;
        if let Some(output) = &output {
            command.env(OUTPUT_VARIABLE, output.as_raw_fd().to_string());
            inherited.push(output.as_fd());
        }
        let limits = Limits::of(setup);
        let mut child = spawn(&mut command, &inherited, limits.data)?;
        let pid = Pid::from_child(&child);
        let stderr = child.stderr.take();
        let follow = |stderr| Tail::follow(stderr, setup.show_output);
        let opened = pidfd_open(pid, PidfdFlags::empty()).map_err(io::Error::from);
        let opened = opened.and_then(|end| {
            Ok((end, Pipes::new(calls, answers)?, stderr.map(follow).transpose()?))
        });
        let (end, pipes, tail) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(error.into());
            }
        };
        let mut worker = Self { child, end, pipes, tail };
        match worker.hello(&Watch::of_start(memory, control)) {
            Ok(greeting) => Ok((worker, greeting)),
            Err(reason) => Err(worker.explain(setup, reason)),
        }
    }

    fn hello(&mut self, watch: &Watch<'_>) -> Result<Box<Greeting>, NoStart> {
        let version = env!("CARGO_PKG_VERSION");
        let hello = Call::Hello(Hello { protocol: PROTOCOL, version: version.into() });
        let body = self.exchange(&hello, watch).map_err(NoStart::Silent)?;
        if let Some((protocol, library)) = greeting_version(&body)
            && protocol != PROTOCOL
        {
            let which = if protocol < PROTOCOL {
                "upgrade the `shakedown` dependency of the package"
            } else {
                "upgrade the command: cargo install cargo-shakedown"
            };
            return Err(NoStart::Said(format!(
                "cargo-shakedown {version} speaks protocol {PROTOCOL}, but the package uses \
                 shakedown {library}, which speaks protocol {protocol}: {which}"
            )));
        }
        match Answer::from_body(&body) {
            Ok(Answer::Hello(greeting)) => {
                answers::check_greeting(&greeting).map_err(NoStart::Said)?;
                Ok(greeting)
            }
            Ok(Answer::Internal(reason)) => Err(NoStart::Said(reason)),
            _ => Err(NoStart::Said("its answer to the handshake makes no sense".into())),
        }
    }

    /// Has the worker map its memory, which must have been formatted.
    ///
    /// # Errors
    /// If the worker cannot; then it is gone.
    pub fn attach(
        mut self,
        setup: &Setup,
        layout: Layout,
        memory: &Memory,
        control: &Control,
    ) -> Result<Self, StartError> {
        let attach = Call::Attach(Attach {
            capacity: layout.capacity as u64,
            counters: layout.counters as u64,
            max_len: setup.max_len as u64,
            dictionary: setup.dictionary.clone(),
            isolate: setup.isolate,
        });
        let watch = Watch::of_start(memory, control);
        let reason = match self.call(&attach, &watch) {
            Ok(Answer::Done) => return Ok(self),
            Ok(Answer::Internal(reason)) => NoStart::Said(reason),
            Ok(_) => NoStart::Said("its answer to the sharing of memory makes no sense".into()),
            Err(error) => NoStart::Silent(error),
        };
        Err(self.explain(setup, reason))
    }

    /// Ends a worker that is of no use, and says why it is not.
    fn explain(self, setup: &Setup, reason: NoStart) -> StartError {
        // It may have closed its pipes a moment before its end.
        let is_dead =
            matches!(reason, NoStart::Silent(CallError::Died)) && self.has_ended_within(STOP_STEP);
        let (status, stderr) = self.kill();
        let target = &setup.target;
        let mut text = match (reason, status) {
            (NoStart::Silent(_), Some(status)) if is_dead => {
                format!("a worker for `{target}` ended before it served anything: {status}")
            }
            (NoStart::Silent(error), _) => {
                format!("a worker for `{target}` did not start: {error}")
            }
            (NoStart::Said(reason), _) => {
                format!("a worker for `{target}` did not start: {reason}")
            }
        };
        if !stderr.trim().is_empty() {
            text.push_str("\nits standard error was:\n");
            text.push_str(stderr.trim_end());
        }
        if is_dead {
            let program = setup.binary.path.display();
            let test = TestBinary::test_name(target);
            text.push_str(&format!("\nthis may show more: {program} --exact {test}"));
        }
        StartError::after(text, is_dead && status.is_some_and(is_from_outside))
    }

    /// Makes a call and waits for its answer, at most the timeout for each execution.
    ///
    /// # Errors
    /// If there is no answer; the process must then be taken care of by [`Self::bury`].
    pub fn call(&mut self, call: &Call, watch: &Watch<'_>) -> Result<Answer, CallError> {
        let body = self.exchange(call, watch)?;
        Answer::from_body(&body).map_err(|error| CallError::Garbled(error.to_string()))
    }

    /// Sends a call; returns the body of the answer.
    fn exchange(&mut self, call: &Call, watch: &Watch<'_>) -> Result<Vec<u8>, CallError> {
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
                look(watch, &mut silence, most, tick)?;
                if let Some(limit) = watch.memory_limit
                    && let Some(used) = resident(target_process(watch.memory).unwrap_or(id))
                        .filter(|used| *used > limit)
                {
                    return Err(CallError::TooBig(used));
                }
            }
        }
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
            Some(status) => blame(status, phase, faulted_elsewhere(memory), &stderr),
            None => Blame::Engine("its exit status was lost".into()),
        };
        (blame, words)
    }

    /// Kills the process and whatever it started, and collects its status and last words.
    pub fn kill(mut self) -> (Option<ExitStatus>, String) {
        self.signal(Signal::KILL);
        let status = self.child.wait().ok();
        let stderr = self.tail.take().map_or_else(String::new, Tail::text);
        (status, stderr)
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

/// The process that runs the target, if it is not the worker itself.
fn target_process(memory: &Memory) -> Option<u32> {
    memory.page().ok()?.process()
}

/// Whether the worker has left a record of a signal or an exit.
fn has_record(memory: &Memory) -> bool {
    memory.page().is_ok_and(|page| page.record().fault != 0)
}

/// Whether the recorded signal or exit was on another thread than that of the target.
fn faulted_elsewhere(memory: &Memory) -> bool {
    memory.page().is_ok_and(|page| page.record().is_elsewhere)
}

/// The command line of a worker.
fn command(setup: &Setup) -> Command {
    let mut command = setup.binary.command();
    command
        .arg(TestBinary::test_name(&setup.target))
        .args(["--exact", "--nocapture", "--test-threads=1"])
        // Ours may be that of a worker whose target has started this command.
        .env_remove(OUTPUT_VARIABLE)
        .stdin(Stdio::null())
        // The test harness prints there before the target does.
        .stdout(Stdio::null())
        // Even if it is shown, its end tells what kind of failure it was.
        .stderr(Stdio::piped());
    if let Some(size) = setup.stack_size {
        // The test harness runs every test in a thread of its own, and the standard library asks this.
        command.env("RUST_MIN_STACK", size.to_string());
    }
    command
}

/// Why a worker is of no use.
enum NoStart {
    /// It did not answer.
    Silent(CallError),
    /// It did; what is wrong.
    Said(String),
}

/// What there is to do about a call.
struct Woken {
    /// There is an answer to read, or the end of all answers.
    answers: bool,
    /// The process has ended.
    ended: bool,
}

/// The answer, if it comes soon. Who sleeps until then must be woken, on a processor that has gone to
/// sleep too, and that takes longer than a short call.
fn await_briefly(exchange: &mut Exchange<'_>) -> Result<Option<Vec<u8>>, CallError> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(body) = exchange.receive()? {
            return Ok(Some(body));
        }
        // The worker may need this processor.
        std::thread::yield_now();
    }
    Ok(None)
}

/// Waits until the pipes have room or something to read, the process ends, or the tick is over.
fn wait(exchange: &Exchange<'_>, end: &OwnedFd, tick: Duration) -> Result<Woken, CallError> {
    let mut fds = vec![
        PollFd::from_borrowed_fd(exchange.answers(), PollFlags::IN),
        PollFd::new(end, PollFlags::IN),
    ];
    fds.extend(exchange.unsent().map(|calls| PollFd::from_borrowed_fd(calls, PollFlags::OUT)));
    let tick = Timespec::try_from(tick).ok();
    match poll(&mut fds, tick.as_ref()) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => {
            return Err(CallError::Garbled(format!("its pipes cannot be watched: {error}")));
        }
    }
    Ok(Woken { answers: !fds[0].revents().is_empty(), ended: !fds[1].revents().is_empty() })
}

/// Looks after a call in progress that allows `most` executions.
fn look(
    watch: &Watch<'_>,
    silence: &mut Silence,
    most: u64,
    tick: Duration,
) -> Result<(), CallError> {
    if watch.control.is_aborted() {
        return Err(CallError::Aborted);
    }
    // Before the handshake the memory is empty.
    let words = watch.memory.last_words().ok();
    let execs = words.map_or(0, |words| words.execs);
    if execs > most {
        let reason = format!("its memory claims {execs} executions of at most {most}");
        return Err(CallError::Garbled(reason));
    }
    let limit = match words.is_some_and(|words| words.phase == Phase::Target) {
        true => watch.timeout,
        // What the engine does between executions is not the target's to answer for.
        false => watch.timeout.max(ENGINE_TIMEOUT),
    };
    let begun = words.map_or(0, |words| words.begun());
    let silence = silence.look(begun, tick);
    if watch.patience.is_some_and(|patience| silence > patience) && watch.control.is_hurried() {
        return Err(CallError::Aborted);
    }
    match silence > limit {
        true => Err(CallError::Hung(limit)),
        false => Ok(()),
    }
}

/// Resident memory of a process, in bytes; nothing if it is gone.
fn resident(process: u32) -> Option<u64> {
    let statm = std::fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// Tries again to start a worker if it is killed from outside before it is ready.
///
/// # Errors
/// If it does not start for another reason, or is killed each time.
pub(super) fn start_again<T>(
    control: &Control,
    mut start: impl FnMut() -> Result<T, StartError>,
) -> Result<T, StartError> {
    let mut tries = 1;
    loop {
        match start() {
            Err(error) if error.was_killed && tries < START_TRIES && !control.is_aborted() => {
                tries += 1;
            }
            result => return result,
        }
    }
}

/// Starts a worker only to hear about its target.
///
/// # Errors
/// If it does not start.
pub fn describe(setup: &Setup) -> Result<Box<Greeting>, StartError> {
    let memory = Memory::new()?;
    let map = CoverageMap::new(0)?;
    let control = Control::default();
    let start = || Worker::start(setup, &memory, map.file(), &control);
    let (worker, greeting) = start_again(&control, start)?;
    worker.stop(&mut |_| {});
    Ok(greeting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_ends_with_progress_and_is_only_what_was_listened_to() {
        let tick = Duration::from_millis(10);
        let mut silence = Silence::begin();
        let long = Duration::from_secs(1);
        let mut look = |execs| {
            silence.looked =
                silence.looked.checked_sub(long).expect("the machine has run for long");
            silence.look(execs, tick)
        };
        assert_eq!(look(0), tick * 4, "starved for long, which counts as little");
        assert_eq!(look(0), tick * 8);
        assert_eq!(look(3), Duration::ZERO);
        assert_eq!(look(3), tick * 4);
        assert_eq!(look(2), tick * 8, "a count that goes back is no progress");
    }
}
