//! Targets of afl and honggfuzz: programs whose own `main` hands over a closure.

use crate::drop_in::project;
use crate::project::{Project, contents, files};

/// A package whose dependency on another fuzzer is this line, and whose programs are these.
fn package(dependency: &str, bins: &[(&str, &str)]) -> Project {
    let project = project(&bins.iter().map(|(name, _)| (*name, "")).collect::<Vec<_>>());
    let manifest = project.read("fuzz/Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("libfuzzer-sys")).expect("the line");
    let compat = line.split('"').nth(3).expect("a path").trim_end_matches("libfuzzer");
    let dependency = dependency.replace("COMPAT/", compat);
    project.write("fuzz/Cargo.toml", manifest.replace(line, &dependency));
    for (name, source) in bins {
        project.write(format!("fuzz/fuzz_targets/{name}.rs"), source);
    }
    project
}

/// Demands that the target finds the panic of the library, in inputs of the plain layout.
fn finds(project: &Project, target: &str) {
    let fuzz = ["fuzz", target, "--seed", "1", "--execs", "200000", "--jobs", "1", "--json"];
    let run = project.shakedown(&fuzz).exits(1);
    let finding = &run.of_type("finding")[0];
    assert_eq!(finding["message"], "the bomb went off", "{}", run.stdout);
    assert_eq!(finding["status"], "reproducible", "{}", run.stdout);
    let artifacts = contents(&project.path("fuzz/artifacts").join(target));
    assert_eq!(artifacts.len(), 1, "{artifacts:?}");
    assert!(artifacts[0].1.windows(4).any(|four| four == b"boom"), "{artifacts:?}");
    let command = finding["reproduce"][0].as_str().expect("a command");
    project.paste(command).exits(1).says("the bomb went off");
}

const AFL: &str = "afl = { package = \"shakedown-afl\", path = \"COMPAT/afl\" }\narbitrary = \"1\"";

#[test]
fn targets_of_afl_run_with_one_changed_line() {
    let typed = "fn main() { let prefix = String::from(\"x\"); afl::fuzz_nohook!(|text: (u8, String)| { \
         if text.1 == prefix { return; } inline::look(text.1.as_bytes()); }); }";
    let reset = "use std::sync::Mutex;\nstatic SEEN: Mutex<u32> = Mutex::new(0);\nfn main() { \
         afl::fuzz_with_reset!(|data: &[u8]| { afl::ijon_max!(data.len() as u64); let mut seen = \
         SEEN.lock().unwrap_or_else(|e| e.into_inner()); *seen += 1; assert_eq!(*seen, 1); drop(seen); \
         inline::look(data) }, || { *SEEN.lock().unwrap_or_else(|e| e.into_inner()) = 0; }); }";
    let function = "fn main() { afl::fuzz(true, |data| inline::look(data)); }";
    let helper = "fn main() { println!(\"no target\"); }";
    let project = package(
        AFL,
        &[
            ("afl-typed", typed),
            ("afl-reset", reset),
            ("afl-function", function),
            ("afl-helper", helper),
        ],
    );
    project.write("fuzz/in/a-seed", "boo");
    let listed = project.shakedown(&["list"]).exits(0).says("afl-function(data: [u8])");
    assert!(!listed.stdout.contains("helper"), "{}", listed.stdout);
    assert_eq!(listed.stdout.matches("1 seed,").count(), 3, "{}", listed.stdout);
    for target in ["afl-typed", "afl-reset", "afl-function"] {
        finds(&project, target);
    }
    assert_eq!(files(&project.path("fuzz/in")).len(), 1);
    // By hand, as people do with AFL.
    let binary =
        project.shakedown(&["list", "--json", "afl-reset"]).exits(0).json()[0]["binary"].clone();
    let binary = binary.as_str().expect("a path");
    project.paste(&format!("printf boom | {binary}")).exits(101).says("the bomb went off");
    project.paste(&format!("printf bo | {binary}")).exits(0);
    project.paste(&format!("{binary} fuzz/in")).exits(0);
}

#[test]
fn targets_of_honggfuzz_run_with_one_changed_line() {
    let bytes = "fn main() { let limit = std::env::args().count() + 100; loop { honggfuzz::fuzz!(|data| { \
                 if data.len() > limit { return; } inline::look(data); }); } }";
    let typed = "fn main() { loop { honggfuzz::fuzz!(|pair: (u8, &str)| { inline::look(pair.1.as_bytes()) \
                 }); } }";
    let line = "honggfuzz = { package = \"shakedown-honggfuzz\", path = \"COMPAT/honggfuzz\" }";
    let project = package(line, &[("hongg-bytes", bytes), ("hongg-typed", typed)]);
    project.write("fuzz/hfuzz_workspace/hongg-bytes/input/seed", "boo");
    project.shakedown(&["list", "hongg-bytes"]).exits(0).says("1 seed,");
    finds(&project, "hongg-bytes");
    finds(&project, "hongg-typed");
    let binary = project.shakedown(&["list", "--json", "hongg-bytes"]).json()[0]["binary"].clone();
    project.write("crash.fuzz", "boom");
    let run =
        format!("CARGO_HONGGFUZZ_CRASH_FILENAME=crash.fuzz {}", binary.as_str().expect("a path"));
    project.paste(&run).exits(101).says("the bomb went off");
}

/// A crate of another fuzzer, whose library says that it was not replaced. It depends on `arbitrary` if
/// there is something `of_arbitrary` to say.
fn stranger(project: &Project, folder: &str, name: &str, version: &str, of_arbitrary: &str) {
    let (features, dependency) = match of_arbitrary {
        "" => ("", String::new()),
        "more" => ("arbitrary-derive = [\"arbitrary/derive\"]\n", "arbitrary = \"1\"\n".to_owned()),
        more => {
            ("default = [\"arbitrary\"]\n", format!("arbitrary = {{ version = \"1\"{more} }}\n"))
        }
    };
    project.write(
        format!("{folder}/Cargo.toml"),
        format!(
            "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2018\"\n\n\
             [features]\n{features}\n[dependencies]\n{dependency}\n[workspace]\n"
        ),
    );
    project.write(format!("{folder}/src/lib.rs"), "compile_error!(\"it was not replaced\");\n");
}

#[test]
fn two_fuzzers_of_one_untouched_package_are_both_replaced() {
    let others =
        "afl = { path = \"../other-afl\" }\nlibfuzzer-sys = { path = \"../other-libfuzzer\" }";
    let afl = "fn main() { afl::fuzz!(|data| { inline::look(data); }); }";
    let libfuzzer = "#![no_main]\nlibfuzzer_sys::fuzz_target!(|data: &[u8]| inline::look(data));";
    let project = package(others, &[("both-afl", afl), ("both-libfuzzer", libfuzzer)]);
    stranger(&project, "other-afl", "afl", "0.15.1", "");
    stranger(&project, "other-libfuzzer", "libfuzzer-sys", "0.4.9", "more");
    let manifest = project.path("fuzz/Cargo.toml").display().to_string();
    project.cargo(&["generate-lockfile", "--manifest-path", &manifest]).exits(0);
    let lock = project.read("fuzz/Cargo.lock");
    let listed = project.shakedown(&["list", "--locked"]).exits(0).says("Replacing afl 0.15.1");
    listed.says("Replacing libfuzzer-sys 0.4.9").says("both-afl(").says("both-libfuzzer(");
    finds(&project, "both-afl");
    finds(&project, "both-libfuzzer");
    assert_eq!(project.read("fuzz/Cargo.lock"), lock);
}

#[test]
fn a_feature_chooses_the_fuzzer_of_an_untouched_package() {
    let source = "#[cfg(feature = \"afl\")] fn main() { afl::fuzz!(|data| { inline::look(data); }); }\n\
         #[cfg(feature = \"hongg\")] fn main() { loop { honggfuzz::fuzz!(|data| { inline::look(data); }); } }";
    let others = "afl = { path = \"../other-afl\", optional = true }\nhonggfuzz = { path = \
                  \"../other-hongg\", optional = true }";
    let project = package(others, &[("either", source)]);
    let manifest = project.read("fuzz/Cargo.toml").replace("extra = []", "hongg = [\"honggfuzz\"]");
    project.write("fuzz/Cargo.toml", manifest);
    stranger(&project, "other-afl", "afl", "0.12.3", "");
    stranger(&project, "other-hongg", "honggfuzz", "0.5.55", ", optional = true");
    project.shakedown(&["list"]).exits(2).says("write one of: --features afl, --features hongg");
    let manifest = project.path("fuzz/Cargo.toml").display().to_string();
    project.cargo(&["generate-lockfile", "--manifest-path", &manifest]).exits(0);
    let lock = project.read("fuzz/Cargo.lock");
    for (feature, original) in [("afl", "afl 0.12.3"), ("hongg", "honggfuzz 0.5.55")] {
        let fuzz =
            ["fuzz", "--features", feature, "--execs", "200000", "--seed", "1", "--jobs", "1"];
        let run = project.shakedown(&fuzz).exits(1).says("the bomb went off");
        run.says(&format!("Replacing {original} by shakedown-"));
        let _ = std::fs::remove_dir_all(project.path("fuzz/artifacts"));
        let _ = std::fs::remove_dir_all(project.path("fuzz/corpus"));
    }
    assert_eq!(project.read("fuzz/Cargo.lock"), lock);
}
