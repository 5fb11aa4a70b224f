//! What a worker process has run lately.

use std::collections::VecDeque;

use crate::campaign::{Past, Ran};

/// Most inputs, visits and trimmings that are remembered of a process.
const MAX_COUNT: usize = 1024;

/// Most bytes of inputs that this keeps in memory; the corpus may have dropped them.
const MAX_BYTES: usize = 32 << 20;

/// The last that a process has run.
#[derive(Debug, Default)]
pub(super) struct RecentRuns {
    ran: VecDeque<Ran>,
    bytes: usize,
}

impl RecentRuns {
    /// Adds what was run last, and forgets the oldest where that is too much.
    pub(super) fn push(&mut self, ran: Ran) {
        self.bytes += ran.bytes();
        self.ran.push_back(ran);
        while self.ran.len() > MAX_COUNT || self.bytes > MAX_BYTES {
            let Some(oldest) = self.ran.pop_front() else { break };
            self.bytes -= oldest.bytes();
        }
    }

    /// All of it, in order.
    pub(super) fn past(&self) -> Past {
        self.ran.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten_by_number_and_by_size() {
        let mut recent = RecentRuns::default();
        (0..MAX_COUNT + 3).for_each(|_| recent.push(Ran::Input([1].into())));
        assert_eq!(recent.past().len(), MAX_COUNT);
        recent.push(Ran::Input(vec![0; MAX_BYTES].into()));
        assert_eq!(recent.past().len(), 1);
        assert_eq!(recent.bytes, MAX_BYTES);
    }
}
