//! The invariants of ARCHITECTURE.md that a test can see: which crate depends on which, which room
//! uses which, that no files import each other in a circle, what is pure, where unsafe code is, and
//! that every file says what it is for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const CRATES: [&str; 8] = [
    "shakedown-core",
    "shakedown",
    "shakedown-macros",
    "cargo-shakedown",
    "compat/afl",
    "compat/honggfuzz",
    "compat/libfuzzer",
    "compat/main",
];

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

/// The names in the `[dependencies]` of a crate, but for those that a feature brings.
fn dependencies(name: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let table = manifest.get("dependencies").and_then(toml::Value::as_table);
    let is_optional =
        |value: &toml::Value| value.get("optional").and_then(toml::Value::as_bool) == Some(true);
    let always = table.into_iter().flatten().filter(|(_, value)| !is_optional(value));
    always.map(|(name, _)| name.clone()).collect()
}

#[test]
fn the_two_sides_meet_in_core_only() {
    assert_eq!(dependencies("shakedown-core"), Vec::<String>::new());
    assert_eq!(dependencies("shakedown"), ["libc", "shakedown-core"]);
    assert_eq!(dependencies("compat/main"), Vec::<String>::new());
    assert_eq!(dependencies("compat/afl"), ["shakedown"]);
    assert_eq!(dependencies("compat/honggfuzz"), ["shakedown"]);
    assert_eq!(dependencies("compat/libfuzzer"), ["arbitrary", "shakedown", "shakedown-main"]);
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
    assert_free_of("crates/cargo-shakedown/src/coverage", &IMPURE);
}

#[test]
fn reports_see_notices_only() {
    assert_free_of("crates/cargo-shakedown/src/report", &["campaign::Search"]);
}

/// The module that a file holds, as the path of its names in the crate.
fn module_of(path: &Path, src: &Path) -> Vec<String> {
    let path = path.strip_prefix(src).unwrap().with_extension("");
    let mut names: Vec<String> =
        path.iter().map(|name| name.to_str().unwrap().to_owned()).collect();
    names.pop_if(|last| ["lib", "mod"].contains(&last.as_str()));
    names
}

/// The paths of a use tree: `a::{b, c::d}` has `a::b` and `a::c::d`.
fn expand(tree: &str, prefix: &str, paths: &mut Vec<String>) {
    let Some((head, rest)) = tree.split_once('{') else {
        return paths.push(format!("{prefix}{tree}"));
    };
    let (body, _) = rest.rsplit_once('}').unwrap();
    let mut depth = 0;
    let is_separator = |c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    };
    let prefix = format!("{prefix}{head}");
    body.split(is_separator).for_each(|part| expand(part.trim(), &prefix, paths));
}

/// What a file imports for itself, as paths from the root of its crate. Re-exports and the imports
/// of inline test modules are left out: neither begins a line with `use`.
fn imports(module: &[String], text: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for rest in text.split("\nuse ").skip(1) {
        expand(rest.split(';').next().unwrap(), "", &mut paths);
    }
    let from_root = |path: String| {
        let mut base = module.to_vec();
        for name in path.split("::") {
            match name {
                "crate" => base.clear(),
                "super" => drop(base.pop()),
                "self" => {}
                _ => base.push(name.to_owned()),
            }
        }
        base
    };
    paths.into_iter().map(from_root).collect()
}

/// The modules of a crate, each with the other files that it imports from. The `mod.rs` of a folder
/// may use the files in it, as their outside; that does not count.
fn import_graph(krate: &str) -> BTreeMap<Vec<String>, Vec<Vec<String>>> {
    let src = format!("crates/{krate}/src");
    let files = sources(&src).into_iter();
    let files: BTreeMap<Vec<String>, String> =
        files.map(|(path, text)| (module_of(&path, &root().join(&src)), text)).collect();
    let file_of = |mut path: Vec<String>| {
        while !files.contains_key(&path) {
            path.pop();
        }
        path
    };
    let used = |module: &Vec<String>, text: &String| {
        let used = imports(module, text).into_iter().map(file_of);
        used.filter(|other| !other.starts_with(module) && !other.is_empty()).collect()
    };
    files.iter().map(|(module, text)| (module.clone(), used(module, text))).collect()
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for krate in CRATES {
        let mut graph = import_graph(krate);
        // Files that import from none of those left are in no circle.
        let mut len = usize::MAX;
        while graph.len() < len {
            len = graph.len();
            let left = graph.clone();
            graph.retain(|_, used| used.iter().any(|other| left.contains_key(other)));
        }
        let Some(mut module) = graph.keys().next() else { continue };
        let mut walk = Vec::new();
        while !walk.contains(&module) {
            walk.push(module);
            module = graph[module].iter().find(|other| graph.contains_key(*other)).unwrap();
        }
        let circle = walk.into_iter().skip_while(|name| *name != module).chain([module]);
        let circle: Vec<String> = circle.map(|names| names.join("/")).collect();
        panic!("{krate}: {}", circle.join(" -> "));
    }
}

/// The rooms of the command, each with what the table of ARCHITECTURE.md lets it use.
fn rooms() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, table) = text.split_once("| room | holds | may use |\n").expect("the table of rooms");
    let names = |cell: &str| -> Vec<String> {
        cell.split('`').skip(1).step_by(2).map(|name| name.trim_end_matches('/').into()).collect()
    };
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        (names(cells[1]).remove(0), names(cells[3]))
    })
    .collect()
}

#[test]
fn rooms_use_what_the_map_says() {
    let rooms = rooms();
    for (module, used) in import_graph("cargo-shakedown") {
        let Some(room) = module.first().filter(|name| *name != "main") else { continue };
        let may_use = rooms.get(room).unwrap_or_else(|| panic!("the map lacks `{room}`"));
        for other in used.iter().filter(|other| other[0] != *room) {
            let path = other.join("::");
            let is_allowed =
                may_use.iter().any(|room| *room == other[0] || path.starts_with(room.as_str()));
            assert!(is_allowed, "`{}` uses `{path}`", module.join("::"));
        }
    }
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
        "coverage/compare.rs",
        "coverage/counters.rs",
        "coverage/lanes.rs",
        "coverage/sancov.rs",
        "process/fault.rs",
        "process/fork.rs",
        "process/guard.rs",
        "process/isolate.rs",
        "process/lent.rs",
        "process/record.rs",
        "process/room.rs",
        "process/shared.rs",
        "process/spawned.rs",
        "process/unwind.rs",
    ];
    assert_eq!(lifted("crates/shakedown/src"), runtime);
    assert_eq!(lifted("crates/compat/afl/src"), Vec::<String>::new());
    assert_eq!(lifted("crates/compat/honggfuzz/src"), Vec::<String>::new());
    assert_eq!(lifted("crates/compat/libfuzzer/src"), ["symbols.rs"]);
    assert_eq!(lifted("crates/compat/main/src"), ["lib.rs"]);
    assert_eq!(lifted("crates/cargo-shakedown/src"), ["worker/spawn.rs", "worker/traced.rs"]);
}

#[test]
fn every_file_says_what_it_is_for() {
    for krate in CRATES {
        for (path, text) in sources(&format!("crates/{krate}/src")) {
            assert!(text.starts_with("//!"), "{} has no description", path.display());
        }
    }
}

/// The tests that docs/promises.md names, as file and function.
fn promised_tests() -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("docs/promises.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    let cells = rows.filter_map(|row| Some(row.rsplit_once('|')?.1));
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    names.filter_map(|name| name.split_once("::")).map(|(a, b)| (a.into(), b.into())).collect()
}

#[test]
fn every_promise_has_a_test_that_exists() {
    let sources: Vec<_> =
        CRATES.iter().flat_map(|krate| sources(&format!("crates/{krate}"))).collect();
    let named = promised_tests();
    assert!(named.len() > 30, "the page has tables of promises");
    for (file, name) in named {
        let is_there = |(path, text): &(PathBuf, String)| {
            let tests = text.split("#[test]").skip(1);
            let begins = format!("fn {name}()");
            path.file_stem().is_some_and(|stem| *stem == *file) && { tests }
                .any(|test| test.trim_start().starts_with(&begins))
        };
        assert!(sources.iter().any(is_there), "docs/promises.md names `{file}::{name}`");
    }
    let text = fs::read_to_string(root().join("docs/promises.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.contains("---"));
    let is_promise = |line: &&str| !line.starts_with("| promise");
    assert!(rows.filter(is_promise).all(|row| row.contains("::")), "a promise without a test");
}
