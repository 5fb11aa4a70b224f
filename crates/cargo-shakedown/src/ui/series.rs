//! How the numbers of a target grew: few samples, however long it takes.

use serde::ser::SerializeTuple;
use serde::{Serialize, Serializer};

use crate::report::TargetProgress;

/// A sample has at least a twentieth more executions than the one before it. So a decade has 47, and
/// the longest campaign some hundreds.
const STEP: u64 = 20;

/// Where a target stood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    execs: u64,
    elapsed_ms: u64,
    edges: usize,
    features: usize,
    entries: usize,
    execs_per_sec: f64,
}

impl Sample {
    pub(super) fn of(progress: &TargetProgress) -> Self {
        let numbers = &progress.numbers;
        Self {
            execs: numbers.execs,
            elapsed_ms: progress.elapsed.as_millis() as u64,
            edges: numbers.edges,
            features: numbers.features,
            entries: numbers.entries,
            execs_per_sec: progress.execs_per_sec.round(),
        }
    }
}

/// An array, for there are many.
impl Serialize for Sample {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(6)?;
        tuple.serialize_element(&self.execs)?;
        tuple.serialize_element(&self.elapsed_ms)?;
        tuple.serialize_element(&self.edges)?;
        tuple.serialize_element(&self.features)?;
        tuple.serialize_element(&self.entries)?;
        tuple.serialize_element(&self.execs_per_sec)?;
        tuple.end()
    }
}

/// The samples of a target, each with the version of the state that it came with.
#[derive(Debug, Default)]
pub(super) struct Series(Vec<(u64, Sample)>);

impl Series {
    /// Takes a sample, if it is far enough from the last one.
    pub(super) fn add(&mut self, version: u64, sample: Sample) {
        let is_far = |(_, last): &(u64, Sample)| {
            sample.execs.saturating_mul(STEP) >= last.execs.saturating_mul(STEP + 1)
        };
        if sample.execs > 0 && self.0.last().is_none_or(is_far) {
            self.0.push((version, sample));
        }
    }

    /// Those that came after a version.
    pub(super) fn since(&self, version: u64) -> impl Iterator<Item = Sample> {
        let start = self.0.partition_point(|(came, _)| *came <= version);
        self.0[start..].iter().map(|(_, sample)| *sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(execs: u64) -> Sample {
        let (elapsed_ms, execs_per_sec) = (execs / 10, 10_000.0);
        Sample { execs, elapsed_ms, edges: 3, features: 4, entries: 5, execs_per_sec }
    }

    #[test]
    fn a_long_campaign_has_few_samples_and_a_short_one_enough() {
        let mut series = Series::default();
        (0..1_000_000).for_each(|execs| series.add(execs, at(execs)));
        let count = series.since(0).count();
        assert!((150..300).contains(&count), "{count}");
        assert_eq!(series.since(0).next(), Some(at(1)));
        for large in 40..64 {
            series.add(u64::MAX, at(1 << large));
        }
        assert!(series.since(0).count() < 400);
    }

    #[test]
    fn only_what_is_new_is_sent() {
        let mut series = Series::default();
        for execs in [100, 200, 201, 400] {
            series.add(execs, at(execs));
        }
        let since = |version| series.since(version).map(|s| s.execs).collect::<Vec<_>>();
        assert_eq!(since(0), [100, 200, 400]);
        assert_eq!(since(200), [400]);
        assert_eq!(since(400), [0; 0]);
    }
}
