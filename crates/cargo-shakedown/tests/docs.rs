//! What the pages of this repository point to is there: files, headings, commands and their options.
//! (`e2e/guide.rs` follows what they say.)

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every page, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let mut pages = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match path.is_dir() {
                true if name == "target" || name.starts_with('.') => {}
                true => folders.push(path),
                false if name.ends_with(".md") => {
                    let text = fs::read_to_string(&path).unwrap();
                    pages.push((path, text));
                }
                false => {}
            }
        }
    }
    pages
}

/// The text of a page without blocks of code.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// What the links of a page point to.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text).replace(['\n', ' '], "");
    let targets = prose.split("](").skip(1);
    targets.map(|rest| rest.split(')').next().unwrap().to_owned()).collect()
}

/// The anchors of a page, as GitHub and mdBook make them of its headings.
fn anchors(text: &str) -> Vec<String> {
    let prose = prose(text);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| -> String {
        let title = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut count = 0;
    for (page, text) in pages() {
        for link in links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => page.clone(),
                _ => page.parent().unwrap().join(file),
            };
            assert!(target.exists(), "{}: no {link}", page.display());
            if !anchor.is_empty() {
                let anchors = anchors(&fs::read_to_string(&target).unwrap());
                let is_there = anchors.iter().any(|there| there == anchor);
                assert!(is_there, "{}: no {link} in {anchors:?}", page.display());
            }
            count += 1;
        }
    }
    assert!(count > 50, "only {count} links were seen");
}

#[test]
fn the_guide_lists_all_of_its_pages() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide");
    let read = |name: &str| links(&fs::read_to_string(guide.join(name)).unwrap());
    let listed: BTreeSet<String> = read("SUMMARY.md").into_iter().collect();
    let in_readme: BTreeSet<String> = read("README.md").into_iter().collect();
    let is_page = |name: &String| name.ends_with(".md") && name != "SUMMARY.md";
    let names = fs::read_dir(&guide).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let pages: BTreeSet<String> = names.filter(is_page).collect();
    assert_eq!(listed, pages);
    assert_eq!(in_readme, pages.into_iter().filter(|name| name != "README.md").collect());
}

/// What the command prints, asked for help.
fn help(words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-shakedown"));
    let output = command.arg("shakedown").args(words).arg("--help").output().unwrap();
    assert!(output.status.success(), "{words:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn commands_have_the_options_that_pages_give_them() {
    let commands = ["fuzz", "list", "replay", "minimize", "corpus", "coverage", "report"];
    let is_command = |word: &str| commands.contains(&word);
    let mut count = 0;
    for (page, text) in pages() {
        for line in text.lines() {
            let Some((_, command)) = line.split_once("cargo shakedown ") else { continue };
            let mut words = command.split(['`', '|']).next().unwrap().split([' ', '[', ']']);
            let Some(verb) = words.next().filter(|verb| is_command(verb)) else { continue };
            let words: Vec<_> = words.collect();
            let verbs = match words.first() {
                Some(second) if verb == "corpus" && !second.contains(['\\', '-']) => {
                    vec![verb, second]
                }
                _ => vec![verb],
            };
            let help = help(&verbs);
            // What follows two of them alone is for the target.
            let own = words.iter().take_while(|word| **word != "--");
            for option in own.filter(|word| word.starts_with("--")) {
                let name = option.split('=').next().unwrap().trim_end_matches([',', '.', ':']);
                let has =
                    help.split_whitespace().any(|word| word.split([',', '[']).next() == Some(name));
                assert!(has, "{}: {verbs:?} has no {name}: {line}", page.display());
                count += 1;
            }
        }
    }
    assert!(count > 10, "only {count} options were seen");
}
