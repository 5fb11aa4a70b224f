//! Minimization in the worker: the search is core's, the questions are executions here.

use std::time::{Duration, Instant};

use shakedown_core::hints::retain_what_lies_in;
use shakedown_core::minimize::{Verdict, minimize as simplify, shorten};
use shakedown_core::schema::Schema;
use shakedown_core::wire::{Keep, Minimize, Minimized, Recorded};

use super::trial::Trial;
use crate::coverage;

/// Looks for a smaller input that does the same as `entry`.
///
/// # Errors
/// As [`super::runner::Runner::run`].
pub(super) fn minimize(
    schema: &Schema,
    entry: &[u8],
    call: &Minimize,
    mut trial: Trial<'_, '_>,
) -> Result<Minimized, String> {
    if !trial.keeps(entry)? {
        return Ok(not_kept(trial));
    }
    let (deadline, page) = (Instant::now() + Duration::from_millis(call.max_ms), trial.page);
    let is_over = || page.is_to_stop() || Instant::now() >= deadline;
    // The coverage of the best input must be taken again in the end.
    let reserved = u64::from(matches!(call.keep, Keep::Features(_)));
    let mut broken = None;
    let mut ask = |candidate: &[u8]| {
        if trial.execs + reserved >= call.max_execs || is_over() {
            return Verdict::Stop;
        }
        match trial.keeps(candidate) {
            Ok(true) => Verdict::Keep,
            Ok(false) => Verdict::Reject,
            Err(error) => {
                broken = Some(error);
                Verdict::Stop
            }
        }
    };
    // An entry is varied further, a failure is read.
    let search = if reserved == 1 { shorten } else { simplify };
    let minimum = search(schema, entry, &mut ask, &is_over);
    if let Some(error) = broken {
        return Err(error);
    }
    // The memory and the snapshot hold the last candidate; make them hold the best.
    let mut recorded = Recorded::default();
    if reserved == 1 {
        let keeps;
        (keeps, recorded) = coverage::record(|| trial.keeps(&minimum.input));
        if !keeps? {
            return Ok(not_kept(trial));
        }
        retain_what_lies_in(&minimum.input, &mut recorded.comparisons);
    }
    trial.input[..minimum.input.len()].copy_from_slice(&minimum.input);
    let Trial { execs, failure, others, .. } = trial;
    let len = Some(minimum.input.len() as u64);
    Ok(Minimized { execs, len, failure, complete: minimum.complete, others, recorded })
}

/// The answer where not even the original does what was to be kept.
fn not_kept(trial: Trial<'_, '_>) -> Minimized {
    let Trial { execs, others, .. } = trial;
    let (len, failure, complete, recorded) = (None, None, false, Recorded::default());
    Minimized { execs, len, failure, complete, others, recorded }
}
