//! How much of a program an engine has reached after some seconds of processor time: its corpus at
//! that time is run by one and the same instrumented program, whichever engine it is of.

use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::engine::{Engine, LibFuzzer, Setting};
use crate::processor;
use crate::records::{Outcome, Start};
use crate::suite::Target;

/// How often the processor time is looked at.
const TICK: Duration = Duration::from_millis(20);

/// Runs a trial, and counts the edges of its corpus after each of `marks`, in seconds.
pub fn watch(
    engine: &dyn Engine,
    target: &Target,
    setting: &Setting,
    counter: &LibFuzzer,
    marks: &[u64],
) -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let mut campaign = engine.campaign(target, setting, &folder.path().join("own"))?;
    let (sender, receiver) = channel();
    let started = move || {
        let _ = sender.send(());
    };
    let mut outcome = std::thread::scope(|scope| {
        let corpus = &campaign.corpus;
        let folder = folder.path();
        let child = campaign.command.spawn().context("taskset")?;
        let process = child.id();
        let keeper = scope.spawn(move || keep(process, &receiver, corpus, folder, marks));
        let outcome = engine.follow(child, Box::new(started));
        keeper.join().expect("no panic")?;
        outcome
    })?;
    for mark in marks {
        let mut folders = vec![folder.path().join(mark.to_string())];
        folders.extend(target.seeds.clone().filter(|_| setting.start == Start::Seeds));
        outcome.edges.push((*mark, counter.edges(target, setting, &folders)?));
    }
    Ok(outcome)
}

/// Keeps what is in `corpus` at each mark, in a folder of its own; ends the trial after the last.
fn keep(
    process: u32,
    started: &Receiver<()>,
    corpus: &Path,
    folder: &Path,
    marks: &[u64],
) -> Result<()> {
    started.recv().context("the engine did not start")?;
    let before = processor::time(process)?.unwrap_or_default();
    for mark in marks {
        let due = before + Duration::from_secs(*mark);
        while processor::time(process)?.is_some_and(|used| used < due) {
            std::thread::sleep(TICK);
        }
        link(corpus, &folder.join(mark.to_string()))?;
    }
    match processor::time(process)? {
        Some(_) => processor::interrupt(process),
        None => Ok(()),
    }
}

/// Links all files but hidden ones. What vanishes meanwhile was replaced.
fn link(corpus: &Path, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    for entry in std::fs::read_dir(corpus).into_iter().flatten() {
        let entry = entry?;
        let name = entry.file_name();
        if entry.path().is_file() && !name.as_encoded_bytes().starts_with(b".") {
            let _ = std::fs::hard_link(entry.path(), folder.join(name));
        }
    }
    Ok(())
}
