//! Packages with targets for another fuzzer: found where they lie apart, built as far as they build,
//! and searched with the files where their users have them.

use std::path::{Path, PathBuf};

use crate::changes::{commit, git};
use crate::project::{Project, Run, contents, files};

/// A target in each of the forms that there are; the name of one has a `-`.
const FORMS: [(&str, &str); 9] = [
    ("bytes", "fuzz_target!(|data: &[u8]| { inline::look(data); });"),
    ("untyped", "fuzz_target!(|data| inline::look(data));"),
    (
        "bytes-corpus",
        "use libfuzzer_sys::Corpus;\nfuzz_target!(|data: &[u8]| -> Corpus { inline::look(data); \
         if data.len() < 2 { return Corpus::Reject; } Corpus::Keep });",
    ),
    ("prepared", "fuzz_target!(init: inline::prepare(), |data: &[u8]| inline::needs_it(data));"),
    (
        "prepared-corpus",
        "fuzz_target!(init: { inline::prepare(); }, |text: &str| -> libfuzzer_sys::Corpus \
         { inline::needs_it(text.as_bytes()); ().into() });",
    ),
    ("tuple", "fuzz_target!(|pair: (u32, String)| { let (a, b) = pair; drop((a, b)); });"),
    (
        "derived",
        "use libfuzzer_sys::arbitrary::{self, Arbitrary};\n#[derive(Arbitrary, Debug)]\nstruct \
         Op<'a> { len: u8, text: &'a str }\nfuzz_target!(|ops: Vec<Op<'_>>| { for op in ops { \
         inline::look(&op.text.as_bytes()[..op.text.len().min(op.len.into())]); } });",
    ),
    ("nested", "mod inner { libfuzzer_sys::fuzz_target!(|data: &[u8]| inline::look(data)); }"),
    (
        "by_macro",
        "macro_rules! target { ($f:path) => { fuzz_target!(|data: &[u8]| { let _ = $f(data); }); \
         }; }\ntarget!(inline::look);",
    ),
];

const LIBRARY: &str = r#"
use std::sync::atomic::{AtomicBool, Ordering};

static PREPARED: AtomicBool = AtomicBool::new(false);

pub fn prepare() {
    PREPARED.store(true, Ordering::Relaxed);
}

pub fn needs_it(_data: &[u8]) {
    assert!(PREPARED.load(Ordering::Relaxed));
}

pub fn look(data: &[u8]) {
    if data.starts_with(b"boom") {
        panic!("the bomb went off");
    }
}
"#;

/// A library without targets, and a package in its folder `fuzz` with these programs in it.
///
/// Each test names its programs in its own way: cargo puts the programs of all projects in one
/// folder, where one would replace the other's of the same name.
pub(crate) fn project(bins: &[(&str, &str)]) -> Project {
    let project = Project::inline(LIBRARY);
    let manifest = project.read("Cargo.toml");
    let (package, rest) = manifest.split_once("[dev-dependencies]").expect("there are some");
    let runtime = rest.split('"').nth(1).expect("the path of the runtime");
    let drop_in = Path::new(runtime).with_file_name("compat/libfuzzer");
    let fuzz = format!(
        "{}\n[package.metadata]\ncargo-fuzz = true\n\n[features]\nextra = []\n\n[dependencies]\n\
         inline = {{ path = \"..\" }}\nlibfuzzer-sys = {{ package = \"shakedown-libfuzzer\", path = \
         \"{}\", features = [\"arbitrary-derive\"] }}\n\n[workspace]\n",
        package.replace("\"inline\"", "\"inline-fuzz\"").replace("2024", "2021"),
        drop_in.display()
    );
    project.write("Cargo.toml", format!("{package}\n[workspace]\nexclude = [\"fuzz\"]\n"));
    let bin = |(name, _): &(&str, &str)| {
        let features = if *name == "featured" { "required-features = [\"extra\"]\n" } else { "" };
        format!(
            "\n[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\ntest = false\ndoc = \
             false\n{features}"
        )
    };
    project.write("fuzz/Cargo.toml", fuzz + &bins.iter().map(bin).collect::<String>());
    project.write("fuzz/Cargo.lock", project.read("Cargo.lock"));
    for (name, source) in bins {
        let source = format!("#![no_main]\n#[macro_use] extern crate libfuzzer_sys;\n{source}\n");
        project.write(format!("fuzz/fuzz_targets/{name}.rs"), source);
    }
    project
}

/// The names of all targets that are listed.
fn names(run: &Run) -> Vec<&str> {
    let lines = run.stdout.lines().filter(|line| !line.starts_with(' '));
    lines.map(|line| line.split_once('(').map_or(line, |(name, _)| name)).collect()
}

#[test]
fn every_form_of_a_target_is_found_by_the_name_of_its_program_and_runs() {
    let project = project(&FORMS);
    let listed = project.shakedown(&["list"]).exits(0);
    let mut expected = FORMS.map(|(name, _)| format!("inline-fuzz/{name}"));
    expected.sort();
    assert_eq!(names(&listed), expected);
    assert!(!listed.stdout.contains(" 0 counters"), "{}", listed.stdout);

    let run = project.shakedown(&["fuzz", "--execs", "300", "--jobs", "1", "--json"]);
    let summary = run.summary();
    let targets = summary["targets"].as_array().expect("a list");
    assert_eq!(targets.len(), FORMS.len());
    for target in targets {
        assert_eq!(target["execs"], 300, "{target}");
    }
}

#[test]
fn a_finding_is_where_its_users_look_and_holds_the_bare_input() {
    let project = project(&[("parse", "fuzz_target!(|data: &[u8]| inline::look(data));")]);
    project.write("fuzz/corpus/parse/regressions/old-one", "bool");
    project.write("fuzz/corpus/parse/da39a3ee5e6b4b0d3255bfef95601890afd80709", "");
    let before: Vec<PathBuf> = files(&project.path("fuzz"));
    let fuzz = ["fuzz", "--seed", "1", "--execs", "200000", "--jobs", "1", "--json"];
    let run = project.shakedown(&fuzz).exits(1);
    let finding = &run.of_type("finding")[0];
    assert_eq!(
        (&finding["message"], &finding["status"]),
        (&"the bomb went off".into(), &"reproducible".into())
    );

    let name = "crash-c53d2f1a9a8499bcb477be56c31caa5c76ae60f5";
    let artifacts = contents(&project.path("fuzz/artifacts"));
    assert_eq!(artifacts.len(), 1, "{artifacts:?}");
    assert_eq!(artifacts[0].1, b"boom");
    assert_eq!(artifacts[0].0, Path::new("parse").join(name));
    let is_new = |path: &PathBuf| !before.contains(path);
    let new: Vec<PathBuf> = files(&project.path("fuzz")).into_iter().filter(is_new).collect();
    let belongs = |path: &PathBuf| {
        ["corpus/parse", "artifacts/parse"]
            .iter()
            .any(|folder| path.parent() == Some(&project.path("fuzz").join(folder)))
    };
    assert!(new.iter().all(belongs), "{new:?}");

    let commands = finding["reproduce"].as_array().expect("a list");
    assert_eq!(commands.len(), 1);
    project.paste(commands[0].as_str().expect("a command")).exits(1).says("the bomb went off");
    // The corpus that was found makes no failure, and the artifact is one again.
    let again = project.shakedown(&["fuzz", "--execs", "50", "--jobs", "1", "--json"]).exits(1);
    assert_eq!(again.of_type("finding")[0]["is_seed"], true);
}

#[test]
fn a_program_alone_runs_the_files_that_it_is_given_or_all_that_are_known() {
    let project =
        project(&[("alone", "fuzz_target!(|text: String| inline::look(text.as_bytes()));")]);
    let listed = project.shakedown(&["list", "--json"]).exits(0);
    let binary = listed.json()[0]["binary"].as_str().expect("a path").to_owned();
    let run = |arguments: &[&str], variable: Option<&Path>| {
        let mut command = project.command(&binary);
        command.args(arguments);
        command.envs(variable.map(|path| ("RUST_LIBFUZZER_DEBUG_PATH", path)));
        crate::project::Running::new(command).finish()
    };
    run(&["-runs=0"], None).exits(0);
    project.write("fuzz/corpus/alone/fine", "bool");
    run(&[], None).exits(0);
    project.write("fuzz/corpus/alone/deep/bad", "boom!");
    run(&[], None).exits(101).says("corpus/alone/deep/bad").says("the bomb went off");
    run(&["fuzz/corpus/alone/fine"], None).exits(0);
    run(&["fuzz/corpus/alone"], None).exits(101).says("1 known input of the target `alone` failed");
    run(&["missing"], None).exits(101).says("missing");
    let shown = project.path("shown");
    run(&["fuzz/corpus/alone/deep/bad"], Some(&shown)).exits(0);
    assert_eq!(project.read("shown"), "\"boom!\"");
}

#[test]
fn what_does_not_build_or_needs_features_is_named_and_the_others_go_on() {
    let fine = "fuzz_target!(|_data: &[u8]| inline::prepare());";
    let project = project(&[
        ("fine", fine),
        ("featured", fine),
        ("rotten", "fuzz_target!(|data: &[u8]| inline::gone(data));"),
    ]);
    let lacks = "bin `featured` of package `inline-fuzz`, for it needs features that are not enabled: \
                 --features extra";
    let rots = "bin `rotten` of package `inline-fuzz`, for it does not build";
    let run = project.shakedown(&["list"]).exits(0).says(lacks).says(rots);
    assert_eq!(names(&run), ["inline-fuzz/fine"]);
    project.shakedown(&["fuzz", "--execs", "20"]).exits(4).says(rots);

    // Nothing else is built than what is asked for.
    let run = project.shakedown(&["fuzz", "fine", "--execs", "20"]).exits(0);
    assert!(!run.stderr.contains("rotten"), "{}", run.stderr);
    let fuzz_dir = ["list", "--features", "extra", "--fuzz-dir", "fuzz", "feature"];
    assert_eq!(names(&project.shakedown(&fuzz_dir).exits(0)), ["inline-fuzz/featured"]);
    project
        .shakedown(&["fuzz", "rotten"])
        .exits(2)
        .says("cannot find function `gone`")
        .says("could not compile");
    let unknown = project.shakedown(&["fuzz", "fime"]).exits(2);
    unknown.says("no target matches `fime`; did you mean `fine`?");
}

#[test]
fn targets_are_found_from_inside_the_package_and_their_paths_count_from_there() {
    let source = "fuzz_target!(|_data: &[u8]| assert!(std::path::Path::new(\"here\").exists()));";
    let project = project(&[("looks", source)]);
    project.write("fuzz/here", "");
    let run = |folder: &str| {
        let mut command = project.command(env!("CARGO_BIN_EXE_cargo-shakedown"));
        command.args(["fuzz", "--execs", "20"]).current_dir(project.path(folder));
        crate::project::Running::new(command).finish()
    };
    run("fuzz").exits(0);
    run("src").exits(1);
}

#[test]
fn a_mutator_of_the_target_is_used_and_a_campaign_with_it_repeats() {
    // Nothing but the mutator would fill an input with what follows from its length.
    let source = "use libfuzzer_sys::fuzzer_mutate;\nfuzz_mutator!(|data: &mut [u8], size: usize, \
         max_size: usize, seed: u32| { let size = fuzzer_mutate(data, size, max_size); if seed % 8 == 0 \
         { data[..size].fill(size as u8 ^ 0xa5); } size });\nfuzz_target!(|data: &[u8]| if data.len() > 9 \
         { let byte = data.len() as u8 ^ 0xa5; assert!(data.iter().any(|b| *b != byte), \"filled\"); });";
    let project = project(&[("own", source)]);
    let campaign = || {
        let corpus = project.path("fuzz/corpus");
        let _ = std::fs::remove_dir_all(&corpus);
        let _ = std::fs::remove_dir_all(project.path("fuzz/artifacts"));
        let fuzz = ["fuzz", "--execs", "20000", "--jobs", "1", "--seed", "3", "--json"];
        let run = project.shakedown(&fuzz).exits(1);
        let messages: Vec<_> =
            run.of_type("finding").iter().map(|one| one["message"].to_string()).collect();
        assert!(messages.len() == 1 && messages[0].contains("filled"), "{messages:?}");
        (contents(&corpus), contents(&project.path("fuzz/artifacts")))
    };
    let first = campaign();
    assert!(first.0.len() > 1, "{:?}", first.0);
    assert_eq!(campaign(), first);

    let panics = "fuzz_mutator!(|_data: &mut [u8], _size: usize, _max: usize, _seed: u32| { \
         panic!(\"no idea\") });\nfuzz_target!(|_data: &[u8]| {});";
    project
        .write("fuzz/fuzz_targets/own.rs", format!("#![no_main]\nuse libfuzzer_sys::*;\n{panics}"));
    let run = project.shakedown(&["fuzz", "--execs", "200", "--jobs", "1"]).exits(3);
    run.says("the mutator of the target panicked: no idea");
}

#[test]
fn what_a_mutator_of_the_target_has_made_is_minimized() {
    let source = "use libfuzzer_sys::fuzzer_mutate;\nfuzz_mutator!(|data: &mut [u8], size: usize, \
         max_size: usize, _seed: u32| { let size = fuzzer_mutate(data, size, max_size); if size > 30 { \
         data[..size].fill(b'q'); } size });\nfuzz_target!(|data: &[u8]| assert!(data.len() < 9 || \
         data.iter().any(|byte| *byte != b'q'), \"queue\"));";
    let project = project(&[("own-small", source)]);
    let fuzz = ["fuzz", "own-small", "--execs", "50000", "--jobs", "1", "--seed", "1"];
    project.shakedown(&fuzz).exits(1).says("queue").says("to 9 bytes");
    let artifacts = contents(&project.path("fuzz/artifacts/own-small"));
    assert_eq!(artifacts.len(), 1, "{artifacts:?}");
    assert_eq!(artifacts[0].1, b"qqqqqqqqq");
}

#[test]
fn code_of_a_target_may_have_any_names() {
    let source = "static TARGET: u8 = b'b';\nstatic REGISTER: u8 = b'o';\nfn run(data: &[u8]) -> Option<()> { \
         (data.len() > 3).then_some(()) }\nfn initialize() -> u8 { 7 }\nfn body(data: &[u8]) -> bool { \
         data.starts_with(&[TARGET, REGISTER]) }\nfn change(seed: u32) -> u32 { seed }\nfn register() {}\n\
         fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { register(); let _: u32 = \
         change(seed); libfuzzer_sys::fuzzer_mutate(data, size, max_size) });\n\
         fuzz_target!(init: assert_eq!(initialize(), 7), |data: &[u8]| { if run(data).is_some() && \
         body(data) { panic!(\"both\") } });";
    let project = project(&[("names", source)]);
    let fuzz = ["fuzz", "names", "--execs", "200000", "--jobs", "1", "--seed", "1"];
    project.shakedown(&fuzz).exits(1).says("both");
}

#[test]
fn a_build_script_is_told_what_cargo_fuzz_tells_it() {
    let project = project(&[("scripted", "fuzz_target!(|_data: &[u8]| inline::prepare());")]);
    let script = "fn main() { let get = |name| std::env::var(name).unwrap(); assert_eq!(get(\"CARGO_FUZZ\"), \
                  \"1\"); assert!(get(\"CARGO_FUZZ_MANIFEST\").ends_with(\"fuzz/Cargo.toml\")); }";
    project.write("fuzz/build.rs", script);
    project.shakedown(&["build"]).exits(0).says("1 target built");
}

#[test]
fn the_value_that_a_typed_target_made_is_shown() {
    let source = "use libfuzzer_sys::arbitrary;\n#[derive(Debug, arbitrary::Arbitrary)]\nstruct Job { width: u8, name: \
         String }\nfuzz_target!(|job: Job| { if job.name.len() == 3 && job.width > 9 { panic!(\"seen\") } \
         });";
    let project = project(&[("shows-value", source)]);
    let fuzz = ["fuzz", "--seed", "1", "--execs", "50000", "--jobs", "1"];
    let run = project.shakedown(&fuzz).exits(1).says("which is Job {").says("width: 48,");
    let file = files(&project.path("fuzz/artifacts/shows-value")).remove(0);
    let file = file.to_str().expect("a plain path");
    project.shakedown(&["replay", "shows-value", file]).exits(1).says("which is Job {");
    project
        .shakedown(&["cargo-fuzz", "fmt", "shows-value", file])
        .exits(0)
        .says("Job {\n    width: 48,");
    assert!(!run.stderr.contains("which is ["), "{}", run.stderr);
}

#[test]
fn a_dictionary_and_options_beside_a_target_are_taken() {
    // No comparison tells the word, so only the dictionary has it.
    let source = "fuzz_target!(|data: &[u8]| { assert!(data.len() <= 40, \"long\"); let hash = |word: \
         &[u8]| word.iter().fold(7u64, |h, b| (h ^ *b as u64).wrapping_mul(0x100000001b3)); \
         assert!(!data.windows(9).any(|word| hash(word) == hash(&[115, 104, 105, 98, 98, 111, 108, 101, \
         116].map(|b: u8| std::hint::black_box(b)))), \"the word\"); });";
    let project = project(&[("worded", source)]);
    let line = "fuzz worded --execs 30000 --jobs 1 --seed 1 --max-len 40 --no-auto-dictionary";
    let fuzz: Vec<&str> = line.split(' ').collect();
    project.shakedown(&fuzz).exits(0);
    project.write("fuzz/worded.options", "[libfuzzer]\nmax_len = 40\ndict = words/some.dict\n");
    project.write("fuzz/words/some.dict", "# words\nkw=\"shibbolet\"\n");
    let fuzz: Vec<&str> =
        fuzz.into_iter().filter(|word| !["--max-len", "40"].contains(word)).collect();
    let run = project.shakedown(&fuzz).exits(1).says("the word");
    let run = run.says("max_len = 40 of fuzz/worded.options");
    let run = run.says("1 token of fuzz/words/some.dict");
    assert!(!run.stderr.contains(": long"), "{}", run.stderr);
    project.write("fuzz/words/some.dict", "\"a\"\nshibbolet\n");
    project.shakedown(&fuzz).exits(2).says("some.dict:2:1: expected `\"word\"` or `name=\"word\"`");
    project.write("fuzz/worded.options", "[libfuzzer]\nmax_len: 40\n");
    project.shakedown(&fuzz).exits(2).says("worded.options:2:1: expected `name = value`");
}

#[test]
fn inputs_are_no_longer_than_those_of_libfuzzer_unless_longer_ones_are_asked_for() {
    // What the seed repeats is repeated up to the limit.
    let source = "fuzz_target!(|data: &[u8]| { assert!(data.len() <= 4096, \"long\"); for byte in data { \
                  if *byte == b'a' { std::hint::black_box(byte); } } });";
    let project = project(&[("short", source)]);
    project.write("fuzz/corpus/short/seed", "a".repeat(200));
    let fuzz = ["fuzz", "short", "--execs", "60000", "--jobs", "1", "--seed", "1"];
    project.shakedown(&fuzz).exits(0);
    let run = project.shakedown(&[&fuzz[..], &["--max-len", "64KiB"]].concat());
    run.exits(1).says("long");
}

/// The same package as [`project`] makes, as it was before: with a crate of the other fuzzer, whose
/// library says that it was not replaced.
pub(crate) fn untouched(bins: &[(&str, &str)]) -> Project {
    let project = project(bins);
    let manifest = project.read("fuzz/Cargo.toml");
    let line = manifest.lines().find(|line| line.starts_with("libfuzzer-sys")).expect("the line");
    let original = "libfuzzer-sys = { path = \"../other\", features = [\"arbitrary-derive\"] }";
    project.write("fuzz/Cargo.toml", manifest.replace(line, original));
    project.write(
        "other/Cargo.toml",
        "[package]\nname = \"libfuzzer-sys\"\nversion = \"0.4.7\"\nedition = \"2018\"\n\n[features]\n\
         default = [\"link_libfuzzer\"]\nlink_libfuzzer = []\narbitrary-derive = \
         [\"arbitrary/derive\"]\n\n[dependencies]\narbitrary = \"1\"\n\n[workspace]\n",
    );
    project.write("other/src/lib.rs", "compile_error!(\"it was not replaced\");\n");
    project
}

#[test]
fn an_untouched_package_is_searched_and_nothing_of_it_changes() {
    let project = untouched(&[FORMS[0], FORMS[4], FORMS[6]]);
    let manifest = project.path("fuzz/Cargo.toml");
    let manifest = manifest.to_str().expect("a plain path");
    project.cargo(&["generate-lockfile", "--manifest-path", manifest]).exits(0);
    let before = contents(&project.package());

    let says = "Replacing libfuzzer-sys 0.4.7 by shakedown-libfuzzer";
    let listed = project.shakedown(&["list", "--locked"]).exits(0).says(says);
    assert_eq!(
        names(&listed),
        ["inline-fuzz/bytes", "inline-fuzz/derived", "inline-fuzz/prepared-corpus"]
    );
    assert_eq!(contents(&project.package()), before);
    let run = project.shakedown(&["fuzz", "bytes", "--execs", "2000", "--jobs", "1", "--locked"]);
    let run = run.exits(1).says("the bomb went off");
    assert!(!run.stderr.contains("warning:"), "{}", run.stderr);
    let lock = |files: &[(PathBuf, Vec<u8>)]| {
        files.iter().find(|(path, _)| path == Path::new("fuzz/Cargo.lock")).cloned()
    };
    assert_eq!(lock(&contents(&project.package())), lock(&before));
    assert_eq!(contents(&project.path("fuzz/artifacts")).len(), 1);
}

/// What `libfuzzer-sys` 0.3 makes values by: a trait without a lifetime.
const OLD_ARBITRARY: &str = r#"
pub struct Unstructured<'a>(pub &'a [u8]);

impl<'a> Unstructured<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

pub trait Arbitrary: Sized + 'static {
    fn arbitrary(bytes: &mut Unstructured<'_>) -> Result<Self, ()>;

    fn arbitrary_take_rest(mut bytes: Unstructured<'_>) -> Result<Self, ()> {
        Self::arbitrary(&mut bytes)
    }

    fn size_hint(_depth: usize) -> (usize, Option<usize>) {
        (4, None)
    }
}

impl Arbitrary for Vec<u8> {
    fn arbitrary(bytes: &mut Unstructured<'_>) -> Result<Self, ()> {
        Ok(bytes.0.to_vec())
    }
}
"#;

#[test]
fn targets_of_an_older_version_run_untouched() {
    let typed = "fuzz_target!(|data: Vec<u8>| { assert!(data.len() >= 4); inline::look(&data); });";
    let project = untouched(&[("old-bytes", FORMS[0].1), ("old-typed", typed)]);
    let manifest = "[package]\nname = \"libfuzzer-sys\"\nversion = \"0.3.5\"\n\n[features]\n\
                    arbitrary-derive = []\n\n[dependencies]\narbitrary = { path = \"../arbitrary\" \
                    }\n\n[workspace]\n";
    project.write("other/Cargo.toml", manifest);
    let manifest = "[package]\nname = \"arbitrary\"\nversion = \"0.4.7\"\n\n[workspace]\n";
    project.write("arbitrary/Cargo.toml", manifest);
    project.write("arbitrary/src/lib.rs", OLD_ARBITRARY);
    for target in ["old-bytes", "old-typed"] {
        let fuzz = ["fuzz", target, "--seed", "1", "--execs", "100000", "--jobs", "1"];
        let run = project.shakedown(&fuzz).exits(1).says("the bomb went off");
        run.says("Replacing libfuzzer-sys 0.3.5 by shakedown-libfuzzer");
    }
}

#[test]
fn a_crate_that_is_too_old_to_be_replaced_is_told() {
    let project = untouched(&[FORMS[0]]);
    let manifest = project.read("other/Cargo.toml").replace("0.4.7", "0.2.1");
    project.write("other/Cargo.toml", manifest);
    let said =
        "`shakedown-libfuzzer` cannot stand in for libfuzzer-sys 0.2.1: it is too old; rename";
    project.shakedown(&["list"]).exits(2).says(said);
}

#[test]
fn a_change_of_the_library_beside_affects_the_target() {
    let target = "fuzz_target!(|data: &[u8]| inline::look(data));";
    let project = project(&[("changed", target)]);
    project.write(".gitignore", "/target\n");
    project.write("fuzz/corpus/changed/seed", "a seed");
    // So that the lock file does not change later.
    project.cargo(&["metadata", "--format-version=1", "--manifest-path=fuzz/Cargo.toml"]).exits(0);
    git(&project, &["init", "--quiet", "--initial-branch=main"]);
    commit(&project);
    let fuzz = ["fuzz", "--changed-since=main", "--seed=1", "--execs=500", "--jobs=1", "--json"];
    let execs = || project.shakedown(&fuzz).exits(0).number("execs");
    assert!((1..10).contains(&execs()), "nothing has changed");
    project.write("fuzz/corpus/changed/new", "another seed");
    assert!((1..10).contains(&execs()), "only an input has changed");
    project.write("src/lib.rs", LIBRARY.replace("panic!", "println!"));
    assert_eq!(execs(), 500);
}
