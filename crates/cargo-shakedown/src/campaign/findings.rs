//! The findings of a target: distinct failures by key, each with its best input.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use shakedown_core::failure::{Failure, Kind};

use super::confidence::Confidence;
use super::entries::Source;
use super::event::{FailedInput, Investigated};
use super::past::Past;

/// A moment of a campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Executions so far.
    pub execs: u64,
    /// Time so far.
    pub elapsed: Duration,
}

/// A distinct failure.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What makes it distinct.
    pub key: String,
    /// The failure, as last seen on `input`.
    pub failure: Failure,
    /// The smallest input known to cause it, encoded.
    pub input: Arc<[u8]>,
    /// Inputs that the same process must run before, in order; usually none.
    pub before: Vec<Arc<[u8]>>,
    /// What its process had run before, until that was investigated.
    pub past: Past,
    /// Where the input comes from; a seed's failure is not written again.
    pub source: Source,
    /// How often it was seen.
    pub count: u64,
    /// How surely it happens again.
    pub confidence: Confidence,
    /// When it was first seen.
    pub met: Moment,
    /// Length of the input when it was first seen, in bytes.
    pub found_len: usize,
    /// Failures at its location with other messages that are counted to it.
    pub surplus: u64,
    /// Why it is accepted, if it is.
    pub accepted: Option<String>,
    /// Whether it was taken back: a timeout that was only a matter of load.
    pub dismissed: bool,
    /// Whether it was reported; a better input replaces the reported one from then on.
    pub(super) is_reported: bool,
    /// Other inputs that were tried in place of its own.
    rivals: u32,
}

impl Finding {
    /// A failure that was not seen before.
    fn new(key: String, failed: &FailedInput, source: Source, met: Moment) -> Self {
        let FailedInput { input, failure, past } = failed;
        Self {
            key,
            failure: failure.clone(),
            input: input.clone(),
            before: Vec::new(),
            past: past.clone(),
            source,
            count: 1,
            confidence: Confidence::Unconfirmed,
            met,
            found_len: input.len(),
            surplus: 0,
            accepted: None,
            dismissed: false,
            is_reported: false,
            rivals: 0,
        }
    }

    /// Whether an input that fails in the same way, after this `past`, should be tried in place of
    /// its own; if so, that is counted. It is worth some runs only once the finding is reported, if it
    /// is much smaller, or if the failure was never reproduced and the past is known now; and only a
    /// few times.
    pub(super) fn accepts_rival(&mut self, input: &[u8], minimize: bool, past: Past) -> bool {
        let is_worth_it = match self.confidence {
            // To verify a timeout stops everything else.
            Confidence::Reproducible if minimize && self.failure.kind != Kind::Timeout => {
                input.len() * 2 <= self.input.len()
            }
            Confidence::Flaky { failed: 0, .. } => !past.is_empty(),
            _ => false,
        };
        let accepts =
            is_worth_it && self.is_reported && !self.source.is_seed() && self.rivals < MAX_RIVALS;
        if accepts {
            self.rivals += 1;
            self.past = past;
        }
        accepts
    }

    /// Whether an investigation has shown that this is its key.
    fn is_known_as(&self, key: &str) -> bool {
        self.confidence != Confidence::Unconfirmed && self.key == key
    }

    /// Takes over what an investigation has shown.
    pub(super) fn update(&mut self, result: Investigated) {
        self.confidence = result.confidence;
        self.input = result.input;
        self.before = result.before;
        self.failure = result.failure;
    }

    /// Whether an input of this length, which fails as surely as `confidence` says, is better than
    /// its own.
    pub(super) fn yields_to(&self, confidence: Confidence, len: usize) -> bool {
        let is_flaky = matches!(self.confidence, Confidence::Flaky { .. });
        match confidence {
            Confidence::Reproducible => is_flaky || len < self.input.len(),
            Confidence::StateDependent { .. } => is_flaky,
            Confidence::Flaky { .. } | Confidence::Unconfirmed => false,
        }
    }
}

/// What a failure is to those noted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    /// A new finding, at this position.
    New(usize),
    /// Counted to the finding at this position, of the same key.
    Again(usize),
    /// One of too many at its location, counted to the first there. Its input is to be kept, as the
    /// first of its key and one of few.
    Surplus {
        /// Whether it is.
        is_kept: bool,
    },
}

/// Whether a failure is a timeout of which it could not be seen where it happened. Two of them are
/// alike in nothing, and each may turn out to be another bug once it is run again.
fn is_unplaced_timeout(failure: &Failure) -> bool {
    failure.kind == Kind::Timeout && failure.place.is_empty()
}

/// Most smaller inputs that are tried for one finding.
const MAX_RIVALS: u32 = 4;

/// Most findings of one kind at one location, which differ by their messages. More of them mean a
/// message that depends on the input in a way that [`Failure::key`] does not see through.
const MAX_PER_LOCATION: usize = 4;

/// The same where the location is not known, so that different bugs share it.
const MAX_WITHOUT_LOCATION: usize = 32;

/// Most inputs that are kept of failures that are counted to another.
const MAX_KEPT: usize = 64;

/// All findings of a target, in the order in which they were seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    by_key: HashMap<String, usize>,
    /// First finding of a kind at a location, and how many there are.
    by_location: HashMap<(Kind, String), (usize, usize)>,
    /// Keys of failures that are counted to another, and of which an input is kept.
    kept: HashSet<String>,
    valid: usize,
}

impl Findings {
    /// Notes a failure, and why it is accepted, if it is.
    pub(super) fn note(
        &mut self,
        failed: &FailedInput,
        source: Source,
        met: Moment,
        accepted: Option<&str>,
    ) -> Noted {
        let failure = &failed.failure;
        let key = failure.key();
        if let Some(&index) = self.by_key.get(&key)
            && (!is_unplaced_timeout(failure) || self.list[index].is_known_as(&key))
        {
            self.list[index].count += 1;
            return Noted::Again(index);
        }
        if let Some(index) = self.echo(failed) {
            self.by_key.insert(key, index);
            self.list[index].count += 1;
            return Noted::Again(index);
        }
        let index = self.list.len();
        let most = if failure.place.is_empty() { MAX_WITHOUT_LOCATION } else { MAX_PER_LOCATION };
        let location = (failure.kind, failure.place.clone());
        let (first, count) = self.by_location.entry(location).or_insert((index, 0));
        if *count == most {
            self.list[*first].count += 1;
            self.list[*first].surplus += 1;
            let is_kept = self.kept.len() < MAX_KEPT && self.kept.insert(key);
            return Noted::Surplus { is_kept };
        }
        *count += 1;
        self.by_key.entry(key.clone()).or_insert(index);
        let accepted = accepted.map(str::to_owned);
        self.valid += usize::from(accepted.is_none());
        self.list.push(Finding { accepted, ..Finding::new(key, failed, source, met) });
        Noted::New(index)
    }

    /// The finding of which a failure differs only in what its message repeats of its input.
    fn echo(&self, failed: &FailedInput) -> Option<usize> {
        let FailedInput { input, failure, .. } = failed;
        // One that was taken back has no input any more.
        let is_it = |known: &Finding| {
            !known.dismissed && failure.is_alike(input, &known.failure, &known.input)
        };
        let is_one = |known: &Finding| !is_unplaced_timeout(failure) && is_it(known);
        self.list.iter().position(is_one)
    }

    /// Gives a finding the key of the failure that it has turned out to be. If that is another
    /// finding's, it is counted to that one from now on, and taken back; returns whether it is.
    pub(super) fn identify(&mut self, index: usize, failure: &Failure) -> bool {
        let key = failure.key();
        let seen = &self.list[index];
        let (says_little, count) = (is_unplaced_timeout(&seen.failure), seen.count);
        let seen = seen.key.clone();
        let holder = self.by_key.get(&key).copied().filter(|&other| {
            let may_be_another = is_unplaced_timeout(failure) && other != index;
            !may_be_another || self.list[other].is_known_as(&key)
        });
        match holder {
            Some(own) if own == index => return false,
            Some(other) => {
                self.list[other].count += count;
                self.list[index].count = 0;
                if says_little {
                    // It goes on to count at its location, so that few of them are looked into.
                    self.take_back(index);
                } else {
                    self.dismiss(index);
                    self.by_key.insert(seen, other);
                }
                return true;
            }
            // What it was taken for is counted to it as well, where that says what it is.
            None if says_little => self.forget(&seen, index),
            None => {}
        }
        self.by_key.insert(key.clone(), index);
        self.list[index].key = key;
        false
    }

    /// Takes a finding back; the next failure with its key is a new one.
    pub(super) fn dismiss(&mut self, index: usize) {
        self.take_back(index);
        let failure = &self.list[index].failure;
        let location = (failure.kind, failure.place.clone());
        if let Some((_, count)) = self.by_location.get_mut(&location) {
            // One that was taken for another was counted elsewhere.
            *count = count.saturating_sub(1);
        }
    }

    fn take_back(&mut self, index: usize) {
        let finding = &mut self.list[index];
        finding.dismissed = true;
        finding.input = Arc::default();
        let key = finding.key.clone();
        self.forget(&key, index);
        self.valid -= 1;
    }

    /// Has this key no longer lead to this finding, if it does.
    fn forget(&mut self, key: &str, index: usize) {
        if self.by_key.get(key) == Some(&index) {
            self.by_key.remove(key);
        }
    }

    /// Accepts a finding, for this reason.
    pub(super) fn accept(&mut self, index: usize, reason: String) {
        self.list[index].accepted = Some(reason);
        self.valid -= 1;
    }

    /// How many of them are neither accepted nor dismissed.
    pub(super) fn valid(&self) -> usize {
        self.valid
    }

    /// All of them.
    pub(super) fn list(&self) -> &[Finding] {
        &self.list
    }

    /// One of them.
    ///
    /// # Panics
    /// If there is none at this position.
    pub(super) fn get_mut(&mut self, index: usize) -> &mut Finding {
        &mut self.list[index]
    }
}

#[cfg(test)]
mod tests {
    use shakedown_core::failure::Caller;

    use super::*;

    fn note(findings: &mut Findings, kind: Kind, location: &str, message: String) -> Noted {
        let failure = Failure {
            kind,
            place: location.into(),
            message,
            caller: Caller::Unknown,
            backtrace: String::new(),
        };
        findings.note(&failed(failure), Source::Found, Moment::default(), None)
    }

    fn failed(failure: Failure) -> FailedInput {
        FailedInput { input: b"input"[..].into(), failure, past: Past::default() }
    }

    #[test]
    fn failures_met_again_are_counted() {
        let mut findings = Findings::default();
        let mut seen = |text: &str| note(&mut findings, Kind::Panic, "a.rs:1:1", text.into());
        assert_eq!(seen("bad 1"), Noted::New(0));
        assert_eq!(seen("bad 2"), Noted::Again(0));
        assert_eq!(seen("worse"), Noted::New(1));
        assert_eq!(findings.list().iter().map(|f| f.count).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn what_a_message_repeats_of_its_input_makes_no_other_finding() {
        let mut findings = Findings::default();
        let mut seen = |message: &str, input: &str| {
            let failure = Failure {
                kind: Kind::Panic,
                place: "a.rs:1:1".into(),
                message: message.into(),
                caller: Caller::Unknown,
                backtrace: String::new(),
            };
            let failed = FailedInput { input: input.as_bytes().into(), ..failed(failure) };
            findings.note(&failed, Source::Found, Moment::default(), None)
        };
        assert_eq!(seen("bad foo: no", "=foo"), Noted::New(0));
        assert_eq!(seen("bad bar: no", "=bar"), Noted::Again(0));
        assert_eq!(seen("bad bar: no", "another"), Noted::Again(0), "by its key");
        assert_eq!(seen("bad qux: no", "another"), Noted::New(1));
    }

    #[test]
    fn what_never_came_again_is_tried_with_its_past() {
        let mut findings = Findings::default();
        note(&mut findings, Kind::Panic, "a.rs:1:1", "bad".into());
        let finding = findings.get_mut(0);
        finding.confidence = Confidence::Flaky { failed: 0, runs: 3 };
        finding.is_reported = true;
        assert!(!finding.accepts_rival(b"", true, Past::default()));
        let past: Past = vec![super::super::past::Ran::Input(b"before"[..].into())].into();
        assert!(finding.accepts_rival(b"a long input", false, past));
        assert_eq!(finding.past.len(), 1);
        assert!(finding.yields_to(Confidence::StateDependent { after: 1 }, 100));
        assert!(!finding.yields_to(Confidence::Flaky { failed: 1, runs: 3 }, 1));
    }

    #[test]
    fn one_that_turns_out_to_be_another_is_counted_to_it() {
        let mut findings = Findings::default();
        let failure = |location: &str| Failure {
            kind: Kind::Signal,
            place: location.into(),
            message: "SIGSEGV".into(),
            caller: Caller::Unknown,
            backtrace: String::new(),
        };
        let seen = |findings: &mut Findings, location: &str| {
            findings.note(&failed(failure(location)), Source::Found, Moment::default(), None)
        };
        assert_eq!(seen(&mut findings, ""), Noted::New(0));
        assert!(!findings.identify(0, &failure("")), "it is what it seemed");
        assert!(!findings.identify(0, &failure("a.rs:1:1")), "the first there");
        assert_eq!(findings.list()[0].key, failure("a.rs:1:1").key());
        assert_eq!(seen(&mut findings, ""), Noted::Again(0));
        assert_eq!(seen(&mut findings, "b.rs:1:1"), Noted::New(1));
        assert!(findings.identify(1, &failure("a.rs:1:1")));
        assert_eq!((findings.list()[0].count, findings.valid()), (3, 1));
        assert_eq!(seen(&mut findings, "b.rs:1:1"), Noted::Again(0));
    }

    #[test]
    fn hangs_of_which_nothing_is_seen_are_told_apart_once_they_are_looked_into() {
        let mut findings = Findings::default();
        let hang = |place: &str| Failure {
            kind: Kind::Timeout,
            place: place.into(),
            message: "slow".into(),
            caller: Caller::Unknown,
            backtrace: String::new(),
        };
        let seen = |findings: &mut Findings| note(findings, Kind::Timeout, "", "slow".into());
        assert_eq!(seen(&mut findings), Noted::New(0));
        assert_eq!(seen(&mut findings), Noted::New(1), "it may be another");
        assert!(!findings.identify(0, &hang("a.rs:1:1")));
        assert_eq!(seen(&mut findings), Noted::New(2), "the first was another");
        assert!(!findings.identify(1, &hang("")));
        findings.get_mut(1).confidence = Confidence::Reproducible;
        assert!(findings.identify(2, &hang("a.rs:1:1")));
        assert_eq!(seen(&mut findings), Noted::Again(1));
        assert_eq!(findings.valid(), 2);
    }

    #[test]
    fn hangs_of_which_nothing_is_seen_are_looked_into_a_few_times_only() {
        let mut findings = Findings::default();
        note(&mut findings, Kind::Timeout, "a.rs:1:1", "slow".into());
        let known = findings.list()[0].failure.clone();
        for position in 1..=MAX_WITHOUT_LOCATION {
            let noted = note(&mut findings, Kind::Timeout, "", "slow".into());
            assert_eq!(noted, Noted::New(position));
            assert!(findings.identify(position, &known));
        }
        assert_eq!(
            note(&mut findings, Kind::Timeout, "", "slow".into()),
            Noted::Surplus { is_kept: true }
        );
    }

    #[test]
    fn what_was_dismissed_can_be_met_anew() {
        let mut findings = Findings::default();
        let slow = |findings: &mut Findings| note(findings, Kind::Timeout, "", "slow".into());
        for position in 0..=MAX_WITHOUT_LOCATION {
            assert_eq!(slow(&mut findings), Noted::New(position));
            findings.dismiss(position);
            assert_eq!(findings.valid(), 0);
        }
        assert_eq!(slow(&mut findings), Noted::New(MAX_WITHOUT_LOCATION + 1));
        findings.get_mut(MAX_WITHOUT_LOCATION + 1).confidence = Confidence::Reproducible;
        assert_eq!(
            (slow(&mut findings), findings.valid()),
            (Noted::Again(MAX_WITHOUT_LOCATION + 1), 1)
        );
    }

    #[test]
    fn only_much_smaller_inputs_are_tried_and_only_a_few_times() {
        let mut findings = Findings::default();
        note(&mut findings, Kind::Panic, "a.rs:1:1", "bad".into());
        let finding = findings.get_mut(0);
        assert!(!finding.accepts_rival(b"", true, Past::default()), "not looked into yet");
        finding.confidence = Confidence::Reproducible;
        assert!(!finding.accepts_rival(b"", true, Past::default()), "not reported yet");
        finding.is_reported = true;
        assert!(!finding.accepts_rival(b"inp", true, Past::default()));
        for _ in 0..MAX_RIVALS {
            assert!(!finding.accepts_rival(b"in", false, Past::default()), "not if not wanted");
            assert!(finding.accepts_rival(b"in", true, Past::default()));
        }
        assert!(!finding.accepts_rival(b"in", true, Past::default()));
    }

    #[test]
    fn a_location_has_few_findings_however_many_messages() {
        let mut findings = Findings::default();
        // None of them is in the input.
        let words = (b'A'..=b'Z').map(|c| format!("word {}", c as char));
        let mut kept = 0;
        for word in words.clone().chain(words.clone()) {
            let noted = note(&mut findings, Kind::Panic, "a.rs:1:1", word);
            kept += usize::from(noted == Noted::Surplus { is_kept: true });
        }
        assert_eq!(kept, 26 - MAX_PER_LOCATION, "one input of each");
        assert_eq!(findings.list().len(), MAX_PER_LOCATION);
        assert_eq!(findings.list()[0].surplus as usize, 2 * (26 - MAX_PER_LOCATION));
        assert_eq!(findings.list()[0].count, findings.list()[0].surplus + 2);
        assert_eq!(note(&mut findings, Kind::Panic, "b.rs:1:1", "word A".into()), Noted::New(4));
        assert_eq!(note(&mut findings, Kind::Error, "a.rs:1:1", "word A".into()), Noted::New(5));
        for word in words {
            note(&mut findings, Kind::Error, "", word);
        }
        assert_eq!(findings.list().len(), 6 + 26, "bugs without a location stay apart");
    }
}
