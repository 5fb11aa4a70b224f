//! The keeper of a target's findings: their files, and what was reported of them. What cannot be
//! written is kept in memory and tried again at the end.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use shakedown_core::failure::{Caller, Failure, Kind};
use shakedown_core::{known, literal, sequence_file};

use super::reproduce::Reproducer;
use crate::campaign::{Finding, Source};
use crate::report::{Accept, FindingNotice, Location, TargetName, words};
use crate::store::corpus::Corpus;
use crate::store::findings::{SavedFinding, UnsavedFinding};
use crate::worker;

/// Keeps the findings of one target.
#[derive(Debug)]
pub(super) struct FindingKeeper {
    target: TargetName,
    reproducer: Reproducer,
    corpus: Corpus,
    kept: Vec<KeptFinding>,
    /// Findings that are being made smaller, by their positions in the search.
    early: HashMap<usize, EarlyFinding>,
}

/// A finding that is in a file, but not reported yet.
#[derive(Debug)]
struct EarlyFinding {
    file: SavedFinding,
    failure: Failure,
    since: Instant,
    is_told: bool,
}

/// How long a finding is made smaller before that is worth a word.
const SILENT: Duration = Duration::from_secs(2);

/// A finding that was reported.
#[derive(Debug)]
struct KeptFinding {
    /// Its position in the search.
    position: usize,
    notice: FindingNotice,
    file: FindingFile,
}

/// The file of a finding.
#[derive(Debug)]
enum FindingFile {
    /// None of the campaign's: the input is a seed, or the failure is accepted.
    Other(Option<PathBuf>),
    Saved(SavedFinding),
    /// It could not be written yet.
    Unsaved(FindingContent),
}

/// What is written of a finding.
#[derive(Clone, Debug)]
struct FindingContent {
    kind: Kind,
    input: Arc<[u8]>,
    /// The inputs that must run before it.
    before: Vec<Arc<[u8]>>,
    comments: Vec<String>,
}

impl FindingContent {
    fn of(finding: &Finding) -> Self {
        let comments = vec![words::headline(&finding.failure)];
        let (input, before) = (finding.input.clone(), finding.before.clone());
        Self { kind: finding.failure.kind, input, before, comments }
    }

    fn write(&self, corpus: &Corpus) -> Result<SavedFinding, UnsavedFinding> {
        corpus.add_finding(self.kind, &self.input, &self.before, &self.comments)
    }

    /// The content of the file that could not be written.
    fn text(&self, corpus: &Corpus) -> String {
        if self.before.is_empty() {
            return literal::print(corpus.schema(), &self.input, &[]);
        }
        let inputs: Vec<_> = self.before.iter().chain([&self.input]).collect();
        sequence_file::print(corpus.schema(), &inputs, &[])
    }
}

impl FindingFile {
    fn path(&self) -> Option<&Path> {
        match self {
            Self::Other(path) => path.as_deref(),
            Self::Saved(saved) => Some(&saved.path),
            Self::Unsaved(_) => None,
        }
    }
}

impl KeptFinding {
    fn set_file(&mut self, saved: SavedFinding, reproducer: &Reproducer) {
        self.notice.file = Some(saved.path.clone());
        self.notice.reproduce = reproducer.commands(Some(&saved.path));
        self.file = FindingFile::Saved(saved);
    }
}

impl FindingKeeper {
    pub(super) fn new(target: TargetName, reproducer: Reproducer, corpus: Corpus) -> Self {
        Self { target, reproducer, corpus, kept: Vec::new(), early: HashMap::new() }
    }

    /// Writes an input of a finding that is not reported yet, so that no end loses it.
    pub(super) fn keep(
        &mut self,
        position: usize,
        finding: &Finding,
        input: &Arc<[u8]>,
        failure: &Failure,
    ) {
        let is_reported = self.kept.iter().any(|kept| kept.position == position);
        if is_reported || finding.accepted.is_some() || is_seed(finding) {
            return;
        }
        let comments = vec![words::headline(failure)];
        let (kind, input, before) = (failure.kind, input.clone(), Vec::new());
        let content = FindingContent { kind, input, before, comments };
        // One that cannot be written is told when the finding is reported.
        if let Ok(file) = content.write(&self.corpus) {
            let (failure, since, is_told) = (failure.clone(), Instant::now(), false);
            self.early.insert(position, EarlyFinding { file, failure, since, is_told });
        }
    }

    /// What to tell of findings that have been made smaller for long by now, once of each.
    pub(super) fn take_overdue(&mut self) -> Vec<String> {
        let early = self.early.values_mut();
        let overdue = early.filter(|early| !early.is_told && early.since.elapsed() >= SILENT);
        let told = overdue.map(|early| {
            early.is_told = true;
            words::being_minimized(&early.failure, &early.file.path)
        });
        told.collect()
    }

    /// Writes a finding, unless it needs no file; returns what to report of it, and a warning if it
    /// could not be written where it belongs.
    pub(super) fn save(
        &mut self,
        position: usize,
        finding: &Finding,
        now: Duration,
    ) -> (FindingNotice, Option<String>) {
        let (file, warning) = match finding.accepted.is_some() || is_seed(finding) {
            true => (FindingFile::Other(self.own_file(finding)), None),
            false => self.write(finding),
        };
        let file = match (file, self.early.remove(&position)) {
            (FindingFile::Saved(saved), Some(early)) => {
                FindingFile::Saved(saved.after(&early.file))
            }
            (file, Some(early)) => {
                early.file.give_way(file.path());
                file
            }
            (file, None) => file,
        };
        let notice = self.notice(finding, file.path(), now);
        self.kept.push(KeptFinding { position, notice: notice.clone(), file });
        (notice, warning)
    }

    /// The file that has the input of a finding already.
    fn own_file(&self, finding: &Finding) -> Option<PathBuf> {
        match &finding.source {
            Source::Testdata(path) => Some(path.clone()),
            Source::Cache => self.corpus.entry_path(&finding.input),
            Source::Attribute(_) | Source::Simplest | Source::Found => None,
        }
    }

    fn write(&self, finding: &Finding) -> (FindingFile, Option<String>) {
        let content = FindingContent::of(finding);
        match content.write(&self.corpus) {
            Ok(saved) => {
                let reason = saved.fallback.as_ref();
                let warning =
                    reason.map(|error| words::finding_elsewhere(&error.to_string(), &saved.path));
                (FindingFile::Saved(saved), warning)
            }
            Err(error) => {
                let warning = words::finding_not_saved(&error.to_string());
                (FindingFile::Unsaved(content), Some(warning))
            }
        }
    }

    fn notice(&self, finding: &Finding, file: Option<&Path>, told: Duration) -> FindingNotice {
        let failure = &finding.failure;
        let testdata = &self.corpus.locations().testdata;
        let location = Location::parse(&failure.place);
        FindingNotice {
            target: self.target.clone(),
            kind: failure.kind.name(),
            key: finding.key.clone(),
            message: failure.message.clone(),
            place: failure.place.clone(),
            location: location.map(|location| location.found_from(testdata)),
            caller: self.caller(failure),
            status: finding.confidence.name(),
            status_text: finding.confidence.to_string(),
            reproduce: self.reproducer.commands(file),
            backtrace: failure.backtrace.clone(),
            file: file.map(Path::to_path_buf),
            is_seed: is_seed(finding),
            input: self.text(finding),
            value: self.value(finding),
            call: self.call(finding),
            found_len: self.len(finding.found_len),
            len: self.len(finding.input.len()),
            execs: finding.met.execs,
            elapsed: finding.met.elapsed,
            told,
            more: 0,
            accepted: finding.accepted.clone(),
            accept: Accept {
                file: testdata.join(known::KNOWN_FILE),
                line: known::line_for(failure, &finding.input),
            },
        }
    }

    /// Where from, if the place does not tell a failure from what was reported before.
    fn caller(&self, failure: &Failure) -> Option<String> {
        let Caller::Place(caller) = &failure.caller else { return None };
        let is_there = self.kept.iter().any(|kept| kept.notice.place == failure.place);
        is_there.then(|| caller.clone())
    }

    /// Writes the better input of a finding that was reported, and removes the file of the one
    /// before; returns what to report of it, if it has a file.
    ///
    /// # Errors
    /// If it cannot be written; then the finding stays as it was.
    pub(super) fn replace(
        &mut self,
        position: usize,
        finding: &Finding,
    ) -> Result<Option<FindingNotice>, String> {
        let (text, call) = (self.text(finding), self.call(finding));
        let value = self.value(finding);
        let len = self.len(finding.input.len());
        let Some(kept) = self.kept.iter_mut().find(|kept| kept.position == position) else {
            return Ok(None);
        };
        let content = FindingContent::of(finding);
        match &mut kept.file {
            FindingFile::Other(_) => return Ok(None),
            FindingFile::Unsaved(unsaved) => *unsaved = content,
            FindingFile::Saved(old) => {
                let FindingContent { kind, input, before, comments } = &content;
                let new = self.corpus.replace_finding(old, *kind, input, before, comments);
                let new = new.map_err(|error| error.to_string())?;
                kept.set_file(new, &self.reproducer);
            }
        }
        let notice = &mut kept.notice;
        notice.input = text;
        notice.call = call;
        notice.value = value;
        notice.len = len;
        notice.message.clone_from(&finding.failure.message);
        notice.backtrace.clone_from(&finding.failure.backtrace);
        notice.status = finding.confidence.name();
        notice.status_text = finding.confidence.to_string();
        Ok(Some(notice.clone()))
    }

    /// Tries again to write what could not be written; returns what is lost, and why.
    pub(super) fn finish(&mut self) -> Vec<String> {
        let mut lost = Vec::new();
        for kept in &mut self.kept {
            let FindingFile::Unsaved(content) = &kept.file else { continue };
            match content.write(&self.corpus) {
                Ok(saved) => kept.set_file(saved, &self.reproducer),
                Err(error) => {
                    let text = content.text(&self.corpus);
                    lost.push(words::finding_lost(&error.to_string(), &text));
                    kept.file = FindingFile::Other(None);
                }
            }
        }
        lost
    }

    /// What was reported, with the numbers of the search in the end.
    pub(super) fn take(&mut self, findings: &[Finding]) -> Vec<FindingNotice> {
        let kept = std::mem::take(&mut self.kept).into_iter();
        kept.map(|kept| FindingNotice { more: findings[kept.position].surplus, ..kept.notice })
            .collect()
    }

    /// The arguments of a finding, after those of the inputs that must run before.
    fn text(&self, finding: &Finding) -> String {
        let text = sequence_file::print_arguments(self.corpus.schema(), &inputs(finding));
        text.trim_end().to_owned()
    }

    /// What the target makes of the input, if that is something else.
    fn value(&self, finding: &Finding) -> Option<String> {
        worker::value(&self.reproducer.program, self.corpus.schema(), &finding.input)
    }

    /// A call of the target that does the same, unless it takes several.
    fn call(&self, finding: &Finding) -> Option<String> {
        self.reproducer.call(self.corpus.schema(), &inputs(finding))
    }

    /// The length of an encoded input as the user sees it.
    fn len(&self, encoded: usize) -> usize {
        self.corpus.schema().content_len(encoded)
    }
}

/// All inputs of a finding, in order.
fn inputs(finding: &Finding) -> Vec<&Arc<[u8]>> {
    finding.before.iter().chain([&finding.input]).collect()
}

/// Whether a finding is a seed that fails, and not only after other inputs, unless the seed is that
/// sequence.
fn is_seed(finding: &Finding) -> bool {
    let is_sequence = |path: &Path| path.to_string_lossy().ends_with(sequence_file::SUFFIX);
    match &finding.source {
        Source::Testdata(path) => finding.before.is_empty() || is_sequence(path),
        Source::Attribute(_) => finding.before.is_empty(),
        Source::Simplest | Source::Cache | Source::Found => false,
    }
}
