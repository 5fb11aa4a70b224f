//! `--changed-since`, in a repository with a pull request.

use std::process::Command;

use crate::project::{Project, Run};

const MANIFEST: &str = "[package]\nname = \"NAME\"\nversion = \"VERSION\"\nedition = \"2024\"\n";

/// What only `a bad seed` fails, and no search will find.
const APART: &str = "let step = |hash: u32, byte: &u8| \
    hash.wrapping_mul(31).wrapping_add((*byte).into()); \
    assert_ne!(bytes.iter().fold(7, step), 2796527058);";

/// A target that is given `shared` through a package beside its own.
fn target(name: &str, body: &str) -> String {
    format!(
        "#[cfg(test)]\nmod tests {{\n    #[shakedown::fuzz]\n    fn {name}(bytes: &[u8]) {{\n        \
         {body}\n    }}\n}}\n"
    )
}

/// A workspace of three packages, of which the first depends on one that has no targets, on a branch
/// that leaves `main` here.
fn workspace(version: &str) -> Project {
    let project = Project::inline("");
    let runtime = project.read("Cargo.toml");
    let runtime =
        runtime.lines().find(|line| line.starts_with("shakedown = ")).expect("it has one");
    project.write("Cargo.toml", "[workspace]\nmembers = [\"changes_*\"]\nresolver = \"3\"\n");
    // In the shared target directory cargo tells the packages of the tests apart by the version.
    let manifest_of = |name: &str| MANIFEST.replace("NAME", name).replace("VERSION", version);
    let manifest = |name: &str, more: &str| {
        let package = manifest_of(name);
        format!("{package}\n[dependencies]\n{more}\n\n[dev-dependencies]\n{runtime}\n")
    };
    project.write(
        "changes_a/Cargo.toml",
        manifest("changes_a", "changes_c = { path = \"../changes_c\" }"),
    );
    project.write("changes_a/src/lib.rs", target("direct", "changes_c::check(bytes);"));
    project.write("changes_b/Cargo.toml", manifest("changes_b", ""));
    project.write("changes_b/src/lib.rs", target("apart", APART));
    project.write("changes_c/Cargo.toml", manifest_of("changes_c"));
    project.write("changes_c/src/lib.rs", "pub fn check(_: &[u8]) {}\n");
    project.write("changes_b/testdata/fuzz/tests.apart/seed", "a seed");
    project.write(".gitignore", "/target\n/src\n");
    // So that the lock file does not change later.
    project.cargo(&["metadata", "--format-version=1"]).exits(0);
    git(&project, &["init", "--quiet", "--initial-branch=main"]);
    commit(&project);
    git(&project, &["checkout", "--quiet", "-b", "request"]);
    project
}

pub(crate) fn git(project: &Project, arguments: &[&str]) {
    let mut command = project.command("git");
    command.args(["-c", "user.name=Test", "-c", "user.email=test@example.org"]).args(arguments);
    let status = Command::status(&mut command).expect("git runs");
    assert!(status.success(), "{arguments:?}");
}

pub(crate) fn commit(project: &Project) {
    git(project, &["add", "--all"]);
    git(project, &["commit", "--quiet", "--message=a change"]);
}

fn fuzz(project: &Project) -> Run {
    project.shakedown(&[
        "fuzz",
        "--changed-since=main",
        "--json",
        "--execs=500",
        "--seed=1",
        "--jobs=1",
    ])
}

/// The executions of a target.
fn execs(run: &Run, target: &str) -> u64 {
    let summary = run.summary();
    let targets = summary["targets"].as_array().expect("targets");
    let found = targets.iter().find(|one| one["target"] == target).expect("it is there");
    found["execs"].as_u64().expect("a number")
}

#[test]
fn only_what_a_request_affects_is_searched() {
    let project = workspace("0.0.1");
    let run = fuzz(&project).exits(0);
    let run = run.says("no target is affected by what changed since main");
    assert!(execs(&run, "tests::direct") < 10 && execs(&run, "tests::apart") < 10);

    // Through a package between them, by a commit; what changes on `main` meanwhile does not count.
    project.write(
        "changes_c/src/lib.rs",
        "pub fn check(bytes: &[u8]) { assert!(bytes != [7; 99]); }\n",
    );
    commit(&project);
    git(&project, &["checkout", "--quiet", "main"]);
    project.write("changes_b/src/lib.rs", target("apart", &APART.replace("7", "8")));
    commit(&project);
    git(&project, &["checkout", "--quiet", "request"]);
    let run =
        fuzz(&project).exits(0).says("1 of 2 targets are affected by what changed since main");
    assert_eq!(execs(&run, "tests::direct"), 500);
    let replayed = run.of_type("prepared").into_iter().filter(|one| one["replay_only"] == true);
    assert_eq!(replayed.map(|one| one["target"].clone()).collect::<Vec<_>>(), ["tests::apart"]);
    assert!((1..10).contains(&execs(&run, "tests::apart")), "its seed is run");

    // A file that is not committed, nor known to git, counts; an input does not.
    project.write("changes_b/testdata/fuzz/tests.apart/other", "another seed");
    let run = fuzz(&project).exits(0).says("1 of 2 targets are affected");
    assert!((2..10).contains(&execs(&run, "tests::apart")), "both seeds are run");
    project.write("changes_b/src/more.rs", "\n");
    let run = fuzz(&project).exits(0).says("all targets are affected by what changed since main");
    assert_eq!(execs(&run, "tests::apart"), 500);
}

#[test]
fn a_target_is_affected_by_seed_files_wherever_they_are() {
    let project = workspace("0.0.4");
    let with_seeds =
        target("apart", APART).replace("fuzz]", "fuzz(seed_files = \"../data/*.txt\")]");
    project.write("changes_b/src/lib.rs", with_seeds);
    project.write("data/seed.txt", "a seed");
    commit(&project);
    git(&project, &["branch", "--quiet", "--force", "main"]);

    project.write("data/seed.json", "no seed");
    fuzz(&project).exits(0).says("no target is affected by what changed since main");
    project.write("data/seed.txt", "another seed");
    let run = fuzz(&project).exits(0).says("1 of 2 targets are affected");
    assert_eq!(execs(&run, "tests::apart"), 500);
    // One that is gone counts, too.
    git(&project, &["checkout", "--quiet", "--", "data"]);
    std::fs::remove_file(project.path("data/seed.txt")).expect("it is there");
    fuzz(&project).exits(0).says("1 of 2 targets are affected");
}

#[test]
fn of_one_package_the_targets_are_searched_that_may_reach_a_change() {
    let project = workspace("0.0.5");
    let two = target("direct", "changes_c::check(bytes);")
        + &target("other", "changes_c::Text(bytes.into()).check();").replace("tests", "more");
    let checks = |one: &str, other: &str, unused: &str| {
        let code = format!(
            "pub struct Text(pub Vec<u8>);\n\
             impl Text {{ pub fn check(&self) {{ longer(&self.0) }} }}\n\
             fn longer(text: &[u8]) {{ assert!(text.len() < usize::MAX - {other}); }}\n\
             pub fn check(text: &[u8]) {{ first(text) }}\n\
             fn first(text: &[u8]) {{ assert!(text.len() < usize::MAX - {one}); }}\n\
             pub fn unused() -> u8 {{ {unused} }}\n"
        );
        project.write("changes_c/src/lib.rs", code);
    };
    git(&project, &["checkout", "--quiet", "main"]);
    project.write("changes_a/src/lib.rs", two);
    checks("1", "2", "1");
    commit(&project);
    git(&project, &["checkout", "--quiet", "-B", "request"]);
    let searched = |run: &Run| {
        ["tests::direct", "more::other", "tests::apart"].map(|name| execs(run, name) == 500)
    };

    checks("1", "2", "5");
    let run = fuzz(&project).exits(0).says("no target is affected by what changed since main");
    assert_eq!(searched(&run), [false, false, false]);
    checks("1", "3", "5");
    let run = fuzz(&project).exits(0).says("2 of 3 targets are affected");
    // Both call something of the name `check`, and it is not known which.
    assert_eq!(searched(&run), [true, true, false]);
    checks("1", "2", "5");
    let code = project.read("changes_a/src/lib.rs").replace("bytes.into()", "bytes.to_vec()");
    project.write("changes_a/src/lib.rs", code);
    let run = fuzz(&project).exits(0).says("1 of 3 targets are affected");
    assert_eq!(searched(&run), [false, true, false]);
}

#[test]
fn what_is_known_fails_also_where_nothing_has_changed() {
    let project = workspace("0.0.2");
    project.write("changes_b/testdata/fuzz/tests.apart/bad", "a bad seed");
    let run = fuzz(&project).exits(1).says("no target is affected");
    assert_eq!(run.of_type("finding").len(), 1);
}

#[test]
fn a_commit_that_git_does_not_know_is_told() {
    let project = workspace("0.0.3");
    let run = project.shakedown(&["fuzz", "--changed-since=nowhere"]).exits(2);
    run.says("cannot tell what has changed since `nowhere`").says("git says: ");
    project.shakedown(&["fuzz", "--changed-since=--output=x"]).exits(2);
    assert!(!project.path("x").exists(), "it is no option of git");
}
