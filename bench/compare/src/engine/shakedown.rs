//! This project's own engine, at any revision.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Campaign, Engine, MEMORY, Setting, Started, TIMEOUT, package, peer, snapshot};
use crate::records::{Finding, Limit, Outcome, Start};
use crate::suite::{Program, Suite, Target};

/// A command of some revision, and a package with the targets that use the library of the same one.
pub struct Shakedown {
    name: String,
    command: PathBuf,
    package: PathBuf,
    /// Where all revisions build: dependencies of targets are built once.
    build: PathBuf,
}

impl Shakedown {
    /// Builds the command and the targets.
    pub fn prepare(
        label: Option<&str>,
        checkout: &Path,
        suite: &Suite,
        work: &Path,
    ) -> Result<Self> {
        let (name, sources) = snapshot::take(label, checkout, work)?;
        let command = build_command(&sources, &work.join("build"))?;
        let package = sources.join("bench").join(suite.name);
        write_package(&package, &sources, suite)?;
        let build = work.join("build");
        let engine = Self { name: format!("shakedown {name}"), command, package, build };
        eprintln!("building {} for {}", suite.name, engine.name);
        let status = engine.start(&["list", "--json"]).stdout(Stdio::null()).status()?;
        ensure!(status.success(), "{} does not build", suite.name);
        Ok(engine)
    }

    fn start(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.command);
        command.arg("shakedown").args(arguments).current_dir(&self.package);
        command.env("CARGO_TARGET_DIR", &self.build);
        command
    }

    /// Makes the seeds of the target the only files that a campaign starts from.
    fn lay_out(&self, target: &Target, start: Start) -> Result<()> {
        let folder = self.package.join("testdata/fuzz").join(id(target).replace("::", "."));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        if start == Start::Seeds { peer::lay_out(target, start, &folder) } else { Ok(()) }
    }
}

impl Engine for Shakedown {
    fn name(&self) -> &str {
        &self.name
    }

    fn takes(&self, _: &Target) -> bool {
        true
    }

    fn campaign(&self, target: &Target, setting: &Setting, folder: &Path) -> Result<Campaign> {
        self.lay_out(target, setting.start)?;
        let mut command = Command::new("taskset");
        command.args(["-c", &setting.core.to_string()]).arg(&self.command);
        command.args(["shakedown", "fuzz", &id(target), "--json", "--jobs=1"]);
        command.args(setting.is_over_when_found.then_some("--fail-fast"));
        command.args([format!("--seed={}", setting.seed), format!("--timeout={TIMEOUT}s")]);
        command.arg(format!("--memory-limit={MEMORY}MiB"));
        command.args(match setting.limit {
            Limit::Seconds(seconds) => Some(format!("--time={seconds}s")),
            Limit::Executions(executions) => Some(format!("--execs={executions}")),
            Limit::Processor(_) => None,
        });
        command.arg("--corpus").arg(folder);
        command.current_dir(&self.package).env("CARGO_TARGET_DIR", &self.build);
        command.env("CARGO_TERM_QUIET", "true").stdout(Stdio::piped());
        let package = self.package.file_name().unwrap_or_default().to_string_lossy();
        let corpus = folder.join(format!("bench-{package}")).join(id(target));
        Ok(Campaign { command, corpus })
    }

    fn follow(&self, mut child: Child, started: Started) -> Result<Outcome> {
        let stdout = BufReader::new(child.stdout.take().context("a pipe")?);
        let (mut started, mut start) = (Some(started), Instant::now());
        let (mut outcome, mut finding) = (None, None);
        for line in stdout.lines() {
            let line: Value = serde_json::from_str(&line?)?;
            match line["type"].as_str().unwrap_or_default() {
                "prepared" => {
                    start = Instant::now();
                    started.take().into_iter().for_each(|started| started());
                }
                "finding" if finding.is_none() => finding = Some(read_finding(&line, start)),
                "summary" => outcome = line["targets"].get(0).map(read_summary),
                _ => {}
            }
        }
        let status = child.wait()?;
        Ok(Outcome { finding, ..outcome.with_context(|| format!("no summary, {status}"))? })
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

fn read_finding(line: &Value, started: Instant) -> Finding {
    let text = |field: &str| line[field].as_str().unwrap_or_default();
    Finding {
        execs: number(&line["execs"]),
        met_ms: number(&line["elapsed_ms"]),
        told_ms: started.elapsed().as_millis() as u64,
        kind: text("kind").to_owned(),
        message: format!("{}: {}", text("place"), text("message")),
    }
}

fn read_summary(target: &Value) -> Outcome {
    let (execs, elapsed_ms) = (number(&target["execs"]), number(&target["elapsed_ms"]));
    Outcome { execs, elapsed_ms, ..Outcome::default() }
}

/// The name of the target for the command: each program is a test of the package.
fn id(target: &Target) -> String {
    target.name.clone()
}

/// Builds the command of a revision; answers its path.
fn build_command(sources: &Path, build: &Path) -> Result<PathBuf> {
    let program = sources.join("cargo-shakedown");
    if program.exists() {
        return Ok(program);
    }
    eprintln!("building the command of {}", sources.display());
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--release", "--locked", "-p", "cargo-shakedown"])
        .arg("--target-dir")
        .arg(build)
        .current_dir(sources)
        .status()?;
    ensure!(status.success(), "{} does not build", sources.display());
    // The next revision is built to the same place.
    std::fs::copy(build.join("release/cargo-shakedown"), &program)?;
    Ok(program)
}

/// A package with one integration test for each program.
fn write_package(folder: &Path, sources: &Path, suite: &Suite) -> Result<()> {
    let library = sources.join("crates/shakedown");
    let manifest = format!("\n[dev-dependencies]\nshakedown = {{ path = {library:?} }}\n");
    package::write(folder, suite, &manifest, "tests", source)
}

fn source(program: &Program) -> String {
    let mut text = program.items.clone();
    for target in &program.targets {
        let Target { name, arguments, call, .. } = target;
        text += &format!("#[shakedown::fuzz]\nfn {name}({arguments}) {{\n    {call}\n}}\n");
    }
    text
}
