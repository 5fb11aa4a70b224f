//! Failures on their way to a report.

use super::*;

#[test]
fn what_a_process_had_run_goes_into_the_investigation_of_its_failure() {
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
    let counts: Vec<_> = search.findings().iter().map(|f| (f.count, f.confidence)).collect();
    let unconfirmed = Confidence::Unconfirmed;
    assert_eq!(counts, [(2, Confidence::Reproducible), (1, unconfirmed), (1, unconfirmed)]);
    assert_eq!(search.statistics().extra_execs, 100);
}

#[test]
fn a_timeout_is_verified_while_the_others_wait_and_minimized_while_they_go_on() {
    let script = "
        ready 0           => 0 execute one
        ready 1           =>
        0 passed 3        => publish 0:00001000; 0 fuzz one 64; 1 fuzz one 128
        0 hangs slow      =>
        1 nothing 64      => tell; 0 verify slow
        0 again 1 slow    => report 0; tell; 0 only minimize slow; 1 fuzz one 64
        1 nothing 32      => 1 fuzz one 32
        0 again 1 slo     =>
        1 nothing 16      => tell; 0 verify slo
        0 again 1 slo     => replace 0; 0 fuzz one 16; 1 fuzz one 256
    ";
    let search = check(config(2), &["one"], script);
    let finding = &search.findings()[0];
    assert_eq!((&*finding.input, finding.confidence), (&b"slo"[..], Confidence::Reproducible));
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
        2 nothing 256     => tell; 0 verify slow
        0 again 0 slow    => WARNING; 0 minimize bad away; 1 fuzz one 512; 2 fuzz one 1024
    ";
    let warning = "warn oh, but finished in time when run alone, so it is not reported; the \
                   machine may be overloaded or the limit too tight (raise --timeout or lower \
                   --jobs)";
    let search = check(config(3), &["one"], &script.replace("WARNING", warning));
    let statistics = search.statistics();
    assert_eq!((statistics.findings, statistics.slow), (1, 1));
}

#[test]
fn a_timeout_that_was_a_matter_of_load_does_not_end_a_campaign_that_fails_fast() {
    let script = "
        ready 0           => 0 execute one
        0 passed 3        => publish 0:00001000; 0 fuzz one 64
        0 hangs slow      => tell; 0 verify slow
        0 again 0 slow    => WARNING; 0 fuzz one 128
        0 hangs slow      => 0 verify slow
        0 again 1 slow    => report 1; 0 only minimize slow
        0 again 1 slow    =>
    ";
    let warning = "warn oh, but finished in time when run alone, so it is not reported; the \
                   machine may be overloaded or the limit too tight (raise --timeout or lower \
                   --jobs)";
    let config = SearchConfig { fail_fast: true, ..config(1) };
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
fn a_finding_is_made_smaller_in_stints_between_which_the_search_does_as_much() {
    let script = "
        ready 0             => 0 execute one
        0 passed 3          => publish 0:00001000; 0 fuzz one 64
        0 panics here large => 0 minimize large here
        0 so-far smaller    => report 0; 0 fuzz one 59
    ";
    let mut search = check(config(1), &["one"], script);
    let mut step = |text: &str| {
        let actions = search.step(Duration::ZERO, event(text));
        actions.iter().map(show).collect::<Vec<_>>()
    };
    let mut job = step("0 nothing 59");
    let mut searched = 59;
    while job[0].starts_with("0 fuzz") {
        let execs: u64 = job[0].split(' ').skip(3).step_by(2).flat_map(str::parse::<u64>).sum();
        searched += execs;
        job = step(&format!("0 nothing {execs}"));
    }
    assert!((8192..40_000).contains(&searched), "{searched}");
    assert_eq!(job, ["0 only minimize smaller here 16384"]);
    let after = step("0 again 1 tiny here");
    assert_eq!(after[0], "replace 0");
    assert!(after[1].starts_with("0 fuzz one"), "{after:?}");
    assert_eq!(&*search.findings()[0].input, b"tiny");
}

#[test]
fn an_accepted_failure_is_reported_once_and_takes_no_work() {
    let script = "
        ready 0           => 0 execute one
        0 passed 3        => publish 0:00001000; 0 fuzz one 64
        0 panics here bad => report 0; 0 fuzz one 59
        0 panics here bad => 0 fuzz one 54
        0 panics away bad => 0 minimize bad away
    ";
    let accepted = KnownFailures::parse("panic at here because it is").unwrap();
    let search =
        check(SearchConfig { accepted: Arc::new(accepted), ..config(1) }, &["one"], script);
    let finding = &search.findings()[0];
    assert_eq!((finding.accepted.as_deref(), finding.count), (Some("it is"), 2));
    assert_eq!((search.statistics().findings, search.statistics().accepted), (0, 1));
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
    let search = check(SearchConfig { fail_fast: true, ..config(2) }, &["one"], script);
    assert!(search.is_idle() && search.is_finished());
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
    assert_eq!(search.findings()[0].confidence, Confidence::Reproducible);
}
