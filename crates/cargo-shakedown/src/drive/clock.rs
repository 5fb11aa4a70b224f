//! What a campaign does by the clock, and its rate.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long the queue is waited for before everything else gets a look, and the time between two
/// looks at what was written, each with a status.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// How long workers may take to finish what they are running after the first ^C, or beyond their
/// time.
pub(super) const GRACE: Duration = Duration::from_secs(3);

/// Time between two savings of what the next campaign need not run again, should this one end
/// suddenly.
pub(super) const KEEP_COVERAGE: Duration = Duration::from_secs(60);

/// Time over which the rate is measured.
const RATE_WINDOW: Duration = Duration::from_secs(3);

/// Comes due again and again.
#[derive(Debug)]
pub(super) struct Timer {
    period: Duration,
    last: Instant,
}

impl Timer {
    /// Is due a period from now for the first time.
    pub(super) fn every(period: Duration) -> Self {
        Self { period, last: Instant::now() }
    }

    /// Whether it is due; if so, the next period begins.
    pub(super) fn is_due(&mut self) -> bool {
        let is_due = self.last.elapsed() >= self.period;
        if is_due {
            self.last = Instant::now();
        }
        is_due
    }
}

/// Executions per second over the last seconds.
#[derive(Debug, Default)]
pub(super) struct Rate {
    samples: VecDeque<(Duration, u64)>,
}

impl Rate {
    /// The rate now, after this many executions in all.
    pub(super) fn at(&mut self, now: Duration, execs: u64) -> f64 {
        self.samples.push_back((now, execs));
        while self.samples.len() > 2 && now - self.samples[1].0 >= RATE_WINDOW {
            self.samples.pop_front();
        }
        let (then, before) = self.samples[0];
        let seconds = (now - then).as_secs_f64();
        if seconds > 0.0 { (execs - before) as f64 / seconds } else { 0.0 }
    }
}
