//! cargo-fuzz with libFuzzer, without a sanitizer, so that it runs on stable Rust.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use super::{Campaign, Engine, MEMORY, Setting, Started, TIMEOUT, package, peer};
use crate::records::{Finding, Limit, Outcome};
use crate::suite::{Suite, Target};

/// The executables of a suite.
pub struct LibFuzzer {
    name: String,
    programs: PathBuf,
}

impl LibFuzzer {
    /// Builds the targets that take bytes.
    pub fn prepare(suite: &Suite, work: &Path) -> Result<Self> {
        let folder = work.join("libfuzzer").join(suite.name);
        let bins = suite.programs.iter().map(|program| {
            let name = &program.name;
            format!("[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n")
        });
        let manifest = "libfuzzer-sys = \"0.4\"\n\n[package.metadata]\ncargo-fuzz = true\n\n"
            .to_owned()
            + &bins.collect::<String>();
        package::write(&folder, suite, &manifest, "fuzz_targets", |program| {
            let call = peer::call(program);
            let head = "#![no_main]\nuse libfuzzer_sys::fuzz_target;\n";
            format!("{head}{}\nfuzz_target!(|data: &[u8]| {{ {call} }});\n", program.items)
        })?;
        let build = work.join("build-libfuzzer");
        eprintln!("building {} for libfuzzer", suite.name);
        let status = Command::new("cargo")
            .args(["fuzz", "build", "--fuzz-dir", ".", "-s", "none", "--target-dir"])
            .arg(&build)
            .current_dir(&folder)
            .status()
            .context("cargo fuzz: install it with `cargo install cargo-fuzz`")?;
        ensure!(status.success(), "cargo fuzz cannot build {}", suite.name);
        let name = format!("libfuzzer {}", peer::version(&folder, "libfuzzer-sys")?);
        Ok(Self { name, programs: build.join(peer::host()?).join("release") })
    }

    /// How many edges the inputs in `folders` reach.
    pub fn edges(&self, target: &Target, setting: &Setting, folders: &[PathBuf]) -> Result<u64> {
        let mut command = peer::command(setting, &self.programs, target);
        let output = command.arg("-runs=0").args(folders).output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        let cells = text.rsplit(" cov: ").next().filter(|_| text.contains(" cov: "));
        let number = cells.and_then(|cells| cells.split(' ').next()?.parse().ok());
        number.with_context(|| format!("{}: {text}", target.name))
    }
}

impl Engine for LibFuzzer {
    fn name(&self) -> &str {
        &self.name
    }

    fn campaign(&self, target: &Target, setting: &Setting, folder: &Path) -> Result<Campaign> {
        let corpus = folder.join("corpus");
        peer::lay_out(target, setting.start, &corpus)?;
        let mut command = peer::command(setting, &self.programs, target);
        command.args([format!("-seed={}", setting.seed), format!("-timeout={TIMEOUT}")]);
        command.args([format!("-rss_limit_mb={MEMORY}"), format!("-malloc_limit_mb={MEMORY}")]);
        command.args(match setting.limit {
            Limit::Seconds(seconds) => Some(format!("-max_total_time={seconds}")),
            Limit::Executions(executions) => Some(format!("-runs={executions}")),
            Limit::Processor(_) => None,
        });
        command.arg("-print_final_stats=1").arg(&corpus).current_dir(folder);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        Ok(Campaign { command, corpus })
    }

    fn follow(&self, mut child: Child, started: Started) -> Result<Outcome> {
        started();
        let start = Instant::now();
        let mut reader = BufReader::new(child.stderr.take().context("a pipe")?);
        let now = || start.elapsed().as_millis() as u64;
        let (mut execs, mut message, mut met) = (0, String::new(), None);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes)? > 0 {
            let line = String::from_utf8_lossy(&bytes).trim().to_owned();
            bytes.clear();
            execs = executions(&line).unwrap_or(execs);
            if FAILURES.iter().any(|failure| line.contains(failure)) {
                met.get_or_insert_with(now);
                message = message + &line + " ";
            }
        }
        let status = child.wait()?;
        let elapsed_ms = now();
        let is_failure = !status.success() && status.code() != Some(INTERRUPTED);
        let finding = is_failure.then(|| Finding {
            execs,
            met_ms: met.unwrap_or(elapsed_ms),
            told_ms: elapsed_ms,
            kind: status.to_string(),
            message,
        });
        Ok(Outcome { finding, execs, elapsed_ms, ..Outcome::default() })
    }
}

/// The exit status after an interrupt.
const INTERRUPTED: i32 = 72;

/// What is said first when a target fails.
const FAILURES: [&str; 3] = ["panicked at", "ERROR: libFuzzer", "overflowed its stack"];

/// The number in `#1234 ..` or in the statistics at the end.
fn executions(line: &str) -> Option<u64> {
    let number = match line.strip_prefix('#') {
        Some(rest) => rest.split(|letter: char| !letter.is_ascii_digit()).next()?,
        None => line.strip_prefix("stat::number_of_executed_units:")?.trim(),
    };
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executions_are_read_from_progress_and_statistics() {
        assert_eq!(executions("#262144\tpulse  cov: 42"), Some(262_144));
        assert_eq!(executions("stat::number_of_executed_units: 4711"), Some(4711));
        assert_eq!(executions("INFO: seed corpus"), None);
    }
}
