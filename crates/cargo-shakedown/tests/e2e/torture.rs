//! A target that does everything that code under test can do to an engine, thousands of times.

use std::path::Path;

use serde_json::Value;

use crate::project::{Project, files};

/// Executions of the campaign; one in sixteen or so ends its worker.
const EXECS: u64 = 20_000;

/// What has to be found, once each: the kind, and what the input asks for.
const FINDINGS: [(&str, &str); 25] = [
    ("panic", "Die(Panic)"),
    ("panic", "Die(PanicElsewhere)"),
    ("error", "Die(Error)"),
    ("abort", "Die(Abort)"),
    ("stack-overflow", "Die(StackOverflow)"),
    ("signal", "Die(Segmentation)"),
    ("signal", "Die(Bus)"),
    ("signal", "Die(IllegalInstruction)"),
    ("signal", "Die(Arithmetic)"),
    ("signal", "Die(Trap)"),
    ("signal", "Die(BadSystemCall)"),
    ("signal", "Die(BrokenPipe)"),
    ("signal", "Die(WriteToSharedMemory)"),
    ("exit", "Die(Exit0)"),
    ("exit", "Die(Exit1)"),
    ("exit", "Die(Exit70)"),
    ("exit", "Die(Exit77)"),
    ("exit", "Die(ExitAtOnce)"),
    ("exit", "Die(Exec)"),
    ("out-of-memory", "Die(HugeAllocation)"),
    ("out-of-memory", "how: Swell }"),
    ("timeout", "how: Spin }"),
    ("timeout", "how: SpinAllocating }"),
    ("timeout", "how: SpinDeaf }"),
    ("timeout", "how: Deadlock }"),
];

/// What the coordinator holds while it runs.
#[derive(Debug)]
struct Holdings {
    descriptors: usize,
    threads: usize,
    resident_kib: u64,
}

impl Holdings {
    fn of(process: u32) -> Self {
        let count = |what| {
            let folder = std::fs::read_dir(format!("/proc/{process}/{what}"));
            folder.expect("it runs").count()
        };
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        let resident_kib = line.trim().trim_end_matches(" kB").parse().expect("a number");
        Self { descriptors: count("fd"), threads: count("task"), resident_kib }
    }
}

#[test]
fn everything_that_can_happen_is_found_once_and_nothing_is_lost_or_left() {
    let project = Project::copy("torture");
    let temporary = project.record().join("temporary");
    std::fs::create_dir(&temporary).expect("a folder can be made");
    let project = project.with_variable("TMPDIR", temporary.to_str().expect("it is text"));
    let limits = ["--timeout=500ms", "--memory-limit=256MiB", "--minimize-time=2s"];
    let execs = format!("--execs={EXECS}");
    let arguments = ["fuzz", "torture", "--json", "--jobs=2", "--seed=1", &execs];
    let mut running = project.start(&[&arguments[..], &limits[..]].concat());

    let after = |execs: u64| {
        move |line: &Value| {
            line["type"] == "status" && line["execs"].as_u64().is_some_and(|done| done > execs)
        }
    };
    running.wait_for(after(EXECS / 4)).expect("it goes on");
    let early = Holdings::of(running.id());
    running.wait_for(after(EXECS * 3 / 4)).expect("it goes on");
    let late = Holdings::of(running.id());
    let run = running.finish().exits(1);

    assert!(late.descriptors <= early.descriptors + 16, "{early:?} {late:?}");
    assert!(late.threads <= early.threads + 4, "{early:?} {late:?}");
    assert!(late.resident_kib <= early.resident_kib + (64 << 10), "{early:?} {late:?}");
    assert_eq!(run.number("execs"), EXECS);
    let workers = std::fs::metadata(project.record().join("workers")).expect("it is there").len();
    // How many it takes to minimize depends on the time there is.
    assert!(workers > 300, "only {workers} workers were started");
    check_findings(&run.of_type("finding"));
    assert_eq!(run.number("findings"), FINDINGS.len() as u64);
    assert_eq!(run.summary()["exit"], 1);
    project.check_no_process_is_left();
    assert_eq!(files(&temporary), Vec::<std::path::PathBuf>::new());

    // Every file replays, and says what the campaign said.
    let written = project.testdata("torture");
    for file in &written {
        let file = file.to_str().expect("it is text");
        let limits = ["--timeout=500ms", "--memory-limit=256MiB"];
        project.shakedown(&[&["replay", "torture", file], &limits[..]].concat()).exits(1);
    }
}

/// Demands that each of [`FINDINGS`] is there once, with the input that asks for it and no more.
fn check_findings(found: &[Value]) {
    let mut left: Vec<&Value> = found.iter().collect();
    for (kind, asks) in FINDINGS {
        let is_wanted = |finding: &&Value| {
            finding["kind"] == kind
                && finding["input"].as_str().is_some_and(|text| text.contains(asks))
        };
        let index = left.iter().position(is_wanted);
        let index = index.unwrap_or_else(|| panic!("no {kind} of {asks}: {found:#?}"));
        let finding = left.remove(index);
        assert_eq!(finding["status"], "reproducible", "{finding}");
        let file = finding["file"].as_str();
        assert!(file.is_none_or(|file| Path::new(file).exists()), "{finding}");
    }
    assert!(left.is_empty(), "found, but not meant: {left:#?}");
}

#[test]
fn a_target_that_closes_the_descriptors_of_the_engine_costs_nothing() {
    let project = Project::copy("torture");
    let arguments = ["fuzz", "closes_descriptors", "--json", "--jobs=2", "--execs=2000"];
    let run = project.shakedown(&arguments).exits(0);
    assert_eq!((run.of_type("finding").len(), run.number("execs")), (0, 2000));
    assert!(run.of_type("warning").is_empty(), "{}", run.stdout);
    project.check_no_process_is_left();
}
