//! One batch: variations of one entry after the other, executed until there is something to report.
//!
//! Coverage is compared after every execution, but only that of live lines (see
//! [`Counters`]); cold lines are looked at when a *window* of executions is over. Where one was hit,
//! the window is executed once more, with a look at everything after each execution. So the batch
//! ends where it would have ended with such a look each time, and the search does not depend on where
//! windows end. What was executed beyond that, or again, is counted apart. A window is all of one entry.

use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use shakedown_core::CHAIN;
use shakedown_core::failure::Failure;
use shakedown_core::mutate::{Position, Variations};
use shakedown_core::wire::End;

use crate::coverage::Counters;
use crate::execute::Outcome;
use crate::process::shared::Header;
use crate::serve::runner::Runner;

/// The part of the executions since the last surprise that a window may be: what a surprise costs,
/// and what a death of the process can lose, is never more than that.
const PART: u64 = 16;

/// About the longest time that a window takes: cheap entries and dear ones follow each other.
const WINDOW: Duration = Duration::from_millis(1);

/// Longest input of a failure beyond the end of a batch, in bytes: it goes through the pipe.
const MAX_BESIDE: usize = 16 << 20;

/// What a batch works with.
pub(crate) struct Batch<'a, 't> {
    pub(crate) runner: &'a mut Runner<'t>,
    pub(crate) counters: &'a mut Counters,
    pub(crate) seen: &'a [AtomicU64],
    pub(crate) header: Header<'a>,
    pub(crate) snapshot: &'a mut [u8],
    /// Executions since cold lines were last hit.
    pub(crate) quiet: &'a mut u64,
    /// An input that failed in a window that ended earlier when it was executed again.
    pub(crate) beside: Option<(Vec<u8>, Failure)>,
    pub(crate) progress: Progress,
}

/// How far a batch is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Progress {
    /// Executions.
    pub(crate) execs: u64,
    /// How many of them were rejected.
    pub(crate) rejected: u64,
    /// Executions beside those: of inputs that were executed again, or beyond the end.
    pub(crate) repeated: u64,
}

/// Where a window began: always at the start of a chain, so there is no input to keep.
struct Start {
    position: Position,
    progress: Progress,
}

impl Batch<'_, '_> {
    /// Visits an entry: executes so many of its variations, unless there is something to report before,
    /// or the time is up.
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
            let start = Start { position: variations.position(), progress };
            let looked_at = if self.counters.has_cold() { progress.execs } else { u64::MAX };
            let Progress { rejected, repeated, .. } = progress;
            self.header.set_window(looked_at, rejected, repeated, start.position.rng);
            let part = *self.quiet / PART / CHAIN * CHAIN;
            let window = until.min(progress.execs + part.max(CHAIN));
            let begun = clock.last;
            let mut end = None;
            while end.is_none() && self.progress.execs < window && clock.last - begun < WINDOW {
                end = self.advance(variations, window.min(clock.next_look))?;
                clock.look(self.progress.execs);
            }
            *self.quiet += self.progress.execs - progress.execs;
            if self.counters.has_cold() && self.counters.wake() {
                *self.quiet = 0;
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
            let input = variations.next();
            self.progress.execs += 1;
            match self.runner.run(self.counters, self.header, self.progress.execs, input)? {
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

    fn count_rejected(&mut self) {
        self.progress.rejected += 1;
        self.header.set_rejected(self.progress.rejected);
    }

    /// Finds out which execution since `start` hit lines that were cold, and whether that was news.
    /// `end` is how the window ended; the answer is how it ends now.
    fn surprised(
        &mut self,
        variations: &mut Variations<'_>,
        start: Start,
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
            if input.len() <= MAX_BESIDE {
                self.beside = Some((input.into_vec(), failure));
            }
            return Ok(Some(earlier));
        }
        variations.go_to_input(position, &input);
        self.progress.execs = last.execs;
        self.header.begin(last.execs, input.len());
        Ok(Some(End::Failed(failure)))
    }

    /// Executes again what came after `start`, up to number `until` of the batch, with a look at all
    /// lines each time, to the first news.
    fn repeat(
        &mut self,
        variations: &mut Variations<'_>,
        start: Start,
        until: u64,
    ) -> Result<Option<End>, String> {
        // The header goes on to tell how many were begun before.
        let begun = self.progress.execs;
        let before = self.progress.repeated;
        variations.go_to(start.position);
        self.progress.execs = start.progress.execs;
        self.progress.rejected = start.progress.rejected;
        let mut end = None;
        while self.progress.execs < until && end.is_none() {
            let input = variations.next();
            self.progress.execs += 1;
            self.progress.repeated += 1;
            self.header.set_repeated(self.progress.repeated);
            match self.runner.run(self.counters, self.header, begun, input)? {
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
        self.header.set_rejected(self.progress.rejected);
        if end.is_some() {
            self.progress.repeated = before + (begun - start.progress.execs);
            self.header.set_repeated(self.progress.repeated);
            self.header.begin(self.progress.execs, variations.last().len());
        }
        Ok(end)
    }
}

/// The time limit of a batch. Reading the clock costs as much as a small target, so it is read
/// ever more rarely as long as that does not lose a millisecond.
pub(crate) struct Clock {
    started: Instant,
    limit: Duration,
    /// The time at the last look.
    last: Duration,
    /// Executions before the next look.
    next_look: u64,
    stride: u64,
}

impl Clock {
    pub(crate) fn new(limit: Duration) -> Self {
        let last = Duration::ZERO;
        Self { started: Instant::now(), limit, last, next_look: CHAIN, stride: CHAIN }
    }

    /// Begins anew to find out how often to look, after this many executions.
    fn pace(&mut self, execs: u64) {
        self.stride = CHAIN;
        self.next_look = execs + CHAIN;
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether the time was up at the last look. At least one chain is run, so that every call gets on.
    fn is_over(&self, execs: u64) -> bool {
        execs > 0 && self.last >= self.limit
    }

    /// Looks at the clock if it is time for that, after this many executions.
    fn look(&mut self, execs: u64) {
        if execs < self.next_look {
            return;
        }
        let now = self.elapsed();
        let since = now - self.last;
        if since < Duration::from_micros(100) {
            self.stride *= 4;
        } else if since < Duration::from_micros(500) {
            self.stride *= 2;
        } else if since > Duration::from_millis(2) {
            self.stride = (self.stride / 2).max(CHAIN);
        }
        self.last = now;
        self.next_look = execs + self.stride;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use shakedown_core::mutate::Mutator;
    use shakedown_core::rng::Rng;
    use shakedown_core::schema::{Field, Len, Node, Types};
    use shakedown_core::wire::page::{AT_EXECS, AT_REJECTED, AT_REPEATED, HEADER};

    use super::*;
    use crate::execute::Stage;
    use crate::panics::Rejected;
    use crate::target::{Target, Verdict};

    const COUNTERS: usize = 8192;

    static HITS: [AtomicU8; COUNTERS] = [const { AtomicU8::new(0) }; COUNTERS];
    static CALLS: AtomicU64 = AtomicU64::new(0);

    /// Hits counters that lie the further back, the rarer they are; rejects some inputs, and fails
    /// with others.
    static TARGET: Target = Target {
        mark: "",
        manifest_dir: "",
        schema: || unreachable!("the batch has it"),
        call: |reader| {
            CALLS.fetch_add(1, Ordering::Relaxed);
            let hash = reader.bytes()?.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3).rotate_left(29)
            });
            let rarity = hash.trailing_zeros().min(15) as usize;
            for part in 0..=rarity {
                let at = part * 500 + (hash >> 50) as usize % 8;
                HITS[at].fetch_add(1 + (hash >> 40) as u8 % 4, Ordering::Relaxed);
            }
            match hash >> 30 & 0x3ff {
                0..20 => std::panic::resume_unwind(Box::new(Rejected)),
                20..100 => Ok(Verdict::Error("rare".into())),
                _ => Ok(Verdict::Passed),
            }
        },
        seeds: Vec::new,
        dictionary: Vec::new,
        max_len: None,
        timeout: None,
    };

    /// What a coordinator hears of a batch.
    #[derive(Debug, PartialEq)]
    struct Report {
        execs: u64,
        rejected: u64,
        end: End,
        input: Vec<u8>,
        rng: Rng,
        snapshot: Vec<u8>,
    }

    /// The reports of a little campaign with cold lines if there are more than `few`, the number of failures
    /// beside them, and the number of executions that were repeated.
    fn campaign(seed: u64, few: usize) -> (Vec<Report>, u64, u64) {
        let mut types = Types::new();
        let node = types.add(Node::Bytes(Len::ANY));
        let schema = types.finish(vec![Field { name: "data".into(), node, default: None }]);
        let schema = schema.expect("a schema");
        let mut counters = Counters::of(&HITS, few);
        counters.reset();
        let seen: Vec<_> = (0..counters.len() / 8).map(|_| AtomicU64::new(0)).collect();
        let header = [const { AtomicU64::new(0) }; HEADER / 8];
        let mut mutator = Mutator::new(Rng::new(0), Vec::new());
        let stage = Stage::new(&TARGET, 100).expect("memory");
        let mut runner = Runner { stage, isolation: None };
        let first = [&8u32.to_le_bytes()[..], &[0; 8]].concat();
        let mut entry = first.clone();
        let mut rng = Rng::new(seed);
        let mut quiet = 0;
        let (mut reports, mut late, mut repeated, mut execs) = (Vec::new(), 0, 0, 0);
        let before = CALLS.load(Ordering::Relaxed);
        while execs < 12_000 {
            let (mut input, mut snapshot) = (vec![0; 100], vec![0; counters.len()]);
            counters.reset();
            header.iter().for_each(|field| field.store(0, Ordering::Relaxed));
            let mut batch = Batch {
                runner: &mut runner,
                counters: &mut counters,
                seen: &seen,
                header: Header::of(&header),
                snapshot: &mut snapshot,
                quiet: &mut quiet,
                beside: None,
                progress: Progress::default(),
            };
            let mut clock = Clock::new(Duration::MAX);
            let (mut end, mut len) = (End::Execs, 0);
            for (entry, execs) in [(&entry, 901), (&first, 300), (&entry, 799)] {
                mutator.rng = rng;
                let inputs = [entry.as_slice(), &[]];
                let variations = Variations::new(&mut mutator, &schema, inputs, &mut input, 64);
                let mut variations = variations.expect("inputs of the schema");
                end = batch.visit(&mut variations, execs, &mut clock).expect("no mistake");
                len = variations.last().len();
                rng = variations.position().rng;
                if end != End::Execs {
                    break;
                }
            }
            let Progress { execs: done, rejected, repeated: again } = batch.progress;
            let told = [AT_EXECS, AT_REJECTED, AT_REPEATED].map(|at| &header[at / 8]);
            assert_eq!(told.map(|field| field.load(Ordering::Relaxed)), [done, rejected, again]);
            repeated += again;
            execs += done;
            late += u64::from(batch.beside.is_some());
            if end == End::Coverage {
                for (word, buckets) in seen.iter().zip(snapshot.chunks(8)) {
                    let buckets = u64::from_le_bytes(buckets.try_into().expect("eight"));
                    word.fetch_or(buckets, Ordering::Relaxed);
                }
                entry = input[..len].to_vec();
            } else {
                snapshot.clear();
            }
            input.truncate(len);
            reports.push(Report { execs: done, rejected, end, input, rng, snapshot });
        }
        assert_eq!(CALLS.load(Ordering::Relaxed) - before, execs + repeated, "each is counted");
        (reports, late, repeated)
    }

    /// The guarantee of this module, over random campaigns: what a look at everything after each
    /// execution would report is reported, and nothing else.
    #[test]
    fn looking_at_cold_lines_now_and_then_changes_no_report() {
        let lock = crate::replay::ONE_AT_A_TIME.lock();
        let _guard = lock.unwrap_or_else(std::sync::PoisonError::into_inner);
        let (mut late, mut repeated) = (0, 0);
        for seed in 0..12 {
            let (expected, none, zero) = campaign(seed, usize::MAX);
            assert_eq!((none, zero), (0, 0), "nothing is cold");
            assert!(expected.iter().filter(|report| report.end == End::Coverage).count() > 30);
            let (reports, some, again) = campaign(seed, 0);
            assert_eq!(reports, expected, "seed {seed}");
            (late, repeated) = (late + some, repeated + again);
        }
        assert!(repeated > 0 && late > 0, "{repeated} repeated, {late} beside");
    }
}
