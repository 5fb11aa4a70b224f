//! What `coverage` says of lines, beside what LLVM's own tools say of the same inputs. They count another
//! build, in which every line has a counter. Where there are none that can read what this compiler writes,
//! nothing is compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::project::{Project, Running};

/// Examples whose inputs all pass, so that the tests run the same ones, each with the package that it is
/// about.
const EXAMPLES: [(&str, &str); 3] =
    [("url", "url-"), ("httparse", "httparse-"), ("quick-xml", "quick-xml-")];

/// Lines by the name of the file and the number.
type Lines = BTreeMap<(String, u64), Line>;

/// What LLVM says of a line.
#[derive(Default)]
struct Line {
    is_executed: bool,
    text: String,
}

#[test]
fn no_line_is_shown_as_executed_that_llvm_cov_calls_unexecuted() {
    for (example, package) in EXAMPLES {
        let project = Project::example(example);
        let counted = match counted(&project, package) {
            Ok(counted) => counted,
            Err(why) => return eprintln!("skipped: {why}"),
        };
        let shown = shown(&project, package);
        let executed = shown.iter().filter(|(_, is_executed)| **is_executed);
        let (executed, wrong): (Vec<_>, Vec<_>) =
            executed.map(|(line, _)| line).partition(|line| !is_unexecuted(&counted, line));
        assert!(wrong.is_empty(), "{example}: {wrong:?}");
        let agree = executed.iter().filter(|line| counted.contains_key(**line)).count();
        assert!(agree > 50, "{example}: too few lines to compare: {agree} of {}", counted.len());
        let of_all = counted.values().filter(|line| line.is_executed).count();
        eprintln!("{example}: {agree} lines are shown as executed, of {of_all} that were");
    }
}

/// Whether a line was not executed, as LLVM counts. It counts nothing for the guard of an arm with several
/// patterns, even where the body of the arm has run.
fn is_unexecuted(counted: &Lines, line: &(String, u64)) -> bool {
    let is_zero = |line: &(String, u64)| counted.get(line).is_some_and(|found| !found.is_executed);
    let next = (line.0.clone(), line.1 + 1);
    let has_run = counted.get(&next).is_some_and(|found| found.is_executed);
    let is_guard = counted.get(line).is_some_and(|found| {
        found.text.contains(" | ") && found.text.contains(" if ") && found.text.ends_with("=> {")
    });
    is_zero(line) && !(is_guard && has_run)
}

/// What our command shows of the files of a package.
fn shown(project: &Project, package: &str) -> BTreeMap<(String, u64), bool> {
    let run = project.shakedown(&["coverage", "--json", "--dependencies"]).exits(0);
    let mut lines = BTreeMap::new();
    for file in run.of_type("coverage") {
        let name = file["file"].as_str().expect("a name");
        if name.starts_with(package) {
            for (field, is_executed) in
                [("executed", true), ("partial", true), ("unexecuted", false)]
            {
                let numbers =
                    file[field].as_array().into_iter().flatten().filter_map(Value::as_u64);
                lines.extend(numbers.map(|line| ((name.to_owned(), line), is_executed)));
            }
        }
    }
    lines
}

/// What LLVM counts of them.
///
/// # Errors
/// If its tools are not here, or cannot read what the compiler writes.
fn counted(project: &Project, package: &str) -> Result<Lines, String> {
    let [profdata, cov] = tools(project)?;
    let folder = project.record().join("profiles");
    std::fs::create_dir(&folder).expect("a folder");
    let instrumented = |program: &str| {
        let mut command = project.command(program);
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("llvm-cov");
        command.env("CARGO_TARGET_DIR", target);
        command.env("RUSTFLAGS", "-Cinstrument-coverage --cfg=fuzzing");
        command
    };
    let mut build = instrumented(env!("CARGO"));
    build.args(["test", "--tests", "--no-run", "--message-format=json"]);
    build.env("LLVM_PROFILE_FILE", folder.join("of-the-build"));
    let build = Running::new(build).finish().exits(0);
    let programs: Vec<PathBuf> =
        build.json().iter().filter_map(|line| Some(line["executable"].as_str()?.into())).collect();
    for (number, program) in programs.iter().enumerate() {
        let mut run = instrumented(program.to_str().expect("text"));
        run.env("LLVM_PROFILE_FILE", folder.join(format!("{number}.profraw")));
        Running::new(run).finish().exits(0);
    }
    let merged = folder.join("merged");
    let mut merge = project.command(&profdata);
    merge.args(["merge", "-sparse", "-o"]).arg(&merged);
    merge.args((0..programs.len()).map(|number| folder.join(format!("{number}.profraw"))));
    said(merge)?;
    let mut export = project.command(&cov);
    export.args(["export", "-format=lcov", "-instr-profile"]).arg(&merged).arg(&programs[0]);
    export.args(programs[1..].iter().flat_map(|program| [Path::new("-object"), program]));
    Ok(lines(&said(export)?, package))
}

/// The lines of a package in a file in the format of lcov.
fn lines(lcov: &str, package: &str) -> Lines {
    let mut lines = Lines::new();
    let (mut name, mut texts) = (None, Vec::new());
    for line in lcov.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            let begin = path.find(&format!("/{package}"));
            name = begin.map(|begin| path[begin + 1..].to_owned());
            let text = std::fs::read_to_string(path).unwrap_or_default();
            texts = text.lines().map(str::to_owned).collect();
        } else if let (Some(name), Some(data)) = (&name, line.strip_prefix("DA:")) {
            let (number, count) = data.split_once(',').expect("two numbers");
            let number: u64 = number.parse().expect("a number");
            let line = lines.entry((name.clone(), number)).or_default();
            line.is_executed |= count != "0";
            line.text = texts.get(number as usize - 1).cloned().unwrap_or_default();
        }
    }
    lines
}

/// The tools of the LLVM that the compiler was made with, or any others.
fn tools(project: &Project) -> Result<[String; 2], String> {
    let mut rustc = project.command("rustc");
    let version = said({
        rustc.arg("-vV");
        rustc
    })
    .expect("it says its version");
    let major =
        version.lines().find_map(|line| line.strip_prefix("LLVM version: ")?.split('.').next());
    let version = major.map(|major| format!("-{major}")).unwrap_or_default();
    let with = |end: &str| ["llvm-profdata", "llvm-cov"].map(|tool| format!("{tool}{end}"));
    let is_here = |tool: &String| project.command(tool).arg("--version").output().is_ok();
    let candidates = [with(&version), with("")];
    let found = candidates.into_iter().find(|tools| tools.iter().all(is_here));
    found.ok_or_else(|| format!("there is no llvm-cov{version} on this machine, nor any other"))
}

/// What a command says; if it fails, why.
fn said(mut command: Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stderr)),
    }
}
