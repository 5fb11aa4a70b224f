//! A worker that grows from call to call.

use std::time::{Duration, Instant};

/// How often the memory of a worker between its calls is looked at.
const PERIOD: Duration = Duration::from_millis(50);

/// Executions of a process from which on its growth is reported as a leak.
const MIN_EXECS_OF_LEAK: u64 = 64;

/// How a worker has grown since its first call.
#[derive(Debug)]
pub(super) struct Growth {
    /// Resident memory before the first call, in bytes.
    before: u64,
    /// Executions since.
    execs: u64,
    looked: Instant,
}

/// A worker that has come near its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outgrown {
    /// Bytes that each execution seems to leave behind; nothing if there were few: making a
    /// backtrace takes memory, too.
    pub(super) leak: Option<u64>,
}

impl Growth {
    /// Of a worker that has this much resident memory, in bytes.
    pub(super) fn from(before: u64) -> Self {
        Self { before, execs: 0, looked: Instant::now() }
    }

    /// Counts executions.
    pub(super) fn count(&mut self, execs: u64) {
        self.execs += execs;
    }

    /// Looks at the worker, if it is time for that: whether it has grown by half of its limit.
    pub(super) fn look(&mut self, limit: u64, resident: impl FnOnce() -> u64) -> Option<Outgrown> {
        if self.looked.elapsed() < PERIOD {
            return None;
        }
        self.looked = Instant::now();
        self.judge(limit, resident())
    }

    fn judge(&self, limit: u64, resident: u64) -> Option<Outgrown> {
        let grown = resident.saturating_sub(self.before);
        let leak = (self.execs >= MIN_EXECS_OF_LEAK).then(|| grown / self.execs);
        (grown > limit / 2).then_some(Outgrown { leak })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_limit_is_too_much_and_a_leak_only_after_many_executions() {
        let mut growth = Growth::from(1000);
        assert_eq!(growth.judge(100, 1050), None);
        assert_eq!(growth.judge(100, 0), None, "it may shrink");
        assert_eq!(growth.judge(100, 1051), Some(Outgrown { leak: None }));
        growth.count(MIN_EXECS_OF_LEAK);
        assert_eq!(growth.judge(100, 1640), Some(Outgrown { leak: Some(10) }));
    }
}
