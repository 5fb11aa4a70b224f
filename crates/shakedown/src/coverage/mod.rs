//! Coverage of one execution: the counters that instrumented code increments, turned into buckets
//! and compared with what has been seen.

mod counters;
mod lanes;
#[cfg(shakedown_coverage)]
mod sancov;

pub(crate) use counters::Counters;

/// The counters of this program; none if it is not instrumented.
pub(crate) fn program_counters() -> Counters {
    #[cfg(shakedown_coverage)]
    return sancov::counters();
    #[cfg(not(shakedown_coverage))]
    Counters::none()
}
