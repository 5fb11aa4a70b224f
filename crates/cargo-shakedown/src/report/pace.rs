//! How often a status is worth a line.

use std::time::Duration;

use super::{TargetName, TargetProgress};

/// Lets a status through now and then.
#[derive(Debug)]
pub(super) struct Pace {
    period: Duration,
    /// Whether the first status of a target is let through, too.
    at_once: bool,
    /// The target of the last status line, and how long it had been fuzzed.
    last: Option<(TargetName, Duration)>,
}

impl Pace {
    pub(super) fn new(period: Duration, at_once: bool) -> Self {
        Self { period, at_once, last: None }
    }

    /// Whether it is time for a status line; if so, notes that it is written.
    pub(super) fn is_due(&mut self, progress: &TargetProgress) -> bool {
        let TargetProgress { target, elapsed, .. } = progress;
        let since = match &self.last {
            Some((last, at)) if last == target => Some(elapsed.saturating_sub(*at)),
            _ => None,
        };
        let is_due = since.map_or(self.at_once, |since| since >= self.period);
        if is_due || since.is_none() {
            self.last = Some((target.clone(), *elapsed));
        }
        is_due
    }
}
