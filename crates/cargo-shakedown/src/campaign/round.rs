//! Rounds: the leases that a worker is given at once, so that round trips cost little, however
//! short the leases and however cheap the executions are.

use std::sync::Arc;

use shakedown_core::mutate::stretch;
use shakedown_core::wire::RngState;

use super::entries::EntryId;
use super::input::Input;

/// A round is filled up to one in this many of a worker's executions so far: little is spent on
/// what was chosen before the last news, and the number of rounds grows with the logarithm of the
/// executions.
const SHARE: u64 = 16;

/// Executions that a round is filled up to at most: where one takes 60 ns and a round trip, with
/// all its changes from thread to thread, 160 µs of the coordinator's processor time, that is 1 %
/// of it. Where executions take longer, the clock cuts a round into several batches.
const MAX_EXECS: u64 = 1 << 18;

/// Most leases of a round: whenever there is news, those that are left of it are handed out again.
pub(super) const MAX_LEASES: usize = 128;

/// Executions of variations of an entry, for one worker at a time.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The entry.
    pub entry: EntryId,
    /// Its input.
    pub input: Input,
    /// Another input, for splicing; may be empty.
    pub donor: Input,
    /// What is known of the comparisons that the entry meets; may be empty.
    pub hints: Arc<[u8]>,
    /// How many of the tokens that the campaign has learned may be used.
    pub tokens: u32,
    /// Which of its tables of weights holds, counted from 1; 0 for the weights that are built in.
    pub weights: u8,
    /// Where the generator stands.
    pub rng: RngState,
    /// Executions left.
    pub execs: u64,
}

impl Lease {
    /// Whether it is a step of stretching.
    pub(super) fn stretches(&self) -> bool {
        stretch::is_step(self.rng)
    }
}

#[cfg(test)]
impl Lease {
    /// One without executions, of the empty input.
    pub(super) fn of_nothing(entry: EntryId) -> Self {
        let (input, donor, hints) = (Input::default(), Input::default(), Arc::default());
        Self { entry, input, donor, hints, tokens: 0, weights: 0, rng: (0, 0), execs: 0 }
    }
}

/// Leases to be carried out in order.
pub(crate) type Round = Arc<[Lease]>;

/// Executions that a round is to be filled up to, after `spent` so far by each worker.
pub(super) fn size(spent: u64) -> u64 {
    (spent / SHARE).clamp(1, MAX_EXECS)
}

/// Executions of all leases.
#[must_use]
pub fn execs_of(round: &[Lease]) -> u64 {
    round.iter().map(|lease| lease.execs).sum()
}

/// How far a round has come.
#[derive(Debug)]
pub(super) struct Progress<'r> {
    /// The lease of the last execution, or the first lease before any.
    pub(super) current: &'r Lease,
    /// Executions that are left of it.
    left: u64,
    /// The leases that have not begun.
    pub(super) rest: &'r [Lease],
}

impl<'r> Progress<'r> {
    /// Where a round is after this many executions.
    ///
    /// # Panics
    /// If the round has no lease.
    pub(super) fn after(round: &'r [Lease], execs: u64) -> Self {
        let mut end = 0;
        let is_current = |lease: &Lease| {
            end += lease.execs;
            execs <= end
        };
        let index = round.iter().position(is_current).unwrap_or(round.len() - 1);
        let left = end.saturating_sub(execs);
        Self { current: &round[index], left, rest: &round[index + 1..] }
    }

    /// Whether something is left of the current lease.
    pub(super) fn is_cut(&self) -> bool {
        self.left > 0
    }

    /// All that is left of the round, if the generator stands here by now.
    pub(super) fn remainder(&self, rng: RngState) -> impl DoubleEndedIterator<Item = Lease> + 'r {
        let current = Lease { rng, execs: self.left, ..self.current.clone() };
        (self.left > 0).then_some(current).into_iter().chain(self.rest.iter().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_round_begins_in_the_lease_of_its_last_execution() {
        let lease = |(entry, execs)| Lease { execs, ..Lease::of_nothing(EntryId(entry)) };
        let round: Vec<Lease> = [(7, 10), (8, 5), (9, 1)].map(lease).into();
        assert_eq!(execs_of(&round), 16);
        let after = |execs| {
            let progress = Progress::after(&round, execs);
            let left =
                progress.remainder((1, 1)).map(|lease| (lease.entry.0, lease.execs, lease.rng.0));
            (progress.current.entry.0, left.collect::<Vec<_>>())
        };
        assert_eq!(after(0), (7, vec![(7, 10, 1), (8, 5, 0), (9, 1, 0)]));
        assert_eq!(after(4), (7, vec![(7, 6, 1), (8, 5, 0), (9, 1, 0)]));
        assert_eq!(after(10), (7, vec![(8, 5, 0), (9, 1, 0)]));
        assert_eq!(after(11), (8, vec![(8, 4, 1), (9, 1, 0)]));
        assert_eq!(after(16), (9, vec![]));
        assert_eq!(after(99), (9, vec![]), "nothing makes it panic");
    }
}
