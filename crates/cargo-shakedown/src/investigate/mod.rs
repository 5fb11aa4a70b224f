//! Looking into a failure: does it happen again in a fresh process, alone or after what the process
//! had run that met it, how small can its inputs be, and do the small ones still do it.

mod history;
mod minimize;
mod sequence;
mod trials;

use std::sync::Arc;

use shakedown_core::failure::Failure;

pub(crate) use self::trials::Budget;
use self::trials::{Case, Trials};
use crate::campaign::{Confidence, Inquiry, Investigated, Past, Stint};
use crate::worker::Session;

/// Looks into a failure of the last of these inputs, mostly the only one; makes them smaller, by one
/// stint within the budget, if that is wanted and they fail every time. If they never fail again,
/// that may depend on what else the process had run, its `past`: then the shortest sequence is
/// looked for that does.
///
/// `verified` is told of a single input that fails every time before it is made smaller: that may take
/// long, and what is known by then must not be lost.
///
/// # Panics
/// If there is no input.
pub(crate) fn investigate(
    session: &mut Session,
    inputs: Vec<Arc<[u8]>>,
    failure: Failure,
    past: &Past,
    inquiry: Inquiry,
    (budget, stint): (Budget, Stint),
    verified: &mut dyn FnMut(&Arc<[u8]>, &Failure),
) -> Investigated {
    let last = inputs.last().expect("there is an input").clone();
    let mut trials = Trials::new(session, failure.clone(), last);
    let mut case = match inquiry {
        Inquiry::Minimize => Case { inputs, confidence: Confidence::Reproducible, failure },
        Inquiry::Verify | Inquiry::VerifyAndMinimize => verify(&mut trials, inputs, failure),
    };
    if !past.is_empty() && never_failed(&case) {
        let found = history::look_back(&mut trials, past, &case.failure);
        // One that never fails again either is of no more use than the input.
        case = found.filter(|found| !never_failed(found)).unwrap_or(case);
    }
    // Nobody wants a sequence as it was found: it may be all that a process has run.
    let mut unfinished = None;
    let is_wanted = inquiry != Inquiry::Verify || case.inputs.len() > 1;
    if is_wanted && case.is_sure() {
        if let [input] = &case.inputs[..] {
            verified(input, &case.failure);
        }
        // One candidate more or less makes no difference.
        let were_droppable = trials.session.set_droppable(true);
        // A sequence is made smaller at once: only the last of its inputs could be gone on with.
        let work = if case.inputs.len() == 1 { stint.work } else { u64::MAX };
        let left = budget.without(stint.before);
        let small = minimize::smaller(&mut trials, &case.inputs, left, work);
        unfinished = trials.is_cut().then(|| stint.before + trials.spent());
        trials.session.set_droppable(were_droppable);
        // The small ones must prove themselves in fresh processes, or they are not the finding.
        if small != case.inputs {
            let small = trials.verify(small, case.failure.clone());
            // What has not proved itself is not tried again.
            unfinished = unfinished.filter(|_| small.is_sure());
            case = if small.is_sure() { small } else { case };
        }
    }
    Investigated { unfinished, ..trials.end(case) }
}

/// Runs the inputs in fresh processes. What little was seen of a failure whose place is not known,
/// because the process was not what it should be by then, gives way to what a fresh one shows.
fn verify(trials: &mut Trials<'_>, inputs: Vec<Arc<[u8]>>, failure: Failure) -> Case {
    let case = trials.verify(inputs, failure);
    if never_failed(&case)
        && let Some(fresh) = trials.take_other(|met| explains(met, &case.failure))
    {
        let last = case.inputs.last().expect("there is an input");
        trials.want(fresh.clone(), last.clone());
        return trials.verify(case.inputs, fresh);
    }
    case
}

/// Whether a failure in a fresh process is what was seen of one whose place is not known.
fn explains(fresh: &Failure, seen: &Failure) -> bool {
    let is_deadly = |failure: &Failure| !failure.kind.survivable();
    seen.place.is_empty() && (fresh.kind == seen.kind || is_deadly(fresh) && is_deadly(seen))
}

fn never_failed(case: &Case) -> bool {
    matches!(case.confidence, Confidence::Flaky { failed: 0, .. } | Confidence::Unconfirmed)
}
