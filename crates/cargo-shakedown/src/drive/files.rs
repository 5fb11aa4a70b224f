//! What a campaign writes about one target: its entries, its findings, and their coverage.

use std::path::PathBuf;
use std::sync::Arc;

use super::findings::FindingKeeper;
use super::reproduce::Reproducer;
use super::writer::EntryWriter;
use crate::campaign::{Damage, Event, Remembered};
use crate::report::{TargetName, words};
use crate::store::corpus::Corpus;
use crate::store::coverage::{self, Build};
use crate::store::file::FileError;
use crate::store::history::{self, Run};
use crate::store::inputs::Inputs;
use crate::store::lock::CacheLock;

/// The files of one target during a campaign.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) entries: EntryWriter,
    pub(super) findings: FindingKeeper,
    /// The program; nothing if it cannot be read.
    build: Option<Build>,
    /// Held until the end of the campaign.
    _lock: CacheLock,
}

impl Files {
    pub(super) fn new(
        target: TargetName,
        reproducer: Reproducer,
        inputs: Arc<Inputs>,
        build: Option<Build>,
        lock: CacheLock,
    ) -> Self {
        let findings = FindingKeeper::new(target, reproducer, inputs.corpus().clone());
        Self { entries: EntryWriter::new(inputs), findings, build, _lock: lock }
    }

    /// The entries, which may be read by name.
    pub(super) fn inputs(&self) -> &Arc<Inputs> {
        self.entries.inputs()
    }

    fn corpus(&self) -> &Corpus {
        self.inputs().corpus()
    }

    /// What the last campaign with the same program has left to be remembered.
    pub(super) fn load_coverage(&self) -> Remembered {
        let build = self.build.as_ref();
        build
            .map(|build| coverage::load(&self.corpus().locations().state, build))
            .unwrap_or_default()
    }

    /// Saves what the next campaign is to remember.
    ///
    /// # Errors
    /// If it is not in its file afterwards.
    pub(super) fn save_coverage(&self, entries: &Remembered) -> Result<(), FileError> {
        let Some(build) = &self.build else { return Ok(()) };
        coverage::save(&self.corpus().locations().state, build, entries)
    }

    /// Writes how a campaign went to those before it.
    ///
    /// # Errors
    /// If that is not possible.
    pub(super) fn save_run(&self, run: Run) -> Result<(), FileError> {
        history::add(&self.corpus().locations().state, run)
    }

    /// Writes the last input of a damaged worker where it is not taken for an entry.
    ///
    /// # Errors
    /// If it cannot be written; why.
    pub(super) fn save_damaged(&self, input: &[u8], damage: &Damage) -> Result<PathBuf, String> {
        let comments = [words::damaged_input(&damage.reason)];
        self.corpus().add_damaged(input, &comments).map_err(|error| error.to_string())
    }

    /// Writes an input that fails among the entries.
    ///
    /// # Errors
    /// If it is not in its file afterwards.
    pub(super) fn keep_failing(&self, input: &[u8]) -> Result<(), FileError> {
        self.corpus().add_entries([input]).into_iter().try_for_each(|added| added.map(drop))
    }

    /// Waits for what is being written, and tries again to write what could not be; returns events
    /// for the search.
    ///
    /// # Errors
    /// In addition, if something is still not written; what, and why.
    pub(super) fn save_rest(&mut self) -> (Vec<Event>, Result<(), String>) {
        let (events, error) = self.entries.finish();
        let mut lost = self.findings.finish();
        lost.extend(error.map(|error| words::entries_lost(self.entries.unwritten(), &error)));
        (events, if lost.is_empty() { Ok(()) } else { Err(lost.join("\n")) })
    }
}

#[cfg(test)]
mod tests;
