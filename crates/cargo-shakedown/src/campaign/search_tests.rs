//! Scripts: one event a line, and the actions that must answer it.
//!
//! Events are `ready W`, `saved ENTRY NAME`, `pause`, `resume`, `retired`, and what a worker came
//! to: `W passed F..`, `W rejected`, `W nothing EXECS`, `W new INPUT F..`, `W trimmed INPUT F..`,
//! `W trimming met PLACE..` (panics, and nothing was kept), `W panics PLACE INPUT [PAST..]`,
//! `W crashes PLACE INPUT [PAST..]`, `W hangs INPUT`, `W again TIMES INPUT [PLACE]` (a timeout
//! was run again, or a panic at this place, and the input that it is now), `W investigated`, `W gone`, `W lost EXECS`,
//! `W damaged EXECS`, `W damaged-verification`, `W broken-verification`, `W broken`. Inputs are
//! words, or `#NAME` if they are in a file, features numbers. A batch that ends early has done 5
//! executions.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use shakedown_core::failure::{Failure, Kind};
use shakedown_core::known::KnownFailures;

use super::*;

/// Plays a script against a search with these starts.
#[track_caller]
fn check(config: Config, starts: &[&str], script: &str) -> Search {
    let start = |word: &&str| Start { input: input(word).into(), origin: Origin::Attribute(0) };
    play(Search::new(config, starts.iter().map(start).collect()), script)
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

fn config(jobs: usize) -> Config {
    Config {
        jobs,
        seed: 1,
        execs: None,
        fail_fast: false,
        counters: 4,
        minimize: true,
        known: Arc::default(),
        samples: 0,
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
        ["saved", entry, name] => Event::Saved(EntryId(number(entry) as u32), number(name)),
        [worker, ..] => {
            let (task, execs) = task(&words[1..]);
            let worker = number(worker) as usize;
            let rejected = u64::from(matches!(task, Task::Rejected));
            Event::Done { worker, task, execs, rejected, rng: (1, 1) }
        }
        [] => unreachable!("splitting gives a word"),
    }
}

fn task(words: &[&str]) -> (Task, u64) {
    let features = |words: &[&str]| words.iter().map(|word| number(word) as u32).collect();
    match words {
        ["passed", rest @ ..] => (Task::Passed(features(rest)), 1),
        ["rejected"] => (Task::Rejected, 1),
        ["nothing", execs] => (Task::Nothing, number(execs)),
        ["trimmed", word, rest @ ..] => {
            (Task::Trimmed { best: Some((input(word), features(rest))), others: Vec::new() }, 5)
        }
        ["trimming", "met", rest @ ..] => {
            let others = rest
                .iter()
                .map(|place| (input("met"), failure(Kind::Panic, place), Past::default()));
            (Task::Trimmed { best: None, others: others.collect() }, 5)
        }
        ["new", word, rest @ ..] => (Task::Coverage(input(word), features(rest)), 5),
        ["panics", place, word, past @ ..] => (failed(word, Kind::Panic, place, past), 5),
        ["crashes", place, word, past @ ..] => (failed(word, Kind::Signal, place, past), 5),
        ["hangs", word] => (failed(word, Kind::Timeout, "", &[]), 5),
        ["again", times, word] => {
            (Task::Investigated(Box::new(verified(times, word, failure(Kind::Timeout, "")))), 0)
        }
        ["again", times, word, place] => {
            (Task::Investigated(Box::new(verified(times, word, failure(Kind::Panic, place)))), 0)
        }
        ["investigated"] => (Task::Investigated(Box::new(investigated())), 0),
        ["gone"] => (Task::Gone, 0),
        ["lost", execs] => (Task::Lost("SIGKILL".into()), number(execs)),
        ["damaged", execs] => (Task::Damaged(damage()), number(execs)),
        ["damaged-verification"] => {
            let trouble = Some(Box::new(Trouble::Damaged(damage())));
            let status = Status::Flaky { failed: 0, runs: 3 };
            (Task::Investigated(Box::new(Investigated { trouble, status, ..investigated() })), 0)
        }
        ["broken-verification"] => {
            let trouble = Some(Box::new(Trouble::Broken("no worker starts".into())));
            let status = Status::Unconfirmed;
            (Task::Investigated(Box::new(Investigated { trouble, status, ..investigated() })), 0)
        }
        ["broken"] => (Task::Broken("an internal error".into()), 0),
        other => panic!("unknown event {other:?}"),
    }
}

/// A failure in a process that had run the inputs `past`.
fn failed(word: &str, kind: Kind, place: &str, past: &[&str]) -> Task {
    let past = past.iter().map(|word| Ran::Input(input(word))).collect();
    Task::Failed(input(word), failure(kind, place), past)
}

fn number(word: &str) -> u64 {
    word.parse().expect("a number")
}

fn failure(kind: Kind, place: &str) -> Failure {
    Failure { kind, place: place.into(), message: "oh".into(), backtrace: String::new() }
}

fn damage() -> Damage {
    Damage { reason: "nonsense".into(), input: None }
}

fn investigated() -> Investigated {
    Investigated {
        status: Status::Reproducible,
        input: input("small"),
        before: Vec::new(),
        failure: failure(Kind::Panic, "here"),
        others: vec![(input("other"), failure(Kind::Panic, "there"))],
        execs: 100,
        trouble: None,
    }
}

/// How it came out that a failure was run again.
fn verified(times: &str, word: &str, failure: Failure) -> Investigated {
    let status = match times {
        "0" => Status::Flaky { failed: 0, runs: 1 },
        _ => Status::Reproducible,
    };
    Investigated {
        before: Vec::new(),
        status,
        input: input(word),
        failure,
        others: Vec::new(),
        execs: 1,
        trouble: None,
    }
}

fn show(action: &Action) -> String {
    let text = |input: &[u8]| String::from_utf8_lossy(input).into_owned();
    let word = |input: &Input| match input {
        Input::Kept(bytes) => text(bytes),
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
            Job::Investigate(input, failure, past, inquiry) => {
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
                let place = format!("{} {}", text(input), failure.place);
                format!("{worker} {how} {}{past}", place.trim_end())
            }
        },
        Action::Publish(bytes) => bytes.iter().fold("publish".to_owned(), |mut text, (at, b)| {
            let _ = write!(text, " {at}:{b:08b}");
            text
        }),
        Action::SaveEntry(_, input) => format!("save {}", text(input)),
        Action::Found(index) => format!("report {index}"),
        Action::Replace(index) => format!("replace {index}"),
        Action::Warn(text) => format!("warn {text}"),
        Action::Damaged(damage, true) => format!("damaged {}", damage.reason),
        Action::Damaged(_, false) => "damaged again".to_owned(),
    }
}

#[test]
fn seeds_first_then_variations_of_the_newest() {
    let script = "
        ready 0       => 0 execute one
        0 passed 3 7  => publish 0:10001000; 0 execute two
        0 rejected    => 0 execute three
        0 passed 3    => 0 fuzz three 64
        0 nothing 64  => 0 fuzz one 64
        0 nothing 20  => 0 fuzz one 44
    ";
    let statistics = check(config(1), &["one", "two", "three"], script).statistics();
    assert_eq!((statistics.execs, statistics.rejected), (87, 1));
    assert_eq!((statistics.entries, statistics.edges, statistics.features), (2, 1, 2));
}

#[test]
fn nobody_fuzzes_before_the_last_seed_is_done() {
    let script = "
        ready 1    => 1 execute one
        ready 0    =>
        1 passed 3 => publish 0:00001000; 0 fuzz one 64; 1 fuzz one 128
    ";
    check(config(2), &["one"], script);
}

#[test]
fn new_coverage_is_shown_trimmed_and_saved() {
    let script = "
        ready 0                  => 0 execute one
        0 passed 3               => publish 0:00001000; 0 fuzz one 64
        0 new long-enough 3 9 25 => publish 1:00000010 3:00000010; 0 execute long-enough
        0 passed 3 9 25          => 0 trim long-enough [9, 25] 32
        0 trimmed shorter 9 25   => save shorter; 0 fuzz shorter 64
        0 new short 8            => publish 1:00000011; 0 execute short
        0 passed 8               => save short; 0 fuzz short 64
        0 new again 8 25         => 0 fuzz short 59
        0 nothing 59             => 0 fuzz shorter 59
        0 nothing 59             => 0 fuzz one 59
        0 nothing 59             => 0 fuzz short 128
    ";
    check(config(1), &["one"], script);
}

#[test]
fn what_is_not_shown_again_is_not_kept() {
    let begin = "
        ready 0             => 0 execute one
        0 passed 3          => publish 0:00001000; 0 fuzz one 64
        0 new long-enough 3 9 25 => publish 1:00000010 3:00000010; 0 execute long-enough
    ";
    let check = |script: &str| check(config(1), &["one"], &format!("{begin}{script}"));
    let nothing = "0 passed 3     => publish 1:11111111 3:11111111; WARNING; 0 fuzz one 59";
    let warning = super::stability::warning(1.0 / 3.0);
    let stability = check(&nothing.replace("WARNING", &format!("warn {warning}"))).statistics();
    assert_eq!((stability.edges, stability.features, stability.entries), (3, 1, 1));
    let warning = super::stability::warning(2.0 / 3.0);
    let half = "0 passed 3 9 24 => publish 3:11111111; WARNING; 0 trim long-enough [9] 32
                0 trimmed shorter 9 31 => save shorter; 0 fuzz shorter 64";
    let statistics = check(&half.replace("WARNING", &format!("warn {warning}"))).statistics();
    assert_eq!((statistics.edges, statistics.features, statistics.entries), (3, 2, 2));
    check("0 rejected     => 0 fuzz one 59");
    check("0 crashes here long-enough => 0 minimize long-enough here");
    check(
        "0 lost 0 => warn a worker was lost and replaced: SIGKILL; 0 trim long-enough [9, 25] 32",
    );
}

#[test]
fn starts_are_sampled_once_a_process_has_settled() {
    let script = "
        ready 0           => 0 execute one
        0 passed 3 9      => publish 0:00001000 1:00000010; 0 execute two
        0 passed 3 25     => publish 3:00000010; 0 execute three
        0 passed 3        => 0 execute one
        0 passed 3        => 0 execute two
        0 passed 3 24     => publish 3:11111111; WARNING; 0 execute one
        0 passed 3        => 0 fuzz three 64
    ";
    let warning = format!("warn {}", super::stability::warning(2.0 / 3.0));
    let config = Config { samples: 2, ..config(1) };
    let search = check(config, &["one", "two", "three"], &script.replace("WARNING", &warning));
    assert_eq!(search.statistics().warm_up, (6, 6));
    assert!((search.statistics().stability - 2.0 / 3.0).abs() < 1e-9);
}

#[test]
fn what_cannot_be_trusted_is_not_remembered() {
    let script = "
        ready 0            => 0 execute one
        0 passed 3 7       => publish 0:10001000; 0 execute two
        0 passed 9         => publish 1:00000010; 0 fuzz two 64
        saved 0 70         =>
        saved 1 71         =>
        0 new short 9 16   => publish 2:00000001; 0 execute short
        0 passed 8 16      => publish 1:11111111; WARNING; save short; 0 fuzz short 64
        saved 2 72         =>
    ";
    let warning = format!("warn {}", super::stability::warning(2.0 / 3.0));
    let search = check(config(1), &["one", "two"], &script.replace("WARNING", &warning));
    let remembered = search.remembered();
    let owned: Vec<_> = remembered.iter().map(|(entry, owned)| (entry.name, owned)).collect();
    assert_eq!(owned, [(70, &[3, 7][..]), (71, &[]), (72, &[16])]);
}

#[test]
fn saved_entries_are_named_instead_of_held() {
    let script = "
        ready 0       => 0 execute one
        0 passed 3    => publish 0:00001000; 0 fuzz one 64
        0 new short 8 => publish 1:00000001; 0 execute short
        0 passed 8    => save short; 0 fuzz short 64
        saved 1 77    =>
        0 nothing 64  => 0 fuzz one 59
        0 nothing 59  => 0 fuzz one 128
        0 nothing 128 => 0 fuzz one 256
        0 nothing 256 => 0 fuzz #77 128
        0 gone        => 0 fuzz one 512
        0 nothing 512 => 0 fuzz one 1024
    ";
    let search = check(config(1), &["one"], script);
    let remembered = search.remembered();
    let owned: Vec<_> = remembered.iter().map(|(entry, owned)| (entry.name, owned)).collect();
    assert_eq!(owned, [], "its file is gone");
}

#[test]
fn what_is_remembered_is_not_run_and_the_redundant_has_no_first_visit() {
    let mut remembered = Remembered::default();
    remembered.push(Stored { name: 5, len: 9 }, &[]);
    remembered.push(Stored { name: 6, len: 9 }, &[3]);
    let start = Start { input: input("one").into(), origin: Origin::Attribute(0) };
    let mut search = Search::new(config(1), vec![start]);
    search.remember(&remembered);
    assert_eq!(search.coverage().map()[0], 0b1000);
    let script = "
        ready 0      => 0 execute one
        0 passed 4   => publish 0:00011000; 0 fuzz one 64
        0 nothing 64 => 0 fuzz #6 64
    ";
    let mut search = play(search, script);
    assert_eq!(search.statistics().entries, 3);
    assert_eq!(search.statistics().execs, 65, "what is not run does not count");
    let nothing =
        || Event::Done { worker: 0, task: Task::Nothing, execs: 64, rejected: 0, rng: (1, 1) };
    let actions = search.step(Duration::ZERO, nothing());
    assert!(show(&actions[0]).ends_with(" 128") || show(&actions[0]) == "0 fuzz #5 64");

    let mut alone = Search::new(config(1), Vec::new());
    alone.remember(&remembered);
    play(alone, "ready 0 => 0 fuzz #6 64");
}

#[test]
fn a_corpus_whose_files_are_gone_ends_the_search() {
    let mut remembered = Remembered::default();
    remembered.push(Stored { name: 6, len: 9 }, &[3]);
    let mut search = Search::new(config(1), Vec::new());
    search.remember(&remembered);
    let script = "
        ready 0 => 0 fuzz #6 64
        0 gone  =>
    ";
    let search = play(search, script);
    assert_eq!(search.broken(), Some("the files of all entries are gone"));
    let search = play(Search::new(config(1), Vec::new()), "ready 0 =>");
    assert_eq!(search.broken(), Some("there is no input to start from"));
}

#[test]
fn a_failing_entry_is_not_remembered() {
    let input = Input::Stored(Stored { name: 5, len: 1 });
    let search = Search::new(config(1), vec![Start { input, origin: Origin::Cache }]);
    let script = "
        ready 0           => 0 execute #5
        0 panics here one => 0 minimize one here
        0 lost 0          => warn a worker was lost and replaced: SIGKILL; report 0; 0 fuzz #5 64
    ";
    assert_eq!(play(search, script).remembered().count(), 0);
}

#[test]
fn what_cannot_be_trimmed_is_saved_as_it_is() {
    let begin = "
        ready 0             => 0 execute one
        0 passed 3          => publish 0:00001000; 0 fuzz one 64
        0 new long-enough 9 => publish 1:00000010; 0 execute long-enough
        0 passed 9          => 0 trim long-enough [9] 32
    ";
    let plain = format!("{begin} 0 nothing 5 => save long-enough; 0 fuzz long-enough 64");
    check(config(1), &["one"], &plain);
    let crash = format!("{begin} 0 crashes here worse => save long-enough; 0 minimize worse here");
    check(config(1), &["one"], &crash);
    let both = format!(
        "{begin} 0 trimming met here there => save long-enough; 0 minimize met here
        0 lost 0 => warn a worker was lost and replaced: SIGKILL; report 0; 0 minimize met there"
    );
    check(config(1), &["one"], &both);
    let broken = format!("{begin} 0 broken => save long-enough");
    check(config(1), &["one"], &broken);
}

#[test]
fn what_a_process_had_run_goes_to_whoever_looks_into_its_failure() {
    let script = "
        ready 0 => 0 execute one
        0 passed 3 => publish 0:00001000; 0 fuzz one 64
        0 panics here bad one two => 0 minimize bad here after one after two
        ready 1 => 1 fuzz one 59
        1 crashes away worse one => 1 fuzz one 128
        0 investigated => report 0; 0 minimize worse away after one
    ";
    let search = check(config(2), &["one"], script);
    assert!(search.findings().iter().all(|finding| finding.past.is_empty()), "it is let go");
}

#[test]
fn one_worker_looks_into_a_failure_while_the_other_goes_on() {
    let script = "
        ready 0           => 0 execute one
        ready 1           =>
        0 passed 3        => publish 0:00001000; 0 fuzz one 64; 1 fuzz one 128
        0 panics here bad => 0 minimize bad here
        1 panics here bad => 1 fuzz one 123
        1 panics away bad => 1 fuzz one 118
        0 investigated    => report 0; 0 minimize bad away
        0 lost 0          => warn a worker was lost and replaced: SIGKILL; report 1; \
                             0 minimize other there
    ";
    let search = check(config(2), &["one"], script);
    let counts: Vec<_> = search.findings().iter().map(|f| (f.count, f.status)).collect();
    let unconfirmed = Status::Unconfirmed;
    assert_eq!(counts, [(2, Status::Reproducible), (1, unconfirmed), (1, unconfirmed)]);
    assert_eq!(search.statistics().extra_execs, 100);
}

#[test]
fn a_timeout_is_verified_while_the_others_wait_and_minimized_while_they_go_on() {
    let script = "
        ready 0           => 0 execute one
        ready 1           =>
        0 passed 3        => publish 0:00001000; 0 fuzz one 64; 1 fuzz one 128
        0 hangs slow      =>
        1 nothing 64      => 0 verify slow
        0 again 1 slow    => 0 only minimize slow; 1 fuzz one 64
        1 nothing 32      => 1 fuzz one 32
        0 again 1 slo     => report 0
        1 nothing 16      => 0 verify slo
        0 again 1 slo     => replace 0; 0 fuzz one 16; 1 fuzz one 256
    ";
    let search = check(config(2), &["one"], script);
    let finding = &search.findings()[0];
    assert_eq!((&*finding.input, finding.status), (&b"slo"[..], Status::Reproducible));
    assert_eq!(search.statistics().findings, 1);
}

#[test]
fn a_timeout_waits_for_what_is_looked_into_and_nothing_overtakes_it() {
    let script = "
        ready 0           => 0 execute one
        ready 1           =>
        ready 2           =>
        0 passed 3        => publish 0:00001000; 0 fuzz one 64; 1 fuzz one 128; 2 fuzz one 256
        0 panics here bad => 0 minimize bad here
        1 hangs slow      => 1 fuzz one 59
        1 panics away bad => 1 fuzz one 54
        0 again 1 bad here => report 0
        1 nothing 54      =>
        2 nothing 256     => 0 verify slow
        0 again 0 slow    => WARNING; 0 minimize bad away; 1 fuzz one 512; 2 fuzz one 1024
    ";
    let warning = "warn oh, but not when it was run again with nothing else at work: that is no \
                   finding, the machine is busy or the limit is tight (--timeout, fewer --jobs)";
    let search = check(config(3), &["one"], &script.replace("WARNING", warning));
    let statistics = search.statistics();
    assert_eq!((statistics.findings, statistics.slow), (1, 1));
}

#[test]
fn a_timeout_that_was_a_matter_of_load_does_not_end_a_campaign_that_fails_fast() {
    let script = "
        ready 0           => 0 execute one
        0 passed 3        => publish 0:00001000; 0 fuzz one 64
        0 hangs slow      => 0 verify slow
        0 again 0 slow    => WARNING; 0 fuzz one 128
        0 hangs slow      => 0 verify slow
        0 again 1 slow    => 0 only minimize slow
        0 again 1 slow    => report 1
    ";
    let warning = "warn oh, but not when it was run again with nothing else at work: that is no \
                   finding, the machine is busy or the limit is tight (--timeout, fewer --jobs)";
    let config = Config { fail_fast: true, ..config(1) };
    let search = check(config, &["one"], &script.replace("WARNING", warning));
    assert!(search.is_finished() && search.is_idle());
}

#[test]
fn a_much_smaller_input_takes_the_place_of_a_reported_one() {
    let script = "
        ready 0             => 0 execute one
        0 passed 3          => publish 0:00001000; 0 fuzz one 64
        0 panics here large => 0 minimize large here
        0 investigated      => report 0; 0 minimize other there
        0 lost 0            => warn a worker was lost and replaced: SIGKILL; report 1; 0 fuzz one 59
        0 panics here tin   => 0 fuzz one 54
        0 panics here ti    => 0 verify ti here
        0 again 0 ti here   => 0 fuzz one 49
        0 panics here ti    => 0 verify ti here
        0 again 1 ti here   => replace 0; 0 fuzz one 44
    ";
    let search = check(config(1), &["one"], script);
    assert_eq!((&*search.findings()[0].input, search.findings()[0].count), (&b"ti"[..], 4));
    assert_eq!(search.statistics().findings, 2);
}

#[test]
fn a_known_failure_is_told_once_and_takes_no_work() {
    let script = "
        ready 0           => 0 execute one
        0 passed 3        => publish 0:00001000; 0 fuzz one 64
        0 panics here bad => report 0; 0 fuzz one 59
        0 panics here bad => 0 fuzz one 54
        0 panics away bad => 0 minimize bad away
    ";
    let known = KnownFailures::parse("panic at here because it is").unwrap();
    let search = check(Config { known: Arc::new(known), ..config(1) }, &["one"], script);
    let finding = &search.findings()[0];
    assert_eq!((finding.known.as_deref(), finding.count), (Some("it is"), 2));
    assert_eq!((search.statistics().findings, search.statistics().accepted), (0, 1));
}

#[test]
fn a_failing_seed_is_verified_and_varied_where_there_is_no_other() {
    let script = "
        ready 0           => 0 execute one
        0 panics here one => 0 verify one here
        0 lost 0          => warn a worker was lost and replaced: SIGKILL; report 0; 0 fuzz one 64
    ";
    check(config(1), &["one"], script);
}

#[test]
fn a_job_that_was_lost_before_it_began_is_done_again() {
    let script = "
        ready 0    => 0 execute one
        0 lost 0   => warn a worker was lost and replaced: SIGKILL; 0 execute one
        0 passed 3 => publish 0:00001000; 0 fuzz one 64
        0 lost 0   => 0 fuzz one 64
        0 lost 9   => 0 fuzz one 128
    ";
    assert_eq!(check(config(1), &["one"], script).statistics().lost, 3);
}

#[test]
fn many_workers_lost_in_a_row_break_the_search() {
    let mut script = "
        ready 0          => 0 execute one
        0 lost 0         => warn a worker was lost and replaced: SIGKILL; 0 execute one
        0 passed 3       => publish 0:00001000; 0 fuzz one 64
    "
    .to_owned();
    script.push_str(&"0 lost 0 => 0 fuzz one 64\n".repeat(9));
    assert_eq!(check(config(1), &["one"], &script).broken(), None);
    script.push_str("0 lost 0 =>");
    let search = check(config(1), &["one"], &script);
    let reason = "10 workers in a row were lost before they ran anything: SIGKILL";
    assert_eq!(search.broken(), Some(reason));
    assert!(search.is_idle() && search.is_finished());
}

#[test]
fn a_pause_ends_what_is_begun_and_nothing_is_forgotten() {
    let script = "
        ready 0           => 0 execute one
        0 passed 3        => publish 0:00001000; 0 fuzz one 64
        pause             =>
        0 panics here bad => 0 minimize bad here
        0 investigated    => report 0; 0 minimize other there
        0 lost 0          => report 1
        retired           =>
        resume            =>
        ready 0           => 0 fuzz one 59
        ready 0           =>
    ";
    check(config(1), &["one"], script);
}

#[test]
fn workers_that_vanish_give_their_jobs_back() {
    let script = "
        ready 0    => 0 execute one
        retired    =>
        ready 0    => 0 execute one
        0 passed 3 => publish 0:00001000; 0 fuzz one 64
        retired    =>
        ready 0    => 0 fuzz one 64
    ";
    let search = check(Config { execs: Some(100), ..config(1) }, &["one"], script);
    assert!(!search.is_idle());
}

#[test]
fn a_broken_search_reports_what_nobody_has_looked_into() {
    let script = "
        ready 0           => 0 execute one
        0 passed 3        => publish 0:00001000; 0 fuzz one 64
        ready 1           => 1 fuzz one 128
        0 panics here bad => 0 minimize bad here
        1 panics away bad => 1 fuzz one 123
        1 broken          => report 1
        0 investigated    => report 0; report 2
        ready 1           =>
    ";
    let search = check(config(2), &["one"], script);
    assert!(search.is_idle() && search.is_finished());
    assert_eq!(search.broken(), Some("an internal error"));
}

#[test]
fn a_round_grows_with_what_was_spent_and_what_is_left_of_it_comes_before_new_leases() {
    let script = "
        ready 0                => 0 execute one
        0 passed 3             => publish 0:00001000; 0 fuzz one 64
        0 nothing 64           => 0 fuzz one 128
        0 nothing 128          => 0 fuzz one 256
        0 nothing 256          => 0 fuzz one 512
        0 nothing 512          => 0 fuzz one 1024
        0 nothing 1024         => 0 fuzz one 2048
        0 nothing 2048         => 0 fuzz one 4096
        0 new short 8          => publish 1:00000001; 0 execute short
        0 passed 8             => save short; 0 fuzz short 64 one 4091
        0 nothing 60           => 0 fuzz short 4 one 4091
        0 nothing 4095         => 0 fuzz one 8192
        0 nothing 8192         => 0 fuzz one 16384
        0 nothing 16384        => 0 fuzz short 128 one 16384
        0 nothing 130          => 0 fuzz one 16382
        ready 1                => 1 fuzz short 256 short 512 short 1024
        1 lost 0               => WARNING; 1 fuzz short 256 short 512 short 1024
        1 lost 300             => 1 fuzz short 1024
    ";
    let warning = "warn a worker was lost and replaced: SIGKILL";
    check(config(2), &["one"], &script.replace("WARNING", warning));
}

#[test]
fn the_budget_is_shared_out_to_the_last_execution() {
    let script = "
        ready 0         => 0 execute one
        ready 1         =>
        0 passed 3      => publish 0:00001000; 0 fuzz one 64; 1 fuzz one 35
        1 nothing 35    =>
        0 new short 8   => publish 1:00000001; 0 execute short; 1 fuzz one 58
        0 passed 8      => save short
        1 nothing 53    => 0 fuzz one 5
        0 new last 9    => publish 1:00000011; save last
    ";
    let search = check(Config { execs: Some(100), ..config(2) }, &["one"], script);
    assert_eq!(search.statistics().execs, 100);
    assert!(search.is_idle() && search.is_finished());
}

#[test]
fn the_first_finding_ends_a_campaign_that_fails_fast() {
    let script = "
        ready 0             => 0 execute one
        0 passed 3          => publish 0:00001000; 0 fuzz one 64
        ready 1             => 1 fuzz one 128
        0 panics here bad   => 0 minimize bad here
        1 new long-enough 9 => publish 1:00000010; save long-enough
        0 lost 0            => warn a worker was lost and replaced: SIGKILL; report 0
    ";
    let search = check(Config { fail_fast: true, ..config(2) }, &["one"], script);
    assert!(search.is_idle() && search.is_finished());
}

#[test]
fn a_damaged_worker_does_not_end_the_search() {
    let script = "
        ready 0     => 0 execute one
        0 damaged 0 => damaged nonsense; 0 execute two
        0 passed 3  => publish 0:00001000; 0 fuzz two 64
        0 damaged 7 => damaged again; 0 fuzz two 128
        0 damaged 0 => damaged again; 0 fuzz two 256
    ";
    let search = check(config(1), &["one", "two"], script);
    assert_eq!((search.statistics().damaged, search.statistics().execs), (3, 8));
    assert_eq!(search.broken(), None);
}

#[test]
fn damage_without_any_execution_in_between_ends_the_search() {
    let script = "
        ready 0     => 0 execute one
        0 passed 3  => publish 0:00001000; 0 fuzz one 64
        0 damaged 0 => damaged nonsense; 0 fuzz one 128
        0 damaged 0 => damaged again; 0 fuzz one 256
        0 damaged 0 => damaged again; 0 fuzz one 512
        0 damaged 0 => damaged again; 0 fuzz one 1024
        0 damaged 0 => damaged again
    ";
    let search = check(config(1), &["one"], script);
    let expected = "5 workers in a row failed before they ran anything: nonsense";
    assert_eq!(search.broken(), Some(expected));
}

#[test]
fn what_goes_wrong_in_a_verification_is_not_forgotten() {
    let begin = "
        ready 0               => 0 execute one
        0 passed 3            => publish 0:00001000; 0 fuzz one 64
        0 crashes here bad    => 0 minimize bad here
    ";
    let damaged = format!(
        "{begin} 0 damaged-verification => damaged nonsense; report 0; 0 minimize other there"
    );
    assert_eq!(check(config(1), &["one"], &damaged).statistics().damaged, 1);
    let broken = format!("{begin} 0 broken-verification => report 0; report 1");
    assert_eq!(check(config(1), &["one"], &broken).broken(), Some("no worker starts"));
}

#[test]
fn what_a_fresh_process_shows_is_what_counts() {
    let script = "
        ready 0                => 0 execute one
        0 passed 3             => publish 0:00001000; 0 fuzz one 64
        0 panics here bad      => 0 minimize bad here
        0 again 1 bad here     => report 0; 0 fuzz one 59
        0 panics ? odd         => 0 minimize odd ?
        0 again 1 odd here     => 0 fuzz one 54
        0 panics ? odd         => 0 fuzz one 49
        0 panics ! new         => 0 minimize new !
        0 again 1 new there    => report 2; 0 fuzz one 44
        0 panics there new     => 0 fuzz one 39
    ";
    let search = check(config(1), &["one"], script);
    let counts: Vec<_> = search.findings().iter().map(|finding| finding.count).collect();
    assert_eq!((counts[0], counts[2], search.statistics().findings), (3, 2, 2));
}

#[test]
fn what_never_came_again_is_looked_into_once_more_with_its_past() {
    let script = "
        ready 0                   => 0 execute one
        0 passed 3                => publish 0:00001000; 0 fuzz one 64
        0 panics here bad         => 0 minimize bad here
        0 again 0 bad here        => report 0; 0 fuzz one 59
        0 panics here bad         => 0 fuzz one 54
        0 panics here bad first   => 0 verify bad here after first
        0 again 1 bad here        => replace 0; 0 fuzz one 49
    ";
    let search = check(config(1), &["one"], script);
    assert_eq!(search.findings()[0].status, Status::Reproducible);
}
