//! Findings get smaller: within a worker that survives, and from outside for those that do not.

use crate::project::{Project, Run};

fn fuzz(project: &Project, target: &str, more: &[&str]) -> Run {
    let execs = ["--execs=5000"];
    let limit = if more.iter().any(|arg| arg.starts_with("--execs")) { &[][..] } else { &execs };
    let args = ["fuzz", target, "--json", "--seed=1", "--jobs=1"];
    project.shakedown(&[&args[..], limit, more].concat())
}

/// The only finding of a target.
fn finding(project: &Project, target: &str) -> Vec<u8> {
    let files = project.testdata(target);
    assert_eq!(files.len(), 1);
    std::fs::read(&files[0]).expect("it is there")
}

#[test]
fn a_panic_is_minimized_to_the_shortest_and_simplest_input() {
    let project = Project::copy("ends");
    let run = fuzz(&project, "long_texts", &[]).exits(1);
    let text = finding(&project, "long_texts");
    assert_eq!(text.len(), 10, "{}", run.stdout);
    assert!(text.iter().all(|byte| *byte == text[0]), "{:?}", text.escape_ascii().to_string());
}

#[test]
fn a_deadly_failure_is_minimized_from_outside() {
    let project = Project::copy("ends");
    let run = fuzz(&project, "long_texts_abort", &["--fail-fast"]).exits(1);
    assert_eq!(run.kinds(), ["exit"]);
    assert_eq!(finding(&project, "long_texts_abort").len(), 10);
}

#[test]
fn no_time_for_minimization_leaves_the_input_as_it_was_found() {
    let project = Project::copy("ends");
    project.write("testdata/fuzz/slow_failure/near", [200; 39]);
    let near = ["--minimize-time=0s", "--fail-fast"];
    fuzz(&project, "slow_failure", &near).exits(1);
    let found = project.testdata("slow_failure").len();
    assert_eq!(found, 2, "the seed and the finding");
    project.shakedown(&["fuzz", "slow_failure", "--minimize-time=-1s"]).exits(2);
}

#[test]
fn the_message_in_the_file_belongs_to_the_minimized_input() {
    let project = Project::copy("values");
    let run = project.shakedown(&[
        "fuzz",
        "discounts",
        "--json",
        "--seed=3",
        "--jobs=1",
        "--execs=200000",
        "--fail-fast",
    ]);
    let message = run.of_type("finding")[0]["message"].as_str().map(str::to_owned);
    let text = String::from_utf8(finding(&project, "discounts")).expect("it is text");
    let message = message.expect("a message");
    assert!(text.contains(&message), "{message}\n{text}");
    let file = project.testdata("discounts")[0].display().to_string();
    project.shakedown(&["replay", "discounts", &file]).exits(1).says(&message);
}

#[test]
fn minimize_makes_a_given_file_smaller() {
    let project = Project::copy("ends");
    project.write("big", "a long text that is anything but short");
    let run = project.shakedown(&["minimize", "long_texts", "big", "--output=small"]);
    run.exits(0);
    assert_eq!(project.read("small").len(), 10);
    assert_eq!(project.read("big").len(), 38);
}

#[test]
fn a_much_smaller_input_that_is_met_later_takes_the_place_of_the_file() {
    let project = Project::copy("values");
    let limit = ["--execs=400000"];
    let run = fuzz(&project, "two_sizes", &limit);
    let run = run.exits(1);
    let found = &run.of_type("finding")[0];
    let replaced = run.of_type("replaced");
    assert_eq!(replaced.len(), 1, "{}", run.stdout);
    assert_eq!(found["key"], replaced[0]["key"]);
    assert_ne!(found["file"], replaced[0]["file"]);
    let text = finding(&project, "two_sizes");
    assert!(text.starts_with(b"d") && text.ends_with(b"n") && text.len() < 5, "{text:?}");
}

/// Fails for every input, and each of those is large and of one length.
const FIXED: &str = r#"
#[shakedown::fuzz]
fn picture(pixels: Box<[[u8; 512]; 256]>) {
    assert!(pixels[7][7] == 1, "not initialised");
}
"#;

#[test]
fn a_large_input_of_fixed_length_keeps_to_the_limits_of_time() {
    let project = Project::inline(FIXED);
    let limits = ["--time=500ms", "--minimize-time=500ms", "--fail-fast"];
    // Without limits this takes longer than the net under every test.
    project.shakedown(&[&["fuzz", "picture", "--jobs=1"][..], &limits].concat()).exits(1);
    assert_eq!(project.testdata("picture").len(), 1);
}

#[test]
fn a_finding_is_in_its_file_before_it_is_small() {
    let project = Project::copy("ends");
    project.write("testdata/fuzz/slow_failure/near", [200; 39]);
    let running = project.start(&["fuzz", "slow_failure", "--jobs=1", "--seed=1"]);
    while project.testdata("slow_failure").len() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    running.signal(rustix::process::Signal::KILL);
    let run = running.finish();
    assert!(!run.stderr.contains("finding:"), "it was reported already: {}", run.stderr);
    let is_new = |path: &&std::path::PathBuf| !path.ends_with("near");
    let files = project.testdata("slow_failure");
    let found = files.iter().find(is_new).expect("the finding").display().to_string();
    project.shakedown(&["replay", "slow_failure", &found]).exits(1);
}

/// Targets that say each time that they are run: one that survives its failures, and one that does not.
const COUNTED: &str = r#"
use std::io::Write;

fn say() {
    let record = std::path::PathBuf::from(std::env::var_os("RECORD").unwrap());
    let mut options = std::fs::File::options();
    let mut file = options.append(true).create(true).open(record.join("executions")).unwrap();
    file.write_all(b"x").unwrap();
}

fn is_bad(left: &str, right: &[u8]) -> bool {
    left.contains('!') && right.iter().filter(|byte| **byte > 100).count() >= 20
}

#[shakedown::fuzz]
fn panics(left: &str, right: &[u8]) {
    say();
    assert!(!is_bad(left, right), "bad");
}

#[shakedown::fuzz]
fn aborts(left: &str, right: &[u8]) {
    say();
    if is_bad(left, right) {
        std::process::abort();
    }
}
"#;

/// Executions that the targets of [`COUNTED`] have counted since this was last asked.
fn executions(project: &Project) -> u64 {
    let file = project.record().join("executions");
    let count = std::fs::metadata(&file).map_or(0, |metadata| metadata.len());
    let _ = std::fs::remove_file(&file);
    count
}

#[test]
fn a_limit_of_executions_of_a_minimization_is_exact_and_the_same_each_time() {
    let project = Project::inline(COUNTED);
    let right = [200; 90].map(|byte| format!("\\x{byte:x}")).concat();
    project.write(
        "input",
        format!("shakedown v1\nleft: \"{}!\"\nright: b\"{right}\"\n", "x".repeat(60)),
    );
    let minimize = |target: &str, execs: u64| {
        let limit = format!("--minimize-execs={execs}");
        let run = project.shakedown(&["minimize", target, "input", &limit, "--output=small"]);
        run.exits(0);
        (executions(&project), project.read("small"))
    };
    for target in ["panics", "aborts"] {
        let (whole, smallest) = minimize(target, 0);
        // It is run once to see it fail, and three times to verify that.
        assert_eq!(whole, 4, "{target}");
        let (first, small) = minimize(target, 57);
        // What has become smaller is verified, too.
        assert_eq!(first, 4 + 57 + 3, "{target}");
        assert!(small.len() < smallest.len(), "{target}: {small}");
        assert_eq!(minimize(target, 57), (first, small), "{target}");
    }
}

#[test]
fn a_campaign_with_a_limit_of_executions_repeats_its_findings() {
    let project = Project::copy("ends");
    let campaign = || {
        let limit = ["--minimize-execs=40", "--execs=3000"];
        let run = fuzz(&project, "long_texts", &limit).exits(1);
        let files: Vec<_> = project.testdata("long_texts");
        let content: Vec<_> =
            files.iter().map(|file| std::fs::read(file).expect("it is there")).collect();
        let _ = std::fs::remove_dir_all(project.path("testdata"));
        let _ = std::fs::remove_dir_all(project.cache());
        (content, run.number("extra_execs"))
    };
    let first = campaign();
    assert!(!first.0.is_empty());
    assert_eq!(first, campaign());
}

/// An entry that fails as soon as it is trimmed, and one with coverage of another thread beside it.
const TRIMMED: &str = r#"
use std::sync::{LazyLock, mpsc::{SyncSender, sync_channel}};

#[shakedown::fuzz(seeds = [(1, &[7; 4000])])]
fn fails_when_trimmed(tag: u64, bytes: &[u8]) {
    // What another thread compares is no hint, so the search does not try a length of zero.
    let sum = || bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    if tag == 0x0123_4567_89ab_cdef
        && std::thread::scope(|scope| scope.spawn(sum).join()).unwrap() == 0
    {
        panic!("nothing is left");
    }
}

/// A branch for each number.
#[inline(never)]
fn arm(number: u32) -> u32 {
    macro_rules! arms { ($($n:literal)*) => { match number { $($n => std::hint::black_box($n * 7),)* _ => 0 } } }
    arms!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31)
}

static STEPS: LazyLock<SyncSender<()>> = LazyLock::new(|| {
    let (sender, steps) = sync_channel(0);
    std::thread::spawn(move || {
        for (number, ()) in (0..).zip(steps) {
            std::hint::black_box(arm(number % 32));
        }
    });
    sender
});

#[shakedown::fuzz(seeds = [&[7; 300]])]
fn beside_a_thread(bytes: &[u8]) {
    STEPS.send(()).unwrap();
    if bytes.first() == Some(&b'k') {
        std::hint::black_box(bytes.len() * 3);
    }
}
"#;

#[test]
fn a_failure_that_is_met_while_an_entry_is_trimmed_is_a_finding() {
    let project = Project::inline(TRIMMED);
    let limit = ["--execs=3000"];
    let run = fuzz(&project, "fails_when_trimmed", &[&limit[..], &["--minimize-execs=0"]].concat());
    run.exits(0);
    let _ = std::fs::remove_dir_all(project.cache());
    let run = fuzz(&project, "fails_when_trimmed", &limit).exits(1);
    assert_eq!(run.of_type("finding")[0]["message"], "nothing is left");
    assert_eq!(run.of_type("finding")[0]["status"], "reproducible");
}

#[test]
fn coverage_that_a_thread_leaves_behind_is_no_entry_s() {
    let project = Project::inline(TRIMMED);
    let run = fuzz(&project, "beside_a_thread", &["--execs=4000"]).exits(0);
    // The seed, and the input with the branch of its own: 32 others would be those of the thread.
    let entries = project.entries("beside_a_thread");
    assert!((1..=8).contains(&entries.len()), "{} entries\n{}", entries.len(), run.stdout);
    assert!(run.summary()["targets"][0]["stability"].as_f64() < Some(1.0), "{}", run.stdout);
}

/// Hangs on most inputs.
const HANGS: &str = r#"
#[shakedown::fuzz(timeout = "1s")]
fn hangs(bytes: &[u8]) {
    while bytes.len() > 3 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
"#;

#[test]
fn a_hang_is_told_when_it_is_noticed_and_so_is_how_it_is_looked_into() {
    let project = Project::inline(HANGS);
    let limit = ["--execs=300", "--fail-fast", "--minimize-execs=2"];
    let run = fuzz(&project, "hangs", &limit).exits(1);
    let notes: Vec<_> =
        run.of_type("note").iter().map(|note| note["message"].to_string()).collect();
    for told in
        ["one execution has run for", "running that input again", "making the input smaller"]
    {
        let times = notes.iter().filter(|note| note.contains(told)).count();
        assert_eq!(times, 1, "`{told}` in {notes:#?}");
    }
    assert_eq!(run.kinds(), ["timeout"]);
}
