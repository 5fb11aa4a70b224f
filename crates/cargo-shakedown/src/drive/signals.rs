//! ^C and its relatives, as calls.

use std::time::Duration;

use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// How long the end after the second signal may take.
const LAST_GRACE: Duration = Duration::from_secs(3);

/// Calls `interrupt` at each SIGINT, SIGTERM and SIGHUP. The process ends at once if that returns
/// `false`, for then it has no effect, or at the third signal; and soon after the second one, whatever
/// it is doing.
///
/// # Errors
/// If the system refuses.
pub(crate) fn watch_signals(interrupt: impl Fn() -> bool + Send + 'static) -> anyhow::Result<()> {
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot watch for signals")?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        for (count, _) in signals.forever().enumerate() {
            if !interrupt() || count >= 2 {
                std::process::exit(130);
            }
            if count == 1 {
                std::thread::spawn(|| {
                    std::thread::sleep(LAST_GRACE);
                    std::process::exit(130);
                });
            }
        }
    })?;
    Ok(())
}
