//! ^C and its relatives, as calls.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long the end after the second signal may take.
const LAST_GRACE: Duration = Duration::from_secs(3);

/// The status of a process that a signal has kept from its own.
const INTERRUPTED: i32 = 130;

/// The status with which the process is about to end, once that is known: a signal that comes only
/// then has nothing left to stop, and must not take it back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict(Arc<OnceLock<u8>>);

impl Verdict {
    /// Lets the process end with this status, whatever signals arrive from now on. To be called
    /// before the status is said anywhere.
    pub(crate) fn is(&self, status: u8) {
        let _ = self.0.set(status);
    }

    fn is_known(&self) -> bool {
        self.0.get().is_some()
    }

    /// The status of an end by force, which may leave something unwritten: no success, then.
    fn forced(&self) -> i32 {
        self.0.get().filter(|status| **status != 0).map_or(INTERRUPTED, |status| (*status).into())
    }
}

/// Calls `interrupt` at each SIGINT, SIGTERM and SIGHUP. The process ends at once if that returns
/// `false`, for then it has no effect, or at the third signal; and soon after the second one, whatever
/// it is doing. With a verdict it has the time to say all of it at any signal.
///
/// # Errors
/// If the system refuses.
pub(crate) fn watch_signals(
    verdict: Verdict,
    interrupt: impl Fn() -> bool + Send + 'static,
) -> anyhow::Result<()> {
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot watch for signals")?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for (count, _) in signals.forever().enumerate() {
            let is_heard = interrupt();
            if verdict.is_known() || count == 1 {
                end_soon(verdict.clone());
            } else if !is_heard || count >= 2 {
                std::process::exit(INTERRUPTED);
            }
        }
    })?;
    Ok(())
}

/// Ends the process if it does not end by itself.
fn end_soon(verdict: Verdict) {
    std::thread::spawn(move || {
        std::thread::sleep(LAST_GRACE);
        std::process::exit(verdict.forced());
    });
}
