//! Packages that do not build, do not start, or lie in awkward places.

use serde_json::Value;

use crate::project::{Project, Running};

/// A constructor ends the process, when a test binary lists its tests or when it is a worker.
const QUITTERS: &str = r#"
#[cfg(test)]
mod tests {
    #[shakedown::fuzz]
    fn never_runs(_data: &[u8]) {}

    #[used]
    #[unsafe(link_section = ".init_array")]
    static CONSTRUCTOR: extern "C" fn() = {
        extern "C" fn quit() {
            let Ok(when) = std::env::var("QUIT") else { return };
            if std::env::args().any(|argument| argument == when) {
                eprintln!("I would prefer not to");
                std::process::exit(3);
            }
        }
        quit
    };
}
"#;

#[test]
fn a_build_failure_shows_what_the_compiler_says_and_no_more() {
    let project = Project::inline("#[shakedown::fuzz]\nfn broken(data: &[u8]) { data.nonsense() }");
    let run = project.shakedown(&["fuzz", "--json"]).exits(2);
    assert_eq!(run.stdout, "");
    let last = run.stderr.trim_end().lines().last().unwrap_or_default();
    assert!(last.starts_with("error: could not compile `inline`"), "{}", run.stderr);
    run.says("no method named `nonsense`");
}

#[test]
fn arguments_that_are_no_input_are_explained() {
    let project = Project::inline(
        "#[cfg(test)]\nmod tests {\n    struct Mine;\n    #[shakedown::fuzz]\n    \
         fn takes_mine(_mine: Mine) {}\n}",
    );
    let run = project.shakedown(&["list"]).exits(2);
    let run = run.says("Mine").says("#[derive(shakedown::Input)]").says("src/lib.rs:5");
    assert_eq!(run.stderr.matches("error[").count(), 1, "one error, once:\n{}", run.stderr);
}

#[test]
fn a_value_that_an_argument_cannot_have_is_told_where_it_stands() {
    let project = Project::inline(
        "#[cfg(test)]\n#[shakedown::fuzz(seeds = [\n    (\"b\", \"c\"),\n])]\n\
         fn takes_a_byte(_text: &str, _byte: u8) {}",
    );
    let run = project.shakedown(&["list"]).exits(2).says("src/lib.rs:3:");
    assert_eq!(run.stderr.matches(" src/lib.rs:").count(), 1, "{}", run.stderr);
}

#[test]
fn a_worker_that_cannot_start_is_no_finding_and_its_last_words_are_shown() {
    let project = Project::inline(QUITTERS);
    let run = |when: &str| {
        let mut command = project.command(env!("CARGO_BIN_EXE_cargo-shakedown"));
        command.args(["fuzz", "--json", "--execs", "10"]).env("QUIT", when);
        Running::new(command).finish()
    };
    run("nothing").exits(0);
    let ended = "a worker for `tests::never_runs` ended before it was ready: exit status: 3";
    run("--nocapture").exits(2).says(ended).says("I would prefer not to");
    run("--list").exits(2).says("--list` failed").says("I would prefer not to");
    assert!(project.testdata("tests::never_runs").is_empty());
}

#[test]
fn two_targets_of_one_name_in_a_package_are_refused_and_others_go_on() {
    let same = "#[shakedown::fuzz]\nfn same(_data: &[u8]) {}\n";
    let project = Project::inline("");
    project.write("tests/one.rs", same);
    project.write("tests/two.rs", format!("{same}#[shakedown::fuzz]\nfn other(_data: &[u8]) {{}}"));
    let run = project.shakedown(&["fuzz", "--execs", "10"]).exits(2);
    run.says("two targets named `same`, in test `one` (tests/one.rs:1) and in test `two`");
    project.shakedown(&["fuzz", "other", "--execs", "10"]).exits(0);
}

#[test]
fn a_target_that_library_and_program_share_is_one_and_two_of_one_name_are_refused() {
    let same = "#[shakedown::fuzz]\nfn same(_data: &[u8]) {}\n";
    let project = Project::inline("#[cfg(test)]\nmod shared;");
    project.write("src/shared.rs", same);
    project.write("src/main.rs", "#[cfg(test)]\nmod shared;\nfn main() {}\n");
    let list = project.shakedown(&["list"]).exits(0);
    assert_eq!(list.stdout.matches("inline/shared::same(").count(), 1, "{}", list.stdout);

    let other = format!("#[cfg(test)]\nmod shared {{\n{same}}}\nfn main() {{}}\n");
    project.write("src/main.rs", other);
    let run = project.shakedown(&["fuzz", "--execs", "10"]).exits(2);
    run.says("in bin `inline` (src/main.rs:3) and in lib `inline` (src/shared.rs:1)")
        .says("rename one of them");
}

/// In the library, in a test, and behind a feature in another one, with names that a filter of
/// libtest would mix up.
#[test]
fn commands_that_are_printed_run_what_they_say() {
    let failing = |body: &str| format!("#[shakedown::fuzz]\nfn trip(_data: &[u8]) {{ {body} }}\n");
    let library = failing("panic!(\"in the library\")");
    let project = Project::inline(&format!("#[cfg(test)]\nmod tests {{ mod x {{\n{library}}} }}"));
    project.write("tests/one.rs", format!("mod x {{ {} }}", failing("panic!(\"in a test\")")));
    project.write("tests/two.rs", format!("#![cfg(feature = \"more\")]\n{}", failing("todo!()")));
    let manifest = project.read("Cargo.toml") + "\n[features]\nmore = []\n";
    project.write("Cargo.toml", manifest);
    let fuzz = ["fuzz", "--json", "--execs=10", "--jobs=1", "--manifest-path", "./Cargo.toml"];
    let run = project.shakedown(&[&fuzz[..], &["--features", "more"]].concat()).exits(1);
    let findings = run.of_type("finding");
    let commands = |target: &str| -> Vec<String> {
        let finding = findings.iter().find(|finding| finding["target"] == target);
        let commands = finding.expect("it fails")["reproduce"].as_array().expect("a list");
        commands.iter().map(|command| command.as_str().unwrap_or_default().to_owned()).collect()
    };
    for (target, message) in
        [("tests::x::trip", "in the library"), ("x::trip", "in a test"), ("trip", "not yet")]
    {
        let commands = commands(target);
        let test = project.paste(&commands[0]).exits(101).says(message);
        assert_eq!(test.stdout.matches("running 1 test").count(), 1, "{}", test.stdout);
        assert_eq!(test.stdout.matches("running").count(), 1, "{}", test.stdout);
        project.paste(&commands[1]).exits(1).says(message);
    }
}

#[test]
fn packages_of_a_workspace_keep_targets_of_one_name_apart() {
    let project = Project::inline("");
    workspace(&project);
    let run = project.shakedown(&["list"]).exits(0);
    let names: Vec<_> = run.stdout.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(names, ["first/same(_data: [u8])", "second/same(_data: [u8])"]);

    let packages = |arguments: &[&str]| -> Vec<Value> {
        let fuzz = ["fuzz", "--json", "--execs", "10", "--jobs", "1"];
        let run = project.shakedown(&[&fuzz, arguments].concat());
        let targets = run.summary()["targets"].as_array().cloned().unwrap_or_default();
        targets.into_iter().map(|target| target["package"].clone()).collect()
    };
    assert_eq!(packages(&[]), ["first", "second"]);
    assert_eq!(packages(&["same"]), ["first", "second"]);
    assert_eq!(packages(&["second/same"]), ["second"]);
    project.shakedown(&["fuzz", "second"]).exits(2).says("write `second/` or `-p second`");
    assert_eq!(packages(&["-p", "first"]), ["first"]);
    assert_eq!(packages(&["-p", "first", "-p", "second", "second/"]), ["second"]);
    let replay = ["replay", "same", "Cargo.toml"];
    project.shakedown(&replay).exits(2).says("`same` is ambiguous: first/same, second/same");

    let second = project.path("my packages/the second/testdata/fuzz/same");
    assert_eq!(std::fs::read_dir(second).expect("its finding is there").count(), 1);
    assert!(!project.path("testdata").exists());
}

#[test]
fn several_targets_share_the_time_and_are_found_from_anywhere() {
    let project = Project::inline("");
    workspace(&project);
    let manifest = project.path("my packages/the second/Cargo.toml");
    let mut command = project.command(env!("CARGO_BIN_EXE_cargo-shakedown"));
    command.args(["fuzz", "first/", "second/", "--json", "--time", "2s", "--jobs", "1"]);
    command.args(["-p", "first", "-p", "second", "--manifest-path"]).arg(manifest);
    let run = Running::new({
        command.current_dir("/");
        command
    });
    let run = run.finish().exits(1);
    let summary = run.summary();
    let targets = summary["targets"].as_array().expect("a list");
    assert_eq!(targets.len(), 2);
    for target in targets {
        assert!(target["execs"].as_u64().is_some_and(|execs| execs > 0), "{target}");
    }
}

/// A workspace with spaces in its paths; the target of the second package fails.
fn workspace(project: &Project) {
    let inline = project.read("Cargo.toml");
    let dependency = inline.lines().find(|line| line.starts_with("shakedown = "));
    let dependency = dependency.expect("an inline package has it");
    // Without it, cargo takes the packages of two tests for the same ones in the shared target
    // directory.
    let version = inline.lines().find(|line| line.starts_with("version = "));
    let version = version.expect("an inline package has it");
    project.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"my packages/*\"]\n");
    for (name, body) in [("first", ""), ("second", "panic!(\"not here\")")] {
        let folder = format!("my packages/the {name}");
        let manifest = format!(
            "[package]\nname = \"{name}\"\n{version}\nedition = \"2024\"\n\
             [dev-dependencies]\n{dependency}\n"
        );
        project.write(format!("{folder}/Cargo.toml"), manifest);
        project.write(format!("{folder}/src/lib.rs"), "");
        let target = format!("#[shakedown::fuzz]\nfn same(_data: &[u8]) {{ {body} }}\n");
        project.write(format!("{folder}/tests/fuzz.rs"), target);
    }
}

#[test]
fn options_of_cargo_go_to_cargo() {
    let project = Project::inline("#[shakedown::fuzz]\nfn any(_data: &[u8]) {}");
    std::fs::remove_file(project.path("Cargo.lock")).expect("it is there");
    project.shakedown(&["fuzz", "--locked"]).exits(2).says("lock file");
    assert!(!project.path("Cargo.lock").exists(), "nothing is written");
    let refused = project.shakedown(&["list", "--offline", "--config", "nonsense"]).exits(2);
    refused.says("nonsense");
    project.shakedown(&["list", "--profile", "no-such-profile"]).exits(2).says("no-such-profile");
}

#[test]
fn what_cargo_does_not_test_is_named() {
    let project = Project::inline("#[cfg(test)]\n#[shakedown::fuzz]\nfn seen(_data: &[u8]) {}");
    let own = "#[shakedown::fuzz]\nfn unseen(_byte: u8) {}\nfn main() {}\n";
    project.write("tests/own.rs", own);
    let manifest = project.read("Cargo.toml") + "\n[[test]]\nname = \"own\"\nharness = false\n";
    project.write("Cargo.toml", &manifest);
    let run = project.shakedown(&["fuzz", "--json", "--execs=10", "--jobs=1"]).exits(4);
    let summary = run.summary();
    let reason = summary["not_run"][0].as_str().unwrap_or_default();
    assert!(reason.contains("test `own`") && reason.contains("`harness = false`"), "{summary}");
    // Where other targets are asked for by name, nothing is missing.
    project.shakedown(&["fuzz", "seen", "--execs=10", "--jobs=1"]).exits(0);
    project.write("Cargo.toml", manifest + "[lib]\ntest = false\n");
    project.shakedown(&["list"]).exits(2).says("`test = false`").says("`harness = false`");
}

#[test]
fn code_that_is_not_instrumented_is_named() {
    let project = Project::inline("#[cfg(test)]\n#[shakedown::fuzz]\nfn any(_data: &[u8]) {}");
    project.shakedown(&["list"]).exits(0);
    // An archive without members will do.
    let script = "fn main() {\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    \
                  std::fs::write(format!(\"{out}/libempty.a\"), \"!<arch>\\n\").unwrap();\n    \
                  println!(\"cargo::rustc-link-search=native={out}\");\n    \
                  println!(\"cargo::rustc-link-lib=static=empty\");\n}\n";
    project.write("build.rs", script);
    project.shakedown(&["list"]).exits(0).says("the native code of `inline` is not instrumented");
}

/// Such a library is a part of the compiler, where no counters can be.
#[test]
fn a_crate_of_macros_is_searched_without_coverage() {
    let source =
        "#[cfg(test)]\n#[shakedown::fuzz]\nfn short(text: &str) { assert!(text != \"a\") }";
    let project = Project::inline(source);
    project.write("Cargo.toml", project.read("Cargo.toml") + "\n[lib]\nproc-macro = true\n");
    let fuzz = ["fuzz", "--execs=20000", "--seed=1", "--jobs=1"];
    let run = project.shakedown(&fuzz).exits(1).says("as a test: short(\"a\")");
    run.says("without coverage feedback");
}
