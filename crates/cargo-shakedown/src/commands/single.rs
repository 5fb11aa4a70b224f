//! What `replay` and `minimize` share: one target, one worker, some inputs from files, and ^C.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use shakedown_core::corpus_file;
use shakedown_core::failure::Failure;
use shakedown_core::message::Outcome;
use shakedown_core::schema::Schema;

use super::{Internal, wishes};
use crate::cli;
use crate::drive::{ask, watch_signals};
use crate::pool::{Control, CoverageMap, Done, Ended, How, Session};
use crate::select::Selected;

/// A session with a worker of one target, for inputs of any length that were read.
pub(super) struct Single {
    pub(super) session: Session,
    pub(super) schema: Arc<Schema>,
    /// The inputs with their files, in the order in which they were given.
    pub(super) inputs: Vec<(Vec<u8>, PathBuf)>,
    control: Arc<Control>,
}

impl Single {
    /// Asks the target for its schema, reads the files, and listens for ^C: the first one means to
    /// finish what has begun, the second one to drop it.
    ///
    /// # Errors
    /// If no worker starts or a file holds no input.
    pub(super) fn open(
        target: &Selected,
        files: Vec<PathBuf>,
        limits: &cli::Limits,
        show_output: bool,
    ) -> anyhow::Result<Self> {
        let wishes = wishes(limits, 1, show_output);
        let (mut setup, greeting) = ask(&target.binary, &target.label.target, &wishes)?;
        let mut inputs = Vec::new();
        for file in files {
            inputs.push((read_input(&greeting.schema, &file)?, file));
        }
        let longest = inputs.iter().map(|(input, _)| input.len()).max().unwrap_or(0);
        setup.capacity = setup.max_len.max(longest);

        let counters = greeting.counters as usize;
        let map = CoverageMap::new(counters)?;
        let schema = Arc::new(greeting.schema);
        let control = Arc::new(Control::default());
        let session =
            Session::new(Arc::new(setup), map.file(), control.clone(), schema.clone(), counters)?;
        let asked = control.clone();
        watch_signals(move || {
            match asked.is_hurried() {
                true => asked.abort(),
                false => asked.hurry(),
            }
            true
        })?;
        Ok(Self { session, schema, inputs, control })
    }

    /// Runs an input; `name` is that of its file.
    ///
    /// # Errors
    /// If it could not be run.
    pub(super) fn replay(&mut self, input: &[u8], name: &Path) -> anyhow::Result<Outcome> {
        let trouble = |reason| format!("{} could not be run: {reason}", name.display());
        match self.session.replay(input) {
            Done::Answered(executed) => Ok(executed.outcome),
            Done::Ended(Ended { how: How::Target(_, failure), .. }) => Ok(Outcome::Failed(failure)),
            _ if self.control.is_aborted() => Err(interrupted()),
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

    /// Whether the user wants to end at once.
    pub(super) fn is_aborted(&self) -> bool {
        self.control.is_aborted()
    }
}

/// The error of a command that did not come to its end.
pub(super) fn interrupted() -> anyhow::Error {
    anyhow!("interrupted")
}

/// One line on how it failed, as it begins.
pub(super) fn headline(name: &Path, kind: &str, failure: &Failure) -> String {
    format!("{}: {kind}: {}", name.display(), failure.message.trim_end())
}

/// The input in a file, encoded. Warnings go to standard error.
fn read_input(schema: &Schema, path: &Path) -> anyhow::Result<Vec<u8>> {
    let content = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let parsed = corpus_file::decode(schema, &content)
        .map_err(|error| anyhow!("{}:{error}", path.display()))?;
    for warning in &parsed.warnings {
        eprintln!("warning: {}:{warning}", path.display());
    }
    Ok(parsed.input)
}
