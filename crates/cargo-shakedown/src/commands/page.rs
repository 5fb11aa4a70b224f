//! `cargo shakedown report`: the page of what campaigns have left, in one file.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::coverage::Observed;
use super::gather::Kept;
use super::open::open;
use super::output::Output;
use super::{USAGE, write_failed};
use crate::coverage;
use crate::report::{CampaignStart, Notice, from_here, visible};
use crate::select::{self, Selection};
use crate::store::file;
use crate::ui::{self, Data, State};
use crate::worker::Limits;

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
        match Kept::gather(target, &options.limits, &mut gathered.observed) {
            Ok(kept) => gathered.add(&kept),
            Err(error) => {
                write_failed(&target.label, "report", &error, false, out);
                gathered.corpora.push(json!({ "error": format!("{error:#}") }));
                gathered.histories.push(json!({ "runs": [] }));
                status = USAGE;
            }
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

    fn add(&mut self, kept: &Kept) {
        kept.notices.iter().for_each(|notice| self.note(notice));
        self.corpora.push(kept.shelf.whole(MAX_ENTRIES));
        self.histories.push(kept.shelf.history());
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
