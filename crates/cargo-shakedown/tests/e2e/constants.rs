//! Constants of a program are tokens: what it compares with, and little else.
#![cfg(target_arch = "x86_64")]

use std::collections::BTreeSet;
use std::path::Path;

use cargo_shakedown::internals::tokens;

use crate::project::Project;

/// Everything that the fixture compares with, as it would be in an input.
const NEEDLES: [&[u8]; 41] = [
    b"Tea",
    b"\x8fL3vX",
    b"Quartz",
    b"\xd3Pelica",
    b"Nightfall",
    b"Winterberry",
    b"Thunderstruck",
    b"Incomprehensible",
    &0x6b5f_1c9e_d27a_4083_b1e6_2f95_38c7_ad04_u128.to_le_bytes(),
    &0x9c3e_71d8_05fa_b62b_u128.to_le_bytes(),
    &2_718.281_25_f64.to_le_bytes(),
    &1_414.213_5_f32.to_le_bytes(),
    b"577.215664",
    b"gooseberry",
    b"lingon",
    b"a sentence that is somewhat longer than the others",
    b"mulberry",
    b"elder",
    b"rowan",
    b"medlar-fruit-jelly",
    &0x3d91_u16.to_le_bytes(),
    &0x7be4_a65d_u32.to_be_bytes(),
    &0x5a1d_e3c9_8b47_f206_u64.to_le_bytes(),
    b"86753091",
    b"coalesce",
    b"distinct",
    b"except",
    b"having",
    b"intersect",
    b"lateral",
    b"over",
    b"select",
    b"window",
    b"oxidize",
    b"nitrify",
    b"sublimate",
    b"zephyr",
    b"mistral",
    b"sirocco",
    b"2078582365",
    b"2718.28125",
];

#[test]
fn every_constant_that_is_compared_with_is_a_token() {
    let project = Project::copy("needles");
    let list = project.shakedown(&["list", "--json"]).exits(0);
    let binary = list.of_type("target")[0]["binary"].as_str().expect("a path").to_owned();
    let tokens = tokens(Path::new(&binary));
    let found: BTreeSet<&[u8]> = tokens.iter().map(Vec::as_slice).collect();
    let missing = NEEDLES.iter().filter(|needle| !found.contains(**needle));
    let missing: Vec<_> = missing.map(|needle| needle.escape_ascii().to_string()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(tokens.len(), found.len(), "none comes twice");
    assert!(tokens.len() <= 3 * NEEDLES.len(), "{} tokens", tokens.len());
}

#[test]
fn doors_that_leave_no_trace_are_opened_with_the_constants_and_not_without() {
    let project = Project::copy("needles");
    let fuzz = ["fuzz", "doors", "--json", "--jobs=1", "--fail-fast", "--execs=1000000"];
    let run = |more: &[&str]| {
        let run = project.shakedown(&[&fuzz[..], more].concat());
        std::fs::remove_dir_all(project.cache()).expect("it can be removed");
        run
    };
    let without = run(&["--seed=1", "--no-auto-dictionary"]).exits(0);
    assert_eq!(without.of_type("prepared")[0]["tokens"], 0);
    for seed in ["--seed=1", "--seed=2", "--seed=3"] {
        let with = run(&[seed]).exits(1);
        assert!(with.of_type("prepared")[0]["tokens"].as_u64() > Some(0));
        let message = with.of_type("finding")[0]["message"].clone();
        assert!(message.as_str().is_some_and(|text| text.contains("behind both doors")));
        std::fs::remove_dir_all(project.path("testdata")).expect("it can be removed");
    }
}
