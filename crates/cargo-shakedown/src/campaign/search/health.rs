//! Workers that are lost or damaged, and when that ends the search.

use super::super::event::{Action, Damage, Trouble};
use super::Search;

/// Workers lost in a row, without an execution in between, before the search gives up.
const MAX_LOST_IN_A_ROW: u32 = 10;

/// The same without an answer in between, whatever was executed.
const MAX_UNANSWERED_IN_A_ROW: u32 = 100;

/// The same for workers that were damaged: each may have hung for a while.
const MAX_DAMAGED_IN_A_ROW: u32 = 5;

/// Workers damaged over all before the search gives up: a mistake of the engine's own must not go
/// on for ever.
const MAX_DAMAGED: u64 = 100;

/// How well the workers do, and what the user was warned of.
#[derive(Clone, Debug, Default)]
pub(super) struct Health {
    lost_in_a_row: u32,
    unanswered_in_a_row: u32,
    /// Why the last worker was lost, if none has answered yet.
    unanswered: Option<String>,
    has_answered: bool,
    damaged_in_a_row: u32,
    has_warned_of_loss: bool,
    pub(super) has_warned_of_instability: bool,
    /// The first hang, of which the user is told how it is looked into.
    pub(super) told_hang: Option<usize>,
    /// Why the search cannot go on.
    broken: Option<String>,
}

impl Health {
    /// Notes that a worker has executed something.
    pub(super) fn executed(&mut self) {
        self.lost_in_a_row = 0;
        self.damaged_in_a_row = 0;
    }

    /// Notes that it is known what came of a job.
    pub(super) fn answered(&mut self) {
        self.unanswered_in_a_row = 0;
        self.unanswered = None;
        self.has_answered = true;
    }

    /// Notes that no more is to come: what has told nothing has not succeeded.
    pub(super) fn retire(&mut self) {
        if let Some(reason) = self.unanswered.take() {
            self.give_up(format!("no worker has answered a single call: {reason}"));
        }
    }

    /// Notes why the search cannot go on; the first reason stays.
    pub(super) fn give_up(&mut self, reason: impl Into<String>) {
        self.broken.get_or_insert_with(|| reason.into());
    }

    /// Why the search cannot go on.
    pub(super) fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }
}

impl Search {
    /// Counts a lost worker. While the search pauses none is replaced, and they may well have been
    /// ended on purpose.
    pub(super) fn note_lost(&mut self, reason: &str) {
        self.numbers.lost += 1;
        if self.paused {
            return;
        }
        if !std::mem::replace(&mut self.health.has_warned_of_loss, true) {
            self.actions.push(Action::Warn(format!("a worker was lost and replaced: {reason}")));
        }
        self.health.unanswered = (!self.health.has_answered).then(|| reason.to_owned());
        self.health.unanswered_in_a_row += 1;
        if self.health.unanswered_in_a_row >= MAX_UNANSWERED_IN_A_ROW {
            self.health.give_up(format!(
                "{MAX_UNANSWERED_IN_A_ROW} workers in a row were lost before they answered: {reason}"
            ));
        }
        self.health.lost_in_a_row += 1;
        if self.health.lost_in_a_row >= MAX_LOST_IN_A_ROW {
            self.health.give_up(format!(
                "{MAX_LOST_IN_A_ROW} workers in a row were lost before they ran anything: {reason}"
            ));
        }
    }

    /// Notes what went wrong with the workers of an investigation.
    pub(super) fn note_trouble(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::Damaged(damage) => self.note_damaged(damage),
            Trouble::Broken(reason) => self.health.give_up(reason),
        }
    }

    /// Counts a damaged worker.
    pub(super) fn note_damaged(&mut self, damage: Damage) {
        self.numbers.damaged += 1;
        self.health.damaged_in_a_row += 1;
        let reason = &damage.reason;
        if self.health.damaged_in_a_row >= MAX_DAMAGED_IN_A_ROW {
            self.health.give_up(format!(
                "{MAX_DAMAGED_IN_A_ROW} workers in a row failed before they ran anything: {reason}"
            ));
        } else if self.numbers.damaged >= MAX_DAMAGED {
            self.health.give_up(format!(
                "gave up after {MAX_DAMAGED} damaged workers; the last one: {reason}"
            ));
        }
        self.actions.push(Action::Damaged(damage, self.numbers.damaged == 1));
    }
}
