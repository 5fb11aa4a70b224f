//! The counters of the program and the pass over them after every execution: bucket, compare with
//! the map of what has been seen, and zero, all at once.
//!
//! Most programs have far more counters than any input touches, so the pass is over the *live*
//! lines only, those that were ever hit. The others are *cold*: [`Counters::wake`] looks whether
//! one was hit and makes it live. The caller has to call it often enough, and to find out which
//! execution hit the line. Lines of [`super::observed`] are live from the moment that something is in
//! them.
#![expect(
    unsafe_code,
    reason = "counters are memory that instrumented code increments at any time"
)]

use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256i, __m512i};

use shakedown_core::features::OBSERVED;

use super::lanes::Lanes;
use super::observed::{self, LINE};

/// A program of up to this many lines has no cold ones: a pass over all lines costs less than
/// repeating executions.
const MAX_ALL_LIVE: usize = 64;

/// All coverage counters of the program, as one sequence.
///
/// Instrumented code of any thread increments them behind the back of the language, so they are
/// only ever touched through raw pointers, and never as references.
pub(crate) struct Counters {
    ranges: Vec<Range>,
    /// Whether the last range is that of what targets observe.
    has_observed: bool,
    /// Modules that are shorter than a line: their counters are moved to a line of their own.
    short: Vec<Short>,
    lines: Vec<Line>,
    /// For each line whether it is live.
    is_live: Vec<bool>,
    /// How many of the program's are not.
    cold: usize,
    live: Vec<Line>,
    /// The hits that the last pass took from each live line.
    taken: Vec<[u8; LINE]>,
    len: usize,
    vectors: Vectors,
}

/// The counters of one module.
struct Range {
    start: *mut u8,
    len: usize,
    /// Number of its first counter.
    at: usize,
    /// Its first line among all.
    line: usize,
}

struct Short {
    start: *mut u8,
    len: usize,
    line: *mut u8,
}

/// As many counters as fit a line of the cache. Nearly all lines are aligned like the cache; the
/// first and the last of a module may overlap their neighbours, so that all are equally long. What
/// they share is taken with the line that comes first.
#[derive(Clone, Copy)]
struct Line {
    ptr: *mut u8,
    /// Number of its first counter.
    at: usize,
}

/// The widest vectors that the machine has.
#[derive(Clone, Copy)]
enum Vectors {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Words,
}

impl Vectors {
    fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512bw") {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") {
                return Self::Avx2;
            }
        }
        Self::Words
    }
}

impl Counters {
    /// No counters: the program is not instrumented.
    #[cfg_attr(shakedown_coverage, expect(dead_code, reason = "for programs without coverage"))]
    pub(crate) fn none() -> Self {
        // SAFETY: there is no range.
        unsafe { Self::new(&[]) }
    }

    /// The counters between these bounds. All lines are cold, unless there are few.
    ///
    /// # Safety
    /// Every range must be memory with exposed provenance that stays readable and writable.
    pub(crate) unsafe fn new(bounds: &[(usize, usize)]) -> Self {
        // SAFETY: by the contract of this function.
        unsafe { Self::with_cold_above(MAX_ALL_LIVE, bounds) }
    }

    /// As [`Self::new`], with cold lines if there are more than `few`.
    ///
    /// # Safety
    /// As for [`Self::new`].
    unsafe fn with_cold_above(few: usize, bounds: &[(usize, usize)]) -> Self {
        let mut this = Self {
            ranges: Vec::new(),
            has_observed: false,
            short: Vec::new(),
            lines: Vec::new(),
            is_live: Vec::new(),
            cold: 0,
            live: Vec::new(),
            taken: Vec::new(),
            len: 0,
            vectors: Vectors::detect(),
        };
        for &(start, stop) in bounds {
            this.add(std::ptr::with_exposed_provenance_mut(start), stop - start);
        }
        this.is_live = vec![false; this.lines.len()];
        this.cold = this.lines.len();
        if this.lines.len() <= few {
            (0..this.lines.len()).for_each(|line| this.make_live(line));
        }
        this
    }

    /// The same, and behind them what targets observe.
    #[cfg_attr(
        not(any(shakedown_coverage, test)),
        expect(dead_code, reason = "for programs with coverage")
    )]
    pub(crate) fn with_observed(mut self) -> Self {
        let (start, stop) = observed::bounds();
        self.add(std::ptr::with_exposed_provenance_mut(start), stop - start);
        self.is_live.resize(self.lines.len(), false);
        self.has_observed = true;
        self
    }

    /// Whether there are lines that are only looked at now and then.
    pub(crate) fn has_cold(&self) -> bool {
        self.cold > 0
    }

    /// How many of the ranges are the program's.
    fn program_ranges(&self) -> usize {
        self.ranges.len() - usize::from(self.has_observed)
    }

    /// The first line of what targets observe.
    fn first_observed(&self) -> usize {
        self.ranges.get(self.program_ranges()).map_or(self.lines.len(), |range| range.line)
    }

    /// Counters that the tests of other modules hit, with cold lines if there are more than `few`.
    #[cfg(test)]
    pub(crate) fn of(memory: &'static [std::sync::atomic::AtomicU8], few: usize) -> Self {
        let start = memory.as_ptr().expose_provenance();
        // SAFETY: atomics in a static may be written at any time.
        unsafe { Self::with_cold_above(few, &[(start, start + memory.len())]) }
    }

    /// Adds the counters of a module.
    fn add(&mut self, start: *mut u8, len: usize) {
        if len < LINE {
            // Never freed: there are as many as there are short modules, until the process ends.
            let line = Box::leak(Box::new([0; LINE])).as_mut_ptr();
            self.lines.push(Line { ptr: line, at: self.len });
            let (at, first) = (self.len, self.lines.len() - 1);
            self.ranges.push(Range { start: line, len: LINE, at, line: first });
            self.short.push(Short { start, len, line });
            self.len += LINE;
            return;
        }
        let line = self.lines.len();
        // Where the memory is aligned, the numbers are aligned too, and so is the map.
        let first = self.len + start.addr() % LINE;
        let aligned = (LINE - start.addr() % LINE) % LINE;
        let middle = (aligned..=len - LINE).step_by(LINE);
        let ends = [(aligned > 0).then_some(0), Some(len - LINE)];
        let mut offsets: Vec<usize> = middle.chain(ends.into_iter().flatten()).collect();
        offsets.sort_unstable();
        offsets.dedup();
        let line_at = |offset| Line { ptr: start.wrapping_add(offset), at: first + offset };
        self.lines.extend(offsets.into_iter().map(line_at));
        self.ranges.push(Range { start, len, at: first, line });
        self.len = (first + len).next_multiple_of(LINE);
    }

    /// Number of counters and cells, with what alignment adds for each module.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Number of counters of the program, with what alignment adds for each module.
    pub(crate) fn of_program(&self) -> usize {
        self.len - if self.has_observed { OBSERVED } else { 0 }
    }

    /// Makes live every line of which `seen` (eight counters a word) has something.
    pub(crate) fn expect_seen(&mut self, seen: &[AtomicU64]) {
        for line in 0..self.lines.len() {
            let at = self.lines[line].at;
            let words = at / 8..(at + LINE).div_ceil(8);
            if seen[words].iter().any(|word| word.load(Ordering::Relaxed) != 0) {
                self.make_live(line);
            }
        }
    }

    fn make_live(&mut self, line: usize) {
        if !std::mem::replace(&mut self.is_live[line], true) {
            self.cold -= usize::from(line < self.first_observed());
            self.live.push(self.lines[line]);
            self.taken.push([0; LINE]);
        }
    }

    /// Makes live what targets have observed.
    #[inline(always)]
    fn wake_observed(&mut self) {
        if self.has_observed && observed::has_news() {
            let first = self.first_observed();
            observed::take_news().for_each(|line| self.make_live(first + line));
        }
    }

    /// Whether cold lines were hit since they were last looked at. They are live from now on, with
    /// their hits still in them.
    pub(crate) fn wake(&mut self) -> bool {
        let before = self.live.len();
        self.gather();
        (0..self.program_ranges()).for_each(|range| self.wake_range(range));
        // In the order of the memory, so that the processor can prefetch it.
        if self.live.len() > before {
            self.live.sort_unstable_by_key(|line| line.ptr);
        }
        self.live.len() > before
    }

    /// Makes live the lines of a range that were hit.
    fn wake_range(&mut self, range: usize) {
        let mut from = 0;
        while let Some(hit) = self.next_hit(range, from) {
            let line = self.line_at(range, hit);
            self.make_live(line);
            from = self.lines[line].ptr.addr() + LINE - self.ranges[range].start.addr();
        }
    }

    /// Takes the coverage of the execution that just ended from the live lines: zeroes them and
    /// returns whether there was a feature that `seen` (eight counters a word) lacks.
    #[inline(always)]
    pub(crate) fn take(&mut self, seen: &[AtomicU64]) -> bool {
        self.gather();
        self.wake_observed();
        assert!(seen.len() * 8 >= self.len, "a map of all counters");
        let seen = seen.as_ptr().cast();
        // SAFETY: the lines are writable memory by the contract of `new`, the map has a byte for
        // each counter, and the machine has these vectors.
        unsafe {
            match self.vectors {
                #[cfg(target_arch = "x86_64")]
                Vectors::Avx512 => pass_512(&self.live, &mut self.taken, seen),
                #[cfg(target_arch = "x86_64")]
                Vectors::Avx2 => pass_256(&self.live, &mut self.taken, seen),
                Vectors::Words => pass::<u64>(&self.live, &mut self.taken, seen),
            }
        }
    }

    /// The offset of a hit in a range, at least `from`, or of the line that has it.
    fn next_hit(&self, range: usize, from: usize) -> Option<usize> {
        let Range { start, len, .. } = self.ranges[range];
        // SAFETY: the range is readable by the contract of `new`, and the machine has these
        // vectors.
        unsafe {
            match self.vectors {
                #[cfg(target_arch = "x86_64")]
                Vectors::Avx512 => find_512(start, from, len),
                #[cfg(target_arch = "x86_64")]
                Vectors::Avx2 => find_256(start, from, len),
                Vectors::Words => find::<u64>(start, from, len),
            }
        }
    }

    /// The line that has the counter at this offset of a range.
    fn line_at(&self, range: usize, offset: usize) -> usize {
        let first = self.ranges[range].line;
        let end = self.ranges.get(range + 1).map_or(self.lines.len(), |next| next.line);
        let address = self.ranges[range].start.addr() + offset;
        let lines = &self.lines[first..end];
        first + lines.partition_point(|line| line.ptr.addr() <= address) - 1
    }

    /// As [`Self::take`], of all lines.
    pub(crate) fn take_all(&mut self, seen: &[AtomicU64]) -> bool {
        self.wake();
        self.take(seen)
    }

    /// Sets the counters of live lines to zero.
    pub(crate) fn clear(&mut self) {
        self.gather();
        self.wake_observed();
        for line in &self.live {
            // SAFETY: by the contract of `new`, or within a box.
            unsafe { line.ptr.write_bytes(0, LINE) };
        }
    }

    /// Sets all counters to zero. Lines in which something was are live from now on.
    pub(crate) fn reset(&mut self) {
        self.wake();
        self.clear();
    }

    /// Copies all counters to a slice of [`Self::len`] bytes.
    pub(crate) fn copy_to(&self, out: &mut [u8]) {
        self.gather();
        for range in &self.ranges {
            let out = &mut out[range.at..][..range.len];
            // SAFETY: by the contract of `new` the range is readable memory, as long as the slice.
            unsafe { range.start.copy_to_nonoverlapping(out.as_mut_ptr(), range.len) };
        }
    }

    /// Sets all counters to what [`Self::copy_to`] has copied in a copy of this process.
    pub(crate) fn copy_from(&mut self, copied: &[u8]) {
        for range in &self.ranges {
            let copied = &copied[range.at..][..range.len];
            // SAFETY: by the contract of `new` the range is writable memory, as long as the slice.
            unsafe { range.start.copy_from_nonoverlapping(copied.as_ptr(), range.len) };
        }
        // The notes of what was observed stay in the copy of the process.
        (self.program_ranges()..self.ranges.len()).for_each(|range| self.wake_range(range));
    }

    /// Writes the coverage that [`Self::take`] took last: one bucket byte a counter.
    pub(crate) fn snapshot(&self, out: &mut [u8]) {
        use shakedown_core::features::bucket;
        out.fill(0);
        for (line, taken) in self.live.iter().zip(&self.taken) {
            for (out, hits) in out[line.at..].iter_mut().zip(taken) {
                *out |= bucket(*hits);
            }
        }
    }

    /// Moves the counters of short modules to their lines.
    #[inline]
    fn gather(&self) {
        for short in &self.short {
            // SAFETY: by the contract of `new`, and the module is shorter than the line.
            unsafe {
                for at in 0..short.len {
                    let hits = short.start.add(at).replace(0);
                    *short.line.add(at) = (*short.line.add(at)).wrapping_add(hits);
                }
            }
        }
    }
}

/// The pass over the live lines; see [`Counters::take`].
///
/// # Safety
/// The lines must be writable, `seen` must have a byte for each counter, and the machine the
/// vectors.
#[inline(always)]
unsafe fn pass<V: Lanes>(live: &[Line], taken: &mut [[u8; LINE]], seen: *const u8) -> bool {
    // SAFETY: by the contract; `part` counts the vectors of a line.
    unsafe {
        let mut news = V::zero();
        for (line, taken) in live.iter().zip(taken) {
            let (ptr, taken) = (line.ptr.cast::<V>(), taken.as_mut_ptr().cast::<V>());
            let parts = 0..LINE / size_of::<V>();
            let mut any = V::zero();
            for part in parts.clone() {
                let hits = ptr.add(part).read_unaligned();
                taken.add(part).write_unaligned(hits);
                any = any.or(hits);
            }
            if any.is_zero() {
                continue;
            }
            let seen = seen.add(line.at).cast::<V>();
            for part in parts {
                let buckets = taken.add(part).read_unaligned().buckets();
                ptr.add(part).write_unaligned(V::zero());
                // Another process adds to the map at any time: an old value means one more report.
                news = news.or(buckets.without(seen.add(part).read_unaligned()));
            }
        }
        !news.is_zero()
    }
}

/// The offset of a hit in `start..start + len`, or of the aligned line that has it; from `from` on.
///
/// # Safety
/// The range must be readable, and the machine must have the vectors.
#[inline(always)]
unsafe fn find<V: Lanes>(start: *const u8, from: usize, len: usize) -> Option<usize> {
    const STRIDE: usize = 4 * LINE;
    // SAFETY: by the contract; nothing beyond `len` is read.
    unsafe {
        let any = |at: usize, count: usize| {
            let ptr = start.add(at).cast::<V>();
            let parts = 0..count / size_of::<V>();
            !parts.fold(V::zero(), |any, part| any.or(ptr.add(part).read_unaligned())).is_zero()
        };
        let hit = |at: usize| *start.add(at) != 0;
        let aligned = (from + (start.addr() + from).wrapping_neg() % LINE).min(len);
        if let Some(found) = (from..aligned).find(|at| hit(*at)) {
            return Some(found);
        }
        let mut at = aligned;
        while at + STRIDE <= len && !any(at, STRIDE) {
            at += STRIDE;
        }
        while at + LINE <= len {
            if any(at, LINE) {
                return Some(at);
            }
            at += LINE;
        }
        (at..len).find(|at| hit(*at))
    }
}

/// [`pass`] and [`find`] with the features that their vectors need.
macro_rules! with_features {
    ($features:literal, $vector:ty, $pass:ident, $find:ident) => {
        /// # Safety
        /// As for [`pass`].
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = $features)]
        unsafe fn $pass(live: &[Line], taken: &mut [[u8; LINE]], seen: *const u8) -> bool {
            // SAFETY: the contract is the same.
            unsafe { pass::<$vector>(live, taken, seen) }
        }

        /// # Safety
        /// As for [`find`].
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = $features)]
        unsafe fn $find(start: *const u8, from: usize, len: usize) -> Option<usize> {
            // SAFETY: the contract is the same.
            unsafe { find::<$vector>(start, from, len) }
        }
    };
}

with_features!("avx512f,avx512bw", __m512i, pass_512, find_512);
with_features!("avx2", __m256i, pass_256, find_256);

#[cfg(test)]
mod tests {
    use shakedown_core::features::bucket;
    use shakedown_core::rng::Rng;

    use super::*;

    /// Counters of two modules that `memory` is split into, with cold lines if more than `few`.
    fn counters(memory: &mut [u8], split: usize, few: usize) -> Counters {
        let start = memory.as_mut_ptr().expose_provenance();
        let bounds = [(start, start + split), (start + split, start + memory.len())];
        // SAFETY: the memory outlives the counters in each test, and its provenance is exposed.
        unsafe { Counters::with_cold_above(few, &bounds) }
    }

    fn seen(counters: &Counters) -> Vec<AtomicU64> {
        (0..counters.len() / 8).map(|_| AtomicU64::new(0)).collect()
    }

    fn snapshot(counters: &Counters) -> Vec<u8> {
        let mut out = vec![9; counters.len()];
        counters.snapshot(&mut out);
        out
    }

    /// The buckets of a snapshot that are set, without the gaps of alignment.
    fn set(snapshot: &[u8]) -> Vec<u8> {
        snapshot.iter().copied().filter(|bits| *bits != 0).collect()
    }

    /// All vectors that this machine has.
    fn all_vectors() -> Vec<Vectors> {
        #[cfg(target_arch = "x86_64")]
        {
            let mut all = vec![Vectors::Words];
            if is_x86_feature_detected!("avx2") {
                all.push(Vectors::Avx2);
            }
            if is_x86_feature_detected!("avx512bw") {
                all.push(Vectors::Avx512);
            }
            all
        }
        #[cfg(not(target_arch = "x86_64"))]
        vec![Vectors::Words]
    }

    /// Against the definition: programs of every size around the lines, at every alignment, with
    /// few hits and many.
    #[test]
    fn a_pass_over_all_finds_every_hit_and_leaves_none() {
        let mut rng = Rng::new(1);
        for vectors in all_vectors() {
            for len in (0..300).chain([1000, 4096]) {
                for density in [1, 3, 40, 1000] {
                    let mut memory: Vec<u8> = (0..len)
                        .map(|_| if rng.one_in(density) { rng.u32() as u8 } else { 0 })
                        .collect();
                    let expected: Vec<u8> =
                        memory.iter().map(|hits| bucket(*hits)).filter(|b| *b != 0).collect();
                    let mut counters = counters(&mut memory, rng.below(len + 1), rng.below(4));
                    counters.vectors = vectors;
                    let map = seen(&counters);
                    assert_eq!(counters.take_all(&map), !expected.is_empty());
                    assert_eq!(set(&snapshot(&counters)), expected);
                    assert!(!counters.take_all(&map));
                    assert_eq!(set(&snapshot(&counters)), [0; 0]);
                    assert_eq!(memory, vec![0; len]);
                }
            }
        }
    }

    #[test]
    fn a_counter_has_the_same_number_with_every_pass() {
        let mut memory = [0; 1000];
        let mut counters = counters(&mut memory, 130, 0);
        let map = seen(&counters);
        let mut numbers = Vec::new();
        let mut hit_once = |at: usize| memory[at] = 1;
        for at in 0..1000 {
            hit_once(at);
            assert!(counters.take_all(&map));
            let hit = snapshot(&counters);
            assert_eq!(set(&hit), [1]);
            numbers.push(hit.iter().position(|bits| *bits != 0).unwrap());
            hit_once(at);
            assert!(counters.take(&map), "its line is live");
            assert_eq!(snapshot(&counters), hit);
        }
        assert!(numbers.is_sorted_by(|one, two| one < two), "{numbers:?}");
    }

    #[test]
    fn counters_are_copied_to_where_they_were() {
        let mut memory: Vec<u8> = (0..200).collect();
        let mut twin = memory.clone();
        let (mut counters, mut others) = (counters(&mut memory, 19, 0), counters(&mut twin, 19, 0));
        let mut copied = vec![0; counters.len()];
        counters.copy_to(&mut copied);
        counters.reset();
        counters.copy_from(&copied);
        for counters in [&mut counters, &mut others] {
            let map = seen(counters);
            assert!(counters.take_all(&map));
        }
        assert_eq!(set(&snapshot(&counters)), set(&snapshot(&others)));
    }

    #[test]
    fn only_features_not_seen_are_news() {
        let mut memory = [0; 128];
        let mut counters = counters(&mut memory, 128, MAX_ALL_LIVE);
        let map = seen(&counters);
        memory[8] = 1;
        memory[9] = 2;
        counters.take(&map);
        for (word, buckets) in map.iter().zip(snapshot(&counters).chunks(8)) {
            word.store(u64::from_le_bytes(buckets.try_into().unwrap()), Ordering::Relaxed);
        }
        let mut hit = |at: usize, hits| {
            memory[at] = hits;
            counters.take(&map)
        };
        assert!(!hit(8, 1), "seen");
        assert!(hit(8, 2), "another bucket of a counter that was seen");
        assert!(!hit(9, 3 - 1), "seen");
        assert!(hit(7, 1), "never seen");
    }

    /// The only test that observes: the cells are those of the process.
    #[test]
    fn what_is_observed_is_news_once_and_costs_nothing_before() {
        let mut memory = [0; 10_000];
        let mut counters = counters(&mut memory, 5000, 0).with_observed();
        let map = seen(&counters);
        assert!(!counters.take_all(&map) && counters.live.is_empty());
        assert_eq!(counters.len() - counters.of_program(), OBSERVED);
        let mut observed = Vec::new();
        for hash in [0, u64::MAX, 77 << 50] {
            observed::set(hash);
            assert!(counters.take(&map), "no look at cold lines is needed");
            let hit = snapshot(&counters);
            assert_eq!(set(&hit), [1]);
            observed.push(hit.iter().position(|bits| *bits != 0).unwrap() - counters.of_program());
            assert!(!counters.take(&map), "it is taken");
        }
        assert_eq!(observed, [0, OBSERVED - 1, 77]);
        observed::set(1 << 60);
        counters.clear();
        assert!(!counters.take(&map), "what was rejected counts for nothing");
    }

    #[test]
    fn lines_of_the_map_are_live_from_the_start() {
        let mut memory = vec![0; 10_000];
        let mut counters = counters(&mut memory, 10_000, 0);
        let map = seen(&counters);
        map[500].store(1, Ordering::Relaxed);
        counters.expect_seen(&map);
        assert_eq!(counters.live.len(), 1);
        assert!((counters.live[0].at..counters.live[0].at + LINE).contains(&4000));
    }
}
