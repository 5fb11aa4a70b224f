//! What every worker is doing. What the search asks after each event is counted as it changes, so
//! that an event costs no more with a thousand workers than with one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use shakedown_core::failure::Failure;

use super::entries::{Entry, EntryId};
use super::event::{HANG, Spent, Start, Stint};
use super::input::Input;
use super::round::{self, Round};

/// Executions that trimming an entry may take, however short it is.
const MIN_TRIM_EXECS: u64 = 32;

/// Length of an entry that is worth one execution more.
const TRIM_BYTES_PER_EXEC: u64 = 16;

/// Work that trimming an entry may be, however long it is.
const MAX_TRIM_WORK: u64 = 1024;

/// How much of making a finding smaller is done first; each further stint is twice as much.
const FIRST_STINT: Stint = Stint { before: Spent { time: Duration::ZERO, execs: 0 }, work: HANG };

/// What a worker is doing.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    Absent,
    Waiting,
    WarmingUp(Start),
    /// A start, run again.
    Sampling(Sample),
    Fuzzing(Round),
    /// An entry, run to record its comparisons.
    Recording(EntryId),
    /// An input with new features, run again.
    Checking(Check),
    Trimming {
        child: Entry,
        features: Vec<u32>,
        execs: u64,
    },
    Investigating(Suspect),
}

/// A finding to be investigated.
#[derive(Clone, Debug)]
pub(super) struct Suspect {
    /// Position of the finding.
    pub(super) finding: usize,
    /// What is to be verified in place of the finding's own input, if it was reported already.
    pub(super) rival: Option<(Arc<[u8]>, Failure)>,
    /// Whether all other workers wait until it is verified.
    pub(super) is_alone: bool,
    /// How much of making it smaller is done at once.
    pub(super) stint: Stint,
}

impl Suspect {
    pub(super) fn new(finding: usize, rival: Option<(Arc<[u8]>, Failure)>) -> Self {
        Self { finding, rival, is_alone: false, stint: FIRST_STINT }
    }
}

/// A start that passed and is run again to see whether its coverage is the same.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) input: Input,
    /// Its features, to compare with; none yet for the first starts of a campaign, each of which is
    /// the first input of some process.
    pub(super) features: Option<Vec<u32>>,
    /// Whether the process had run another input before.
    pub(super) is_settled: bool,
}

/// An input with new features that is run again before it is kept.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) child: Entry,
    pub(super) features: Vec<u32>,
    pub(super) new: Vec<u32>,
    /// Whether the process had run another input before.
    pub(super) is_settled: bool,
}

/// The workers.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    waiting: BTreeSet<usize>,
    present: usize,
    investigating: usize,
    alone: usize,
    reserved: u64,
}

impl Slots {
    /// This many workers that are not there yet.
    pub(super) fn new(count: usize) -> Self {
        Self {
            slots: vec![Slot::Absent; count],
            waiting: BTreeSet::new(),
            present: 0,
            investigating: 0,
            alone: 0,
            reserved: 0,
        }
    }

    /// Number of workers, present or not.
    pub(super) fn count(&self) -> usize {
        self.slots.len()
    }

    /// What a worker is doing.
    pub(super) fn get(&self, worker: usize) -> &Slot {
        &self.slots[worker]
    }

    /// Gives a worker something else to do; returns what it was doing.
    pub(super) fn put(&mut self, worker: usize, slot: Slot) -> Slot {
        match slot {
            Slot::Waiting => self.waiting.insert(worker),
            _ => self.waiting.remove(&worker),
        };
        self.present += usize::from(!matches!(slot, Slot::Absent));
        self.investigating += usize::from(matches!(slot, Slot::Investigating(_)));
        self.alone += usize::from(is_alone(&slot));
        self.reserved += reserved(&slot);
        let before = std::mem::replace(&mut self.slots[worker], slot);
        self.present -= usize::from(!matches!(before, Slot::Absent));
        self.investigating -= usize::from(matches!(before, Slot::Investigating(_)));
        self.alone -= usize::from(is_alone(&before));
        self.reserved -= reserved(&before);
        before
    }

    /// The first worker that waits.
    pub(super) fn first_waiting(&self) -> Option<usize> {
        self.waiting.first().copied()
    }

    /// Whether all workers that are there wait.
    pub(super) fn all_wait(&self) -> bool {
        self.waiting.len() == self.present
    }

    /// Workers that investigate findings.
    pub(super) fn investigating(&self) -> usize {
        self.investigating
    }

    /// Whether all others wait for what one worker is doing.
    pub(super) fn is_one_alone(&self) -> bool {
        self.alone > 0
    }

    /// Executions of the budget that workers have been asked for and have not reported.
    pub(super) fn reserved(&self) -> u64 {
        self.reserved
    }
}

/// Executions of the budget that a worker doing this may use.
fn reserved(slot: &Slot) -> u64 {
    match slot {
        Slot::WarmingUp(_) | Slot::Sampling(_) | Slot::Recording(_) | Slot::Checking(_) => 1,
        Slot::Fuzzing(leases) => round::execs_of(leases),
        Slot::Trimming { execs, .. } => *execs,
        _ => 0,
    }
}

/// Whether all other workers wait for this.
fn is_alone(slot: &Slot) -> bool {
    matches!(slot, Slot::Investigating(suspect) if suspect.is_alone)
}

/// Most executions of trimming this entry, of which one is so much work.
pub(super) fn trim_execs(child: &Entry, work: u64) -> u64 {
    let by_len = MIN_TRIM_EXECS + child.input.len() as u64 / TRIM_BYTES_PER_EXEC;
    by_len.min((MAX_TRIM_WORK / work).max(MIN_TRIM_EXECS))
}

#[cfg(test)]
mod tests {
    use super::super::entries::EntryId;
    use super::super::round::Lease;
    use super::*;
    use shakedown_core::rng::Rng;

    #[test]
    fn the_counts_are_those_of_the_slots() {
        let mut rng = Rng::new(1);
        let mut slots = Slots::new(5);
        let lease = |execs| Lease { execs, ..Lease::of_nothing(EntryId(0)) };
        for step in 0..1000 {
            let slot = match rng.below(5) {
                0 => Slot::Absent,
                1 => Slot::Waiting,
                2 => Slot::Investigating(Suspect {
                    is_alone: rng.one_in(2),
                    ..Suspect::new(0, None)
                }),
                3 => Slot::Sampling(Sample {
                    input: Input::default(),
                    features: None,
                    is_settled: false,
                }),
                _ => Slot::Fuzzing([lease(step), lease(step)].into()),
            };
            slots.put(rng.below(5), slot);
            let all = || (0..5).map(|worker| slots.get(worker));
            let waiting = |slot: &Slot| matches!(slot, Slot::Waiting);
            assert_eq!(slots.first_waiting(), all().position(waiting));
            assert_eq!(slots.all_wait(), all().all(|s| waiting(s) || matches!(s, Slot::Absent)));
            assert_eq!(slots.reserved(), all().map(reserved).sum::<u64>());
            let busy = all().filter(|slot| matches!(slot, Slot::Investigating(_))).count();
            assert_eq!(slots.investigating(), busy);
            assert_eq!(slots.is_one_alone(), all().any(is_alone));
        }
    }
}
