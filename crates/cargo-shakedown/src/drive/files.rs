//! What a campaign writes: entries and findings, each at once. What cannot be written is kept in
//! memory, said once, and tried again at the end.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use shakedown_core::failure::Failure;
use shakedown_core::{corpus_file, literal, sequence_file};

use crate::campaign::{Damage, EntryId, Event, Finding, Known, Origin};
use crate::report;
use crate::store::corpus::Corpus;
use crate::store::coverage::{Build, Record, Records};
use crate::store::file::{FileError, as_number};
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
    inputs: Sender<(EntryId, Arc<[u8]>)>,
    results: Receiver<Written>,
    thread: JoinHandle<()>,
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
            for (entry, input) in queue {
                // Once nobody listens, nobody could try again.
                let _ = report.send(Written::by(&corpus, entry, input));
            }
        });
        Self { inputs, results, thread }
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
    fn by(corpus: &Corpus, entry: EntryId, input: Arc<[u8]>) -> Self {
        let name = corpus.add_entry(&input).map_err(|error| told(&error));
        Self { entry, input, name }
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
            unsaved_findings: Vec::new(),
            shown: Vec::new(),
        }
    }

    /// The entries, which may be read by name.
    pub(super) fn inputs(&self) -> &Arc<Inputs> {
        &self.inputs
    }

    /// Has an entry written, soon.
    pub(super) fn save_entry(&mut self, entry: EntryId, input: Arc<[u8]>) {
        if let Err(unsent) = self.writer.inputs.send((entry, input)) {
            self.unsaved_entries.push(unsent.0);
        }
    }

    /// News for the search about entries that were written, and a warning if one could not be for
    /// the first time.
    pub(super) fn written(&mut self) -> (Vec<Event>, Option<String>) {
        let first = self.unsaved_entries.is_empty();
        let results: Vec<_> = self.writer.results.try_iter().collect();
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

    /// Keeps what is known of the entries for the next campaign.
    ///
    /// # Errors
    /// If it is not in its file afterwards.
    pub(super) fn save_coverage(&self, known: &Known) -> Result<(), FileError> {
        let Some(build) = &self.build else { return Ok(()) };
        let mut records = Records::default();
        for (entry, features) in known.iter() {
            records.push(Record { name: entry.name, len: entry.len, features });
        }
        records.save(&self.corpus.locations().cache, build)
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

    /// Waits for what is being written, and tries again to write what could not be; returns news
    /// for the search.
    ///
    /// # Errors
    /// Beside them, if something is still not written; what, and why.
    pub(super) fn save_rest(&mut self) -> (Vec<Event>, Result<(), String>) {
        let writer = std::mem::replace(&mut self.writer, EntryWriter::start(self.corpus.clone()));
        let mut events = self.take_in(writer.finish());
        let again = std::mem::take(&mut self.unsaved_entries).into_iter();
        let again: Vec<_> =
            again.map(|(entry, input)| Written::by(&self.corpus, entry, input)).collect();
        let reasons: Vec<_> =
            again.iter().filter_map(|written| written.name.clone().err()).collect();
        let lost = (reasons.len(), reasons.into_iter().next_back());
        events.extend(self.take_in(again));
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
        (events, if findings.is_empty() { Ok(()) } else { Err(findings.join("\n")) })
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
        Origin::Simplest | Origin::Cache | Origin::Found => false,
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
