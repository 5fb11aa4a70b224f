//! Processes that targets leave behind, wherever they have gone: they become children of the
//! coordinator when their own parents end, and end with it; if it is killed, by its guardian.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, getpid, kill_process, set_child_subreaper, waitid,
};

use super::descendants::parent;
use super::guardian::Guardian;

/// How long the system may take to end them all.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often is looked whether it has.
const TICK: Duration = Duration::from_millis(1);

/// The processes that targets leave behind while this is there; they end when it is dropped. It
/// belongs to the main thread, to which the system gives them.
#[derive(Debug)]
pub(crate) struct Orphans {
    /// Children that are none of them.
    others: HashSet<Pid>,
    _guardian: Option<Guardian>,
}

impl Orphans {
    /// From now on.
    pub(crate) fn adopt() -> Self {
        // Where the system cannot do that, they become children of its first process.
        let _ = set_child_subreaper(Some(getpid()));
        // Where there can be none, all is as it should be unless this process is killed.
        let guardian = Guardian::start().ok();
        Self { others: children().collect(), _guardian: guardian }
    }

    /// Takes notice of those that have ended.
    #[expect(clippy::unused_self, reason = "only where they are adopted")]
    pub(crate) fn bury(&self) {
        // Not of workers: they are children of their supervisors.
        let own = WaitIdOptions::from_bits_retain((libc::__WALL | libc::__WNOTHREAD) as u32);
        let ended = own | WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        while let Ok(Some(_)) = waitid(WaitId::All, ended) {}
    }
}

impl Drop for Orphans {
    /// To be done when there are no workers any more.
    fn drop(&mut self) {
        let begun = Instant::now();
        loop {
            // Their own children come when they have ended.
            let mut is_one_left = false;
            for orphan in children().filter(|child| !self.others.contains(child)) {
                is_one_left = true;
                let _ = kill_process(orphan, Signal::KILL);
            }
            self.bury();
            if !is_one_left || begun.elapsed() > PATIENCE {
                return;
            }
            std::thread::sleep(TICK);
        }
    }
}

/// The children of this process.
fn children() -> impl Iterator<Item = Pid> {
    let own = getpid();
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(move |entry| {
        let child = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
        let stat = std::fs::read(entry.path().join("stat")).ok()?;
        (parent(&stat)? == own.as_raw_nonzero().get()).then_some(child)
    })
}
