//! Coverage features: hit counts in buckets, as bits of one byte a counter.
//!
//! The eight buckets are those of AFL (1, 2, 3, 4–7, 8–15, 16–31, 32–127, 128 and more); a feature
//! is one (counter, bucket) pair, and a coverage map holds for every counter the set of buckets
//! that have been seen. Behind the counters of a program are cells for what the target observes, which
//! are hit at most once.

/// How many cells there are for what targets observe.
pub const OBSERVED: usize = 1 << 14;

/// How many counters and cells there are in all for a program with this many counters: none if it has
/// no counters.
#[must_use]
pub const fn cells(counters: usize) -> usize {
    if counters == 0 { 0 } else { counters + OBSERVED }
}

/// Number of the feature for bucket `bit` (0 to 7) of counter `counter`.
#[must_use]
pub fn feature(counter: usize, bit: u32) -> u32 {
    (counter as u32) << 3 | bit
}

/// Whether a feature is the last bucket of its counter: something happens very often.
#[must_use]
pub fn is_last_bucket(feature: u32) -> bool {
    feature & 7 == 7
}

/// The bucket of a hit count as a byte with one bit set; 0 for a counter that was not hit.
#[inline]
#[must_use]
pub const fn bucket(hits: u8) -> u8 {
    match hits {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        4..=7 => 8,
        8..=15 => 16,
        16..=31 => 32,
        32..=127 => 64,
        128.. => 128,
    }
}

/// [`bucket`] of every hit count, for table look-up.
pub static BUCKETS: [u8; 256] = {
    let mut table = [0; 256];
    let mut hits = 0;
    while hits < 256 {
        table[hits] = bucket(hits as u8);
        hits += 1;
    }
    table
};

/// The features of a snapshot (one [`bucket`] a counter), ascending.
pub fn features(snapshot: &[u8]) -> impl Iterator<Item = u32> + '_ {
    snapshot
        .iter()
        .enumerate()
        .filter(|(_, bits)| **bits != 0)
        .map(|(counter, bits)| feature(counter, bits.trailing_zeros()))
}

/// Whether a snapshot has every feature of `wanted`, an ascending list.
#[must_use]
pub fn covers(snapshot: &[u8], wanted: &[u32]) -> bool {
    wanted.iter().all(|feature| {
        snapshot.get((feature >> 3) as usize).is_some_and(|bits| bits >> (feature & 7) & 1 != 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hit_count_has_one_bucket() {
        assert_eq!(BUCKETS[0], 0);
        assert!(BUCKETS[1..].iter().all(|bits| bits.is_power_of_two()));
        assert!(BUCKETS[1..].is_sorted());
        assert_eq!(BUCKETS[4], BUCKETS[7]);
        assert_ne!(BUCKETS[7], BUCKETS[8]);
    }

    #[test]
    fn features_name_counter_and_bucket() {
        let snapshot = [0, bucket(1), bucket(200)];
        assert_eq!(features(&snapshot).collect::<Vec<_>>(), [8, 23]);
        assert!(covers(&snapshot, &[8, 23]) && !covers(&snapshot, &[9]));
    }
}
