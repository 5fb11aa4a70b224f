//! `cargo shakedown serve`: the page of what campaigns have left, for as long as somebody looks.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::coverage::{Observed, Reached};
use super::gather::Kept;
use super::output::Output;
use super::{USAGE, write_failed};
use crate::campaign::{Phase, Statistics};
use crate::drive::{Verdict, watch_signals};
use crate::report::{
    CampaignStart, Notice, Reporter, Sight, Summary, TargetName, TargetProgress, TargetStart, words,
};
use crate::select::{self, Selected, Selection};
use crate::ui::{Atlas, Ui};
use crate::worker::Limits;

/// What `serve` is to do.
#[derive(Debug)]
pub(crate) struct ServeOptions {
    /// The targets.
    pub targets: Selection,
    /// The port, any free one if it is 0.
    pub port: u16,
    /// Limits of the workers.
    pub limits: Limits,
}

pub(super) fn run(options: &ServeOptions, out: &mut Output) -> anyhow::Result<u8> {
    let (interrupt, interrupts) = channel();
    watch_signals(Verdict::default(), move || interrupt.send(()).is_ok())?;
    let targets = select::targets(&options.targets)?;
    let (mut observed, mut status, mut all) = (Observed::default(), 0, Vec::new());
    for target in &targets {
        match Kept::gather(target, &options.limits, &mut observed) {
            Ok(kept) => all.push((target, kept)),
            Err(error) => {
                write_failed(&target.label, "serve", &error, false, out);
                status = USAGE;
            }
        }
    }
    if all.is_empty() {
        return Ok(status);
    }
    let notices = notices(&all);
    let (shelves, atlases) =
        (all.into_iter().map(|(target, kept)| (kept.shelf, atlas(target)))).unzip();
    let mut page = Ui::start(options.port, shelves, atlases)?;
    notices.iter().for_each(|notice| page.report(notice));
    writeln!(out, "page: {}", page.url());
    if std::env::var_os("SSH_CONNECTION").is_some() {
        writeln!(out, "{}", words::forward(page.port()));
    }
    // Until the user has seen enough.
    let _ = interrupts.recv();
    Ok(status)
}

fn atlas(target: &Selected) -> Arc<Atlas> {
    Arc::new(Atlas::new(&target.program))
}

/// What a campaign would have told that has ended with what is kept.
fn notices(all: &[(&Selected, Kept)]) -> Vec<Notice> {
    let start = CampaignStart {
        version: env!("CARGO_PKG_VERSION"),
        targets: all.iter().map(|(target, _)| target.label.clone()).collect(),
        jobs: 0,
        seed: 0,
    };
    let mut notices = vec![Notice::Start(start)];
    for (target, kept) in all {
        let start = TargetStart {
            target: target.label.clone(),
            seeds: 0,
            cached: kept.shelf.count(),
            counters: kept.reached.as_ref().map_or(0, |reached| reached.numbers.len()),
            tokens: 0,
            replay_only: true,
        };
        notices.push(Notice::Prepared(start));
        notices.extend(kept.notices.iter().cloned());
    }
    let target = |(target, kept): &(&Selected, Kept)| progress(&target.label, kept);
    notices.push(Notice::Summary(Summary {
        targets: all.iter().map(target).collect(),
        findings: Vec::new(),
        unsearched: Vec::new(),
        not_run: Vec::new(),
        ended: None,
        exit: 0,
        elapsed: Duration::ZERO,
    }));
    notices
}

/// Where a target stands, by what its inputs reach. Nothing was searched, so there are no executions.
fn progress(name: &TargetName, kept: &Kept) -> TargetProgress {
    let sight = kept.reached.as_ref().map(sight).unwrap_or_default();
    TargetProgress {
        target: name.clone(),
        elapsed: Duration::ZERO,
        execs_per_sec: 0.0,
        since_new: Duration::ZERO,
        since_new_execs: 0,
        phase: Phase::Fuzzing,
        instrumented: kept.reached.is_some(),
        numbers: Statistics {
            entries: kept.shelf.count(),
            edges: sight.edges,
            stability: 1.0,
            ..Statistics::default()
        },
        sight: Box::new(sight),
        caught_example: String::new(),
    }
}

fn sight(reached: &Reached) -> Sight {
    let bits = |numbers: &[Option<_>]| {
        (0..).zip(numbers).fold(0, |bits, (at, found)| bits | u8::from(found.is_some()) << at)
    };
    let number =
        |found: &Option<crate::coverage::Nearest>| found.as_ref().map_or(0, |it| it.number);
    Sight {
        edges: reached.numbers.iter().flatten().count(),
        hit: reached.numbers.chunks(8).map(bits).collect(),
        nearest: reached.numbers.iter().map(number).collect(),
        ..Sight::default()
    }
}
