//! Which counters a target has hit, and by which inputs, for whoever looks at its source. It is made anew
//! only when there is another one, and not at every status: with many counters that takes its time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::campaign::{EntryId, Input, Search};
use crate::report::Sight;
use crate::store::corpus::Corpus;

/// Least time between two looks.
const PERIOD: Duration = Duration::from_secs(1);

/// What was hit at the last look.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Whether somebody looks at more than numbers.
    is_watched: bool,
    /// How many counters were hit.
    edges: usize,
    /// When to look next.
    due: Duration,
    /// A bit for each counter, the lowest of a byte first.
    hit: Arc<[u8]>,
    /// The number of the shortest input that hits a counter, 0 for none.
    nearest: Arc<[u64]>,
    /// Numbers of inputs that are in no file.
    numbers: HashMap<EntryId, u64>,
}

impl Seen {
    /// Nothing yet.
    pub(super) fn new(is_watched: bool) -> Self {
        let (hit, nearest, numbers) = Default::default();
        Self { is_watched, edges: 0, due: Duration::ZERO, hit, nearest, numbers }
    }

    /// Whether somebody looks at more than numbers.
    pub(super) fn is_watched(&self) -> bool {
        self.is_watched
    }

    /// The same for a report.
    pub(super) fn sight(&self) -> Sight {
        let (hit, nearest) = (self.hit.clone(), self.nearest.clone());
        Sight { edges: self.edges, hit, nearest, ..Sight::default() }
    }

    /// Looks again, if it is time.
    pub(super) fn look(&mut self, search: &Search, corpus: &Corpus, elapsed: Duration) {
        let edges = search.coverage().edges();
        if self.edges == edges || elapsed < self.due {
            return;
        }
        self.due = elapsed.saturating_add(PERIOD);
        self.edges = edges;
        let bits = |bytes: &[u8]| {
            (0..).zip(bytes).fold(0, |bits, (at, byte)| bits | u8::from(*byte != 0) << at)
        };
        self.hit = search.coverage().counters().chunks(8).map(bits).collect();
        if self.is_watched {
            let numbers = &mut self.numbers;
            let mut number = |(id, input): (EntryId, &Input)| match input {
                Input::Stored(stored) => stored.name,
                Input::Bytes(bytes) => {
                    *numbers.entry(id).or_insert_with(|| corpus.number_of(bytes))
                }
            };
            self.nearest = search.witnesses().map(|found| found.map_or(0, &mut number)).collect();
        }
    }
}
