//! What the coordinator wants of its supervisors, seen by them in the middle of a call.

use std::sync::atomic::{AtomicU8, Ordering};

/// What the coordinator wants of its supervisors.
#[derive(Debug, Default)]
pub struct Control(AtomicU8);

impl Control {
    /// Go on, but begin nothing that takes long: wrap up.
    pub fn hurry(&self) {
        self.0.fetch_max(1, Ordering::Relaxed);
    }

    /// Drop everything.
    pub fn abort(&self) {
        self.0.fetch_max(2, Ordering::Relaxed);
    }

    /// Whether [`Self::hurry`] was called.
    #[must_use]
    pub fn is_hurried(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= 1
    }

    /// Whether [`Self::abort`] was called.
    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= 2
    }
}
