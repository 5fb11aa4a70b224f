//! Workers that are lost or damaged, and when that ends the search.

use super::super::event::{Action, Damage};
use super::Search;

/// Workers lost in a row, without an execution in between, before the search gives up.
const MAX_LOST: u32 = 10;

/// The same for workers that were damaged: each may have hung for a while.
const MAX_DAMAGED: u32 = 5;

/// Workers damaged over all before the search gives up: a mistake of the engine's own must not go
/// on for ever.
const MAX_DAMAGED_EVER: u64 = 100;

impl Search {
    /// Counts a lost worker. While the search pauses none is replaced, and they may well have been
    /// ended on purpose.
    pub(super) fn note_lost(&mut self, reason: &str) {
        self.lost += 1;
        if self.paused {
            return;
        }
        if !std::mem::replace(&mut self.told_lost, true) {
            self.actions.push(Action::Warn(format!("a worker was lost and replaced: {reason}")));
        }
        self.lost_in_a_row += 1;
        if self.lost_in_a_row >= MAX_LOST {
            self.broken.get_or_insert_with(|| {
                format!("{MAX_LOST} workers in a row were lost before they ran anything: {reason}")
            });
        }
    }

    /// Counts a damaged worker.
    pub(super) fn note_damaged(&mut self, damage: Damage) {
        self.damaged += 1;
        self.damaged_in_a_row += 1;
        let reason = &damage.reason;
        let told = if self.damaged_in_a_row >= MAX_DAMAGED {
            Some(format!(
                "{MAX_DAMAGED} workers in a row failed before they ran anything: {reason}"
            ))
        } else if self.damaged >= MAX_DAMAGED_EVER {
            Some(format!("{MAX_DAMAGED_EVER} workers were damaged, the last one thus: {reason}"))
        } else {
            None
        };
        self.broken = self.broken.take().or(told);
        self.actions.push(Action::Damaged(damage, self.damaged == 1));
    }
}
