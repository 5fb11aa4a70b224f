//! All that is kept of some targets, as it is now: what `report` writes and `serve` shows.

use std::path::Path;

use shakedown_core::failure::{Caller, Failure};
use shakedown_core::known::{self, KnownFailures};
use shakedown_core::sequence_file;
use shakedown_core::testdata::seed_name;

use super::coverage::{Observed, Reached};
use super::findings::{failure_of, known_failures};
use super::single::Single;
use crate::report::{Accept, FindingNotice, Location, Notice, from_here};
use crate::select::Selected;
use crate::store::corpus::{Corpus, NO_LIMIT, Origin};
use crate::store::findings::{input_files, is_finding};
use crate::ui::Shelf;
use crate::worker::{self, Limits};

/// What is kept of a target.
pub(super) struct Kept {
    /// Its findings, and what is to be said.
    pub(super) notices: Vec<Notice>,
    /// Its corpus.
    pub(super) shelf: Shelf,
    /// What its inputs reach, if that can be told.
    #[cfg_attr(not(feature = "ui"), expect(dead_code, reason = "only a live page shows it"))]
    pub(super) reached: Option<Reached>,
}

impl Kept {
    /// Runs the findings of a target, and then all its inputs, noting what these reach.
    ///
    /// # Errors
    /// If no worker starts, or files cannot be read.
    pub(super) fn gather(
        target: &Selected,
        limits: &Limits,
        observed: &mut Observed,
    ) -> anyhow::Result<Self> {
        let mut files = input_files(&target.locations)?;
        files.retain(|file| is_finding(file));
        let mut single = Single::open(target, files, limits.clone(), false)?;
        let known = known_failures(target, &single)?;
        let mut notices = Vec::new();
        for (inputs, file) in std::mem::take(&mut single.files) {
            let name = || from_here(&file).display().to_string();
            notices.push(match failure_of(&mut single, &inputs, &file)? {
                Some(failure) => {
                    let notice = finding(target, &single, &known, &inputs, &file, &failure);
                    Notice::Finding(Box::new(notice))
                }
                None => Notice::Note { message: format!("{} does not fail any more", name()) },
            });
        }
        single.session.stop(&mut |_| {});
        let schema = (*single.schema).clone();
        let seeds = std::mem::take(&mut single.seeds).into_iter().enumerate();
        let mut others: Vec<_> = seeds.map(|(at, seed)| (seed_name(at), seed)).collect();
        others.push(("the simplest input".into(), schema.simplest_input()));
        let corpus = Corpus::open(target.locations.clone(), schema, NO_LIMIT);
        // What cannot be read is told where all inputs are run.
        let seeds = corpus.load_seeds().unwrap_or_default().entries.into_iter();
        let elsewhere = seeds.filter(|seed| seed.origin == Origin::Elsewhere);
        others.extend(
            elsewhere.map(|seed| (from_here(&seed.path).display().to_string(), seed.input)),
        );
        let shelf = Shelf::new(corpus, others);
        let (reached, warnings) = match observed.add(target, limits) {
            Ok(reached) => {
                let warnings = reached.tally.all_warnings();
                (Some(reached), warnings)
            }
            // The rest is as good without it.
            Err(error) => (None, vec![format!("there is no coverage: {error:#}")]),
        };
        let label = &target.label.label;
        notices.extend(warnings.iter().map(|text| Notice::warning(format!("{label}: {text}"))));
        Ok(Self { notices, shelf, reached })
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
        told: std::time::Duration::ZERO,
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
