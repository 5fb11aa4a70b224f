//! What a campaign writes: entries and findings, each at once. What cannot be written is kept in
//! memory, said once, and tried again at the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use shakedown_core::failure::Failure;
use shakedown_core::{corpus_file, known, literal, sequence_file};

use crate::campaign::{Damage, Finding, Origin};
use crate::report;
use crate::store::corpus::Corpus;
use crate::store::file::FileError;
use crate::store::findings::SavedFinding;
use crate::store::lock::CacheLock;

/// The files of one target during a campaign.
#[derive(Debug)]
pub(super) struct Files {
    corpus: Corpus,
    /// Held until the end of the campaign.
    _lock: CacheLock,
    writer: EntryWriter,
    unsaved_entries: Vec<Arc<[u8]>>,
    findings: Vec<Kept>,
}

/// A finding that was reported.
#[derive(Debug)]
struct Kept {
    /// Its position in the search.
    position: usize,
    shown: report::Finding,
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
    inputs: Sender<Arc<[u8]>>,
    /// Inputs that could not be written, and why.
    failed: Receiver<(Arc<[u8]>, String)>,
    thread: JoinHandle<()>,
}

impl EntryWriter {
    fn start(corpus: Corpus) -> Self {
        let (inputs, queue) = channel::<Arc<[u8]>>();
        let (report, failed) = channel();
        let thread = std::thread::spawn(move || {
            for input in queue {
                if let Err(error) = corpus.add_entry(&input) {
                    // Once nobody listens, nobody could try again.
                    let _ = report.send((input, told(&error)));
                }
            }
        });
        Self { inputs, failed, thread }
    }

    /// Waits until everything was tried; returns what failed.
    fn finish(self) -> Vec<(Arc<[u8]>, String)> {
        drop(self.inputs);
        // A panic in the thread was printed when it happened; what it had reported is still there.
        let _ = self.thread.join();
        self.failed.iter().collect()
    }
}

impl Files {
    pub(super) fn new(corpus: Corpus, lock: CacheLock) -> Self {
        Self {
            writer: EntryWriter::start(corpus.clone()),
            corpus,
            _lock: lock,
            unsaved_entries: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Has an entry written, soon.
    pub(super) fn save_entry(&mut self, input: Arc<[u8]>) {
        if let Err(unsent) = self.writer.inputs.send(input) {
            self.unsaved_entries.push(unsent.0);
        }
    }

    /// A warning, if an entry could not be written for the first time.
    pub(super) fn trouble(&mut self) -> Option<String> {
        let first = self.unsaved_entries.is_empty();
        let failed: Vec<_> = self.writer.failed.try_iter().collect();
        let reason = failed.first().map(|(_, reason)| reason.clone());
        self.unsaved_entries.extend(failed.into_iter().map(|(input, _)| input));
        let reason = reason.filter(|_| first)?;
        Some(format!("{reason}; the campaign goes on, and tries again at its end"))
    }

    /// Writes a finding, unless it is a seed; returns what to show of it, and a warning if it could
    /// not be written where it belongs.
    pub(super) fn save_finding(
        &mut self,
        label: &report::Target,
        position: usize,
        finding: &Finding,
        elapsed: Duration,
    ) -> (report::Finding, Option<String>) {
        let failure = &finding.failure;
        let is_written = is_written(finding);
        let mut warning = None;
        let (path, file) = match &finding.origin {
            Origin::Testdata(path) | Origin::Cache(path) if finding.known.is_some() => {
                (Some(path.clone()), FileState::None)
            }
            _ if finding.known.is_some() => (None, FileState::None),
            Origin::Testdata(path) if is_written => (Some(path.clone()), FileState::None),
            Origin::Attribute(_) if is_written => (None, FileState::None),
            _ => {
                let comments = vec![headline(failure)];
                match self.corpus.add_finding(&finding.input, &finding.before, &comments) {
                    Ok(saved) => {
                        let told = saved.fallback.as_ref().map(told);
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
        let inputs: Vec<_> = finding.before.iter().chain([&finding.input]).collect();
        let text = sequence_file::print_arguments(self.corpus.schema(), &inputs);
        let shown = report::Finding {
            target: label.clone(),
            kind: failure.kind.name(),
            key: finding.key.clone(),
            message: failure.message.clone(),
            place: failure.place.clone(),
            status: finding.status.to_string(),
            status_name: finding.status.name(),
            reproduce: reproduce(label, path.as_deref()),
            file: path,
            is_seed: is_written,
            input: text.trim_end().to_owned(),
            sizes: (self.size(finding.found_len), self.size(finding.input.len())),
            execs: finding.execs,
            elapsed,
            more: 0,
            known: finding.known.clone(),
            accept: self.accept(failure),
        };
        self.findings.push(Kept { position, shown: shown.clone(), file });
        (shown, warning)
    }

    /// Writes the last input of a damaged worker where nobody takes it for an entry.
    ///
    /// # Errors
    /// If it cannot be written; why.
    pub(super) fn save_damaged(&self, input: &[u8], damage: &Damage) -> Result<PathBuf, String> {
        let reason = damage.reason.lines().next().unwrap_or_default();
        let comments = [format!("the last input of a damaged worker: {reason}")];
        self.corpus.add_damaged(input, &comments).map_err(|error| told(&error))
    }

    /// Writes the smaller input of a finding that was reported, and removes the file of the one
    /// before; returns what to show of it, if it has a file.
    ///
    /// # Errors
    /// If it cannot be written; then the finding stays as it was.
    pub(super) fn replace_finding(
        &mut self,
        label: &report::Target,
        position: usize,
        finding: &Finding,
    ) -> Result<Option<report::Finding>, String> {
        let size = self.size(finding.input.len());
        let text = self.text(&finding.input);
        let Some(kept) = self.findings.iter_mut().find(|kept| kept.position == position) else {
            return Ok(None);
        };
        let comments = vec![headline(&finding.failure)];
        match &mut kept.file {
            FileState::None => return Ok(None),
            FileState::Unsaved(unsaved) => {
                let (input, before) = (finding.input.clone(), Vec::new());
                *unsaved = Unsaved { input, before, comments };
            }
            FileState::Saved(old) => {
                let new = self.corpus.replace_finding(old, &finding.input, &comments);
                *old = new.map_err(|error| error.to_string())?;
                kept.shown.file = Some(old.path.clone());
                kept.shown.reproduce = reproduce(label, Some(&old.path));
            }
        }
        kept.shown.input = text;
        kept.shown.sizes.1 = size;
        kept.shown.message.clone_from(&finding.failure.message);
        Ok(Some(kept.shown.clone()))
    }

    /// What to write where to make a failure a known one.
    fn accept(&self, failure: &Failure) -> report::Accept {
        let file = self.corpus.locations().testdata.join(known::KNOWN_FILE);
        report::Accept { file, line: known::line_for(failure) }
    }

    fn text(&self, input: &[u8]) -> String {
        literal::print_arguments(self.corpus.schema(), input).trim_end().to_owned()
    }

    /// The size of an encoded input as the user sees it: of the only argument if it is raw.
    fn size(&self, encoded: usize) -> usize {
        let prefix = if corpus_file::is_raw(self.corpus.schema()) { 4 } else { 0 };
        encoded - prefix
    }

    /// Tries again to write what could not be written.
    ///
    /// # Errors
    /// If something is still not written; what, and why.
    pub(super) fn save_rest(&mut self, label: &report::Target) -> Result<(), String> {
        let writer = std::mem::replace(&mut self.writer, EntryWriter::start(self.corpus.clone()));
        let mut entries = std::mem::take(&mut self.unsaved_entries);
        entries.extend(writer.finish().into_iter().map(|(input, _)| input));
        let mut lost = (0, None);
        for input in &entries {
            if let Err(error) = self.corpus.add_entry(input) {
                lost = (lost.0 + 1, Some(told(&error)));
            }
        }
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
        if let (count, Some(reason)) = lost {
            reasons.push(format!("{count} new entries could not be saved: {reason}"));
        }
        if reasons.is_empty() { Ok(()) } else { Err(reasons.join("\n")) }
    }

    /// The findings that were shown, as the search sees them in the end.
    pub(super) fn take_shown(&mut self, findings: &[Finding]) -> Vec<report::Finding> {
        let kept = std::mem::take(&mut self.findings).into_iter();
        kept.map(|kept| report::Finding { more: findings[kept.position].more, ..kept.shown })
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
        Origin::Simplest | Origin::Cache(_) | Origin::Found => false,
    }
}

fn told(error: &FileError) -> String {
    match error.advice() {
        Some(advice) => format!("{error} ({advice})"),
        None => error.to_string(),
    }
}

/// What stands above the input of a failure in its file.
#[must_use]
pub fn headline(failure: &Failure) -> String {
    let place = match failure.place.is_empty() {
        true => String::new(),
        false => format!(" at {}", failure.place),
    };
    format!("{}{place}: {}", failure.kind.name(), failure.message)
}

/// Commands that show a finding again.
fn reproduce(label: &report::Target, file: Option<&Path>) -> Vec<String> {
    let report::Target { package, target, .. } = label;
    let mut commands = vec![format!("cargo test -p {package} {target}::fuzz")];
    if let Some(file) = file {
        let file = shell_words(&report::from_here(file).to_string_lossy());
        commands.push(format!("cargo shakedown replay -p {package} {target} {file}"));
    }
    commands
}

/// A word as a shell reads it.
fn shell_words(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    match word.chars().all(plain) && !word.is_empty() {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}
