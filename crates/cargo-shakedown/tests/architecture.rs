//! The invariants of ARCHITECTURE.md that a test can see: who depends on whom, what is pure, where
//! unsafe code is, and that every file says what it is for.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust file below a folder of the workspace, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    assert!(!files.is_empty(), "{folder} has sources");
    files
}

/// The names in the `[dependencies]` of a crate.
fn dependencies(name: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

#[test]
fn the_two_sides_meet_in_core_only() {
    assert_eq!(dependencies("shakedown-core"), Vec::<String>::new());
    let runtime = dependencies("shakedown");
    let expected = ["shakedown-core", "shakedown-macros", "libc", "arbitrary"];
    assert!(runtime.iter().all(|name| expected.contains(&name.as_str())), "{runtime:?}");
    let command = dependencies("cargo-shakedown");
    assert!(!command.iter().any(|name| name == "shakedown"), "{command:?}");
}

#[track_caller]
fn assert_free_of(folder: &str, forbidden: &[&str]) {
    for (path, text) in sources(folder) {
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            if let Some(word) = forbidden.iter().find(|word| code.contains(**word)) {
                panic!("{}:{}: `{word}`: {line}", path.display(), number + 1);
            }
        }
    }
}

const IMPURE: [&str; 11] = [
    "std::fs",
    "std::io::std",
    "println!",
    "std::io::Read",
    "std::net",
    "std::process",
    "std::thread",
    "Instant::now",
    "SystemTime",
    "std::env",
    "RandomState",
];

#[test]
fn what_is_pure_stays_pure() {
    assert_free_of("crates/shakedown-core/src", &IMPURE);
    assert_free_of("crates/cargo-shakedown/src/campaign", &IMPURE);
}

#[test]
fn reports_see_notices_only() {
    let forbidden =
        ["crate::pool", "crate::store", "crate::drive", "crate::build", "campaign::Search"];
    assert_free_of("crates/cargo-shakedown/src/report", &forbidden);
}

#[test]
fn unsafe_code_is_where_the_map_says() {
    let lifted = |folder: &str| -> Vec<String> {
        let lifts = |(_, text): &(PathBuf, String)| {
            text.split_whitespace().collect::<String>().contains("expect(unsafe_code")
        };
        let mut names: Vec<String> = sources(folder)
            .into_iter()
            .filter(lifts)
            .map(|(path, _)| path.strip_prefix(root().join(folder)).unwrap().display().to_string())
            .collect();
        names.sort();
        names
    };
    assert_eq!(lifted("crates/shakedown-core/src"), Vec::<String>::new());
    let runtime = [
        "coverage/counters.rs",
        "coverage/lanes.rs",
        "coverage/sancov.rs",
        "process/fault.rs",
        "process/fork.rs",
        "process/guard.rs",
        "process/isolate.rs",
        "process/record.rs",
        "process/shared.rs",
        "process/spawned.rs",
        "process/unwind.rs",
    ];
    assert_eq!(lifted("crates/shakedown/src"), runtime);
    assert_eq!(lifted("crates/cargo-shakedown/src"), ["worker/spawn.rs"]);
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in
        ["crates/shakedown-core/src", "crates/shakedown/src", "crates/cargo-shakedown/src"]
    {
        for (path, text) in sources(folder) {
            assert!(text.starts_with("//!"), "{} has no description", path.display());
        }
    }
}
