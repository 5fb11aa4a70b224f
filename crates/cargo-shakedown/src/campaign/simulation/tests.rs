//! What must hold in every campaign, under many conditions.

use super::*;

const JOBS: [usize; 5] = [1, 2, 3, 8, 64];

/// Runs the world for several seeds and numbers of workers.
fn for_all(change: impl Fn(&mut World), check: impl Fn(&Simulation)) {
    for jobs in JOBS {
        for seed in 0..8 {
            let mut world = World::new(Model::MIXED, jobs, seed);
            change(&mut world);
            check(&world.run());
        }
    }
}

#[test]
fn a_plain_campaign_uses_its_budget_and_grows() {
    for_all(
        |world| world.model = Model::PLAIN,
        |simulation| {
            let statistics = simulation.search.statistics();
            assert!(simulation.saved() > 20);
            assert_eq!(statistics.entries, simulation.saved() + simulation.world.starts);
            assert_eq!((statistics.findings, statistics.lost), (0, 0));
            assert!(simulation.warnings.is_empty());
        },
    );
}

#[test]
fn unstable_counters_do_not_flood_the_corpus() {
    for_all(
        |world| {
            world.model = Model { shaky: 20, ..Model::PLAIN };
            world.execs = 5000;
        },
        |simulation| {
            let statistics = simulation.search.statistics();
            let distrusted = statistics.edges
                - (statistics.edges as f64 * statistics.stability).round() as usize;
            assert!((15..=20).contains(&distrusted), "{distrusted} of 20 counters were noticed");
            let warned = simulation.warnings.iter().filter(|text| text.contains("--isolate"));
            assert_eq!(warned.count(), 1, "warned once");
        },
    );
}

#[test]
fn every_budget_is_used_up() {
    for execs in 0..200 {
        World { execs, ..World::new(Model::MIXED, 1 + execs as usize % 9, execs) }.run();
    }
}

#[test]
fn failures_are_investigated_reported_once_and_counted() {
    for_all(
        |world| world.model.failing = 100,
        |simulation| {
            assert_eq!(simulation.search.findings().len(), simulation.failures.len());
            assert!(simulation.search.findings().len() >= 3);
            for finding in simulation.search.findings() {
                assert_eq!(
                    finding.confidence,
                    Confidence::Reproducible,
                    "reported before investigation"
                );
            }
        },
    );
}

#[test]
fn timeouts_are_verified_alone_and_those_under_load_are_dismissed() {
    for_all(
        |world| {
            world.model = Model { failing: 20, slow: 20, ..Model::PLAIN };
        },
        |simulation| {
            let statistics = simulation.search.statistics();
            assert!(statistics.slow > 3);
            let kept = simulation.search.findings().iter().filter(|finding| !finding.dismissed);
            assert!(kept.into_iter().all(|finding| finding.failure.kind != Kind::Timeout));
            let warned = simulation.warnings.iter().filter(|text| text.contains("--timeout"));
            assert_eq!(warned.count(), 1, "warned once");
        },
    );
    for_all(
        |world| {
            world.model = Model { failing: 20, deadly: 5, hanging: 20, slow: 20, ..Model::PLAIN };
            world.pause = 20;
            world.lost = 5;
        },
        |simulation| {
            // One whose worker was lost while it was looked into may be another hang.
            let found = simulation.search.findings().iter().filter(|finding| {
                finding.failure.kind == Kind::Timeout
                    && finding.confidence == Confidence::Reproducible
                    && !finding.dismissed
            });
            assert_eq!(found.count(), 1);
        },
    );
}

#[test]
fn accepted_failures_do_not_end_a_campaign() {
    for_all(
        |world| {
            world.accepted = "panic at src/lib.rs: wr* because it is\nsignal because it is, too";
            world.fail_fast = true;
        },
        |simulation| {
            let statistics = simulation.search.statistics();
            assert!(statistics.accepted > 3);
            assert_eq!((statistics.findings, statistics.extra_execs), (0, 0));
            assert_eq!(statistics.execs, simulation.world.execs);
        },
    );
}

#[test]
fn lost_workers_lose_nothing_else() {
    for_all(
        |world| world.lost = 100,
        |simulation| {
            assert!(simulation.search.statistics().lost > 0);
            let warned = simulation.warnings.iter().filter(|text| text.contains("lost")).count();
            assert_eq!(warned, 1, "warned once");
        },
    );
}

#[test]
fn damaged_workers_are_counted_and_the_search_continues_for_long_but_not_for_ever() {
    for_all(
        |world| world.damaged = 20,
        |simulation| {
            let damaged = simulation.search.statistics().damaged;
            assert!(damaged > 0 && damaged == simulation.damaged);
        },
    );
    for_all(
        |world| (world.damaged, world.execs) = (500, 50_000),
        |simulation| {
            let reason = simulation.search.broken().expect("it gives up");
            assert!(reason.ends_with("it speaks in riddles"), "{reason}");
            assert!(simulation.damaged >= 5 && simulation.damaged < 100 + 64);
        },
    );
}

#[test]
fn turns_can_end_at_any_moment() {
    for_all(
        |world| {
            world.pause = 50;
            world.lost = 20;
        },
        |_| {},
    );
}

#[test]
fn a_broken_search_gives_everything_back() {
    for_all(
        |world| {
            world.broken = 5;
            world.execs = 20_000;
            world.model.failing = 50;
        },
        |simulation| {
            let reason = simulation.search.broken();
            assert_eq!(reason, Some("the worker reports an internal error"));
        },
    );
}

#[test]
fn files_that_vanish_are_done_without() {
    for_all(|world| world.gone = 30, |simulation| assert!(simulation.search.broken().is_none()));
}

#[test]
fn the_first_finding_can_be_the_last() {
    for_all(
        |world| world.fail_fast = true,
        |simulation| {
            assert!(simulation.search.is_finished());
            assert!(simulation.search.statistics().findings >= 1);
        },
    );
}

#[test]
fn a_target_that_always_fails_is_fuzzed_on() {
    for (failing, deadly, rejected) in [(1000, 0, 0), (0, 1000, 0), (0, 0, 1000), (300, 300, 400)] {
        for_all(
            |world| {
                world.model = Model { failing, deadly, rejected, ..Model::PLAIN };
                world.execs = 300;
            },
            |simulation| assert_eq!(simulation.saved(), 0),
        );
    }
}

#[test]
fn a_target_without_instrumentation_is_fuzzed_too() {
    for_all(|world| world.model.counters = 0, |simulation| assert_eq!(simulation.saved(), 0));
}

#[test]
fn one_job_and_a_seed_make_the_run_whatever_the_clock_says() {
    for seed in 0..4 {
        let run = |cut, pause| {
            let world = World::new(Model::MIXED, 1, seed);
            // So many that a round has many leases.
            World { cut, pause, execs: 30_000, ..world }.run().seen
        };
        let expected = run(0, 0);
        assert!(expected.len() > 500);
        assert!(run(300, 0) == expected, "batches that are cut");
        assert!(run(1000, 0) == expected, "batches that are always cut");
        assert!(run(100, 30) == expected, "many turns");
        let other = World { execs: 30_000, ..World::new(Model::MIXED, 1, seed + 100) };
        assert!(other.run().seen != expected, "another seed");
    }
}

#[test]
fn without_a_start_there_is_a_reason() {
    let simulation = World { starts: 0, ..World::new(Model::PLAIN, 2, 1) }.run();
    assert_eq!(simulation.search.broken(), Some("there is no input to start from"));
}
