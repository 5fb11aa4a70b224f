//! Asking a test binary for its tests. What runs before its `main`, and what stands in the place of
//! libtest, is foreign code: it may take for ever, say too much, or leave a process behind that holds
//! its output open. So that goes to files, and is read when the process has ended.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Seek};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, memfd_create};

use super::error::BuildError;

/// How long a binary may take to list its tests. It runs none of them.
const LIST_TIMEOUT: Duration = Duration::from_secs(60);

/// Most output that is looked at, in bytes: the names of many more tests than any binary has.
const MAX_OUTPUT: u64 = 64 << 20;

/// How often is looked whether it has ended.
const TICK: Duration = Duration::from_millis(2);

/// How long the system may take to end a process that was killed.
const KILL_PATIENCE: Duration = Duration::from_secs(5);

/// The names of the tests in a binary, without benchmarks; `command` runs it without arguments.
///
/// # Errors
/// If it cannot be run, does not end in time, or fails.
pub(super) fn tests_of(path: &Path, command: Command) -> Result<BTreeSet<String>, BuildError> {
    let listed = list(command, LIST_TIMEOUT).map_err(BuildError::spawn(path))?;
    match listed {
        Listed::Ended(status, output, _) if status.success() => Ok(names(&output)),
        Listed::Ended(status, _, complaints) => {
            let last = complaints.trim().lines().last().unwrap_or_default();
            Err(BuildError::List { path: path.into(), message: format!("{status} {last}") })
        }
        Listed::Late => Err(BuildError::ListTimeout { path: path.into(), limit: LIST_TIMEOUT }),
        Listed::Endless => Err(BuildError::List {
            path: path.into(),
            message: format!("it wrote more than {} MiB", MAX_OUTPUT >> 20),
        }),
    }
}

/// What came of asking.
enum Listed {
    /// The process has ended, and said this on its standard output and error.
    Ended(ExitStatus, String, String),
    /// It was ended, for it took too long.
    Late,
    /// It was ended, for it said too much.
    Endless,
}

fn list(mut command: Command, limit: Duration) -> io::Result<Listed> {
    let (output, complaints) = (memory_file()?, memory_file()?);
    command.args(["--list", "--format", "terse"]).stdin(Stdio::null());
    command.stdout(output.try_clone()?).stderr(complaints.try_clone()?);
    let mut child = command.spawn()?;
    let begun = Instant::now();
    loop {
        let is_endless = said(&output)? + said(&complaints)? > MAX_OUTPUT;
        if let Some(status) = child.try_wait()? {
            return Ok(match is_endless {
                true => Listed::Endless,
                false => Listed::Ended(status, text(output)?, text(complaints)?),
            });
        }
        let is_late = begun.elapsed() >= limit;
        if is_endless || is_late {
            end(&mut child);
            return Ok(if is_endless { Listed::Endless } else { Listed::Late });
        }
        std::thread::sleep(TICK);
    }
}

/// Bytes that were written to a file.
/// A file that needs no folder to be in: that for temporary files may be missing, or full.
fn memory_file() -> io::Result<File> {
    Ok(memfd_create("shakedown list", MemfdFlags::CLOEXEC)?.into())
}

fn said(file: &File) -> io::Result<u64> {
    file.metadata().map(|metadata| metadata.len())
}

fn text(mut file: File) -> io::Result<String> {
    file.rewind()?;
    let mut bytes = Vec::new();
    // Processes that were left behind may still write.
    io::copy(&mut io::Read::take(file, MAX_OUTPUT), &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let killed = Instant::now();
    while matches!(child.try_wait(), Ok(None)) && killed.elapsed() < KILL_PATIENCE {
        std::thread::sleep(TICK);
    }
}

/// The names in the output of `--list --format terse`, without benchmarks.
fn names(output: &str) -> BTreeSet<String> {
    output.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that does this whatever its arguments are.
    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn lists_name_tests_only() {
        let tests = names("a::fuzz: test\nb: bench\n\nrunning: test\n");
        assert_eq!(tests, ["a::fuzz", "running"].map(str::to_owned).into());
    }

    #[test]
    fn a_binary_that_does_not_end_is_not_waited_for() {
        // Its end is the end of `sleep`, for the shell becomes that.
        let listed = list(shell("echo a: test; exec sleep 1000"), Duration::from_millis(50));
        assert!(matches!(listed, Ok(Listed::Late)));
        let error = BuildError::ListTimeout { path: "t/bin".into(), limit: LIST_TIMEOUT };
        let expected = "`t/bin --list` has not ended within 1m, and was ended: does it run something before `main`?";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn output_that_does_not_end_is_not_kept() {
        let listed = list(shell("exec yes a: test"), Duration::from_secs(600));
        assert!(matches!(listed, Ok(Listed::Endless)));
    }

    #[test]
    fn a_process_that_holds_the_output_open_is_not_waited_for() {
        let tests = tests_of(Path::new("sh"), shell("sleep 1000 & echo $! >&2; echo a: test"));
        assert_eq!(tests.expect("it has ended").into_iter().collect::<Vec<_>>(), ["a"]);
        let listed = list(shell("sleep 1000 & echo $!"), Duration::from_secs(600));
        let Ok(Listed::Ended(_, output, _)) = listed else { panic!("it has ended") };
        let left = rustix::process::Pid::from_raw(output.trim().parse().expect("an id"));
        let left = left.expect("an id");
        rustix::process::kill_process(left, rustix::process::Signal::KILL).expect("it is there");
    }

    #[test]
    fn a_binary_that_fails_is_told_by_its_last_words() {
        let tests = tests_of(Path::new("t/bin"), shell("echo oh >&2; echo no >&2; exit 3"));
        let error = tests.expect_err("it fails").to_string();
        assert_eq!(error, "`t/bin --list` failed: exit status: 3 no");
    }
}
