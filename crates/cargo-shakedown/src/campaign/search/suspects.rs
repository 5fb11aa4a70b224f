//! Failures on their way to a report: noted, looked into by a worker, and reported, taken back or
//! given a smaller input.

use shakedown_core::failure::Kind;

use super::super::confidence::Confidence;
use super::super::entries::Source;
use super::super::event::{
    Action, FailedInput, Inquiry, Investigated, Job, JobResult, Spent, Stint,
};
use super::super::findings::{Moment, Noted};
use super::super::past::Past;
use super::super::slots::{Slot, Suspect};
use super::{JobAnswer, Search};

impl Search {
    /// Notes a failure; a new one is looked into before it is reported.
    pub(super) fn suspect(&mut self, failed: FailedInput, source: Source) {
        let FailedInput { failure, .. } = &failed;
        // Too little is seen of a failure without a location to tell which one it is.
        let is_clear = !failure.place.is_empty() || failure.kind == Kind::Error;
        let accepted = self.config.accepted.reason(failure).filter(|_| is_clear);
        let is_accepted = accepted.is_some();
        let met = Moment { execs: self.numbers.execs, elapsed: self.now };
        match self.findings.note(&failed, source, met, accepted) {
            // What is accepted needs no proof.
            Noted::New(index) if is_accepted => self.accepted.push(index),
            Noted::New(index) => self.suspects.push_back(Suspect::new(index, None)),
            Noted::Again(index) => {
                let FailedInput { input, failure, past } = failed;
                let is_minimized = self.config.minimize;
                if self.findings.get_mut(index).accepts_rival(&input, is_minimized, past) {
                    let rival = Some((input, failure));
                    self.suspects.push_back(Suspect::new(index, rival));
                }
            }
            Noted::Surplus { is_kept: true } => {
                self.actions.push(Action::KeepFailing(failed.input));
            }
            Noted::Surplus { is_kept: false } => {}
        }
    }

    pub(super) fn next_investigation(&mut self) -> Option<(Slot, Job)> {
        let Some(mut suspect) = self.suspects.pop_front() else { return self.next_stint() };
        suspect.is_alone = self.is_timeout(&suspect);
        if suspect.is_alone {
            let message = &self.findings.list()[suspect.finding].failure.message;
            let text = format!("{message}: running that input again, with nothing beside it");
            self.tell_of_hang(suspect.finding, text);
        }
        let inquiry = match self.is_minimized(&suspect) && !suspect.is_alone {
            true => Inquiry::VerifyAndMinimize,
            false => Inquiry::Verify,
        };
        let finding = self.findings.get_mut(suspect.finding);
        let past = std::mem::take(&mut finding.past);
        let own = || (finding.input.clone(), finding.failure.clone());
        let (input, failure) = suspect.rival.clone().unwrap_or_else(own);
        // What takes seconds every time is not worth the bookkeeping.
        let stint = if suspect.is_alone { Stint::ALL } else { suspect.stint };
        let job = Job::Investigate(input, failure, past, inquiry, stint);
        Some((Slot::Investigating(suspect), job))
    }

    /// Goes on with making a finding smaller, if that is due or there is nothing else to do. As new
    /// leases are, it is chosen when all that were drawn are handed out: that depends on no clock.
    fn next_stint(&mut self) -> Option<(Slot, Job)> {
        let is_over = self.is_stopped() || self.is_replayed() || self.left() == Some(0);
        let may_begin = !self.paused && (is_over || self.leases.is_empty());
        let is_due = |(due, _): &(u64, Suspect)| is_over || *due <= self.numbers.execs;
        let at = self.unfinished.iter().position(is_due).filter(|_| may_begin)?;
        let (_, suspect) = self.unfinished.remove(at)?;
        let finding = &self.findings.list()[suspect.finding];
        let (input, failure) = (finding.input.clone(), finding.failure.clone());
        let past = Past::default();
        let job = Job::Investigate(input, failure, past, Inquiry::Minimize, suspect.stint);
        Some((Slot::Investigating(suspect), job))
    }

    /// Leaves the rest of making a finding smaller for when the search has done as much work as that
    /// has taken; it is told of then.
    fn postpone(&mut self, mut suspect: Suspect, before: Spent) {
        let work = suspect.stint.work;
        suspect.stint = Stint { before, work: work.saturating_mul(2) };
        self.unfinished.push_back((self.numbers.execs + work, suspect));
    }

    pub(super) fn is_timeout(&self, suspect: &Suspect) -> bool {
        self.findings.list()[suspect.finding].failure.kind == Kind::Timeout
    }

    /// Whether a suspect is to be made smaller.
    fn is_minimized(&self, suspect: &Suspect) -> bool {
        let finding = &self.findings.list()[suspect.finding];
        self.config.minimize && suspect.rival.is_none() && !finding.source.is_seed()
    }

    /// Takes in what an investigation has shown.
    pub(super) fn investigated(&mut self, suspect: Suspect, answer: JobAnswer) {
        let JobResult::Investigated(result) = answer.result else { return self.report(suspect) };
        let mut result = *result;
        let is_troubled = result.trouble.is_some();
        self.numbers.extra_execs += result.execs;
        if let Some(trouble) = result.trouble.take() {
            self.note_trouble(*trouble);
        }
        for (input, failure) in std::mem::take(&mut result.others) {
            let past = Past::default();
            self.suspect(FailedInput { input, failure, past }, Source::Found);
        }
        let index = suspect.finding;
        let is_reported = self.findings.list()[index].is_reported;
        let is_sure = result.confidence == Confidence::Reproducible;
        let never_failed = matches!(result.confidence, Confidence::Flaky { failed: 0, .. });
        if suspect.rival.is_some() {
            self.compare_rival(index, result);
        } else if !is_reported
            && (self.findings.identify(index, &result.failure) || self.accept(index, &result))
        {
            // It is reported as what it has turned out to be.
        } else if suspect.is_alone && never_failed && !is_troubled {
            self.dismiss(index);
        } else if suspect.is_alone && is_sure && self.is_minimized(&suspect) {
            self.minimize_timeout(answer.worker, suspect, result);
        } else {
            let unfinished = result.unfinished;
            self.settle(index, result);
            if let Some(spent) = unfinished {
                self.postpone(suspect.clone(), spent);
            }
            self.report(suspect);
        }
    }

    /// Gives a reported finding the input of its rival if that is better.
    fn compare_rival(&mut self, index: usize, result: Investigated) {
        let finding = self.findings.get_mut(index);
        let is_same = result.failure.key() == finding.key
            || result.failure.is_alike(&result.input, &finding.failure, &finding.input);
        if is_same && finding.yields_to(result.confidence, result.input.len()) {
            finding.update(result);
            self.actions.push(Action::Replace(index));
        }
    }

    /// Accepts a finding if what it has turned out to be is accepted, though it did not look like
    /// that; returns whether it is.
    fn accept(&mut self, index: usize, result: &Investigated) -> bool {
        let Some(reason) = self.config.accepted.reason(&result.failure) else { return false };
        self.findings.accept(index, reason.to_owned());
        let finding = self.findings.get_mut(index);
        finding.confidence = result.confidence;
        finding.failure = result.failure.clone();
        self.accepted.push(index);
        true
    }

    /// Reports a timeout that was verified alone, and has the same worker make it smaller while the
    /// others go on: that takes long, so what else is to be looked into comes first.
    fn minimize_timeout(&mut self, worker: usize, suspect: Suspect, result: Investigated) {
        let index = suspect.finding;
        let Investigated { input, failure, .. } = result.clone();
        self.findings.get_mut(index).update(result);
        self.report(suspect);
        let text = "making the input smaller that takes too long";
        self.tell_of_hang(index, text.to_owned());
        let job = Job::Investigate(input, failure, Past::default(), Inquiry::Minimize, Stint::ALL);
        self.slots.put(worker, Slot::Investigating(Suspect::new(index, None)));
        self.actions.push(Action::Assign(worker, job));
    }

    /// Says what is being done about a hang, which takes long; once is enough.
    fn tell_of_hang(&mut self, finding: usize, text: String) {
        if *self.health.told_hang.get_or_insert(finding) == finding {
            self.actions.push(Action::Tell(text));
        }
    }

    /// Takes over what an investigation has shown of a finding.
    fn settle(&mut self, index: usize, result: Investigated) {
        let finding = self.findings.get_mut(index);
        if !finding.is_reported {
            return finding.update(result);
        }
        // What was made smaller since.
        if !finding.yields_to(result.confidence, result.input.len()) {
            return;
        }
        // A timeout was minimized while other workers were running, so that must be verified too.
        if result.failure.kind == Kind::Timeout && self.slots.count() > 1 {
            let rival = Some((result.input, result.failure));
            self.suspects.push_back(Suspect::new(index, rival));
        } else {
            finding.update(result);
            self.actions.push(Action::Replace(index));
        }
    }

    /// Reports a finding, once; a rival that could not be verified is forgotten.
    pub(super) fn report(&mut self, suspect: Suspect) {
        let finding = self.findings.get_mut(suspect.finding);
        if suspect.rival.is_none() && !std::mem::replace(&mut finding.is_reported, true) {
            self.numbers.findings += 1;
            self.actions.push(Action::Found(suspect.finding));
        }
    }

    /// Takes back a timeout that was only a matter of load.
    fn dismiss(&mut self, finding: usize) {
        let message = &self.findings.list()[finding].failure.message;
        if self.numbers.slow == 0 {
            self.actions.push(Action::Warn(format!(
                "{message}, but finished in time when run alone, so it is not reported; the machine \
                 may be overloaded or the limit too tight (raise --timeout or lower --jobs)"
            )));
        }
        self.numbers.slow += 1;
        self.findings.dismiss(finding);
    }
}
