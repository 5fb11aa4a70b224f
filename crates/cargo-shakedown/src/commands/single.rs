//! What `replay` and `minimize` share: one target, one worker, some inputs from files, each alone or
//! in a sequence, and ^C.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use shakedown_core::corpus_file;
use shakedown_core::failure::Failure;
use shakedown_core::schema::Schema;
use shakedown_core::wire::Outcome;

use super::Internal;
use super::beside::Beside;
use super::output::Notes;
use crate::drive::{Reproducer, Verdict, watch_signals};
use crate::report::{visible, whole_foreign};
use crate::select::Selected;
use crate::worker::{Control, Done, Ended, How, Limits, Orphans, Session, Setup, Shared, greet};

/// A session with a worker of one target, for inputs of any length that were read.
pub(super) struct Single {
    pub(super) session: Session,
    pub(super) schema: Arc<Schema>,
    pub(super) reproducer: Reproducer,
    /// The files with their inputs, of which there are several in a sequence, in the order in which
    /// they were given.
    pub(super) files: Vec<(Vec<Vec<u8>>, PathBuf)>,
    /// The seeds of the attribute.
    pub(super) seeds: Vec<Vec<u8>>,
    /// What the target's executions may take, if that is longer than these here.
    pub(super) cut: Option<Duration>,
    control: Arc<Control>,
    /// After the session, so that its worker has ended before.
    _orphans: Orphans,
}

impl Single {
    /// Asks the target for its schema, reads the files, and listens for ^C: the first one drops
    /// what does not improve the result so far, the second one everything.
    ///
    /// # Errors
    /// If no worker starts or a file holds no input.
    pub(super) fn open(
        target: &Selected,
        paths: Vec<PathBuf>,
        limits: Limits,
        show_output: bool,
    ) -> anyhow::Result<Self> {
        Self::open_for(None, target, paths, limits, show_output)
    }

    /// As [`Self::open`], with executions that may not take longer than this, unless the user has
    /// said how long.
    ///
    /// # Errors
    /// As there.
    pub(super) fn open_for(
        longest: Option<Duration>,
        target: &Selected,
        paths: Vec<PathBuf>,
        limits: Limits,
        show_output: bool,
    ) -> anyhow::Result<Self> {
        let longest = longest.filter(|_| limits.timeout.is_none());
        let mut limits = limits;
        Beside::find(&target.program, &target.label.target, true)?.complete(&mut limits);
        let setup = Setup::new(target.program.clone(), &target.label.target, limits);
        let mut setup = Setup { show_output, ..setup };
        let orphans = Orphans::adopt();
        let greeting = greet(&mut setup)?;
        let cut = longest.map(|_| setup.limits.timeout()).filter(|own| longest < Some(*own));
        setup.limits.timeout = cut.and(longest).or(setup.limits.timeout);
        let mut files = Vec::new();
        for path in paths {
            files.push((read_inputs(&greeting.schema, &path)?, path));
        }
        let longest = files.iter().flat_map(|(inputs, _)| inputs).map(Vec::len).max().unwrap_or(0);
        setup.capacity = setup.max_len.max(longest);

        let counters = greeting.counters as usize;
        let schema = Arc::new(greeting.schema);
        let shared = Shared::new(Arc::new(setup), schema.clone(), counters)?;
        let control = shared.control.clone();
        let mut session = Session::new(shared)?;
        session.set_droppable(true);
        let asked = control.clone();
        watch_signals(Verdict::default(), move || {
            escalate(&asked);
            true
        })?;
        let reproducer = Reproducer {
            program: target.program.clone(),
            target: target.label.target.clone(),
            callee: greeting.callee,
        };
        let seeds = greeting.seeds;
        Ok(Self { session, schema, reproducer, files, seeds, cut, control, _orphans: orphans })
    }

    /// Runs the inputs of a file in one process, until it dies of one; what came of each, of one at
    /// least.
    ///
    /// # Errors
    /// If one could not be run.
    pub(super) fn replay_all(
        &mut self,
        inputs: &[Vec<u8>],
        name: &Path,
    ) -> anyhow::Result<Vec<Outcome>> {
        // A sequence begins in a process that has run nothing.
        if inputs.len() > 1 {
            self.session.restart();
        }
        let mut outcomes = Vec::new();
        for input in inputs {
            outcomes.push(self.replay(input, name)?);
            if !self.session.is_alive() {
                break;
            }
        }
        Ok(outcomes)
    }

    /// Runs an input; `name` is that of its file.
    fn replay(&mut self, input: &[u8], name: &Path) -> anyhow::Result<Outcome> {
        let trouble = |reason| format!("{} could not be run: {reason}", name.display());
        match self.session.replay(input) {
            Done::Answered(executed) => Ok(executed.outcome),
            Done::Ended(Ended {
                how: How::Target(_, failure) | How::Unclear(_, failure), ..
            }) => Ok(Outcome::Failed(failure)),
            _ if self.session.is_dropping() => Err(interrupted()),
            Done::Ended(Ended { how: How::Lost(reason), .. }) => Err(anyhow!(trouble(reason))),
            Done::Ended(Ended { how: How::Damaged(damage), .. }) => {
                Err(Internal(trouble(damage.reason)).into())
            }
            Done::Ended(Ended { how: How::Broken(reason), .. }) => {
                Err(Internal(trouble(reason)).into())
            }
        }
    }

    /// Whether the user wants to come to an end.
    pub(super) fn is_hurried(&self) -> bool {
        self.control.is_hurried()
    }
}

/// What another ^C asks for.
fn escalate(control: &Control) {
    match control.is_hurried() {
        true => control.abort(),
        false => control.hurry(),
    }
}

/// The error of a command that did not come to its end.
pub(super) fn interrupted() -> anyhow::Error {
    anyhow!("interrupted")
}

/// One line on how it failed, as it begins.
pub(super) fn headline(name: &str, kind: &str, failure: &Failure) -> String {
    format!("{}: {kind}: {}", visible(name), whole_foreign(&failure.message))
}

/// The inputs in a file, encoded: those of a sequence in order, or the only one. Warnings go to
/// standard error.
fn read_inputs(schema: &Schema, path: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let content = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let read = corpus_file::decode_all(schema, &content)
        .map_err(|error| anyhow!("{}:{error}", path.display()))?;
    for warning in &read.warnings {
        writeln!(Notes, "warning: {}", visible(&format!("{}:{warning}", path.display())));
    }
    Ok(read.inputs)
}
