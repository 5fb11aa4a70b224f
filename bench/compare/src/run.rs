//! Trials of a suite: targets one after the other, on every core one, engines in turn.

use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;

use crate::engine::{Engine, Setting};
use crate::records::{Limit, Outcome, Record, Records, Start, Trial};
use crate::suite::{Suite, Target};

/// Which trials are made of each target.
pub struct Trials {
    pub seeds: RangeInclusive<u64>,
    pub limit: Limit,
    pub starts: Vec<Start>,
    pub cores: Vec<usize>,
    /// Whether a trial ends at the first failure.
    pub are_over_when_found: bool,
}

/// Runs what has not run yet; answers all the results that were asked for.
pub fn run(
    suite: &Suite,
    engines: &[Box<dyn Engine>],
    trials: &Trials,
    records: &mut Records,
    execute: impl Fn(&dyn Engine, &Target, &Setting) -> Result<Outcome> + Sync,
) -> Result<Vec<Record>> {
    let done = records.done();
    let targets: Vec<(&str, &Target)> = suite.targets().collect();
    let next = AtomicUsize::new(0);
    let shared = Mutex::new(records);
    // Trials of one target never run at the same time: they share a folder of seeds.
    let work = |core: usize| -> Result<()> {
        while let Some((program, target)) = targets.get(next.fetch_add(1, Ordering::Relaxed)) {
            for (trial, engine) in each(target, engines, trials) {
                if !done.contains(&trial) {
                    let outcome = execute(engine, target, &setting(program, &trial, trials, core))?;
                    tell(&trial, &outcome);
                    let mut records = shared.lock().expect("no panic while it is held");
                    records.add(Record { trial, outcome })?;
                }
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let start = |core: &usize| {
            let core = *core;
            scope.spawn(move || work(core))
        };
        let threads: Vec<_> = trials.cores.iter().map(start).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no panic"))
    })?;
    let records = shared.into_inner().expect("no panic while it is held");
    let wanted = targets.iter().flat_map(|(_, target)| each(target, engines, trials));
    let wanted: Vec<Trial> = wanted.map(|(trial, _)| trial).collect();
    Ok(records.all().into_iter().filter(|record| wanted.contains(&record.trial)).collect())
}

/// The trials of one target, engines in turn.
fn each<'a>(
    target: &'a Target,
    engines: &'a [Box<dyn Engine>],
    trials: &'a Trials,
) -> impl Iterator<Item = (Trial, &'a dyn Engine)> {
    let starts = trials.starts.iter();
    let seeds = starts.flat_map(|from| trials.seeds.clone().map(move |seed| (*from, seed)));
    seeds.flat_map(move |(from, seed)| {
        engines.iter().filter(|engine| engine.takes(target)).map(move |engine| {
            let trial = Trial {
                engine: engine.name().to_owned(),
                target: target.name.clone(),
                from,
                seed,
                limit: trials.limit.to_string(),
            };
            (trial, &**engine)
        })
    })
}

fn setting<'a>(program: &'a str, trial: &Trial, trials: &Trials, core: usize) -> Setting<'a> {
    Setting {
        program,
        start: trial.from,
        seed: trial.seed,
        limit: trials.limit,
        core,
        is_over_when_found: trials.are_over_when_found,
    }
}

fn tell(trial: &Trial, outcome: &Outcome) {
    let Trial { engine, target, from, seed, .. } = trial;
    let what = match &outcome.finding {
        Some(finding) => {
            let (met, told) = (finding.met_ms as f64 / 1e3, finding.told_ms as f64 / 1e3);
            let (kind, message) = (&finding.kind, &finding.message);
            let message: String = message.chars().take(80).collect();
            format!("{} executions, {met:.1}s, told {told:.1}s: {kind} {message}", finding.execs)
        }
        None => format!("nothing in {} executions {}", outcome.execs, edges(outcome)),
    };
    eprintln!("{engine}: {target} from {}, seed {seed}: {what}", from.name());
}

fn edges(outcome: &Outcome) -> String {
    let at = |(seconds, edges): &(u64, u64)| format!("{edges} edges at {seconds}s");
    outcome.edges.iter().map(at).collect::<Vec<_>>().join(", ")
}
