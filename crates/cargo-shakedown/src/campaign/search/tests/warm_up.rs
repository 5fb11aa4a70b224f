//! Starting: seeds, samples, and what is remembered.

use super::*;

#[test]
fn seeds_first_then_variations_of_the_oldest() {
    let script = "
        ready 0       => 0 execute one
        0 passed 3 7  => publish 0:10001000; 0 execute two
        0 rejected    => 0 execute three
        0 passed 3    => 0 fuzz one 64
        0 nothing 64  => 0 fuzz three 64
        0 nothing 20  => 0 fuzz three 44
    ";
    let statistics = check(config(1), &["one", "two", "three"], script).statistics();
    assert_eq!((statistics.execs, statistics.rejected), (87, 1));
    assert_eq!((statistics.entries, statistics.edges, statistics.features), (2, 1, 2));
}

/// A search that knows one entry, and what it covers, from another campaign.
fn remembering_one() -> Search {
    let mut remembered = Remembered::default();
    remembered.push(StoredInput { name: 6, len: 9 }, &[3]);
    let mut search = Search::new(config(1), Vec::new());
    search.remember(&remembered);
    search
}

#[test]
fn what_is_remembered_is_recorded_before_its_second_lease() {
    let script = "
        ready 0        => 0 fuzz #6 64
        0 nothing 64   => 0 execute #6
        0 lost 0       => warn a worker was lost and replaced: SIGKILL; 0 execute #6
        0 passed 3     => 0 fuzz #6 128
        0 nothing 128  => 0 fuzz #6 256
    ";
    assert_eq!(play(remembering_one(), script).statistics().execs, 64 + 1 + 128);
}

#[test]
fn no_worker_fuzzes_before_the_last_seed_is_done() {
    let script = "
        ready 1    => 1 execute one
        ready 0    =>
        1 passed 3 => publish 0:00001000; 0 fuzz one 64; 1 fuzz one 128
    ";
    check(config(2), &["one"], script);
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
        0 passed 3        => 0 fuzz one 64
    ";
    let warning = format!("warn {}", stability::warning(2.0 / 3.0));
    let config = SearchConfig { samples: 2, ..config(1) };
    let search = check(config, &["one", "two", "three"], &script.replace("WARNING", &warning));
    assert_eq!(search.statistics().warm_up, (6, 6));
    assert!((search.statistics().stability - 2.0 / 3.0).abs() < 1e-9);
}

#[test]
fn a_replay_runs_what_it_starts_with_and_looks_into_what_fails() {
    let script = "
        ready 0             => 0 execute one
        ready 1             => 1 execute two
        0 passed 3          => publish 0:00001000
        1 panics here two   => 0 verify two here
    ";
    let config = SearchConfig { is_replay: true, ..config(2) };
    let search = play(Search::new(config, vec![seed("one"), seed("two")]), script);
    assert!(search.is_finished() && !search.is_idle(), "the finding is looked into");
    assert_eq!(search.statistics().warm_up, (2, 2));
}

#[test]
fn what_is_remembered_is_not_run_and_the_redundant_has_no_first_lease() {
    let mut remembered = Remembered::default();
    remembered.push(StoredInput { name: 5, len: 9 }, &[]);
    remembered.push(StoredInput { name: 6, len: 9 }, &[3]);
    let start = Start { input: input("one").into(), source: Source::Cache };
    let mut search = Search::new(config(1), vec![start]);
    search.remember(&remembered);
    assert_eq!(search.coverage().map()[0], 0b1000);
    let script = "
        ready 0      => 0 execute one
        0 passed 4   => publish 0:00011000; 0 fuzz #6 64
        0 nothing 64 => 0 execute #6
        0 passed 3   => 0 fuzz one 64
    ";
    let mut search = play(search, script);
    assert_eq!(search.statistics().entries, 3);
    assert_eq!(search.statistics().execs, 66, "what is not run does not count");
    let nothing = || Event::Done {
        worker: 0,
        result: JobResult::Nothing,
        execs: 64,
        rejected: 0,
        rng: (1, 1),
        traced: Traced::default(),
    };
    let actions = search.step(Duration::ZERO, nothing());
    assert!(show(&actions[0]).ends_with(" 128") || show(&actions[0]) == "0 fuzz #5 64");

    let mut alone = Search::new(config(1), Vec::new());
    alone.remember(&remembered);
    play(alone, "ready 0 => 0 fuzz #6 64");
}

#[test]
fn a_corpus_whose_files_are_gone_ends_the_search() {
    let script = "
        ready 0 => 0 fuzz #6 64
        0 gone  =>
    ";
    let search = play(remembering_one(), script);
    assert_eq!(search.broken(), Some("the files of all entries are gone"));
    let search = play(Search::new(config(1), Vec::new()), "ready 0 =>");
    assert_eq!(search.broken(), Some("there is no input to start from"));
}

#[test]
fn a_failing_entry_is_not_remembered() {
    let input = Input::Stored(StoredInput { name: 5, len: 1 });
    let search = Search::new(config(1), vec![Start { input, source: Source::Cache }]);
    let script = "
        ready 0           => 0 execute #5
        0 panics here one => 0 minimize one here
        0 lost 0          => warn a worker was lost and replaced: SIGKILL; report 0; 0 fuzz #5 64
    ";
    assert_eq!(play(search, script).remembered().count(), 0);
}

#[test]
fn a_failing_seed_is_verified_and_varied_where_there_is_no_other() {
    let script = "
        ready 0           => 0 execute one
        0 panics here one => 0 verify one here
        0 lost 0          => warn a worker was lost and replaced: SIGKILL; report 0; 0 fuzz one 64
    ";
    play(Search::new(config(1), vec![seed("one")]), script);
}

#[test]
fn a_seed_has_the_first_turns_whatever_they_lead_to() {
    let begin = "
        ready 0      => 0 execute one
        0 passed 3   => publish 0:00001000; 0 fuzz one 64
        0 new child 9 => publish 1:00000010; 0 execute child
        0 passed 9   => save child; 0 fuzz one 59
        0 nothing 59 => 0 fuzz one 64
    ";
    let again = "0 nothing 64 => 0 fuzz one 64\n".repeat(15);
    let script = format!("{begin}{again} 0 nothing 64 => 0 fuzz child 64 child 128");
    play(Search::new(config(1), vec![seed("one")]), &script);
}

#[test]
fn an_entry_that_arrives_is_run_at_the_next_opportunity_and_varied_next() {
    let script = "
        ready 0      => 0 execute one
        0 passed 3   => publish 0:00001000; 0 fuzz one 64
        ready 1      => 1 fuzz one 128
        arrived 7    =>
        1 nothing 64 => 1 execute #7
        0 nothing 64 => 0 fuzz one 64
        1 passed 9   => publish 1:00000010; 1 fuzz #7 64
    ";
    let search = check(config(2), &["one"], script);
    assert_eq!((search.phase(), search.statistics().warm_up), (Phase::Fuzzing, (2, 2)));
    let owned: Vec<_> = search.remembered().iter().map(|(entry, _)| entry.name).collect();
    assert_eq!(owned, [7]);
}

#[test]
fn arrivals_never_begin_the_warm_up_anew() {
    let script = "
        arrived 7         =>
        ready 0           => 0 execute one
        0 passed 3        => publish 0:00001000; 0 execute #7
        ready 1           =>
        arrived 8         => 1 execute #8
        1 rejected        =>
        0 passed 9        => publish 1:00000010; 0 fuzz one 64; 1 fuzz #7 64
        arrived 5         =>
        arrived 6         =>
        0 nothing 64      => 0 execute #5
        1 lost 0          => WARNING; 1 execute #6
        0 panics here bad => 0 minimize bad here
        1 gone            => 1 fuzz #7 64
    ";
    let warning = "warn a worker was lost and replaced: SIGKILL";
    let search = check(config(2), &["one"], &script.replace("WARNING", warning));
    assert_eq!((search.phase(), search.statistics().entries), (Phase::Fuzzing, 2));
    assert_eq!(search.findings()[0].source, Source::Cache);
}
