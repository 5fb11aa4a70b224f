//! Coverage of one execution: the counters that instrumented code increments, turned into buckets
//! and compared with what has been seen.

#[cfg(all(shakedown_coverage, target_arch = "x86_64", target_env = "gnu"))]
mod compare;
mod counters;
mod lanes;
pub(crate) mod observed;
#[cfg(shakedown_coverage)]
mod sancov;

pub(crate) use counters::Counters;
use shakedown_core::wire::Recorded;

/// The counters of this program; none if it is not instrumented.
pub(crate) fn program_counters() -> Counters {
    #[cfg(shakedown_coverage)]
    return sancov::counters();
    #[cfg(not(shakedown_coverage))]
    Counters::none()
}

/// Makes ready for [`record`].
pub(crate) fn prepare_recording() {
    #[cfg(all(shakedown_coverage, target_arch = "x86_64", target_env = "gnu"))]
    compare::prepare();
}

/// What was recorded so far, in a copy of the process that ends without [`record`]; recording stops.
pub(crate) fn take_recorded() -> Recorded {
    #[cfg(all(shakedown_coverage, target_arch = "x86_64", target_env = "gnu"))]
    return compare::stop();
    #[cfg(not(all(shakedown_coverage, target_arch = "x86_64", target_env = "gnu")))]
    Recorded::default()
}

/// Makes this all that was recorded, where something is being recorded; work adds up.
pub(crate) fn give_recorded(recorded: Recorded) {
    #[cfg(all(shakedown_coverage, target_arch = "x86_64", target_env = "gnu"))]
    compare::replace(recorded);
    #[cfg(not(all(shakedown_coverage, target_arch = "x86_64", target_env = "gnu")))]
    drop(recorded);
}

/// Runs something, and records what the instrumented code of this thread compares meanwhile, where
/// that can be had.
pub(crate) fn record<T>(run: impl FnOnce() -> T) -> (T, Recorded) {
    #[cfg(all(shakedown_coverage, target_arch = "x86_64", target_env = "gnu"))]
    {
        compare::start();
        let result = run();
        (result, compare::stop())
    }
    #[cfg(not(all(shakedown_coverage, target_arch = "x86_64", target_env = "gnu")))]
    (run(), Recorded::default())
}
