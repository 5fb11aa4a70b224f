//! Every input of a target, run once, and the counters that it hits.

use std::sync::Arc;

use anyhow::{bail, ensure};
use shakedown_core::testdata::seed_name;
use shakedown_core::wire::Outcome;

use crate::coverage::Nearest;
use crate::report::{counted, from_here};
use crate::select::Selected;
use crate::store::corpus::{Corpus, NO_LIMIT, Origin};
use crate::store::exchange::{Everything, print_input};
use crate::worker::{Done, Ended, How, Limits, Orphans, Session, Setup, Shared, greet};

/// Bits of a feature that say how often its counter was hit.
const BUCKET_BITS: u32 = 3;

/// What inputs came to.
#[derive(Debug, Default)]
pub(in crate::commands) struct Tally {
    /// Targets.
    pub(super) targets: usize,
    /// Inputs that were run.
    pub(super) inputs: usize,
    /// Those that failed.
    pub(super) failed: usize,
    /// Those of which the process ended, so that what they reached is not known.
    pub(super) ended: usize,
    /// Those that could not be run to their end, through no fault of theirs.
    pub(super) lost: usize,
    /// What the user should know.
    pub(super) warnings: Vec<String>,
}

impl Tally {
    /// What the user should know, with what the numbers say.
    pub(in crate::commands) fn all_warnings(&self) -> Vec<String> {
        let mut warnings = self.warnings.clone();
        if self.ended > 0 {
            let inputs = counted(self.ended, "input");
            warnings
                .push(format!("{inputs} ended the process, and what only they reach is not known"));
        }
        warnings
    }

    /// Adds the numbers of another.
    pub(super) fn add(&mut self, other: &Self) {
        self.targets += other.targets;
        self.inputs += other.inputs;
        self.failed += other.failed;
        self.ended += other.ended;
        self.lost += other.lost;
    }
}

/// What all inputs of a target reached.
#[derive(Debug)]
pub(in crate::commands) struct Reached {
    /// By its number, the shortest input that hit a counter; nothing if none did.
    pub(in crate::commands) numbers: Vec<Option<Nearest>>,
    /// What the inputs came to.
    pub(in crate::commands) tally: Tally,
}

/// Inputs that one process has to run in order.
struct Sequence {
    name: String,
    inputs: Vec<Vec<u8>>,
}

/// Runs seeds, findings and entries of a target, whose program must have so many numbers of counters.
///
/// # Errors
/// If no worker starts, files cannot be read, or the counters are others.
pub(super) fn run_all(
    target: &Selected,
    limits: &Limits,
    numbers: usize,
) -> anyhow::Result<Reached> {
    let mut setup = Setup::new(target.program.clone(), &target.label.target, limits.clone());
    let _orphans = Orphans::adopt();
    let greeting = greet(&mut setup)?;
    ensure!(
        greeting.counters == numbers as u64,
        "the program has {} counters, but {numbers} in its file: instrumented shared libraries \
         cannot be shown",
        greeting.counters
    );
    let corpus = Corpus::open(target.locations.clone(), greeting.schema.clone(), NO_LIMIT);
    let (sequences, warnings) = sequences(&corpus, &greeting.seeds)?;
    let lens = sequences.iter().flat_map(|sequence| &sequence.inputs).map(Vec::len);
    setup.capacity = setup.max_len.max(lens.max().unwrap_or(0));
    let shared = Shared::new(Arc::new(setup), Arc::new(greeting.schema), numbers)?;
    let mut session = Session::new(shared)?;
    let tally = Tally { targets: 1, warnings, ..Tally::default() };
    let mut reached = Reached { numbers: vec![None; numbers], tally };
    for sequence in &sequences {
        reached.run(&mut session, &corpus, sequence)?;
    }
    session.stop(&mut |_| {});
    Ok(reached)
}

/// All inputs of a target, and warnings of files that hold none.
fn sequences(corpus: &Corpus, seeds: &[Vec<u8>]) -> anyhow::Result<(Vec<Sequence>, Vec<String>)> {
    let everything = Everything::load(corpus)?;
    let of_attribute = seeds.iter().enumerate();
    let of_attribute =
        of_attribute.map(|(at, seed)| Sequence { name: seed_name(at), inputs: vec![seed.clone()] });
    let of_files = everything.files().map(|file| Sequence {
        name: match file.origin {
            Origin::Cache => file.name.clone(),
            _ => from_here(&file.path).display().to_string(),
        },
        inputs: file.inputs().cloned().collect(),
    });
    let sequences = of_attribute.chain(of_files).collect();
    let bad = everything.bad.iter().chain(&everything.cached.bad);
    Ok((sequences, bad.map(ToString::to_string).collect()))
}

impl Reached {
    /// Runs a sequence, which begins in a process that has run nothing.
    fn run(
        &mut self,
        session: &mut Session,
        corpus: &Corpus,
        sequence: &Sequence,
    ) -> anyhow::Result<()> {
        if sequence.inputs.len() > 1 {
            session.restart();
        }
        for input in &sequence.inputs {
            self.tally.inputs += 1;
            match session.execute(input) {
                Done::Answered((executed, features)) => {
                    self.tally.failed +=
                        usize::from(matches!(executed.outcome, Outcome::Failed(_)));
                    self.note(corpus, &sequence.name, input, &features);
                }
                Done::Ended(ended) => return self.end(ended, &sequence.name),
            }
        }
        Ok(())
    }

    /// Notes what an input has reached.
    fn note(&mut self, corpus: &Corpus, name: &str, input: &[u8], features: &[u32]) {
        let mut nearest = None::<Nearest>;
        for feature in features {
            // What the target observes itself has numbers beyond those of the counters.
            let at = (feature >> BUCKET_BITS) as usize;
            let Some(number) = self.numbers.get_mut(at) else { continue };
            if number.as_ref().is_none_or(|known| input.len() < known.len) {
                let new = || Nearest {
                    len: input.len(),
                    name: name.into(),
                    text: print_input(corpus.schema(), input).into(),
                    number: corpus.number_of(input),
                };
                *number = Some(nearest.get_or_insert_with(new).clone());
            }
        }
    }

    /// The process has ended; the next input is run in another.
    fn end(&mut self, ended: Ended, name: &str) -> anyhow::Result<()> {
        let reason = match ended.how {
            How::Target(..) | How::Unclear(..) => {
                self.tally.failed += 1;
                self.tally.ended += 1;
                return Ok(());
            }
            How::Lost(reason) => reason,
            How::Damaged(damage) => damage.reason,
            How::Broken(reason) => bail!("{name} could not be run: {reason}"),
        };
        self.tally.lost += 1;
        self.tally.warnings.push(format!("{name} could not be run: {reason}"));
        Ok(())
    }
}
