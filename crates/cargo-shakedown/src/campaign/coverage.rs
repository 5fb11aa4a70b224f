//! What the campaign has seen of a target: the features, and how many.

use shakedown_core::features::feature;

/// For every counter the set of buckets seen; the coordinator's copy of the map that the workers
/// share.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    map: Vec<u8>,
    edges: usize,
    features: usize,
}

impl Coverage {
    /// Nothing seen yet of this many counters.
    #[must_use]
    pub fn new(counters: usize) -> Self {
        Self { map: vec![0; counters], edges: 0, features: 0 }
    }

    /// Number of counters that have ever been hit.
    #[must_use]
    pub fn edges(&self) -> usize {
        self.edges
    }

    /// Number of features seen.
    #[must_use]
    pub fn features(&self) -> usize {
        self.features
    }

    /// The map, one byte a counter.
    #[must_use]
    pub fn map(&self) -> &[u8] {
        &self.map
    }

    /// Adds features; returns those that are new. Numbers beyond the map are ignored: a worker
    /// that sends them is broken, and nothing good would come of believing it.
    pub fn merge(&mut self, features: &[u32]) -> Vec<u32> {
        let mut new = Vec::new();
        for &number in features {
            let Some(buckets) = self.map.get_mut((number >> 3) as usize) else { continue };
            let bit = 1 << (number & 7);
            if *buckets & bit == 0 {
                self.edges += usize::from(*buckets == 0);
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
        assert_eq!(coverage.merge(&[0, 1, 16, u32::MAX]), [1]);
        assert_eq!((coverage.edges(), coverage.features()), (2, 3));
        assert_eq!(coverage.map(), [0b11, 0b10]);
    }
}
