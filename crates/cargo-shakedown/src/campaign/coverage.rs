//! What the campaign has seen of a target: the features, and how many.

use shakedown_core::features::{cells, feature};

/// For every counter the set of buckets seen; the coordinator's copy of the map that the workers
/// share. Of a counter that is not trusted all buckets count as seen, so that no worker ever takes
/// it for news.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    map: Vec<u8>,
    distrusted: Vec<bool>,
    /// How many of the map are counters of the program; cells of what the target observes follow.
    counters: usize,
    edges: usize,
    distrusted_edges: usize,
    features: usize,
}

/// All buckets of a counter.
const ALL_BUCKETS: u8 = 0xff;

impl Coverage {
    /// Nothing seen yet of a program with this many counters.
    #[must_use]
    pub fn new(counters: usize) -> Self {
        let cells = cells(counters);
        Self { map: vec![0; cells], distrusted: vec![false; cells], counters, ..Self::default() }
    }

    /// Number of counters that have ever been hit.
    #[must_use]
    pub fn edges(&self) -> usize {
        self.edges
    }

    /// Number of features seen of counters that are trusted.
    #[must_use]
    pub fn features(&self) -> usize {
        self.features
    }

    /// Share of the counters hit that are trusted, 0 to 1.
    #[must_use]
    pub fn stability(&self) -> f64 {
        1.0 - self.distrusted_edges as f64 / self.edges.max(1) as f64
    }

    /// Whether the counter of this feature is trusted.
    #[must_use]
    pub fn trusts(&self, feature: u32) -> bool {
        self.distrusted.get((feature >> 3) as usize).is_some_and(|distrusted| !distrusted)
    }

    /// Trusts a counter no longer; returns whether it was trusted until now.
    pub fn distrust(&mut self, counter: usize) -> bool {
        let Some(buckets) = self.map.get_mut(counter).filter(|_| !self.distrusted[counter]) else {
            return false;
        };
        let is_edge = counter < self.counters;
        self.edges += usize::from(*buckets == 0 && is_edge);
        self.features -= buckets.count_ones() as usize;
        *buckets = ALL_BUCKETS;
        self.distrusted[counter] = true;
        self.distrusted_edges += usize::from(is_edge);
        true
    }

    /// The map, one byte a counter, and then one a cell of what the target observes.
    #[must_use]
    pub fn map(&self) -> &[u8] {
        &self.map
    }

    /// The counters of the program alone.
    #[must_use]
    pub fn counters(&self) -> &[u8] {
        &self.map[..self.counters]
    }

    /// Adds features; returns those that are new. Numbers beyond the map are ignored: a worker
    /// that sends them is broken, and nothing good would come of believing it.
    pub fn merge(&mut self, features: &[u32]) -> Vec<u32> {
        let mut new = Vec::new();
        for &number in features {
            let counter = (number >> 3) as usize;
            let Some(buckets) = self.map.get_mut(counter) else { continue };
            let bit = 1 << (number & 7);
            if *buckets & bit == 0 {
                self.edges += usize::from(*buckets == 0 && counter < self.counters);
                self.features += 1;
                *buckets |= bit;
                new.push(number);
            }
        }
        new
    }

    /// Number of features there can be.
    #[must_use]
    pub fn capacity(&self) -> usize {
        feature(self.map.len(), 0) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_time_is_new() {
        let mut coverage = Coverage::new(2);
        assert_eq!(coverage.merge(&[0, 9]), [0, 9]);
        assert_eq!(coverage.merge(&[0, 1, u32::MAX]), [1]);
        assert_eq!((coverage.edges(), coverage.features()), (2, 3));
        assert_eq!(coverage.map()[..2], [0b11, 0b10]);
        assert_eq!(coverage.merge(&[16]), [16], "the first cell");
        assert_eq!((coverage.edges(), coverage.features()), (2, 4));
    }

    #[test]
    fn a_counter_that_is_not_trusted_is_never_new_again() {
        let mut coverage = Coverage::new(3);
        coverage.merge(&[0, 1, 9]);
        assert!(coverage.distrust(0) && !coverage.distrust(0) && !coverage.distrust(usize::MAX));
        assert_eq!((coverage.edges(), coverage.features()), (2, 1));
        assert_eq!(coverage.merge(&[2, 9, 16]), [16]);
        assert_eq!(coverage.map()[..3], [0xff, 0b10, 0b1]);
        assert!(!coverage.trusts(7) && coverage.trusts(8) && !coverage.trusts(u32::MAX));
        assert!((coverage.stability() - 2.0 / 3.0).abs() < 1e-9);
    }
}
