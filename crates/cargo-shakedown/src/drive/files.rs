//! What a campaign writes: entries and findings, each at once. What cannot be written is kept in
//! memory, said once, and tried again at the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use shakedown_core::failure::Failure;
use shakedown_core::{corpus_file, literal, sequence_file};

use crate::campaign::{Damage, Finding, Origin};
use crate::report;
use crate::store::corpus::Corpus;
use crate::store::file::FileError;
use crate::store::lock::CacheLock;

/// The files of one target during a campaign.
#[derive(Debug)]
pub(super) struct Files {
    corpus: Corpus,
    /// Held until the end of the campaign.
    _lock: CacheLock,
    writer: EntryWriter,
    unsaved_entries: Vec<Arc<[u8]>>,
    unsaved_findings: Vec<Unsaved>,
    shown: Vec<report::Finding>,
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
            unsaved_findings: Vec::new(),
            shown: Vec::new(),
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
        finding: &Finding,
        elapsed: Duration,
    ) -> (report::Finding, Option<String>) {
        let failure = &finding.failure;
        let is_known = is_known(finding);
        let mut warning = None;
        let file = match &finding.origin {
            Origin::Testdata(path) if is_known => Some(path.clone()),
            Origin::Attribute(_) if is_known => None,
            _ => {
                let comments = vec![headline(failure)];
                match self.corpus.add_finding(&finding.input, &finding.before, &comments) {
                    Ok(saved) => {
                        let told = saved.fallback.as_ref().map(told);
                        warning = told.map(|told| {
                            format!("{told}; the finding is in {}", saved.path.display())
                        });
                        Some(saved.path)
                    }
                    Err(error) => {
                        warning = Some(format!("{error}; it is tried again at the end"));
                        let (input, before) = (finding.input.clone(), finding.before.clone());
                        self.unsaved_findings.push(Unsaved { input, before, comments });
                        None
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
            reproduce: reproduce(label, file.as_deref()),
            file,
            is_seed: is_known,
            input: text.trim_end().to_owned(),
            sizes: (self.size(finding.found_len), self.size(finding.input.len())),
            execs: finding.execs,
            elapsed,
        };
        self.shown.push(shown.clone());
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

    /// The size of an encoded input as the user sees it: of the only argument if it is raw.
    fn size(&self, encoded: usize) -> usize {
        let prefix = if corpus_file::is_raw(self.corpus.schema()) { 4 } else { 0 };
        encoded - prefix
    }

    /// Tries again to write what could not be written.
    ///
    /// # Errors
    /// If something is still not written; what, and why.
    pub(super) fn save_rest(&mut self) -> Result<(), String> {
        let writer = std::mem::replace(&mut self.writer, EntryWriter::start(self.corpus.clone()));
        let mut entries = std::mem::take(&mut self.unsaved_entries);
        entries.extend(writer.finish().into_iter().map(|(input, _)| input));
        let mut lost = (0, None);
        for input in &entries {
            if let Err(error) = self.corpus.add_entry(input) {
                lost = (lost.0 + 1, Some(told(&error)));
            }
        }
        let mut findings = Vec::new();
        for unsaved in std::mem::take(&mut self.unsaved_findings) {
            let Unsaved { input, before, comments } = unsaved;
            if let Err(error) = self.corpus.add_finding(&input, &before, &comments) {
                let text = match before.is_empty() {
                    true => literal::print(self.corpus.schema(), &input, &[]),
                    false => {
                        let inputs: Vec<_> = before.iter().chain([&input]).collect();
                        sequence_file::print(self.corpus.schema(), &inputs, &[])
                    }
                };
                findings.push(format!("{error}; here it is, to be saved by hand:\n{text}"));
            }
        }
        if let (count, Some(reason)) = lost {
            findings.push(format!("{count} new entries could not be saved: {reason}"));
        }
        if findings.is_empty() { Ok(()) } else { Err(findings.join("\n")) }
    }

    /// The findings that were shown.
    pub(super) fn take_shown(&mut self) -> Vec<report::Finding> {
        std::mem::take(&mut self.shown)
    }
}

/// Whether a finding is there already: a seed fails, and not only after other inputs; or that was
/// known too, for the seed is of a sequence.
fn is_known(finding: &Finding) -> bool {
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
