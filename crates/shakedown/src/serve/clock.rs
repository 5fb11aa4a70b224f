//! The time limit of a batch.

use std::time::{Duration, Instant};

use shakedown_core::CHAIN;

/// The time limit of a batch. Reading the clock costs as much as a small target, so it is read
/// ever more rarely as long as that does not lose a millisecond.
pub(super) struct Clock {
    started: Instant,
    limit: Duration,
    /// The time at the last look.
    pub(super) last: Duration,
    /// Executions before the next look.
    pub(super) next_look: u64,
    stride: u64,
}

impl Clock {
    pub(super) fn new(limit: Duration) -> Self {
        let last = Duration::ZERO;
        Self { started: Instant::now(), limit, last, next_look: CHAIN, stride: CHAIN }
    }

    /// Begins anew to find out how often to look, after this many executions.
    pub(super) fn pace(&mut self, execs: u64) {
        self.stride = CHAIN;
        self.next_look = execs + CHAIN;
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether the time was up at the last look. At least one chain is run, so that every call makes progress.
    pub(super) fn is_over(&self, execs: u64) -> bool {
        execs > 0 && self.last >= self.limit
    }

    /// Looks at the clock if it is time for that, after this many executions.
    pub(super) fn look(&mut self, execs: u64) {
        if execs < self.next_look {
            return;
        }
        let now = self.elapsed();
        let since = now - self.last;
        if since < Duration::from_micros(100) {
            self.stride *= 4;
        } else if since < Duration::from_micros(500) {
            self.stride *= 2;
        } else if since > Duration::from_millis(2) {
            self.stride = (self.stride / 2).max(CHAIN);
        }
        self.last = now;
        self.next_look = execs + self.stride;
    }
}
