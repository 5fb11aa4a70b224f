//! Campaigns over all kinds of targets, disturbed at random, for as long as one likes: see
//! CONTRIBUTING.md. What must hold after each is checked, and all that does not is told in the end.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::project::{Project, Run, Running, files};

/// The variable that says for how many minutes.
const MINUTES: &str = "SIEGE_MINUTES";

/// The variable that says which random choices are made.
const SEED: &str = "SIEGE_SEED";

/// Longest time that an undisturbed end may take: those of all workers, and of what is investigated.
const PATIENCE: Duration = Duration::from_secs(120);

/// Fixtures, their targets, and whether nothing is ever to be found in them.
const TARGETS: [(&str, &str, bool); 32] = [
    ("ends", "every_end", false),
    ("ends", "threads", false),
    ("ends", "long_texts_abort", false),
    ("ends", "slow", true),
    ("ends", "slow_failure", false),
    ("ends", "huge_allocations", false),
    ("ends", "signals_to_itself", false),
    ("needles", "texts", false),
    ("stateful", "aborts_on_b_after_a", false),
    ("stateful", "panics_with_a_lock", false),
    ("stateful", "panics_by_chance", false),
    ("torture", "torture", false),
    ("torture", "closes_descriptors", true),
    ("values", "maze", false),
    ("values", "recorded::curious", true),
    ("values", "recorded::deadly", false),
    ("values", "recorded::dies_on_struct", false),
    ("values", "recorded::failing", false),
    ("values", "recorded::quiet", true),
    ("wild", "escapes::ends_by_signal", false),
    ("wild", "escapes::escapes", false),
    ("wild", "escapes::leaves_a_daemon", false),
    ("wild", "escapes::loses_descriptors", false),
    ("wild", "forks::forks", true),
    ("wild", "forks::forks_and_fails", false),
    ("wild", "limits::cuts_descriptors", true),
    ("wild", "limits::moves_about", false),
    ("wild", "memory::reads_past_bytes", false),
    ("wild", "shortage::runs_short", false),
    ("wild", "threads::leaves_a_thread_behind", false),
    ("wild", "threads::panics_elsewhere", false),
    ("wild", "threads::replaces_the_hook", false),
];

/// What is done to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disturbance {
    Nothing,
    KillWorkers(u64),
    StopWorkers(u64),
    KillCoordinator,
    Signals(Signal, u64),
}

/// Random numbers (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn disturbance(&mut self) -> Disturbance {
        match self.below(8) {
            0 | 1 => Disturbance::Nothing,
            2 | 3 => Disturbance::KillWorkers(1 + self.below(12)),
            4 => Disturbance::StopWorkers(1 + self.below(4)),
            5 => Disturbance::KillCoordinator,
            _ => {
                let signal = self.one_of(&[Signal::INT, Signal::TERM, Signal::HUP]);
                Disturbance::Signals(signal, 1 + self.below(3))
            }
        }
    }
}

/// What was done.
#[derive(Debug, Default)]
struct Figures {
    campaigns: u32,
    execs: u64,
    findings: u64,
    killed_workers: u32,
    stopped_workers: u32,
    killed_coordinators: u32,
    signals: u32,
}

/// One fixture, whose corpora and findings stay from campaign to campaign.
struct Place {
    project: Project,
    temporary: PathBuf,
}

impl Place {
    fn new(fixture: &str) -> Self {
        let project = Project::copy(fixture);
        let temporary = project.record().join("temporary");
        std::fs::create_dir(&temporary).expect("a folder");
        let project = project.with_variable("TMPDIR", temporary.to_str().expect("text"));
        Self { project, temporary }
    }

    /// All processes with this place in their environment, but one.
    fn processes(&self, but: u32) -> Vec<Pid> {
        let marker = self.project.record();
        let marker = marker.as_os_str().as_encoded_bytes();
        let all = std::fs::read_dir("/proc").expect("/proc").flatten();
        let is_ours = |entry: &std::fs::DirEntry| {
            let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            environment.windows(marker.len()).any(|part| part == marker)
        };
        let ids = all.filter(is_ours).filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        ids.filter(|id| *id != but as i32).filter_map(Pid::from_raw).collect()
    }

    fn worker(&self, running: &Running, dice: &mut Dice) -> Option<Pid> {
        let workers = self.project.processes(running.id());
        (!workers.is_empty()).then(|| dice.one_of(&workers))
    }
}

#[test]
#[ignore = "takes as long as one likes: see CONTRIBUTING.md"]
fn whatever_happens_to_a_campaign_what_it_says_is_true() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let minutes = number(MINUTES).unwrap_or(1);
    let mut dice = Dice(number(SEED).unwrap_or(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut places: Vec<(&str, Place)> = Vec::new();
    let (mut figures, mut violations) = (Figures::default(), Vec::new());
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60 * minutes) {
        let (fixture, target, is_innocent) = dice.one_of(&TARGETS);
        if !places.iter().any(|(name, _)| *name == fixture) {
            places.push((fixture, Place::new(fixture)));
        }
        let place = &places.iter().find(|(name, _)| *name == fixture).expect("just made").1;
        let wrong = campaign(place, target, is_innocent, &mut dice, &mut figures);
        for wrong in wrong {
            eprintln!("violation: {fixture}/{target}: {wrong}");
            violations.push(format!("{fixture}/{target}: {wrong}"));
        }
    }
    eprintln!("{figures:?}, {} violations", violations.len());
    assert!(violations.is_empty(), "{violations:#?}");
}

/// Runs one campaign; returns what was wrong with it.
fn campaign(
    place: &Place,
    target: &str,
    is_innocent: bool,
    dice: &mut Dice,
    figures: &mut Figures,
) -> Vec<String> {
    let Place { project, temporary } = place;
    if dice.below(3) == 0 {
        let _ = std::fs::remove_dir_all(project.path("testdata"));
        let _ = std::fs::remove_dir_all(project.cache());
    }
    let disturbance = dice.disturbance();
    let mut arguments = vec!["fuzz".to_owned(), target.to_owned(), "--json".to_owned()];
    arguments.push(format!("--execs={}", dice.one_of(&[1, 300, 2000, 6000])));
    arguments.push(format!("--jobs={}", dice.one_of(&[1, 2, 3])));
    arguments.push(format!("--seed={}", dice.below(1000)));
    // A worker that was stopped for a moment has not hung.
    arguments.push(format!("--timeout={}", dice.one_of(&["2s", "5s"])));
    arguments.push(format!("--memory-limit={}MiB", dice.one_of(&[200, 300, 500])));
    arguments.push(format!("--minimize-time={}ms", dice.one_of(&[0, 500, 2000])));
    arguments.push("--time=20s".to_owned());
    arguments.extend((dice.below(6) == 0).then(|| "--isolate".to_owned()));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();

    let mut running = project.start(&arguments);
    let has_begun = running.wait_for(|line| line["type"] == "prepared").is_some();
    if has_begun {
        disturb(place, &running, disturbance, dice, figures);
    }
    let since = Instant::now();
    let run = running.finish();
    figures.campaigns += 1;

    let mut wrong = Vec::new();
    if since.elapsed() > PATIENCE {
        wrong.push(format!("took {:?}", since.elapsed()));
    }
    if disturbance != Disturbance::KillCoordinator || !has_begun {
        check_status(&run, is_innocent, disturbance, figures, &mut wrong);
    }
    check_processes(place, &mut wrong);
    check_store(project, target, &mut wrong);
    let left = files(temporary);
    if disturbance != Disturbance::KillCoordinator && !left.is_empty() {
        wrong.push(format!("left temporary files: {left:?}"));
    }
    for wrong in &mut wrong {
        wrong.push_str(&format!(
            "\n  {disturbance:?} {arguments:?}\n  {:?}\n{}{}",
            run.status, run.stdout, run.stderr
        ));
    }
    let _ = std::fs::remove_dir_all(temporary);
    std::fs::create_dir(temporary).expect("a folder");
    wrong
}

fn disturb(
    place: &Place,
    running: &Running,
    disturbance: Disturbance,
    dice: &mut Dice,
    figures: &mut Figures,
) {
    let mut pause = |longest| std::thread::sleep(Duration::from_millis(dice.below(longest)));
    match disturbance {
        Disturbance::Nothing => {}
        Disturbance::KillWorkers(count) => {
            for _ in 0..count {
                std::thread::sleep(Duration::from_millis(20 + dice.below(300)));
                if let Some(worker) = place.worker(running, dice) {
                    figures.killed_workers += u32::from(kill_process(worker, Signal::KILL).is_ok());
                }
            }
        }
        Disturbance::StopWorkers(count) => {
            for _ in 0..count {
                std::thread::sleep(Duration::from_millis(dice.below(400)));
                if let Some(worker) = place.worker(running, dice) {
                    figures.stopped_workers +=
                        u32::from(kill_process(worker, Signal::STOP).is_ok());
                    std::thread::sleep(Duration::from_millis(dice.below(300)));
                    let _ = kill_process(worker, Signal::CONT);
                }
            }
        }
        Disturbance::KillCoordinator => {
            pause(3000);
            running.signal(Signal::KILL);
            figures.killed_coordinators += 1;
        }
        Disturbance::Signals(signal, count) => {
            pause(3000);
            for _ in 0..count {
                running.signal(signal);
                figures.signals += 1;
                std::thread::sleep(Duration::from_millis(dice.below(200)));
            }
        }
    }
}

/// The status is that of the summary, and that is what the lines before it say.
fn check_status(
    run: &Run,
    is_innocent: bool,
    disturbance: Disturbance,
    figures: &mut Figures,
    wrong: &mut Vec<String>,
) {
    let code = run.status.code();
    let last = run.stdout.lines().last().and_then(|line| serde_json::from_str(line).ok());
    let summary: serde_json::Value = last.unwrap_or_default();
    if summary["type"] != "summary" {
        let is_forced = matches!(disturbance, Disturbance::Signals(_, 2..)) && code == Some(130);
        if !is_forced {
            wrong.push("no summary".to_owned());
        }
        return;
    }
    let number = |field: &str| summary["targets"][0][field].as_u64().unwrap_or(0);
    let findings = run.of_type("finding");
    figures.execs += number("execs");
    figures.findings += findings.len() as u64;
    // A campaign that ends with the worker that was killed has been answered nothing.
    let is_unanswered = number("lost") > 0
        && summary["ended"].as_str().is_some_and(|text| text.contains("no worker has answered"));
    let may_be = matches!(disturbance, Disturbance::KillWorkers(_));
    let expected = if number("damaged") > 0 || may_be && is_unanswered {
        3
    } else if !findings.is_empty() {
        1
    } else if number("execs") == 0 {
        4
    } else {
        0
    };
    if code != Some(expected) || summary["exit"] != expected {
        wrong.push(format!("status {code:?}, not {expected}"));
    }
    if is_innocent && !findings.is_empty() {
        wrong.push("a finding where nothing is to be found".to_owned());
    }
    for finding in &findings {
        let file = finding["file"].as_str().map(Path::new);
        let is_replaced = !run.of_type("replaced").is_empty();
        if file.is_some_and(|file| !file.exists()) && !is_replaced {
            wrong.push(format!("no file: {finding}"));
        }
    }
}

fn check_processes(place: &Place, wrong: &mut Vec<String>) {
    let since = Instant::now();
    let mut left = place.processes(0);
    while !left.is_empty() && since.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(20));
        left = place.processes(0);
    }
    for process in left {
        let id = process.as_raw_nonzero();
        let name = std::fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
        wrong.push(format!("left a process: {id} {name:?}"));
        let _ = kill_process(process, Signal::KILL);
    }
}

/// All that is kept can be read.
fn check_store(project: &Project, target: &str, wrong: &mut Vec<String>) {
    let run = project.shakedown(&["corpus", "stats", target, "--json"]);
    let is_good = |line: &serde_json::Value| line["bad"].as_array().is_some_and(Vec::is_empty);
    if run.status.code() != Some(0) || !run.of_type("corpus").iter().all(is_good) {
        wrong.push(format!("what is kept cannot be read: {}{}", run.stdout, run.stderr));
    }
}
