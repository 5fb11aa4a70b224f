//! `coverage`: the lines of a package whose every line is known, with an input that ends its process.

use serde_json::Value;

use crate::grammar::{self, COBERTURA};
use crate::project::Project;

/// What is executed, and what is not, is said on each line.
const SOURCE: &str = r#"
#[inline(never)]
pub fn sign(number: i32) -> &'static str {
    if std::hint::black_box(number) < 0 {
        return std::hint::black_box("negative");
    }
    let mut text = String::new();
    while text.len() < number as usize && number < 5 {
        text.push_str(std::hint::black_box("x")); // executed
    }
    if text.len() == 3 { std::hint::black_box("three") } else { std::hint::black_box("positive") } // partial
}

#[inline(never)]
pub fn never(number: i32) -> i32 {
    if std::hint::black_box(number) == 7 { number * 2 } else { number } // unexecuted
}

#[inline(never)]
pub fn deadly(number: i32) {
    if std::hint::black_box(number) == 99 {
        std::process::abort(); // unknown
    }
}

#[cfg(test)]
mod tests {
    #[shakedown::fuzz(seeds = [3, 99, -1000])]
    fn known(number: i32) {
        if number == i32::MIN {
            super::never(number); // unexecuted
        }
        super::deadly(number);
        assert!(number != -1000, "this does not end the process"); // executed
        super::sign(number);
    }
}
"#;

/// The numbers of the lines that say so.
fn lines(word: &str) -> Vec<u64> {
    let says = |line: &&str| line.ends_with(&format!("// {word}"));
    let numbered = (1..).zip(SOURCE.lines());
    numbered.filter(|(_, line)| says(line)).map(|(number, _)| number).collect()
}

fn numbers(file: &Value, field: &str) -> Vec<u64> {
    file[field].as_array().expect(field).iter().filter_map(Value::as_u64).collect()
}

#[track_caller]
fn check_all_in(wanted: &[u64], found: &[u64]) {
    assert!(wanted.iter().all(|line| found.contains(line)), "{wanted:?} in {found:?}");
}

#[test]
fn lines_are_shown_as_they_were_executed() {
    let project = Project::inline(SOURCE);
    let files = ["--lcov=out/fuzz.lcov", "--cobertura=out/fuzz.xml", "--html=out/fuzz.html"];
    let run = project.shakedown(&[&["coverage", "--json"], &files[..]].concat()).exits(0);
    let run = run.says("1 input ended the process, and what only they reach is not known");
    let files = run.of_type("coverage");
    assert_eq!(files.len(), 1, "files of the workspace only: {files:?}");
    let [executed, partial, unexecuted] =
        ["executed", "partial", "unexecuted"].map(|field| numbers(&files[0], field));
    check_all_in(&lines("executed"), &executed);
    check_all_in(&lines("partial"), &partial);
    check_all_in(&lines("unexecuted"), &unexecuted);
    let lcov = project.read("out/fuzz.lcov");
    for (lines, count) in [(&executed, 1), (&partial, 1), (&unexecuted, 0)] {
        let has_line = |line: &u64| lcov.lines().any(|text| text == format!("DA:{line},{count}"));
        assert!(lines.iter().all(has_line), "{lines:?} {count}\n{lcov}");
    }
    let cobertura = project.read("out/fuzz.xml");
    grammar::check(&cobertura, "coverage", COBERTURA);
    for (lines, hits) in [(&executed, 1), (&partial, 1), (&unexecuted, 0)] {
        let begins = |line: &u64| format!("<line number=\"{line}\" hits=\"{hits}\" branch=");
        assert!(lines.iter().all(|line| cobertura.contains(&begins(line))), "{cobertura}");
    }
    let page = project.read("out/fuzz.html");
    let mark = |line: u64, mark: &str| {
        let row = format!("<s>{line:>5}</s><b class=\"{mark}\">");
        assert!(page.contains(&row), "{row} in {page}");
    };
    executed.iter().for_each(|line| mark(*line, "executed"));
    partial.iter().for_each(|line| mark(*line, "partial"));
    unexecuted.iter().for_each(|line| mark(*line, "unexecuted"));
    let last = &run.json().pop().expect("a line");
    let numbers = ["targets", "inputs", "failed", "ended"].map(|field| last[field].as_u64());
    assert_eq!(numbers, [1, 3, 2, 1].map(Some), "{last}");
}

#[test]
fn the_frontier_is_in_functions_that_were_entered() {
    let project = Project::inline(SOURCE);
    let run = project.shakedown(&["coverage", "--uncovered", "--dependencies"]).exits(0);
    let run = run.says("3 inputs of 1 target, 2 failed").says("library/");
    let missing = |line: u64, function: &str| {
        let begins = format!("src/lib.rs:{line}:");
        run.stdout.lines().any(|text| text.starts_with(&begins) && text.contains(function))
    };
    assert!(missing(lines("unexecuted")[1], "known`"), "{}", run.stdout);
    assert!(missing(lines("partial")[0], "`inline::sign`"), "{}", run.stdout);
    let first = run.stdout.lines().find(|text| text.starts_with("src/lib.rs:")).expect("a line");
    assert!(first.contains("in `known`, with ") && first.contains(" behind it;"), "{first}");
    assert!(
        first.ends_with("; nearest input seed number 1 of the attribute: number: 3"),
        "{first}"
    );
    assert!(!missing(lines("unexecuted")[0], "`inline::never`"), "{}", run.stdout);
    let blind = project.shakedown(&["coverage", "--no-instrument"]).exits(2);
    blind.says("is not instrumented, so it has no coverage");
}

#[test]
fn a_page_is_opened_in_the_browser_of_the_user() {
    let project = Project::inline(SOURCE);
    let (browser, seen) = (project.record().join("browser"), project.record().join("seen"));
    std::fs::write(&browser, "#!/bin/sh\necho \"$1\" > $RECORD/new; mv $RECORD/new $RECORD/seen\n")
        .expect("a script");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&browser, executable).expect("a script");
    let project = project.with_variable("BROWSER", browser.to_str().expect("text"));
    project.shakedown(&["coverage", "--html=out/fuzz.html", "--open"]).exits(0);
    let mut waits = (0..2000).map(|_| std::thread::sleep(std::time::Duration::from_millis(10)));
    assert!(waits.any(|()| seen.exists()), "the browser is started");
    let opened = std::fs::read_to_string(&seen).expect("a path");
    assert_eq!(opened.trim_end(), project.path("out/fuzz.html").to_str().expect("text"));
    let project = project.with_variable("BROWSER", "/no/such/browser");
    let run = project.shakedown(&["report", "--html=out/report.html", "--open"]).exits(0);
    run.says("cannot open out/report.html with /no/such/browser");
    project.shakedown(&["coverage", "--open"]).exits(2);
}
