//! What a target tells the search by `observe` and `maximize`.

use crate::project::{Project, Run};

/// A lock that shows nothing of how far it is open: no branch and no comparison depends on it.
fn lock(name: &str, tell: &str) -> String {
    format!(
        "#![cfg(test)]
        const RIGHT: [u8; 8] = *b\"\\x9fq\\x02\\xe8K\\xd1\\x77\\x30\";
        #[shakedown::fuzz]
        fn {name}(keys: &[u8]) {{
            let mut open = 0_u64;
            for key in keys {{
                let wrong = u64::from(std::hint::black_box(key ^ RIGHT[(open % 8) as usize]));
                open = (open + 1) * (wrong.wrapping_sub(1) >> 63);
                {tell}
            }}
            assert!(open < 4, \"opened\");
        }}"
    )
}

#[test]
fn what_a_target_tells_guides_the_search() {
    let fuzz = ["fuzz", "--json", "--jobs=1", "--seed=2", "--execs=10000000", "--fail-fast"];
    let search = |name, tell| Project::inline(&lock(name, tell)).shakedown(&fuzz);
    let silent = search("silent", "").exits(0);
    for (name, tell) in [
        ("observed", "shakedown::observe(open);"),
        ("maximized", "shakedown::maximize(open);"),
        ("approached", "shakedown::maximize(u64::MAX / (7 - open));"),
    ] {
        let told = search(name, tell).exits(1);
        assert_eq!(told.of_type("finding").len(), 1, "{name}");
        // What is observed is no part of the program.
        let counters = |run: &Run| run.of_type("prepared")[0]["counters"].clone();
        assert!(counters(&told).as_u64() < Some(16_384), "{}", counters(&told));
        assert!(told.number("edges") <= silent.number("edges") + 8);
    }
}

#[test]
fn what_is_observed_in_isolated_executions_counts() {
    let project = Project::inline(&lock("isolated", "shakedown::maximize(open);"));
    let fuzz = ["fuzz", "--json", "--jobs=1", "--seed=1", "--execs=3000", "--isolate"];
    let features = project.shakedown(&fuzz).exits(0).number("features");
    let project = Project::inline(&lock("isolated_silent", ""));
    let silent = project.shakedown(&fuzz).exits(0).number("features");
    assert!(features > silent, "{features} {silent}");
}
