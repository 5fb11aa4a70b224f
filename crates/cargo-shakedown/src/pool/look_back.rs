//! What a worker had met before it died, and not looked at yet.

use shakedown_core::wire::page::Window;

use super::supervisor::{Finished, Supervisor, failed};
use crate::campaign::{Task, Visit};

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
        let Task::Failed(input, failure, past) = died.task else { return died };
        let death = (input, failure, past);
        let mut end = 0;
        let has_window = |visit: &&Visit| {
            end += visit.execs.end;
            window.execs < end
        };
        let Some(visit) = visits.iter().find(has_window) else {
            return Finished { task: failed(death), ..died };
        };
        let execs = window.end.min(end).saturating_sub(window.execs);
        let again = Visit { rng: window.rng, execs: 0..execs, ..visit.clone() };
        // What a window has met must not depend on the clock.
        let (mut again, _) = self.run_visits(&[again], u64::MAX);
        let repeated = died.repeated + again.repeated;
        if let Task::Coverage(..) = again.task {
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
        let task = match again.task {
            Task::Nothing => failed(death),
            Task::Failed(input, failure, past) => {
                met.push((input, failure, past));
                failed(death)
            }
            task => {
                met.push(death);
                task
            }
        };
        Finished { task, repeated: repeated + again.execs, met, ..died }
    }
}
