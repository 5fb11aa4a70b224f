//! What the coordinator and its supervisors let each other know in the middle of a call.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

/// What the coordinator wants of its supervisors, and what these notice.
#[derive(Debug, Default)]
pub struct Control {
    wanted: AtomicU8,
    /// Milliseconds of the longest execution that may turn out to hang, until somebody asks.
    long: AtomicU64,
}

impl Control {
    /// Go on, but begin nothing that takes long: wrap up.
    pub fn hurry(&self) {
        self.wanted.fetch_max(1, Ordering::Relaxed);
    }

    /// Drop everything.
    pub fn abort(&self) {
        self.wanted.fetch_max(2, Ordering::Relaxed);
    }

    /// Whether [`Self::hurry`] was called.
    #[must_use]
    pub fn is_hurried(&self) -> bool {
        self.wanted.load(Ordering::Relaxed) >= 1
    }

    /// Whether [`Self::abort`] was called.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed) >= 2
    }

    /// Notes that an execution has run for so long that it may hang.
    pub(super) fn note_long(&self, time: Duration) {
        self.long.fetch_max(time.as_millis() as u64, Ordering::Relaxed);
    }

    /// How long an execution has run that may hang, if one was noted since this was last asked.
    pub(crate) fn take_long(&self) -> Option<Duration> {
        let ms = self.long.swap(0, Ordering::Relaxed);
        (ms > 0).then(|| Duration::from_millis(ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_execution_is_told_once() {
        let control = Control::default();
        assert_eq!(control.take_long(), None);
        [3, 8, 5].map(Duration::from_millis).iter().for_each(|time| control.note_long(*time));
        assert_eq!(control.take_long(), Some(Duration::from_millis(8)));
        assert_eq!(control.take_long(), None);
    }
}
