//! What a worker had met before it died, and not looked at yet.

use shakedown_core::wire::page::Window;

use super::supervisor::{Finished, Supervisor};
use crate::campaign::{JobResult, Visit};

impl Supervisor {
    /// Looks for the new coverage that a worker may have met before it died, and not looked at yet:
    /// what came before the death in its window is run again. If there is some, the call ended with
    /// that, and the death was met as well.
    pub(super) fn look_back(
        &mut self,
        visits: &[Visit],
        window: Window,
        died: Finished,
    ) -> Finished {
        let JobResult::Failed(death) = died.result else { return died };
        let mut end = 0;
        let has_window = |visit: &&Visit| {
            end += visit.execs.end;
            window.execs < end
        };
        let Some(visit) = visits.iter().find(has_window) else {
            return Finished { result: JobResult::Failed(death), ..died };
        };
        let execs = window.end.min(end).saturating_sub(window.execs);
        let again = Visit { rng: window.rng, execs: 0..execs, ..visit.clone() };
        // What a window has met must not depend on the clock.
        let (mut again, _) = self.run_visits(&[again], u64::MAX);
        let repeated = died.repeated + again.repeated;
        if let JobResult::Coverage(..) = again.result {
            again.met.push(death);
            return Finished {
                execs: window.execs + again.execs,
                rejected: window.rejected + again.rejected,
                repeated: repeated + died.execs - window.execs,
                looked_back: again.execs == 1,
                ..again
            };
        }
        // Neither may be lost: what else it came to, and the death.
        let mut met = again.met;
        let result = match again.result {
            JobResult::Nothing => JobResult::Failed(death),
            JobResult::Failed(other) => {
                met.push(other);
                JobResult::Failed(death)
            }
            result => {
                met.push(death);
                result
            }
        };
        Finished { result, repeated: repeated + again.execs, met, ..died }
    }
}
