//! Leases: how much of what is varied, and what is left of a round after a pause or a loss.

use super::*;

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
    let search = check(SearchConfig { execs: Some(100), ..config(1) }, &["one"], script);
    assert!(!search.is_idle());
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
    let search = check(SearchConfig { execs: Some(100), ..config(2) }, &["one"], script);
    assert_eq!(search.statistics().execs, 100);
    assert!(search.is_idle() && search.is_finished());
}
