//! How the numbers of a target grew, as far as somebody does not know it yet.

use crate::report::TargetProgress;
use crate::store::history::Sample;

/// The samples of a target, each with the version of the state that it came with.
#[derive(Debug, Default)]
pub(super) struct Series(Vec<(u64, Sample)>);

impl Series {
    /// Takes a sample, if it is far enough from the last one.
    pub(super) fn add(&mut self, version: u64, progress: &TargetProgress) {
        let sample = Sample::new(&progress.numbers, progress.elapsed, progress.execs_per_sec);
        if sample.is_far_from(self.0.last().map(|(_, last)| last)) {
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
    use crate::report::samples::{numbers, status};

    #[test]
    fn only_what_is_new_is_sent() {
        let mut series = Series::default();
        for execs in [100, 200, 201, 400] {
            series.add(execs, &TargetProgress { numbers: numbers(execs), ..status(1) });
        }
        let since = |version| series.since(version).map(|s| s.execs).collect::<Vec<_>>();
        assert_eq!(since(0), [100, 200, 400]);
        assert_eq!(since(200), [400]);
        assert_eq!(since(400), [0; 0]);
    }
}
