//! Starting a worker: its process, the handshake, and sharing memory with it.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::process::{Command, Stdio};
use std::time::Instant;

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use shakedown_core::wire::layout::Layout;
use shakedown_core::wire::{
    Answer, Attach, Call, Greeting, Hello, Message, PROTOCOL, greeting_version,
};
use shakedown_core::{OUTPUT_VARIABLE, WORKER_VARIABLE};

use super::answers;
use super::control::Control;
use super::error::{CallError, StartError};
use super::guardian;
use super::memory::{CoverageMap, Memory};
use super::pipes::Pipes;
use super::process::{Worker, reap};
use super::setup::Setup;
use super::spawn::spawn;
use super::tail::Tail;
use super::watch::Watch;
use crate::postmortem::blame::is_from_outside;

/// How often a worker is started that is killed from outside before it is ready.
const START_TRIES: u32 = 10;

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
        let private = setup.memory_limits().private;
        let mut child = spawn(&mut command, &inherited, private)?;
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
                reap(&mut child, Instant::now());
                return Err(error.into());
            }
        };
        let _theirs = (calls_read, answers_write);
        let mut worker = Self { child, end, pipes, _theirs, tail };
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
            _ => Err(NoStart::Said("its answer to the handshake is malformed".into())),
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
            isolate: setup.limits.isolate,
        });
        let watch = Watch::of_start(memory, control);
        let reason = match self.call(&attach, &watch) {
            Ok(Answer::Done) => return Ok(self),
            Ok(Answer::Internal(reason)) => NoStart::Said(reason),
            Ok(_) => NoStart::Said("its answer to the sharing of memory is malformed".into()),
            Err(error) => NoStart::Silent(error),
        };
        Err(self.explain(setup, reason))
    }

    /// Ends a worker that cannot be used, and says why.
    fn explain(self, setup: &Setup, reason: NoStart) -> StartError {
        let is_dead = matches!(reason, NoStart::Silent(CallError::Died));
        let (status, stderr) = self.kill();
        let target = &setup.target;
        let mut text = match (reason, status) {
            (NoStart::Silent(_), Some(status)) if is_dead => {
                format!("a worker for `{target}` ended before it was ready: {status}")
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
            let line = setup.program.command_line(target);
            text.push_str(&format!("\nthis may show more: {line}"));
        }
        StartError::after(text, is_dead && status.is_some_and(is_from_outside))
    }
}

/// The command line of a worker.
fn command(setup: &Setup) -> Command {
    let mut command = setup.program.target_command(&setup.target, setup.limits.stack_size);
    guardian::mark(&mut command);
    command
        // Ours may be that of a worker whose target has started this command.
        .env_remove(OUTPUT_VARIABLE)
        .stdin(Stdio::null())
        // The test harness prints there before the target does.
        .stdout(Stdio::null())
        // Even if it is shown, its end says what kind of failure it was.
        .stderr(Stdio::piped());
    command
}

/// Why a worker cannot be used.
enum NoStart {
    /// It did not answer.
    Silent(CallError),
    /// It did; what is wrong.
    Said(String),
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

/// Starts a worker only to ask about its target; completes the set-up with what it says.
///
/// # Errors
/// If it does not start, or inputs would be longer than can be had.
pub fn greet(setup: &mut Setup) -> Result<Box<Greeting>, StartError> {
    let memory = Memory::new()?;
    let map = CoverageMap::new(0)?;
    let control = Control::default();
    let quiet = Setup { show_output: false, ..setup.clone() };
    let start = || Worker::start(&quiet, &memory, map.file(), &control);
    let (worker, greeting) = start_again(&control, start)?;
    worker.stop(&mut |_| {});
    setup.complete(&greeting)?;
    Ok(greeting)
}
