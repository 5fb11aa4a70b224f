//! A batch: the visits of one call, each the variations of one entry, executed one after the other
//! until there is something to report.
//!
//! Coverage is compared after every execution, but only that of live lines (see [`Counters`]); cold
//! lines are looked at when a *window* of executions is over. Where one was hit, the window is
//! executed once more, with a look at everything after each execution. So the batch ends where it
//! would have ended with such a look each time, and the search does not depend on where windows end.
//! What was executed beyond that, or again, counts apart. A window never spans two visits.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use shakedown_core::CHAIN;
use shakedown_core::failure::Failure;
use shakedown_core::mutate::{Position, Variations};
use shakedown_core::wire::End;
use shakedown_core::wire::page::{Page, WindowStart};

use crate::coverage::Counters;
use crate::execute::Outcome;
use crate::serve::clock::Clock;
use crate::serve::runner::Runner;

/// A window is at most one part in this many of the executions since cold lines were last hit: that
/// bounds what executing it again costs, and what a death of the process can lose.
const WINDOW_SHARE: u64 = 16;

/// About the longest time that a window takes: cheap entries and dear ones follow each other.
const MAX_WINDOW: Duration = Duration::from_millis(1);

/// Longest input of a late failure, in bytes: it goes through the pipe.
const MAX_LATE: usize = 16 << 20;

/// What a batch works with.
pub(crate) struct Batch<'a, 't> {
    pub(crate) runner: &'a mut Runner<'t>,
    pub(crate) counters: &'a mut Counters,
    pub(crate) seen: &'a [AtomicU64],
    pub(crate) page: Page<'a>,
    pub(crate) snapshot: &'a mut [u8],
    /// Executions since cold lines were last hit.
    pub(crate) undisturbed: &'a mut u64,
    /// An input that failed in a window that ended earlier when it was executed again.
    pub(crate) late: Option<(Vec<u8>, Failure)>,
    pub(crate) progress: Progress,
}

/// How far a batch is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Progress {
    /// Executions.
    pub(crate) execs: u64,
    /// How many of them were rejected.
    pub(crate) rejected: u64,
    /// Executions that count apart: of inputs that were executed again, or beyond the end.
    pub(crate) repeated: u64,
}

/// Where a window began: always at the start of a chain, so there is no input to keep.
struct WindowBegin {
    position: Position,
    progress: Progress,
}

impl WindowBegin {
    fn announced(&self) -> WindowStart {
        let Progress { execs, rejected, repeated } = self.progress;
        WindowStart { execs, rejected, repeated, rng: self.position.rng }
    }
}

impl Batch<'_, '_> {
    /// Executes this many variations of an entry, unless there is something to report before, or the
    /// time is up.
    ///
    /// # Errors
    /// As [`Runner::run`].
    pub(crate) fn visit(
        &mut self,
        variations: &mut Variations<'_>,
        execs: u64,
        clock: &mut Clock,
    ) -> Result<End, String> {
        let until = self.progress.execs + execs;
        clock.pace(self.progress.execs);
        loop {
            let progress = self.progress;
            if progress.execs >= until {
                return Ok(End::Execs);
            }
            if clock.is_over(progress.execs) {
                return Ok(End::Time);
            }
            let start = WindowBegin { position: variations.position(), progress };
            self.page.begin_window(self.counters.has_cold().then(|| start.announced()));
            let part = *self.undisturbed / WINDOW_SHARE / CHAIN * CHAIN;
            let window = until.min(progress.execs + part.max(CHAIN));
            let begun = clock.last;
            let mut end = None;
            while end.is_none() && self.progress.execs < window && clock.last - begun < MAX_WINDOW {
                end = self.advance(variations, window.min(clock.next_look))?;
                clock.look(self.progress.execs);
            }
            *self.undisturbed += self.progress.execs - progress.execs;
            if self.counters.has_cold() && self.counters.wake() {
                *self.undisturbed = 0;
                end = self.surprised(variations, start, end)?;
            }
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }

    /// Executes up to number `until` of the batch, or to something to report.
    fn advance(
        &mut self,
        variations: &mut Variations<'_>,
        until: u64,
    ) -> Result<Option<End>, String> {
        while self.progress.execs < until {
            self.progress.execs += 1;
            match self.run_next(variations, self.progress.execs)? {
                Outcome::Passed if self.counters.take(self.seen) => {
                    self.counters.snapshot(self.snapshot);
                    return Ok(Some(End::Coverage));
                }
                Outcome::Passed => {}
                Outcome::Rejected => {
                    self.count_rejected();
                    self.counters.clear();
                }
                Outcome::Failed(failure) => return Ok(Some(End::Failed(*failure))),
            }
        }
        Ok(None)
    }

    /// Executes the next variation as number `execs`.
    #[inline(always)]
    fn run_next(&mut self, variations: &mut Variations<'_>, execs: u64) -> Result<Outcome, String> {
        let is_repaired = variations.are_repaired();
        let input = variations.next();
        if !is_repaired {
            return self.runner.run(self.counters, self.page, execs, input);
        }
        let (outcome, repairs) =
            self.runner.run_repaired(self.counters, self.page, execs, variations)?;
        self.progress.repeated += repairs;
        self.page.set_repeated(self.progress.repeated);
        Ok(outcome)
    }

    fn count_rejected(&mut self) {
        self.progress.rejected += 1;
        self.page.set_rejected(self.progress.rejected);
    }

    /// Finds out which execution since `start` hit lines that were cold, and whether that was news.
    /// `end` is how the window ended; the answer is how it ends now.
    fn surprised(
        &mut self,
        variations: &mut Variations<'_>,
        start: WindowBegin,
        end: Option<End>,
    ) -> Result<Option<End>, String> {
        let (last, position) = (self.progress, variations.position());
        self.counters.clear();
        let Some(End::Failed(failure)) = end else {
            // If nothing comes of it, the last input is there again, and what was said of it stays.
            return Ok(self.repeat(variations, start, last.execs)?.or(end));
        };
        let input: Box<[u8]> = variations.last().into();
        if let Some(earlier) = self.repeat(variations, start, last.execs - 1)? {
            if input.len() <= MAX_LATE {
                self.late = Some((input.into_vec(), failure));
            }
            return Ok(Some(earlier));
        }
        variations.go_to_input(position, &input);
        self.progress.execs = last.execs;
        self.page.begin(last.execs, input.len());
        Ok(Some(End::Failed(failure)))
    }

    /// Executes again what came after `start`, up to number `until` of the batch, with a look at all
    /// lines each time, to the first news.
    fn repeat(
        &mut self,
        variations: &mut Variations<'_>,
        start: WindowBegin,
        until: u64,
    ) -> Result<Option<End>, String> {
        // The page keeps saying how many had begun before.
        let begun = self.progress.execs;
        let before = self.progress.repeated;
        variations.go_to(start.position);
        self.progress.execs = start.progress.execs;
        self.progress.rejected = start.progress.rejected;
        let mut end = None;
        while self.progress.execs < until && end.is_none() {
            self.progress.execs += 1;
            self.progress.repeated += 1;
            self.page.set_repeated(self.progress.repeated);
            match self.run_next(variations, begun)? {
                Outcome::Passed if self.counters.take_all(self.seen) => {
                    self.counters.snapshot(self.snapshot);
                    end = Some(End::Coverage);
                }
                Outcome::Passed => {}
                Outcome::Rejected => {
                    self.count_rejected();
                    self.counters.reset();
                }
                Outcome::Failed(failure) => end = Some(End::Failed(*failure)),
            }
        }
        // Of those that are repeated, others may have been rejected.
        self.page.set_rejected(self.progress.rejected);
        if end.is_some() {
            self.progress.repeated = before + (begun - start.progress.execs);
            self.page.set_repeated(self.progress.repeated);
            self.page.begin(self.progress.execs, variations.last().len());
        }
        Ok(end)
    }
}

#[cfg(test)]
mod tests;
