//! SIGKILL at random moments, to workers and to the coordinator: nothing that was announced is
//! lost.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Signal, kill_process};
use serde_json::Value;

use crate::project::{Project, Run};

/// Workers that are killed.
const WORKERS: u32 = 140;

/// Coordinators that are killed.
const COORDINATORS: u32 = 60;

/// Numbers for moments; no result depends on them.
struct Moments(u64);

impl Moments {
    /// A number below `limit` (Marsaglia's xorshift).
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn workers_may_be_killed_at_any_moment() {
    let project = Project::copy("ends");
    let arguments = ["fuzz", "slow", "--json", "--jobs=2", "--execs=8000", "--seed=1"];
    let mut running = project.start(&arguments);
    running.wait_for(|line| line["type"] == "status" && line["execs"] != 0).expect("it begins");
    let mut moments = Moments(0x9e37_79b9_7f4a_7c15);
    for _ in 0..WORKERS {
        std::thread::sleep(Duration::from_millis(10 + moments.below(60)));
        let workers = project.processes(running.id());
        if let Some(worker) = workers.get(moments.below(workers.len().max(1) as u64) as usize) {
            // It may have ended since.
            let _ = kill_process(*worker, Signal::KILL);
        }
    }
    let run = running.finish().exits(0);
    assert_eq!((run.of_type("finding").len(), run.number("execs")), (0, 8000), "{}", run.stdout);
    project.check_no_process_is_left();
}

#[test]
fn the_coordinator_may_be_killed_at_any_moment() {
    let project = Project::copy("values");
    let mut moments = Moments(0x2545_f491_4f6c_dd1d);
    let mut announced = Announced::default();
    for round in 0..COORDINATORS {
        let seed = format!("--seed={round}");
        let mut running =
            project.start(&["fuzz", "recorded::failing", "--json", "--jobs=2", &seed]);
        running.wait_for(|line| line["type"] == "prepared").expect("it begins");
        if round % 20 == 0 {
            running.wait_for(|line| line["type"] == "finding").expect("there is much to find");
        }
        std::thread::sleep(Duration::from_millis(moments.below(400)));
        running.signal(Signal::KILL);
        let run = running.finish();
        project.check_no_process_is_left();
        announced.check_start(&run);
        announced.add(&run);
        announced.check_files(&project);
    }
    let run = project
        .shakedown(&["fuzz", "recorded::failing", "--json", "--jobs=1", "--execs=2000"])
        .exits(1);
    announced.check_start(&run);
    let files: Vec<_> = announced.findings.iter().filter_map(|path| path.to_str()).collect();
    assert!(!files.is_empty(), "no campaign lived long enough to find anything");
    let run = project.shakedown(&[&["replay", "recorded::failing"], &files[..]].concat()).exits(1);
    assert!(run.stdout.matches("panic").count() >= files.len(), "{}", run.stdout);
}

/// What killed campaigns have said.
#[derive(Default)]
struct Announced {
    entries: u64,
    findings: BTreeSet<PathBuf>,
}

impl Announced {
    fn add(&mut self, run: &Run) {
        // A smaller input may have taken the place of one that was announced before.
        let replaced = run.of_type("replaced");
        for finding in run.of_type("finding").iter().chain(&replaced) {
            let file = finding["file"].as_str().map(PathBuf::from);
            self.findings.extend(file.filter(|file| replaced.is_empty() || file.exists()));
        }
        // The first entry of the corpus is the simplest input, which needs no file.
        let entries =
            run.of_type("status").iter().filter_map(|line| line["entries"].as_u64()).max();
        let seeds = run.of_type("prepared")[0]["seeds"].as_u64().unwrap_or(0);
        self.entries = self.entries.max(entries.unwrap_or(0).saturating_sub(seeds.max(1)));
    }

    /// The next campaign starts with everything, and has nothing to complain of.
    fn check_start(&self, run: &Run) {
        let prepared = &run.of_type("prepared")[0];
        let cached = prepared["cached"].as_u64().unwrap_or(0);
        assert!(cached >= self.entries, "{} entries were announced: {}", self.entries, run.stdout);
        // The target records its executions, which is told of one that lives long enough.
        let is_complaint = |warning: &Value| !warning.to_string().contains("writes output");
        let complaints: Vec<Value> =
            run.of_type("warning").into_iter().filter(is_complaint).collect();
        assert_eq!(complaints, Vec::<Value>::new());
    }

    fn check_files(&self, project: &Project) {
        for finding in &self.findings {
            assert!(finding.exists(), "{} was announced", finding.display());
        }
        let names = |paths: Vec<PathBuf>| -> Vec<String> {
            let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into());
            paths.iter().filter_map(name).collect()
        };
        // Files are written under other names first; nothing else may be taken for an entry.
        let is_half =
            |name: &String| !name.starts_with('.') && Path::new(name).extension().is_some();
        let entries = names(project.entries("recorded::failing"));
        assert_eq!(entries.into_iter().filter(is_half).collect::<Vec<_>>(), Vec::<String>::new());
    }
}
