//! The counters of the program and the pass over them after every execution: bucket, compare with
//! the map of what has been seen, and zero, all at once.
#![expect(
    unsafe_code,
    reason = "counters are memory that instrumented code increments at any time"
)]

use std::sync::atomic::{AtomicU64, Ordering};

use shakedown_core::features::BUCKETS;

/// Counters are looked at eight at a time.
const WORD: usize = 8;

/// All coverage counters of the program, as one sequence.
///
/// Instrumented code of any thread increments them behind the back of the language, so they are
/// only ever touched through raw volatile access.
pub(crate) struct Counters {
    ranges: Vec<Range>,
    len: usize,
    /// What the last execution touched: word number and buckets. Kept to report a snapshot after
    /// the counters are zeroed, without a second pass.
    touched: Vec<(u32, u64)>,
}

/// The counters of one module, rounded up to whole words in the numbering of all.
struct Range {
    start: *mut u8,
    len: usize,
    first_word: usize,
}

impl Counters {
    /// No counters: the program is not instrumented.
    #[cfg_attr(shakedown_coverage, expect(dead_code, reason = "for programs without coverage"))]
    pub(crate) fn none() -> Self {
        Self { ranges: Vec::new(), len: 0, touched: Vec::new() }
    }

    /// The counters between these bounds.
    ///
    /// # Safety
    /// Every range must be memory with exposed provenance that stays readable and writable.
    #[cfg_attr(
        not(any(test, shakedown_coverage)),
        expect(dead_code, reason = "only sancov has bounds")
    )]
    pub(crate) unsafe fn new(bounds: &[(usize, usize)]) -> Self {
        let mut words = 0;
        let mut ranges = Vec::new();
        for &(start, stop) in bounds {
            let len = stop - start;
            ranges.push(Range {
                start: std::ptr::with_exposed_provenance_mut(start),
                len,
                first_word: words,
            });
            words += len.div_ceil(WORD);
        }
        Self { ranges, len: words * WORD, touched: Vec::with_capacity(words) }
    }

    /// Number of counters, rounded up to whole words for each module.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Sets all counters to zero.
    pub(crate) fn reset(&mut self) {
        for range in &self.ranges {
            // SAFETY: by the contract of `new` the range is writable memory.
            unsafe { std::ptr::write_bytes(range.start, 0, range.len) };
        }
    }

    /// Takes the coverage of the execution that just ended: zeroes the counters and tells whether
    /// there was a feature that `seen` lacks.
    pub(crate) fn take(&mut self, seen: &[AtomicU64]) -> bool {
        self.touched.clear();
        let mut news = 0;
        for range in &self.ranges {
            let words = range.len / WORD;
            for word in 0..words {
                // SAFETY: by the contract of `new`; `word` is within the whole words of the range.
                let place = unsafe { range.start.cast::<u64>().add(word) };
                // SAFETY: as above; the start of a range need not be aligned.
                let hits = unsafe { place.read_unaligned() };
                if hits == 0 {
                    continue;
                }
                // SAFETY: as above.
                unsafe { place.write_unaligned(0) };
                news |= note(&mut self.touched, seen, range.first_word + word, hits);
            }
            let mut rest = [0; WORD];
            for at in words * WORD..range.len {
                // SAFETY: by the contract of `new`; `at` is within the range.
                rest[at - words * WORD] = unsafe { range.start.add(at).replace(0) };
            }
            let hits = u64::from_le_bytes(rest);
            if hits != 0 {
                news |= note(&mut self.touched, seen, range.first_word + words, hits);
            }
        }
        news != 0
    }

    /// Writes the coverage that [`Self::take`] took last: one bucket byte a counter.
    pub(crate) fn snapshot(&self, out: &mut [u8]) {
        out.fill(0);
        for &(word, buckets) in &self.touched {
            let start = word as usize * WORD;
            out[start..start + WORD].copy_from_slice(&buckets.to_le_bytes());
        }
    }
}

/// Puts the hits of one word into buckets, remembers them, and returns the bits not yet seen.
#[inline]
fn note(touched: &mut Vec<(u32, u64)>, seen: &[AtomicU64], word: usize, hits: u64) -> u64 {
    let buckets = u64::from_le_bytes(hits.to_le_bytes().map(|hits| BUCKETS[usize::from(hits)]));
    touched.push((word as u32, buckets));
    buckets & !seen[word].load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(memory: &mut [u8], split: usize) -> Counters {
        let start = memory.as_mut_ptr().expose_provenance();
        // SAFETY: the memory outlives the counters in each test, and its provenance is exposed.
        unsafe { Counters::new(&[(start, start + split), (start + split, start + memory.len())]) }
    }

    fn seen(words: usize) -> Vec<AtomicU64> {
        (0..words).map(|_| AtomicU64::new(0)).collect()
    }

    #[test]
    fn ranges_of_any_length_become_one_sequence() {
        let mut memory = [0; 24];
        memory[0] = 1;
        memory[10] = 3;
        memory[23] = 255;
        let mut counters = counters(&mut memory, 11);
        assert_eq!(counters.len(), 32);
        assert!(counters.take(&seen(4)));
        let mut snapshot = [9; 32];
        counters.snapshot(&mut snapshot);
        let set: Vec<_> = snapshot.iter().enumerate().filter(|(_, bits)| **bits != 0).collect();
        assert_eq!(set, [(0, &1), (10, &4), (16 + 12, &128)]);
        assert_eq!(memory, [0; 24]);
    }

    #[test]
    fn only_features_not_seen_are_news() {
        let mut memory = [0; 16];
        let seen = seen(2);
        seen[1].store(0x0000_0000_0000_0201, Ordering::Relaxed);
        let mut counters = counters(&mut memory, 16);
        let mut hit = |at: usize, hits| {
            // SAFETY: within the memory, which outlives the counters.
            unsafe { counters.ranges[0].start.add(at).write(hits) };
            counters.take(&seen)
        };
        assert!(!hit(8, 1), "seen");
        assert!(hit(8, 2), "another bucket of a counter that was seen");
        assert!(!hit(9, 2), "seen");
        assert!(hit(7, 1), "never seen");
    }
}
