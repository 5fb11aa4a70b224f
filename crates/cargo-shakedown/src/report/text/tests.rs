//! What a person reads on a pipe and on a terminal, notice by notice, and a program as JSON.

use super::*;
use crate::campaign::Statistics;
use crate::report::samples::{campaign, finding, prepared, status, target, warming_up};
use crate::report::words::{clock, counted, short};
use crate::report::{Accept, FindingNotice, Json, Summary};

/// What a reporter writes about these notices.
fn written(screen: Screen, notices: &[Notice]) -> String {
    let mut out = Vec::new();
    let mut text = Text::new(&mut out, screen);
    notices.iter().for_each(|notice| text.report(notice));
    String::from_utf8(out).expect("text")
}

#[test]
fn a_pipe_gets_whole_lines_now_and_then() {
    insta::assert_snapshot!(written(Screen::plain(), &campaign()));
}

#[test]
fn the_same_failure_in_several_targets_is_told_once() {
    let findings = ["one", "two", "three"].map(|id| {
        let folder = std::path::Path::new("/w/testdata/fuzz").join(id);
        let accept = Accept { file: folder.join("known"), ..finding().accept };
        let file = Some(folder.join("3f2a91c0aa55d1e2"));
        FindingNotice { target: target("url", id), file, accept, ..finding() }
    });
    let mut other = FindingNotice { place: "src/lib.rs:50:1".into(), ..finding() };
    other.file = None;
    let findings = [findings.as_slice(), &[other]].concat();
    let told: Vec<_> = findings.iter().cloned().map(Box::new).map(Notice::Finding).collect();
    let text = written(Screen::plain(), &told);
    let heads: Vec<_> = text.lines().filter(|line| line.starts_with("finding: ")).collect();
    let message = "index out of bounds: the len is 3 but the index is 17";
    let again = format!("{message} (panic at src/lib.rs:42:9, reproducible), as in one");
    assert_eq!(heads[0], format!("finding: panic in one: {message}"));
    assert_eq!(heads[1..3], ["two", "three"].map(|id| format!("finding: {id}: {again}")));
    assert_eq!(heads[3], format!("finding: panic in tests::round_trips: {message}"), "elsewhere");

    let summary = Summary {
        targets: vec![status(1)],
        findings,
        unsearched: Vec::new(),
        not_run: Vec::new(),
        ended: None,
        exit: 1,
        elapsed: Duration::from_secs(2),
    };
    let text = written(Screen::plain(), &[Notice::Summary(summary)]);
    let heads: Vec<_> = text.lines().filter(|line| line.starts_with("finding: ")).collect();
    assert_eq!(heads.len(), 2);
    assert!(heads[0].ends_with("reproducible), also in two, three"), "{text}");
    assert_eq!(text.matches("/w/testdata/fuzz/three/").count(), 2, "its file, and its `known`");
}

#[test]
fn json_is_one_object_a_line() {
    let mut out = Vec::new();
    let mut json = Json::new(&mut out);
    campaign().iter().for_each(|notice| json.report(notice));
    insta::assert_snapshot!(String::from_utf8(out).expect("text"));
}

#[test]
fn a_terminal_gets_one_line_that_is_drawn_over() {
    let screen = Screen { live: true, colors: false, width: 40 };
    let notices = [
        Notice::Status(warming_up()),
        Notice::Status(status(1)),
        Notice::warning("mind the gap"),
        Notice::Status(status(2)),
        Notice::Status(TargetProgress { since_new: Duration::ZERO, ..status(2) }),
    ];
    let clear = "\r\x1b[2K";
    let expected = [
        clear,
        "0.3s, 1 finding, 0 execs (41.2k/s)",
        clear,
        "1.0s, 1 finding, 41.0k execs (41.2k/s)",
        clear,
        "warning: mind the gap\n",
        clear,
        "2.0s, 1 finding, 82.0k execs (41.2k/s)",
    ];
    assert_eq!(written(screen, &notices), expected.concat());
}

#[test]
fn a_status_line_has_room_for_what_matters_and_no_half_words() {
    let mut status = warming_up();
    status.numbers.execs = 51_023;
    let numbers = "0.3s, 1 finding, 51.0k execs (41.2k/s), 87 entries";
    let rest = "warm-up 4/9, investigating 1, last new 2.3s ago, 1033 features, 412 edges";
    for (columns, expected) in [
        (usize::MAX, format!("tests::round_trips: {numbers}, {rest}")),
        (79, format!("tests::round_trips: {numbers}")),
        (69, format!("round_trips: {numbers}")),
        (62, numbers.into()),
        (49, "0.3s, 1 finding, 51.0k execs (41.2k/s)".into()),
        (37, "0.3s, 1 finding".into()),
        (3, String::new()),
    ] {
        assert_eq!(status_line(&status, columns), expected, "{columns}");
    }
    let largest = TargetProgress {
        target: target("url", "a_name_that_somebody_has_made_much_too_long_for_a_screen"),
        elapsed: Duration::from_secs(3599),
        execs_per_sec: 999_999.0,
        numbers: Statistics {
            execs: 123_400_000_000,
            entries: 1_000_000,
            findings: 1000,
            ..warming_up().numbers
        },
        ..warming_up()
    };
    let needed = "59m59s, 1000 findings, 123G execs (1000k/s), 1000000 entries, warm-up 4/9";
    assert_eq!(status_line(&largest, 79), needed);
}

#[test]
fn colors_change_nothing_but_colors() {
    let screen = Screen { live: false, colors: true, width: 80 };
    let painted = written(screen, &campaign());
    assert!(painted.contains("\x1b[1m\x1b[31mfinding:\x1b[0m"), "{painted:?}");
    let mut plain = String::new();
    let mut pieces = painted.split("\x1b[");
    plain.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        plain.push_str(piece.split_once('m').expect("only colors").1);
    }
    assert_eq!(plain, written(Screen::plain(), &campaign()));
}

#[test]
fn a_blind_or_poor_start_says_so() {
    let said =
        |seeds, cached, counters| written(Screen::plain(), &[prepared(seeds, cached, counters)]);
    assert_eq!(
        said(1, 1, 0),
        "tests::round_trips: 1 seed, 1 cached entry, no coverage counters: searching without \
         coverage feedback\n"
    );
    assert_eq!(
        said(0, 0, 1),
        "tests::round_trips: 0 seeds, 0 cached entries, 1 counter (starting from the simplest \
         input; seeds would help)\n"
    );
}

#[test]
fn a_quiet_search_is_told_with_what_to_expect_of_it() {
    let said = |since_new_execs, stability| {
        let mut quiet = TargetProgress { since_new_execs, ..status(62) };
        quiet.numbers.stability = stability;
        let summary = Summary { targets: vec![quiet], ..summary_of(0) };
        let text = written(Screen::plain(), &[Notice::Summary(summary)]);
        text.lines().find(|line| line.contains("nothing new")).map(str::to_owned)
    };
    let expected = "tests::round_trips: nothing new in the last 1.50M executions, so as the search \
                    goes the next one reaches something new with a chance below 1 in 500k (95%)";
    assert_eq!(said(1_500_000, 1.0).as_deref(), Some(expected));
    assert_eq!((said(500_000, 1.0), said(1_500_000, 0.9)), (None, None));
}

/// A summary of nothing, with this exit status.
fn summary_of(exit: u8) -> Summary {
    Summary {
        targets: Vec::new(),
        findings: Vec::new(),
        unsearched: Vec::new(),
        not_run: Vec::new(),
        ended: None,
        exit,
        elapsed: Duration::from_secs(2),
    }
}

#[test]
fn damage_is_in_the_summary() {
    let mut damaged = status(1);
    damaged.numbers.damaged = 3;
    let summary = Summary { targets: vec![damaged, status(1)], ..summary_of(3) };
    let text = written(Screen::plain(), &[Notice::Summary(summary)]);
    let said: Vec<_> = text.lines().filter(|line| line.contains("corrupted")).collect();
    let expected = "warning: tests::round_trips corrupted 3 workers; the search may have missed \
                    something, so the exit status is 3";
    assert_eq!(said, [expected]);
}

#[test]
fn numbers_and_times_are_short() {
    let times = [0, 999, 59_900, 60_000, 3_725_000].map(|ms| clock(Duration::from_millis(ms)));
    assert_eq!(times, ["0.0s", "1.0s", "59s", "1m00s", "1h02m"]);
    let numbers = [0.0, 9999.0, 10_000.0, 999_999.0, 1e6, 25e6, 3e9].map(short);
    assert_eq!(numbers, ["0", "9999", "10.0k", "1000k", "1.00M", "25.0M", "3.00G"]);
    let counts = [counted(0, "entry"), counted(1, "cached entry"), counted(2, "seed")];
    assert_eq!(counts, ["0 entries", "1 cached entry", "2 seeds"]);
}
