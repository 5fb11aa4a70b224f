//! Failures on their way to a report: noted, looked into by a worker, and reported, taken back or
//! given a smaller input.

use shakedown_core::failure::{Failure, Kind};

use super::super::corpus::Origin;
use super::super::event::{Action, Inquiry, Investigated, Job, Task, Trouble};
use super::super::findings::{Noted, Status};
use super::super::past::Past;
use super::super::slots::{Slot, Suspect};
use super::Search;

impl Search {
    /// Notes a failure; a new one is looked into before it is reported.
    pub(super) fn suspect(&mut self, failure: Failure, input: &[u8], past: Past, origin: Origin) {
        // Where little was seen of a failure, it must not be taken for what it may not be.
        let is_clear = !failure.place.is_empty() || failure.kind == Kind::Error;
        let known = self.config.known.reason(&failure).filter(|_| is_clear);
        let noted = self.findings.note(failure.clone(), input, &past, origin, self.execs, known);
        match noted {
            // What is known needs no proof.
            Noted::New(index) if self.findings.list()[index].known.is_some() => {
                self.known.push(index);
            }
            Noted::New(index) => self.suspects.push_back(Suspect::new(index, None)),
            Noted::Again(index) => {
                let is_minimized = self.config.minimize;
                let finding = self.findings.get_mut(index);
                if finding.accepts_rival(input, is_minimized, past) {
                    let rival = Some((input.into(), failure));
                    self.suspects.push_back(Suspect::new(index, rival));
                }
            }
            Noted::Surplus => {}
        }
    }

    pub(super) fn next_suspect(&mut self) -> Option<(Slot, Job)> {
        let mut suspect = self.suspects.pop_front()?;
        suspect.is_alone = self.is_timeout(&suspect);
        let inquiry = match self.is_minimized(&suspect) && !suspect.is_alone {
            true => Inquiry::VerifyAndMinimize,
            false => Inquiry::Verify,
        };
        let finding = self.findings.get_mut(suspect.finding);
        let past = std::mem::take(&mut finding.past);
        let own = || (finding.input.clone(), finding.failure.clone());
        let (input, failure) = suspect.rival.clone().unwrap_or_else(own);
        Some((Slot::Investigating(suspect), Job::Investigate(input, failure, past, inquiry)))
    }

    pub(super) fn is_timeout(&self, suspect: &Suspect) -> bool {
        self.findings.list()[suspect.finding].failure.kind == Kind::Timeout
    }

    /// Whether a suspect is to be made smaller.
    fn is_minimized(&self, suspect: &Suspect) -> bool {
        let finding = &self.findings.list()[suspect.finding];
        self.config.minimize && suspect.rival.is_none() && !finding.origin.is_seed()
    }

    pub(super) fn investigated(
        &mut self,
        worker: usize,
        suspect: Suspect,
        task: Task,
        actions: &mut Vec<Action>,
    ) {
        let Task::Investigated(result) = task else { return self.report(suspect, actions) };
        self.extra_execs += result.execs;
        let Investigated { status, input, before, failure, others, trouble, .. } = *result;
        let is_troubled = trouble.is_some();
        match trouble.map(|trouble| *trouble) {
            Some(Trouble::Damaged(damage)) => self.note_damaged(damage, actions),
            Some(Trouble::Broken(reason)) => drop(self.broken.get_or_insert(reason)),
            None => {}
        }
        for (input, failure) in others {
            self.suspect(failure, &input, Past::default(), Origin::Found);
        }
        if suspect.rival.is_none() && self.findings.identify(suspect.finding, &failure) {
            return;
        }
        // What it has turned out to be may be known, though it did not look like that.
        let known = self.config.known.reason(&failure).map(str::to_owned);
        if let Some(reason) = known.filter(|_| suspect.rival.is_none()) {
            self.findings.accept(suspect.finding, reason);
            let finding = self.findings.get_mut(suspect.finding);
            (finding.status, finding.failure) = (status, failure);
            return self.known.push(suspect.finding);
        }
        let is_sure = status == Status::Reproducible;
        let is_minimized = self.is_minimized(&suspect);
        let finding = self.findings.get_mut(suspect.finding);
        if suspect.rival.is_some() {
            if failure.key() == finding.key && finding.yields_to(status, input.len()) {
                finding.status = status;
                (finding.input, finding.before, finding.failure) = (input, before, failure);
                actions.push(Action::Replace(suspect.finding));
            }
        } else if suspect.is_alone
            && !is_troubled
            && matches!(status, Status::Flaky { failed: 0, .. })
        {
            self.dismiss(suspect.finding, actions);
        } else if suspect.is_alone && is_sure && is_minimized {
            finding.status = status;
            let job = Job::Investigate(input, failure, Past::default(), Inquiry::Minimize);
            let suspect = Suspect::new(suspect.finding, None);
            self.slots.put(worker, Slot::Investigating(suspect));
            actions.push(Action::Assign(worker, job));
        } else {
            finding.status = status;
            // A timeout was minimized while the others were at work, so that must be verified too.
            let is_smaller = is_sure && input.len() < finding.input.len();
            if is_smaller && failure.kind == Kind::Timeout && self.slots.count() > 1 {
                let rival = Some((input, failure));
                self.suspects.push_back(Suspect::new(suspect.finding, rival));
            } else {
                (finding.input, finding.before, finding.failure) = (input, before, failure);
            }
            self.report(suspect, actions);
        }
    }

    /// Reports a finding; a rival that nobody could verify is forgotten.
    pub(super) fn report(&mut self, suspect: Suspect, actions: &mut Vec<Action>) {
        if suspect.rival.is_none() {
            self.reported += 1;
            actions.push(Action::Found(suspect.finding));
        }
    }

    /// Takes back a timeout that was only a matter of load.
    fn dismiss(&mut self, finding: usize, actions: &mut Vec<Action>) {
        let message = &self.findings.list()[finding].failure.message;
        if self.slow == 0 {
            actions.push(Action::Warn(format!(
                "{message}, but not when it was run again with nothing else at work: that is no \
                 finding, the machine is busy or the limit is tight (--timeout, fewer --jobs)"
            )));
        }
        self.slow += 1;
        self.findings.dismiss(finding);
    }
}
