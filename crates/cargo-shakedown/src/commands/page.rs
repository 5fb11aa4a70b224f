//! `cargo shakedown report`: the page of what campaigns have left, in one file.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use shakedown_core::failure::{Caller, Failure};
use shakedown_core::known::{self, KnownFailures};
use shakedown_core::sequence_file;
use shakedown_core::testdata::seed_name;

use super::coverage::Observed;
use super::findings::{failure_of, known_failures};
use super::open::open;
use super::output::Output;
use super::single::Single;
use super::{USAGE, write_failed};
use crate::coverage;
use crate::report::{Accept, CampaignStart, FindingNotice, Location, Notice, from_here, visible};
use crate::select::{self, Selected, Selection};
use crate::store::corpus::{Corpus, NO_LIMIT};
use crate::store::file;
use crate::store::findings::{input_files, is_finding};
use crate::ui::{self, Data, Shelf, State};
use crate::worker::{self, Limits};

/// Most entries of a target in the page.
const MAX_ENTRIES: usize = 1000;

/// Most places that stop the search in the page.
const MAX_BLOCKERS: usize = 100;

/// What `report` is to do.
#[derive(Debug)]
pub(crate) struct ReportOptions {
    /// The targets.
    pub targets: Selection,
    /// Where to write the page.
    pub html: PathBuf,
    /// Open it in a browser.
    pub is_opened: bool,
    /// Limits of the workers.
    pub limits: Limits,
}

/// What was gathered so far.
#[derive(Default)]
struct Gathered {
    state: State,
    corpora: Vec<Value>,
    histories: Vec<Value>,
    observed: Observed,
}

pub(super) fn run(options: ReportOptions, out: &mut Output) -> anyhow::Result<u8> {
    file::check_place(&options.html)?;
    let targets = select::targets(&options.targets)?;
    let mut gathered = Gathered::default();
    gathered.note(&Notice::Start(CampaignStart {
        version: env!("CARGO_PKG_VERSION"),
        targets: targets.iter().map(|target| target.label.clone()).collect(),
        jobs: 0,
        seed: 0,
    }));
    let mut status = 0;
    for target in &targets {
        if let Err(error) = gathered.add(target, &options.limits) {
            write_failed(&target.label, "report", &error, false, out);
            gathered.corpora.push(json!({ "error": format!("{error:#}") }));
            gathered.histories.push(json!({ "runs": [] }));
            status = USAGE;
        }
    }
    file::write(&options.html, gathered.page().as_bytes())?;
    let path = from_here(&options.html).to_string_lossy().into_owned();
    writeln!(out, "the page is in {}", visible(&path));
    if options.is_opened {
        open(&options.html);
    }
    Ok(status)
}

impl Gathered {
    fn note(&mut self, notice: &Notice) {
        self.state.apply(notice, std::time::Duration::ZERO);
    }

    /// Adds all that is known of a target.
    fn add(&mut self, target: &Selected, limits: &Limits) -> anyhow::Result<()> {
        let mut files = input_files(&target.locations)?;
        files.retain(|file| is_finding(file));
        let mut single = Single::open(target, files, limits.clone(), false)?;
        let known = known_failures(target, &single)?;
        for (inputs, file) in std::mem::take(&mut single.files) {
            let name = || from_here(&file).display().to_string();
            let notice = match failure_of(&mut single, &inputs, &file)? {
                Some(failure) => {
                    let notice = finding(target, &single, &known, &inputs, &file, &failure);
                    Notice::Finding(Box::new(notice))
                }
                None => Notice::Note { message: format!("{} does not fail any more", name()) },
            };
            self.note(&notice);
        }
        single.session.stop(&mut |_| {});
        let schema = (*single.schema).clone();
        let seeds = std::mem::take(&mut single.seeds).into_iter().enumerate();
        let mut fileless: Vec<_> = seeds.map(|(at, seed)| (seed_name(at), seed)).collect();
        fileless.push(("the simplest input".into(), schema.simplest_input()));
        let corpus = Corpus::open(target.locations.clone(), schema, NO_LIMIT);
        let shelf = Shelf::new(corpus, fileless);
        self.corpora.push(shelf.whole(MAX_ENTRIES));
        self.histories.push(shelf.history());
        let warnings = match self.observed.add(target, limits) {
            Ok(tally) => tally.all_warnings(),
            // The rest of the page is as good without it.
            Err(error) => vec![format!("there is no coverage: {error:#}")],
        };
        let label = &target.label.label;
        warnings.iter().for_each(|text| self.note(&Notice::warning(format!("{label}: {text}"))));
        Ok(())
    }

    fn page(self) -> String {
        let (coverage, mut texts) = self.observed.in_source(false);
        let blockers = self.observed.blockers(&coverage, &mut texts);
        let blockers = blockers.iter().filter(|blocker| !blocker.is_hidden).take(MAX_BLOCKERS);
        let blockers = blockers.map(coverage::of_blocker).collect();
        let with_text = |mut file: Value| {
            let text = file["file"].as_str().and_then(|name| texts.text(name));
            file["text"] = text.into();
            file
        };
        let sources = coverage::json(&coverage).map(with_text).collect();
        let Self { state, corpora, histories, .. } = self;
        ui::file(Data { state: state.since(0), corpora, histories, sources, blockers })
    }
}

/// A finding as it fails now.
fn finding(
    target: &Selected,
    single: &Single,
    known: &KnownFailures,
    inputs: &[Vec<u8>],
    file: &Path,
    failure: &Failure,
) -> FindingNotice {
    let schema = &single.schema;
    let last = inputs.last().map_or(&[][..], Vec::as_slice);
    let len = schema.content_len(last.len());
    let testdata = &target.locations.testdata;
    let caller = match &failure.caller {
        Caller::Place(caller) => Some(caller.clone()),
        _ => None,
    };
    FindingNotice {
        target: target.label.clone(),
        kind: failure.kind.name(),
        // Two files may fail in the same way.
        key: file.display().to_string(),
        message: failure.message.clone(),
        place: failure.place.clone(),
        location: Location::parse(&failure.place).map(|place| place.found_from(testdata)),
        caller,
        status: "reproducible",
        status_text: "fails now".into(),
        file: Some(file.to_path_buf()),
        is_seed: false,
        input: sequence_file::print_arguments(schema, inputs).trim_end().to_owned(),
        value: worker::value(&target.program, schema, last),
        call: single.reproducer.call(schema, inputs),
        found_len: len,
        len,
        execs: 0,
        elapsed: std::time::Duration::ZERO,
        reproduce: single.reproducer.commands(Some(file)),
        backtrace: failure.backtrace.clone(),
        accepted: known.reason(failure).map(str::to_owned),
        accept: Accept {
            file: testdata.join(known::KNOWN_FILE),
            line: known::line_for(failure, last),
        },
        more: 0,
    }
}
