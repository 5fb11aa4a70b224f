//! How the numbers of a target grew, as far as somebody does not know it yet.

use crate::report::{TargetProgress, words};
use crate::store::history::Sample;

/// Fewest executions that say something of those to come: with 1000, one forecast in eight was wrong by
/// more than 15 %, with these one in thirty.
const MIN_EXECS: u64 = 10_000;

/// Fewest new edges that a slope is made of.
const MIN_NEWS: usize = 5;

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

    /// About how many edges more as many executions again will bring, where that can be said: if edges
    /// grow with the logarithm of the executions, as they have since these were an e-th.
    ///
    /// The cost of discovery grows exponentially: Böhme and Falk, "Fuzzing: On the Exponential Cost of
    /// Vulnerability Discovery", ESEC/FSE 2020.
    pub(super) fn forecast(&self, progress: &TargetProgress) -> Option<usize> {
        let numbers = &progress.numbers;
        let ratio = |sample: &Sample| numbers.execs as f64 / sample.execs as f64;
        let is_before = |(_, sample): &(u64, Sample)| ratio(sample) >= std::f64::consts::E;
        let (_, then) = self.0[..self.0.partition_point(is_before)].last()?;
        let news = numbers.edges.saturating_sub(then.edges);
        let slope = news as f64 / ratio(then).ln();
        let is_known = numbers.execs >= MIN_EXECS
            && news >= MIN_NEWS
            && numbers.stability >= words::MIN_STABILITY;
        is_known.then(|| (slope * std::f64::consts::LN_2).round() as usize)
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
    use crate::campaign::Statistics;
    use crate::report::samples::{numbers, status};

    /// What is forecast at this many executions, where edges are what `edges` says.
    fn forecast(execs: u64, edges: impl Fn(f64) -> f64) -> Option<usize> {
        let mut series = Series::default();
        let at = |execs: u64| {
            let edges = edges(execs as f64) as usize;
            TargetProgress { numbers: Statistics { edges, ..numbers(execs) }, ..status(1) }
        };
        (1..=execs).for_each(|execs| series.add(execs, &at(execs)));
        series.forecast(&at(execs))
    }

    #[test]
    fn what_grows_with_the_logarithm_is_forecast_exactly() {
        let edges = |execs: f64| 100.0 * execs.ln();
        assert_eq!(forecast(20_000, edges), Some(69));
        assert_eq!(forecast(9000, edges), None, "too few executions");
        assert_eq!(forecast(20_000, |execs| 4.0 * execs.ln()), None, "too few news");
        assert_eq!(forecast(20_000, |_| 400.0), None, "none at all");
    }

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
