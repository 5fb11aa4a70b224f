//! Scripts: one event a line, and the actions that must answer it.
//!
//! Events are `ready W`, `arrived NAME`, `saved ENTRY NAME`, `pause`, `resume`, `retired`, and the
//! result of a job of worker W:
//!
//! - `W passed F..`, `W rejected`, `W nothing EXECS`, `W new INPUT F..`, `W gone`
//! - `W trimmed INPUT F..`, `W trimming found LOCATION..` (panics, and nothing was kept)
//! - `W panics LOCATION INPUT [PAST..]`, `W crashes LOCATION INPUT [PAST..]`, `W hangs INPUT`
//! - `W investigated`, `W again TIMES INPUT [LOCATION]` (a timeout was run again, or a panic at
//!   this location, and the input that it is now)
//! - `W lost EXECS`, `W damaged EXECS`, `W damaged-verification`, `W broken-verification`, `W
//!   broken`
//!
//! Inputs are words, or `#NAME` if they are in a file, features numbers. A batch that ends early
//! has done 5 executions.

mod health;
mod keeping;
mod rounds;
mod suspects;
mod warm_up;

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use shakedown_core::failure::{Caller, Failure, Kind};
use shakedown_core::known::KnownFailures;

use crate::campaign::*;

/// Plays a script against a search with these starts. They are no seeds, so that nothing but the
/// script takes turns.
#[track_caller]
fn check(config: SearchConfig, starts: &[&str], script: &str) -> Search {
    let start = |word: &&str| Start { input: input(word).into(), source: Source::Cache };
    play(Search::new(config, starts.iter().map(start).collect()), script)
}

/// A start that people wrote.
fn seed(word: &str) -> Start {
    Start { input: input(word).into(), source: Source::Attribute(0) }
}

/// Plays a script against a search.
#[track_caller]
fn play(mut search: Search, script: &str) -> Search {
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (text, expected) = line.split_once("=>").expect("`event => actions`");
        let actions = search.step(Duration::ZERO, event(text.trim()));
        let actions: Vec<_> = actions.iter().map(show).collect();
        assert_eq!(actions.join("; "), expected.trim(), "after `{}`", text.trim());
    }
    search
}

fn config(jobs: usize) -> SearchConfig {
    SearchConfig {
        jobs,
        seed: 1,
        execs: None,
        fail_fast: false,
        counters: 4,
        minimize: true,
        accepted: Arc::default(),
        drawing: Drawing::Never,
        samples: 0,
        is_replay: false,
    }
}

fn input(word: &str) -> Arc<[u8]> {
    word.as_bytes().into()
}

fn event(text: &str) -> Event {
    let words: Vec<&str> = text.split(' ').collect();
    match words[..] {
        ["ready", worker] => Event::Ready(number(worker) as usize),
        ["pause"] => Event::Pause,
        ["resume"] => Event::Resume,
        ["retired"] => Event::Retired,
        ["arrived", name] => {
            let input = Input::Stored(StoredInput { name: number(name), len: 9 });
            Event::Arrived(Start { input, source: Source::Cache })
        }
        ["saved", entry, name] => Event::Saved(EntryId(number(entry) as u32), number(name)),
        [worker, ..] => {
            let (result, execs) = result(&words[1..]);
            let worker = number(worker) as usize;
            let rejected = u64::from(matches!(result, JobResult::Rejected));
            Event::Done { worker, result, execs, rejected, rng: (1, 1), traced: Traced::default() }
        }
        [] => unreachable!("splitting gives a word"),
    }
}

fn result(words: &[&str]) -> (JobResult, u64) {
    let features = |words: &[&str]| words.iter().map(|word| number(word) as u32).collect();
    match words {
        ["passed", rest @ ..] => (JobResult::Passed(features(rest)), 1),
        ["rejected"] => (JobResult::Rejected, 1),
        ["nothing", execs] => (JobResult::Nothing, number(execs)),
        ["trimmed", word, rest @ ..] => (
            JobResult::Trimmed { best: Some((input(word), features(rest))), others: Vec::new() },
            5,
        ),
        ["trimming", "found", rest @ ..] => {
            let others =
                rest.iter().map(|location| failed_input("found", Kind::Panic, location, &[]));
            (JobResult::Trimmed { best: None, others: others.collect() }, 5)
        }
        ["new", word, rest @ ..] => (JobResult::Coverage(input(word), features(rest)), 5),
        ["panics", location, word, past @ ..] => (failed(word, Kind::Panic, location, past), 5),
        ["crashes", location, word, past @ ..] => (failed(word, Kind::Signal, location, past), 5),
        ["hangs", word] => (failed(word, Kind::Timeout, "", &[]), 5),
        ["gone"] => (JobResult::Gone, 0),
        ["lost", execs] => (JobResult::Lost("SIGKILL".into()), number(execs)),
        ["damaged", execs] => (JobResult::Damaged(damage()), number(execs)),
        ["broken"] => (JobResult::Broken("an internal error".into()), 0),
        other => (JobResult::Investigated(Box::new(investigation(other))), 0),
    }
}

fn investigation(words: &[&str]) -> Investigated {
    match words {
        ["again", times, word] => verified(times, word, failure(Kind::Timeout, "")),
        ["again", times, word, location] => verified(times, word, failure(Kind::Panic, location)),
        ["investigated"] => investigated(),
        ["so-far", word] => Investigated {
            unfinished: Some(Spent { execs: 100, ..Spent::default() }),
            others: Vec::new(),
            ..verified("1", word, failure(Kind::Panic, "here"))
        },
        ["damaged-verification"] => Investigated {
            trouble: Some(Box::new(Trouble::Damaged(damage()))),
            confidence: Confidence::Flaky { failed: 0, runs: 3 },
            ..investigated()
        },
        ["broken-verification"] => Investigated {
            trouble: Some(Box::new(Trouble::Broken("no worker starts".into()))),
            confidence: Confidence::Unconfirmed,
            ..investigated()
        },
        other => panic!("unknown event {other:?}"),
    }
}

/// A failure in a process that had run the inputs `past`.
fn failed(word: &str, kind: Kind, location: &str, past: &[&str]) -> JobResult {
    JobResult::Failed(failed_input(word, kind, location, past))
}

fn failed_input(word: &str, kind: Kind, location: &str, past: &[&str]) -> FailedInput {
    let past = past.iter().map(|word| Ran::Input(input(word))).collect();
    FailedInput { input: input(word), failure: failure(kind, location), past }
}

fn number(word: &str) -> u64 {
    word.parse().expect("a number")
}

fn failure(kind: Kind, location: &str) -> Failure {
    Failure {
        kind,
        place: location.into(),
        message: "oh".into(),
        caller: Caller::Unknown,
        backtrace: String::new(),
    }
}

fn damage() -> Damage {
    Damage { reason: "nonsense".into(), input: None }
}

fn investigated() -> Investigated {
    Investigated {
        confidence: Confidence::Reproducible,
        input: input("small"),
        before: Vec::new(),
        failure: failure(Kind::Panic, "here"),
        others: vec![(input("other"), failure(Kind::Panic, "there"))],
        execs: 100,
        unfinished: None,
        trouble: None,
    }
}

/// The result of running a failure again.
fn verified(times: &str, word: &str, failure: Failure) -> Investigated {
    let confidence = match times {
        "0" => Confidence::Flaky { failed: 0, runs: 1 },
        _ => Confidence::Reproducible,
    };
    let (input, others) = (input(word), Vec::new());
    Investigated { confidence, input, failure, others, execs: 1, ..investigated() }
}

fn show(action: &Action) -> String {
    let text = |input: &[u8]| String::from_utf8_lossy(input).into_owned();
    let word = |input: &Input| match input {
        Input::Bytes(bytes) => text(bytes),
        Input::Stored(stored) => format!("#{}", stored.name),
    };
    match action {
        Action::Assign(worker, job) => match job {
            Job::Execute(input) => format!("{worker} execute {}", word(input)),
            Job::Fuzz(round, _) => {
                let leases = round.iter().map(|l| format!(" {} {}", word(&l.input), l.execs));
                format!("{worker} fuzz{}", leases.collect::<String>())
            }
            Job::Trim(input, features, execs) => {
                format!("{worker} trim {} {features:?} {execs}", word(input))
            }
            Job::Investigate(input, failure, past, inquiry, stint) => {
                let how = match inquiry {
                    Inquiry::Verify => "verify",
                    Inquiry::VerifyAndMinimize => "minimize",
                    Inquiry::Minimize => "only minimize",
                };
                let past = past.iter().map(|ran| match ran {
                    Ran::Input(input) => format!(" after {}", text(input)),
                    other => panic!("no test has such a past: {other:?}"),
                });
                let past: String = past.collect();
                let shown = format!("{} {}", text(input), failure.place);
                let later = stint.before != Spent::default();
                let later = if later { format!(" {}", stint.work) } else { String::new() };
                format!("{worker} {how} {}{past}{later}", shown.trim_end())
            }
        },
        Action::Publish(bytes) => bytes.iter().fold("publish".to_owned(), |mut text, (at, b)| {
            let _ = write!(text, " {at}:{b:08b}");
            text
        }),
        Action::Learn(learned) => format!("learn {}", learned.weights.len()),
        Action::Tell(_) => "tell".to_owned(),
        Action::KeepFailing(input) => format!("keep {}", text(input)),
        Action::SaveEntry(_, input) => format!("save {}", text(input)),
        Action::Found(index) => format!("report {index}"),
        Action::Replace(index) => format!("replace {index}"),
        Action::Warn(text) => format!("warn {text}"),
        Action::Damaged(damage, true) => format!("damaged {}", damage.reason),
        Action::Damaged(_, false) => "damaged again".to_owned(),
    }
}
