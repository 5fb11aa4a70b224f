//! The descriptors that a worker inherits.
#![expect(unsafe_code, reason = "takes inherited descriptors into possession")]

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, RawFd};
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use shakedown_core::OUTPUT_VARIABLE;

/// How long a worker polls for the next call before it sleeps.
const MAX_POLL: Duration = Duration::from_micros(50);

/// The ends of the pipes and the shared memory, as handed over by the coordinator.
pub(crate) struct Descriptors {
    /// Where calls are read from.
    pub(crate) calls: PipeEnd,
    /// Where answers are written to.
    pub(crate) answers: PipeEnd,
    /// The memory of this worker.
    pub(crate) memory: File,
    /// The coverage map.
    pub(crate) map: File,
}

impl Descriptors {
    /// Takes the descriptors with these numbers: `CALLS:ANSWERS:MEMORY:MAP`.
    ///
    /// Programs that the target may start do not inherit them. Called once in a process.
    ///
    /// # Errors
    /// If the text is not four numbers of open descriptors.
    pub(crate) fn open(numbers: &str) -> io::Result<Self> {
        let invalid = || io::Error::new(io::ErrorKind::InvalidInput, "not four descriptors");
        let numbers: Vec<RawFd> = numbers
            .split(':')
            .map(|number| number.parse().map_err(|_| invalid()))
            .collect::<Result<_, _>>()?;
        let [calls, answers, memory, map] = numbers[..] else {
            return Err(invalid());
        };
        Ok(Self {
            calls: PipeEnd::take(calls, false)?,
            answers: PipeEnd::take(answers, true)?,
            memory: take(memory)?,
            map: take(map)?,
        })
    }
}

/// An end of a pipe to the coordinator. The target may close it, or put something else in its place:
/// the coordinator holds it too, under the number that it was handed over with.
pub(crate) struct PipeEnd {
    file: File,
    /// Where the coordinator has it.
    path: String,
    is_written: bool,
    /// Device and inode, by which it is known.
    identity: (u64, u64),
}

impl PipeEnd {
    fn take(number: RawFd, is_written: bool) -> io::Result<Self> {
        let path = format!("/proc/{}/fd/{number}", std::os::unix::process::parent_id());
        let file = take(number)?;
        Ok(Self { identity: identity(&file)?, file, path, is_written })
    }

    /// The file, opened again if the target has closed or replaced it.
    ///
    /// # Errors
    /// If it cannot be had any more.
    pub(crate) fn file(&mut self) -> io::Result<&mut File> {
        if identity(&self.file).ok() != Some(self.identity) {
            let again =
                File::options().read(!self.is_written).write(self.is_written).open(&self.path)?;
            if identity(&again)? != self.identity {
                return Err(io::Error::other("the pipe to the coordinator is gone"));
            }
            // What has its number now belongs to the target.
            let _ = std::mem::replace(&mut self.file, again).into_raw_fd();
        }
        Ok(&mut self.file)
    }
}

fn identity(file: &File) -> io::Result<(u64, u64)> {
    let metadata = file.metadata()?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Redirects standard output to where the coordinator wants to see it, if it does. Until now only
/// the test harness has printed, which is not wanted. Called once in a process.
///
/// # Errors
/// If that is not an open descriptor.
pub(crate) fn show_output() -> io::Result<()> {
    let Some(number) = std::env::var_os(OUTPUT_VARIABLE) else { return Ok(()) };
    let number = number.to_str().and_then(|number| number.parse().ok());
    let output = take(number.ok_or(io::ErrorKind::InvalidInput)?)?;
    // SAFETY: the descriptor is open, for it is owned; standard output is used by its number.
    match unsafe { libc::dup2(output.as_raw_fd(), libc::STDOUT_FILENO) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Waits until there is something to read, but not for long.
///
/// The next call usually comes within microseconds. Waking a thread that sleeps, on a processor
/// that sleeps too, takes longer than the call.
pub(crate) fn await_briefly(pipe: &File) {
    let begun = Instant::now();
    let mut poll = libc::pollfd { fd: pipe.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: an array of one entry, which is not shared.
    while unsafe { libc::poll(&raw mut poll, 1, 0) } == 0 && begun.elapsed() < MAX_POLL {
        // The supervisor that makes the call may need this processor.
        std::thread::yield_now();
    }
}

fn take(number: RawFd) -> io::Result<File> {
    // SAFETY: `fcntl` with a number that may or may not be an open descriptor only answers that.
    if unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) } == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is open (just checked) and was inherited for this purpose; nothing
    // else in the process knows of it.
    Ok(unsafe { File::from_raw_fd(number) })
}
