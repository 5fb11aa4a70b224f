//! Notices for the tests of all reporters.

use std::sync::Arc;
use std::time::Duration;

use super::{
    Accept, CampaignStart, FindingNotice, Location, Notice, Sight, Summary, TargetMutators,
    TargetName, TargetProgress, TargetStart,
};
use crate::campaign::{Activity, MutatorYield, Phase, Statistics, WorkerStatus};

pub(crate) fn target(package: &str, id: &str) -> TargetName {
    TargetName { package: package.into(), target: id.into(), label: id.into() }
}

pub(crate) fn numbers(execs: u64) -> Statistics {
    Statistics {
        execs,
        extra_execs: 17,
        rejected: 12,
        entries: 87,
        edges: 412,
        features: 1033,
        stability: 1.0,
        findings: 1,
        accepted: 0,
        slow: 0,
        investigating: 0,
        lost: 0,
        damaged: 0,
        caught: 0,
        last_new: Duration::ZERO,
        last_new_execs: 0,
        warm_up: (9, 9),
    }
}

pub(crate) fn status(seconds: u64) -> TargetProgress {
    TargetProgress {
        target: target("url", "tests::round_trips"),
        elapsed: Duration::from_secs(seconds),
        execs_per_sec: 41_234.56,
        since_new: Duration::from_millis(2345),
        since_new_execs: 12,
        phase: Phase::Fuzzing,
        instrumented: true,
        numbers: numbers(seconds * 41_000),
        sight: Box::new(Sight {
            edges: 400,
            hit: [0b101].into(),
            nearest: Arc::default(),
            workers: vec![worker()],
            mutators: vec![mutator()],
        }),
        caught_example: String::new(),
    }
}

fn worker() -> WorkerStatus {
    WorkerStatus {
        activity: Activity::Fuzzing,
        entry: Some(0x3f2a_91c0_aa55_d1e2),
        elapsed: Duration::from_millis(70),
        execs: 20_500,
        restarts: 3,
        last_end: Some("abort".into()),
    }
}

fn mutator() -> MutatorYield {
    MutatorYield {
        name: "flip-bit",
        changes: "bytes",
        news: 12.5,
        drawn: Some(0.0412),
        weight: Some(1.25),
    }
}

pub(crate) fn warming_up() -> TargetProgress {
    let mut status = status(0);
    status.elapsed = Duration::from_millis(300);
    status.phase = Phase::WarmUp;
    status.numbers.warm_up = (4, 9);
    status.numbers.investigating = 1;
    status
}

pub(crate) fn finding() -> FindingNotice {
    FindingNotice {
        target: target("url", "tests::round_trips"),
        kind: "panic",
        key: "3f2a91c0".into(),
        message: "index out of bounds: the len is 3 but the index is 17\n".into(),
        place: "src/lib.rs:42:9".into(),
        location: Location::parse("src/lib.rs:42:9"),
        caller: None,
        status: "reproducible",
        status_text: "reproducible".into(),
        file: Some("/w/testdata/fuzz/tests.round_trips/3f2a91c0aa55d1e2".into()),
        is_seed: false,
        input: "text: \"http://[::1\"\nstrict: true".into(),
        value: None,
        call: Some("round_trips(\"http://[::1\", true)".into()),
        found_len: 40,
        len: 16,
        execs: 51_023,
        elapsed: Duration::from_millis(1300),
        told: Duration::from_millis(1340),
        reproduce: vec!["cargo test -p url tests::round_trips::fuzz".into()],
        backtrace: "   0: url::parse\n             at src/lib.rs:42:9\n".into(),
        more: 0,
        accepted: None,
        accept: Accept {
            file: "/w/testdata/fuzz/tests.round_trips/known".into(),
            line: "panic at src/lib.rs: index out of bounds: the len is # but the index is #"
                .into(),
        },
    }
}

pub(crate) fn failing_seed() -> FindingNotice {
    FindingNotice {
        kind: "timeout",
        message: "an execution took longer than 10s".into(),
        place: String::new(),
        location: None,
        status: "flaky",
        status_text: "flaky 1/3".into(),
        file: Some("/w/testdata/fuzz/tests.round_trips/slow".into()),
        is_seed: true,
        call: Some("x".repeat(600)),
        input: format!("text: \"{}\"\n{}", "x".repeat(600), "strict: true\n".repeat(25)),
        found_len: 16,
        ..finding()
    }
}

pub(crate) fn accepted() -> FindingNotice {
    FindingNotice { accepted: Some("issue 12 is open".into()), file: None, ..finding() }
}

pub(crate) fn prepared(seeds: usize, cached: usize, counters: usize) -> Notice {
    let target = target("url", "tests::round_trips");
    Notice::Prepared(TargetStart {
        target,
        seeds,
        cached,
        counters,
        tokens: 12,
        replay_only: false,
    })
}

/// A whole campaign.
pub(crate) fn campaign() -> Vec<Notice> {
    let mut rejecting = status(60);
    rejecting.target = target("url", "strict");
    rejecting.numbers.rejected = rejecting.numbers.execs * 99 / 100;
    rejecting.numbers.stability = 0.97777;
    rejecting.numbers.caught = 12_345;
    rejecting.caught_example = "src/lib.rs:7:9: task failed".into();
    let mut unstable = status(4);
    unstable.numbers.stability = 0.999;
    let targets = vec![status(62), rejecting];
    vec![
        Notice::Start(CampaignStart {
            version: "0.1.0",
            targets: targets.iter().map(|status| status.target.clone()).collect(),
            jobs: 2,
            seed: 7,
        }),
        Notice::warning("2 of the cached entries cannot be read"),
        prepared(2, 7, 5120),
        Notice::Status(warming_up()),
        Notice::Status(status(1)),
        Notice::Status(status(2)),
        Notice::Finding(Box::new(finding())),
        Notice::Status(unstable),
        Notice::Status(TargetProgress { elapsed: Duration::from_millis(4100), ..status(4) }),
        Notice::Finding(Box::new(failing_seed())),
        Notice::Finding(Box::new(accepted())),
        Notice::Replaced(Box::new(FindingNotice { len: 5, ..finding() })),
        Notice::Mutators(TargetMutators {
            target: target("url", "tests::round_trips"),
            mutators: vec![mutator()],
        }),
        Notice::Summary(Summary {
            targets,
            findings: vec![FindingNotice { more: 17, ..finding() }, failing_seed(), accepted()],
            unsearched: vec![target("url", "late")],
            not_run: vec!["the test `own` has `harness = false`".into()],
            ended: Some("interrupted".into()),
            exit: 1,
            elapsed: Duration::from_secs(122),
        }),
    ]
}
