//! The shared memory of one worker: its regions, and who writes them when.
//!
//! During a call the worker owns all of it; outside calls the coordinator does. The header is the
//! exception: see [`super::page`].
//!
//! | region | written by | holds |
//! | --- | --- | --- |
//! | header | both | [`super::page`] |
//! | entries | coordinator | the entry that a call works on, or several, each right behind the one before |
//! | donors | coordinator | in the same way, what is spliced with them |
//! | hints | coordinator | in the same way, what is known of the comparisons that they meet |
//! | input | worker | the input being executed, mutated in place |
//! | snapshot | worker | coverage of the last reported execution: one bucket byte a counter, and a cell |

use super::page;
use crate::features;

/// Smallest size of each region of entries, donors and hints, in bytes: many are short, and then a
/// call has many.
const MIN_ROOM: usize = 1 << 16;

/// Where each region is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Most bytes of an encoded input; the size of the input region before rounding up to pages.
    pub capacity: usize,
    /// Number of coverage counters of the program.
    pub counters: usize,
}

impl Layout {
    fn pages(bytes: usize) -> usize {
        bytes.next_multiple_of(page::SIZE)
    }

    /// Most bytes of all entries of a call, of all donors, and of all hints: the size of each of
    /// these regions before rounding up to pages.
    #[must_use]
    pub fn room(self) -> usize {
        self.capacity.max(MIN_ROOM)
    }

    /// Offset of the entries.
    #[must_use]
    pub fn entries(self) -> usize {
        page::SIZE
    }

    /// Offset of the donors.
    #[must_use]
    pub fn donors(self) -> usize {
        self.entries() + Self::pages(self.room())
    }

    /// Offset of the hints.
    #[must_use]
    pub fn hints(self) -> usize {
        self.donors() + Self::pages(self.room())
    }

    /// Offset of the input.
    #[must_use]
    pub fn input(self) -> usize {
        self.hints() + Self::pages(self.room())
    }

    /// Offset of the snapshot.
    #[must_use]
    pub fn snapshot(self) -> usize {
        self.input() + Self::pages(self.capacity)
    }

    /// Size of the snapshot in bytes: of [`features::cells`].
    #[must_use]
    pub fn cells(self) -> usize {
        features::cells(self.counters)
    }

    /// Size of the whole in bytes.
    #[must_use]
    pub fn total(self) -> usize {
        self.snapshot() + Self::pages(self.cells().max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_follow_each_other_on_page_borders() {
        let starts = |capacity| {
            let layout = Layout { capacity, counters: 3 };
            let borders = [layout.entries(), layout.donors(), layout.hints(), layout.input()];
            (borders, layout.snapshot(), layout.total())
        };
        assert_eq!(starts(5000), ([4096, 69632, 135_168, 200_704], 208_896, 229_376));
        assert_eq!(starts(70_000), ([4096, 77824, 151_552, 225_280], 299_008, 319_488));
    }
}
