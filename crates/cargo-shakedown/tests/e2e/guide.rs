//! The pages of `docs/guide` at their word: each is followed from top to bottom, in a package `demo`.
//!
//! A block of Rust or TOML whose first line is a comment with a path is that file; without one, it is
//! added to the library or to the manifest. Commands are run, and must print what stands below them.

use crate::project::{Project, Run, repository};

/// What the package has already.
const SETUP: [&str; 2] = ["cargo install cargo-shakedown", "cargo add --dev shakedown"];

#[test]
fn a_first_target() {
    follow("first-target");
}

#[test]
fn typed_inputs() {
    follow("typed-inputs");
}

#[test]
fn types_and_values() {
    follow("values");
}

#[test]
fn stateful_targets() {
    follow("stateful-targets");
}

#[test]
fn debugging_a_finding() {
    follow("debugging");
}

#[test]
fn continuous_integration() {
    follow("ci");
}

#[test]
fn coming_from_cargo_fuzz() {
    follow("from-cargo-fuzz");
}

#[test]
fn coming_from_proptest() {
    follow("from-proptest");
}

#[test]
fn what_was_reached() {
    follow("coverage");
}

#[test]
#[cfg(feature = "ui")]
fn the_page_of_a_campaign() {
    follow("page");
}

#[test]
fn what_the_numbers_mean() {
    follow("numbers");
}

#[test]
fn when_it_finds_nothing() {
    follow("nothing-found");
}

/// Does what a page says, and ends with a look whether all of its code compiles.
fn follow(page: &str) {
    let project = Project::inline("");
    let manifest = project.read("Cargo.toml").replace("\"inline\"", "\"demo\"");
    project.write("Cargo.toml", manifest);
    let path = repository().join(format!("docs/guide/{page}.md"));
    let text = std::fs::read_to_string(path).expect("the page is there");
    for (language, block) in blocks(&text) {
        match language {
            "rust" => write(&project, block, "// ", "src/lib.rs"),
            "toml" => write(&project, block, "# ", "Cargo.toml"),
            "console" => block.split("$ ").skip(1).for_each(|step| take(&project, step)),
            "yaml" => workflow(&project, block),
            _ => panic!("{page}.md has a block of {language:?}, which nothing tries"),
        }
    }
    project.cargo(&["test", "--no-run"]).exits(0);
}

/// The blocks between fences, each with its language.
fn blocks(page: &str) -> impl Iterator<Item = (&str, &str)> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').expect("a fence has a line of its own"))
}

/// The file that the first line names, or an addition to another.
fn write(project: &Project, block: &str, comment: &str, default: &str) {
    let first = block.lines().next().and_then(|line| line.strip_prefix(comment));
    match first.filter(|path| path.ends_with(".rs") || path.ends_with(".toml")) {
        Some(path) => project.write(path, block),
        None => project.write(default, format!("{}\n{block}", project.read(default))),
    }
}

/// Runs a command, and compares what it prints. One that shows nothing must succeed.
fn take(project: &Project, step: &str) {
    let (command, shown) = step.split_once('\n').expect("a command has a line of its own");
    if SETUP.iter().any(|setup| command.starts_with(setup)) {
        return add_features(project, command);
    }
    let run = project.paste(command);
    assert!(!shown.trim().is_empty() || run.status.success(), "{command}: {run:?}");
    shown.lines().filter(|line| line.trim() != "...").for_each(|line| printed(command, &run, line));
}

/// Adds the features that a command adds to a dependency which is there already.
fn add_features(project: &Project, command: &str) {
    let Some((_, features)) = command.split_once("--features ") else { return };
    let manifest = project.read("Cargo.toml");
    let features = format!("/shakedown\", features = [\"{}\"] }}", features.trim());
    project.write("Cargo.toml", manifest.replace("/shakedown\" }", &features));
}

/// Demands that a line was printed; numbers may differ.
fn printed(command: &str, run: &Run, line: &str) {
    let mut lines = run.stderr.lines().chain(run.stdout.lines());
    let is_there = lines.any(|printed| without_numbers(printed).contains(&without_numbers(line)));
    assert!(is_there, "`{command}` does not print\n{line}\nbut\n{}\n{}", run.stderr, run.stdout);
}

/// The words of a line, with all that begin with a digit alike.
fn without_numbers(line: &str) -> String {
    let is_number =
        |word: &str| word.trim_start_matches('(').starts_with(|c: char| c.is_ascii_digit());
    let words = line.split_whitespace().map(|word| if is_number(word) { "#" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// Runs the commands of a workflow, all with the same short time, as for a pull request to `main`.
fn workflow(project: &Project, block: &str) {
    let me = "-c user.name=Test -c user.email=test@example.org";
    let repository = format!(
        "git init -q && git add src && git {me} commit -qm first && git update-ref \
         refs/remotes/origin/main HEAD"
    );
    project.paste(&repository).exits(0);
    let commands = block.lines().filter_map(|line| Some(line.split_once("run: ")?.1));
    for command in commands.filter(|command| !SETUP.iter().any(|setup| command.starts_with(setup)))
    {
        let command = command.replace("--time 5m", "--time 2s").replace("--time 50m", "--time 2s");
        project.paste(&format!("export GITHUB_BASE_REF=main; {command}")).exits(0);
    }
}
