//! What a campaign writes: entries and findings, each at once. What cannot be written is kept in
//! memory, said once, and tried again at the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use shakedown_core::failure::Failure;
use shakedown_core::{corpus_file, known, literal, sequence_file};

use super::reproduce::reproduce;
use crate::campaign::{Damage, EntryId, Event, Finding, Origin, Remembered};
use crate::report;
use crate::report::words::headline;
use crate::store::corpus::Corpus;
use crate::store::coverage::{self, Build};
use crate::store::file::{FileError, as_number};
use crate::store::findings::SavedFinding;
use crate::store::inputs::Inputs;
use crate::store::lock::CacheLock;

/// The files of one target during a campaign.
#[derive(Debug)]
pub(super) struct Files {
    corpus: Corpus,
    inputs: Arc<Inputs>,
    build: Option<Build>,
    /// Held until the end of the campaign.
    _lock: CacheLock,
    writer: EntryWriter,
    unsaved_entries: Vec<(EntryId, Arc<[u8]>)>,
    findings: Vec<KeptFinding>,
}

/// A finding that was reported.
#[derive(Debug)]
struct KeptFinding {
    /// Its position in the search.
    position: usize,
    shown: report::FindingNotice,
    file: FileState,
}

/// The file of a finding.
#[derive(Debug)]
enum FileState {
    /// None of the campaign's: it is a seed, or known.
    None,
    Saved(SavedFinding),
    /// It could not be written yet.
    Unsaved(Unsaved),
}

/// A finding that could not be written.
#[derive(Debug)]
struct Unsaved {
    input: Arc<[u8]>,
    /// The inputs that must run before it.
    before: Vec<Arc<[u8]>>,
    comments: Vec<String>,
}

/// Writes entries in a thread of its own. A file takes a millisecond or more until it is safely on
/// the disk, and in the first seconds of a campaign there are hundreds of them.
#[derive(Debug)]
struct EntryWriter {
    inputs: Sender<(EntryId, Arc<[u8]>)>,
    results: Receiver<Written>,
    thread: JoinHandle<()>,
    /// Entries whose result was not taken yet.
    pending: usize,
}

/// What came of an entry that was to be written.
#[derive(Debug)]
struct Written {
    entry: EntryId,
    input: Arc<[u8]>,
    /// The name of the file, or why there is none.
    name: Result<String, String>,
}

impl EntryWriter {
    fn start(corpus: Corpus) -> Self {
        let (inputs, queue) = channel();
        let (report, results) = channel();
        let thread = std::thread::spawn(move || {
            while let Ok(first) = queue.recv() {
                // What has come in the meantime is written together.
                let group = std::iter::once(first).chain(queue.try_iter());
                for written in Written::by(&corpus, group.collect()) {
                    // Once nobody listens, nobody could try again.
                    let _ = report.send(written);
                }
            }
        });
        Self { inputs, results, thread, pending: 0 }
    }

    /// Has an entry written.
    ///
    /// # Errors
    /// If the thread is gone; the entry.
    fn write(&mut self, entry: EntryId, input: Arc<[u8]>) -> Result<(), (EntryId, Arc<[u8]>)> {
        self.inputs.send((entry, input)).map_err(|unsent| unsent.0)?;
        self.pending += 1;
        Ok(())
    }

    /// What came of entries since it was asked last.
    fn take(&mut self) -> Vec<Written> {
        let results: Vec<_> = self.results.try_iter().collect();
        self.pending -= results.len();
        results
    }

    /// Waits until everything was tried; returns what came of it.
    fn finish(self) -> Vec<Written> {
        drop(self.inputs);
        // A panic in the thread was printed when it happened; what it had reported is still there.
        let _ = self.thread.join();
        self.results.iter().collect()
    }
}

impl Written {
    fn by(corpus: &Corpus, entries: Vec<(EntryId, Arc<[u8]>)>) -> Vec<Self> {
        let names = corpus.add_entries(entries.iter().map(|(_, input)| &**input));
        let written = names.into_iter().zip(entries).map(|(name, (entry, input))| Self {
            entry,
            input,
            name: name.map_err(|error| error.to_string()),
        });
        written.collect()
    }
}

impl Files {
    pub(super) fn new(inputs: Arc<Inputs>, build: Option<Build>, lock: CacheLock) -> Self {
        let corpus = inputs.corpus().clone();
        Self {
            writer: EntryWriter::start(corpus.clone()),
            corpus,
            inputs,
            build,
            _lock: lock,
            unsaved_entries: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The entries, which may be read by name.
    pub(super) fn inputs(&self) -> &Arc<Inputs> {
        &self.inputs
    }

    /// Has an entry written, soon.
    pub(super) fn save_entry(&mut self, entry: EntryId, input: Arc<[u8]>) {
        if let Err(unsent) = self.writer.write(entry, input) {
            self.unsaved_entries.push(unsent);
        }
    }

    /// Number of entries that are in no file yet: they would be lost if the campaign ended now.
    pub(super) fn unwritten(&self) -> usize {
        self.writer.pending + self.unsaved_entries.len()
    }

    /// News for the search about entries that were written, and a warning if one could not be for
    /// the first time.
    pub(super) fn written(&mut self) -> (Vec<Event>, Option<String>) {
        let first = self.unsaved_entries.is_empty();
        let results = self.writer.take();
        let reason = results.iter().find_map(|written| written.name.as_ref().err().cloned());
        let reason = reason.filter(|_| first);
        let warning =
            reason.map(|why| format!("{why}; the campaign goes on, and tries again at its end"));
        (self.take_in(results), warning)
    }

    fn take_in(&mut self, results: Vec<Written>) -> Vec<Event> {
        let mut events = Vec::new();
        for Written { entry, input, name } in results {
            match name {
                Ok(name) => {
                    if let Some(number) = as_number(&name) {
                        self.inputs.put(number, input);
                        events.push(Event::Saved(entry, number));
                    }
                }
                Err(_) => self.unsaved_entries.push((entry, input)),
            }
        }
        events
    }

    /// Keeps what the next campaign is to remember.
    ///
    /// # Errors
    /// If it is not in its file afterwards.
    pub(super) fn save_coverage(&self, entries: &Remembered) -> Result<(), FileError> {
        let Some(build) = &self.build else { return Ok(()) };
        coverage::save(&self.corpus.locations().cache, build, entries)
    }

    /// Writes a finding, unless it is a seed; returns what to show of it, and a warning if it could
    /// not be written where it belongs.
    pub(super) fn save_finding(
        &mut self,
        label: &report::TargetName,
        position: usize,
        finding: &Finding,
        elapsed: Duration,
    ) -> (report::FindingNotice, Option<String>) {
        let failure = &finding.failure;
        let is_written = is_written(finding);
        let mut warning = None;
        let (path, file) = match &finding.origin {
            Origin::Testdata(path) if finding.known.is_some() => {
                (Some(path.clone()), FileState::None)
            }
            Origin::Cache if finding.known.is_some() => {
                (self.corpus.entry_path(&finding.input), FileState::None)
            }
            _ if finding.known.is_some() => (None, FileState::None),
            Origin::Testdata(path) if is_written => (Some(path.clone()), FileState::None),
            Origin::Attribute(_) if is_written => (None, FileState::None),
            _ => {
                let comments = vec![headline(failure)];
                match self.corpus.add_finding(&finding.input, &finding.before, &comments) {
                    Ok(saved) => {
                        let told = saved.fallback.as_ref().map(FileError::to_string);
                        warning = told.map(|told| {
                            format!("{told}; the finding is in {}", saved.path.display())
                        });
                        (Some(saved.path.clone()), FileState::Saved(saved))
                    }
                    Err(error) => {
                        warning = Some(format!("{error}; it is tried again at the end"));
                        let (input, before) = (finding.input.clone(), finding.before.clone());
                        (None, FileState::Unsaved(Unsaved { input, before, comments }))
                    }
                }
            }
        };
        let shown = report::FindingNotice {
            target: label.clone(),
            kind: failure.kind.name(),
            key: finding.key.clone(),
            message: failure.message.clone(),
            place: failure.place.clone(),
            location: report::Location::parse(&failure.place),
            status: finding.status.name(),
            status_text: finding.status.to_string(),
            reproduce: reproduce(label, path.as_deref()),
            file: path,
            is_seed: is_written,
            input: self.text(finding),
            found_len: self.size(finding.found_len),
            len: self.size(finding.input.len()),
            execs: finding.execs,
            elapsed,
            more: 0,
            accepted: finding.known.clone(),
            accept: self.accept(failure),
        };
        self.findings.push(KeptFinding { position, shown: shown.clone(), file });
        (shown, warning)
    }

    /// Writes the last input of a damaged worker where nobody takes it for an entry.
    ///
    /// # Errors
    /// If it cannot be written; why.
    pub(super) fn save_damaged(&self, input: &[u8], damage: &Damage) -> Result<PathBuf, String> {
        let reason = damage.reason.lines().next().unwrap_or_default();
        let comments = [format!("the last input of a damaged worker: {reason}")];
        self.corpus.add_damaged(input, &comments).map_err(|error| error.to_string())
    }

    /// Writes the better input of a finding that was reported, and removes the file of the one
    /// before; returns what to show of it, if it has a file.
    ///
    /// # Errors
    /// If it cannot be written; then the finding stays as it was.
    pub(super) fn replace_finding(
        &mut self,
        label: &report::TargetName,
        position: usize,
        finding: &Finding,
    ) -> Result<Option<report::FindingNotice>, String> {
        let size = self.size(finding.input.len());
        let text = self.text(finding);
        let Some(kept) = self.findings.iter_mut().find(|kept| kept.position == position) else {
            return Ok(None);
        };
        let comments = vec![headline(&finding.failure)];
        match &mut kept.file {
            FileState::None => return Ok(None),
            FileState::Unsaved(unsaved) => {
                let (input, before) = (finding.input.clone(), finding.before.clone());
                *unsaved = Unsaved { input, before, comments };
            }
            FileState::Saved(old) => {
                let new =
                    self.corpus.replace_finding(old, &finding.input, &finding.before, &comments);
                *old = new.map_err(|error| error.to_string())?;
                kept.shown.file = Some(old.path.clone());
                kept.shown.reproduce = reproduce(label, Some(&old.path));
            }
        }
        kept.shown.input = text;
        kept.shown.len = size;
        kept.shown.message.clone_from(&finding.failure.message);
        kept.shown.status = finding.status.name();
        kept.shown.status_text = finding.status.to_string();
        Ok(Some(kept.shown.clone()))
    }

    /// What to write where to make a failure a known one.
    fn accept(&self, failure: &Failure) -> report::Accept {
        let file = self.corpus.locations().testdata.join(known::KNOWN_FILE);
        report::Accept { file, line: known::line_for(failure) }
    }

    /// The arguments of a finding, after those of the inputs that must run before.
    fn text(&self, finding: &Finding) -> String {
        let inputs: Vec<_> = finding.before.iter().chain([&finding.input]).collect();
        let text = sequence_file::print_arguments(self.corpus.schema(), &inputs);
        text.trim_end().to_owned()
    }

    /// The size of an encoded input as the user sees it: of the only argument if it is raw.
    fn size(&self, encoded: usize) -> usize {
        let prefix = if corpus_file::is_raw(self.corpus.schema()) { 4 } else { 0 };
        encoded - prefix
    }

    /// Waits for what is being written, and tries again to write what could not be; returns news
    /// for the search.
    ///
    /// # Errors
    /// Beside them, if something is still not written; what, and why.
    pub(super) fn save_rest(
        &mut self,
        label: &report::TargetName,
    ) -> (Vec<Event>, Result<(), String>) {
        let writer = std::mem::replace(&mut self.writer, EntryWriter::start(self.corpus.clone()));
        let mut events = self.take_in(writer.finish());
        let again = Written::by(&self.corpus, std::mem::take(&mut self.unsaved_entries));
        let lost: Vec<_> = again.iter().filter_map(|written| written.name.clone().err()).collect();
        events.extend(self.take_in(again));
        let mut reasons = Vec::new();
        for kept in &mut self.findings {
            let FileState::Unsaved(unsaved) = &kept.file else { continue };
            let Unsaved { input, before, comments } = unsaved;
            match self.corpus.add_finding(input, before, comments) {
                Ok(saved) => {
                    kept.shown.file = Some(saved.path.clone());
                    kept.shown.reproduce = reproduce(label, Some(&saved.path));
                    kept.file = FileState::Saved(saved);
                }
                Err(error) => {
                    let text = match before.is_empty() {
                        true => literal::print(self.corpus.schema(), input, &[]),
                        false => {
                            let inputs: Vec<_> = before.iter().chain([input]).collect();
                            sequence_file::print(self.corpus.schema(), &inputs, &[])
                        }
                    };
                    reasons.push(format!("{error}; here it is, to be saved by hand:\n{text}"));
                    kept.file = FileState::None;
                }
            }
        }
        if let Some(reason) = lost.last() {
            reasons.push(format!("{} new entries could not be saved: {reason}", lost.len()));
        }
        (events, if reasons.is_empty() { Ok(()) } else { Err(reasons.join("\n")) })
    }

    /// The findings that were shown, as the search sees them in the end.
    pub(super) fn take_shown(&mut self, findings: &[Finding]) -> Vec<report::FindingNotice> {
        let kept = std::mem::take(&mut self.findings).into_iter();
        kept.map(|kept| report::FindingNotice { more: findings[kept.position].more, ..kept.shown })
            .collect()
    }
}

/// Whether a finding is there already: a seed fails, and not only after other inputs; or that was
/// known too, for the seed is of a sequence.
fn is_written(finding: &Finding) -> bool {
    let is_sequence = |path: &Path| path.to_string_lossy().ends_with(sequence_file::SUFFIX);
    match &finding.origin {
        Origin::Testdata(path) => finding.before.is_empty() || is_sequence(path),
        Origin::Attribute(_) => finding.before.is_empty(),
        Origin::Simplest | Origin::Cache | Origin::Found => false,
    }
}

#[cfg(test)]
mod tests;
