//! Workers that are lost or damaged, and searches that break.

use super::*;

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
fn workers_that_never_answer_are_no_success() {
    let begin = "
        ready 0          => 0 execute one
        0 lost 1         => warn a worker was lost and replaced: SIGKILL; 0 fuzz one 64
    ";
    let retired = format!("{begin} retired =>");
    let reason = "no worker has answered a single call: SIGKILL";
    assert_eq!(check(config(1), &["one"], &retired).broken(), Some(reason));
    let answered = format!("{begin} 0 nothing 64 => 0 fuzz one 128");
    let mut search = check(config(1), &["one"], &answered);
    search.step(Duration::ZERO, event("0 lost 1"));
    search.step(Duration::ZERO, Event::Retired);
    assert_eq!(search.broken(), None);
}

#[test]
fn many_workers_lost_before_they_answered_break_the_search() {
    let script = "
        ready 0          => 0 execute one
        0 passed 3       => publish 0:00001000; 0 fuzz one 64
    ";
    let mut search = check(config(1), &["one"], script);
    for _ in 0..99 {
        search.step(Duration::ZERO, event("0 lost 1"));
    }
    assert_eq!(search.broken(), None);
    search.step(Duration::ZERO, event("0 lost 1"));
    assert_eq!(
        search.broken(),
        Some("100 workers in a row were lost before they answered: SIGKILL")
    );
}

#[test]
fn a_broken_search_reports_what_was_not_investigated() {
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
fn it_is_known_what_each_worker_does_and_how_often_it_was_restarted() {
    let script = "
        ready 0             => 0 execute one
        0 passed 3          => publish 0:00001000; 0 fuzz one 64
        ready 1             => 1 fuzz one 128
        0 crashes here two  => 0 minimize two here
    ";
    let mut search = check(config(2), &["one"], script);
    search.step(Duration::from_secs(2), Event::Replaced(1));
    search.step(Duration::from_secs(2), event("1 lost 5"));
    let workers = search.workers(Duration::from_secs(5));
    let known = |at: usize| {
        let WorkerStatus { activity, elapsed, execs, restarts, .. } = &workers[at];
        (*activity, elapsed.as_secs(), *execs, *restarts)
    };
    assert_eq!(known(0), (Activity::Investigating, 5, 6, 1));
    assert_eq!(known(1), (Activity::Fuzzing, 3, 5, 2));
    let ends = [0, 1].map(|at: usize| workers[at].last_end.as_deref());
    assert_eq!(ends, [Some("signal"), Some("SIGKILL")]);
}
