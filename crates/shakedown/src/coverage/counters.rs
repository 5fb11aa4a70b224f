//! The counters of the program and the pass over them after every execution: bucket, compare with
//! the map of what has been seen, and zero, all at once.
#![expect(
    unsafe_code,
    reason = "counters are memory that instrumented code increments at any time"
)]

use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(target_endian = "big")]
compile_error!("counters are read as little-endian words");

/// Counters are put into buckets sixteen at a time: a vector of every x86-64 and AArch64 machine.
const BLOCK: usize = 16;

/// They are searched for hits sixty-four at a time, for most programs have far more counters than
/// an execution touches.
const STRIDE: usize = 4 * BLOCK;

/// All coverage counters of the program, as one sequence.
///
/// Instrumented code of any thread increments them behind the back of the language, so they are
/// only ever touched through raw pointers, and never as references.
pub(crate) struct Counters {
    ranges: Vec<Range>,
    len: usize,
    /// What the last execution touched: number of a block and its buckets. Kept to report a snapshot
    /// after the counters are zeroed, without a second pass.
    touched: Vec<(u32, [u64; 2])>,
}

/// The counters of one module, rounded up to whole blocks in the numbering of all.
struct Range {
    start: *mut u8,
    len: usize,
    first_block: usize,
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
        let mut blocks = 0;
        let mut ranges = Vec::new();
        for &(start, stop) in bounds {
            let len = stop - start;
            let start = std::ptr::with_exposed_provenance_mut(start);
            ranges.push(Range { start, len, first_block: blocks });
            blocks += len.div_ceil(BLOCK);
        }
        Self { ranges, len: blocks * BLOCK, touched: Vec::with_capacity(blocks) }
    }

    /// Number of counters, rounded up to whole blocks for each module.
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

    /// Copies all counters to a slice of [`Self::len`] bytes.
    pub(crate) fn copy_to(&self, out: &mut [u8]) {
        for range in &self.ranges {
            let out = &mut out[range.first_block * BLOCK..][..range.len];
            // SAFETY: by the contract of `new` the range is readable memory, as long as the slice.
            unsafe { std::ptr::copy_nonoverlapping(range.start, out.as_mut_ptr(), range.len) };
        }
    }

    /// Sets all counters to what [`Self::copy_to`] has copied in a copy of this process.
    pub(crate) fn copy_from(&mut self, copied: &[u8]) {
        for range in &self.ranges {
            let copied = &copied[range.first_block * BLOCK..][..range.len];
            // SAFETY: by the contract of `new` the range is writable memory, as long as the slice.
            unsafe { std::ptr::copy_nonoverlapping(copied.as_ptr(), range.start, range.len) };
        }
    }

    /// Takes the coverage of the execution that just ended: zeroes the counters and tells whether
    /// there was a feature that `seen` (eight counters a word) lacks.
    pub(crate) fn take(&mut self, seen: &[AtomicU64]) -> bool {
        self.touched.clear();
        let mut news = 0;
        for range in &self.ranges {
            let mut at = 0;
            while at + STRIDE <= range.len {
                // SAFETY: by the contract of `new`, and the stride is within the range.
                let place = unsafe { range.start.add(at) }.cast::<[[u64; 2]; STRIDE / BLOCK]>();
                // SAFETY: as above; the start of a range need not be aligned.
                let stride = unsafe { place.read_unaligned() };
                if stride.as_flattened().iter().fold(0, |any, word| any | word) != 0 {
                    // SAFETY: as above.
                    unsafe { place.write_unaligned([[0; 2]; STRIDE / BLOCK]) };
                    for (index, hits) in stride.into_iter().enumerate() {
                        let block = range.first_block + at / BLOCK + index;
                        news |= note(&mut self.touched, seen, block, hits);
                    }
                }
                at += STRIDE;
            }
            while at < range.len {
                let len = BLOCK.min(range.len - at);
                let mut hits = [0u64; 2];
                // SAFETY: by the contract of `new`, and `len` bytes from `at` are within the range,
                // and not more than `hits` has.
                unsafe {
                    let place = range.start.add(at);
                    place.copy_to_nonoverlapping(hits.as_mut_ptr().cast(), len);
                    place.write_bytes(0, len);
                }
                news |= note(&mut self.touched, seen, range.first_block + at / BLOCK, hits);
                at += BLOCK;
            }
        }
        news != 0
    }

    /// Writes the coverage that [`Self::take`] took last: one bucket byte a counter.
    pub(crate) fn snapshot(&self, out: &mut [u8]) {
        out.fill(0);
        for (block, buckets) in &self.touched {
            let out = &mut out[*block as usize * BLOCK..][..BLOCK];
            out[..BLOCK / 2].copy_from_slice(&buckets[0].to_le_bytes());
            out[BLOCK / 2..].copy_from_slice(&buckets[1].to_le_bytes());
        }
    }
}

/// Puts the hits of a block into buckets, remembers them, and returns the bits not yet seen.
#[inline]
fn note(
    touched: &mut Vec<(u32, [u64; 2])>,
    seen: &[AtomicU64],
    block: usize,
    hits: [u64; 2],
) -> u64 {
    if hits[0] | hits[1] == 0 {
        return 0;
    }
    let buckets = buckets(hits);
    touched.push((block as u32, buckets));
    let seen = &seen[2 * block..2 * block + 2];
    (buckets[0] & !seen[0].load(Ordering::Relaxed))
        | (buckets[1] & !seen[1].load(Ordering::Relaxed))
}

/// The bucket of every hit count, as [`shakedown_core::features::bucket`] gives it.
///
/// A bucket's bit is the exclusive or of a mask for every threshold that the count reaches: each
/// mask takes the bit of the bucket before away and adds the next.
#[cfg(target_arch = "x86_64")]
#[inline]
fn buckets(hits: [u64; 2]) -> [u64; 2] {
    // SAFETY: SSE2 is part of every x86-64.
    unsafe { sse2_buckets(hits) }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "sse2")]
fn sse2_buckets(hits: [u64; 2]) -> [u64; 2] {
    use std::arch::x86_64::{
        _mm_and_si128, _mm_cmpeq_epi8, _mm_cvtsi128_si64, _mm_max_epu8, _mm_set_epi64x,
        _mm_set1_epi8, _mm_setzero_si128, _mm_unpackhi_epi64, _mm_xor_si128,
    };
    const STEPS: [(u8, u8); 8] = [
        (1, 1),
        (2, 1 ^ 2),
        (3, 2 ^ 4),
        (4, 4 ^ 8),
        (8, 8 ^ 16),
        (16, 16 ^ 32),
        (32, 32 ^ 64),
        (128, 64 ^ 128),
    ];
    let hits = _mm_set_epi64x(hits[1] as i64, hits[0] as i64);
    let mut buckets = _mm_setzero_si128();
    for (threshold, mask) in STEPS {
        let reached = _mm_cmpeq_epi8(_mm_max_epu8(hits, _mm_set1_epi8(threshold as i8)), hits);
        let mask = _mm_and_si128(reached, _mm_set1_epi8(mask as i8));
        buckets = _mm_xor_si128(buckets, mask);
    }
    let high = _mm_unpackhi_epi64(buckets, buckets);
    [_mm_cvtsi128_si64(buckets) as u64, _mm_cvtsi128_si64(high) as u64]
}

/// The bucket of every hit count, as [`shakedown_core::features::bucket`] gives it.
#[cfg(not(target_arch = "x86_64"))]
#[inline]
fn buckets(hits: [u64; 2]) -> [u64; 2] {
    use shakedown_core::features::BUCKETS;
    hits.map(|hits| u64::from_le_bytes(hits.to_le_bytes().map(|hits| BUCKETS[usize::from(hits)])))
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
    fn every_hit_count_gets_its_bucket() {
        use shakedown_core::features::bucket;
        for hits in 0..=255u8 {
            let expected = u64::from_ne_bytes([bucket(hits); 8]);
            assert_eq!(buckets([u64::from_ne_bytes([hits; 8]); 2]), [expected; 2]);
        }
    }

    /// Against the definition, for programs of every size around the strides, with few hits and many.
    #[test]
    fn a_pass_finds_every_hit_and_leaves_none() {
        use shakedown_core::{features::bucket, rng::Rng};
        let mut rng = Rng::new(1);
        for len in (0..200).chain([1000, 4096]) {
            for density in [1, 3, 40, 1000] {
                let mut memory: Vec<u8> = (0..len)
                    .map(|_| if rng.one_in(density) { rng.u32() as u8 } else { 0 })
                    .collect();
                let expected: Vec<u8> = memory.iter().map(|hits| bucket(*hits)).collect();
                let mut counters = counters(&mut memory, 0);
                let mut snapshot = vec![9; counters.len()];
                let any = counters.take(&seen(counters.len() / 8));
                counters.snapshot(&mut snapshot);
                assert_eq!(any, expected.iter().any(|bits| *bits != 0));
                assert_eq!(snapshot[..len], expected);
                assert!(snapshot[len..].iter().all(|bits| *bits == 0));
                assert!(!counters.take(&seen(counters.len() / 8)));
                assert_eq!(memory, vec![0; len]);
            }
        }
    }

    #[test]
    fn counters_are_copied_to_where_they_were() {
        let mut memory: Vec<u8> = (0..40).collect();
        let original = memory.clone();
        let mut counters = counters(&mut memory, 19);
        let mut copied = vec![0; counters.len()];
        counters.copy_to(&mut copied);
        counters.reset();
        counters.copy_from(&copied);
        assert_eq!(memory, original);
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
