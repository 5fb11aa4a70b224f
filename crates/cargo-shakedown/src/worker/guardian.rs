//! A process that waits for the end of the coordinator, and then ends what is left of its workers
//! and of what they have started: so that this happens even if the coordinator is killed.
//!
//! It knows them by a mark in their environment, and, as they may clear that, by having seen them below
//! the coordinator while it was there.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, getpid, getppid, kill_process};

use super::descendants::Descendants;

/// In the environment of workers, and so of all that they start: says which campaign they belong to.
const CAMPAIGN_VARIABLE: &str = "SHAKEDOWN_CAMPAIGN";

/// In the environment of a guardian: says which campaign it is to end.
const GUARDIAN_VARIABLE: &str = "SHAKEDOWN_GUARDIAN";

/// How long the system may take to end processes that were killed.
const PATIENCE: Duration = Duration::from_secs(2);

/// Shortest time between two looks at what there is below the coordinator.
const MIN_PAUSE: Duration = Duration::from_millis(100);

/// So many times as long as a look takes is the pause after it.
const PAUSE_SHARE: u32 = 50;

/// How often is looked whether it has.
const TICK: Duration = Duration::from_millis(5);

/// The campaign of this process. No other one has the same.
static CAMPAIGN: LazyLock<String> = LazyLock::new(|| {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!("{}-{}", std::process::id(), since.as_nanos())
});

/// Marks a command, and so all that it starts, as part of this campaign.
pub(super) fn mark(command: &mut Command) {
    command.env(CAMPAIGN_VARIABLE, &*CAMPAIGN);
}

/// A guardian at work. It begins to clean up when this is dropped, or this process has ended.
#[derive(Debug)]
pub(super) struct Guardian(Child);

impl Guardian {
    /// Starts one: this program once more.
    ///
    /// # Errors
    /// If the system refuses.
    pub(super) fn start() -> io::Result<Self> {
        let mut command = Command::new("/proc/self/exe");
        command.env(GUARDIAN_VARIABLE, &*CAMPAIGN).env_remove(CAMPAIGN_VARIABLE);
        // Neither a folder nor a terminal is held by it.
        command.current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(Self)
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        self.0.stdin = None;
        let begun = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) && begun.elapsed() < PATIENCE * 2 {
            std::thread::sleep(TICK);
        }
    }
}

/// What a guardian does, if this process is one.
pub(crate) fn run_if_asked() -> Option<ExitCode> {
    let campaign = std::env::var(GUARDIAN_VARIABLE).ok()?;
    let mut seen = watch();
    let begun = Instant::now();
    let mark = format!("{CAMPAIGN_VARIABLE}={campaign}");
    // What they start meanwhile comes below them.
    while kill_all(&mark, &mut seen) && begun.elapsed() < PATIENCE {
        std::thread::sleep(TICK);
    }
    Some(ExitCode::SUCCESS)
}

/// Waits for the end of the coordinator; what was last seen below it.
fn watch() -> Descendants {
    let (coordinator, stdin) = (getppid(), io::stdin());
    let mut seen = Descendants::from_now();
    let mut pause = MIN_PAUSE;
    loop {
        // Nothing is ever written: this ends with the coordinator.
        let mut end = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut end, Timespec::try_from(pause).ok().as_ref()) {
            Ok(0) if coordinator.is_some() && getppid() == coordinator => {
                let begun = Instant::now();
                seen.look(coordinator);
                pause = (begun.elapsed() * PAUSE_SHARE).max(MIN_PAUSE);
            }
            Err(Errno::INTR) => {}
            _ => return seen,
        }
    }
}

/// Kills all processes that have this in their environment or were seen, and all below them; whether
/// there were any.
fn kill_all(mark: &str, seen: &mut Descendants) -> bool {
    seen.look(None);
    let known: Vec<_> = seen.iter().filter(|process| *process != getpid()).collect();
    let mut was_any = !known.is_empty();
    for process in known {
        let _ = kill_process(process, Signal::KILL);
    }
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let id = entry.file_name().to_str().and_then(|name| Pid::from_raw(name.parse().ok()?));
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        if let Some(id) = id
            && environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
        {
            was_any = true;
            let _ = kill_process(id, Signal::KILL);
        }
    }
    was_any
}
