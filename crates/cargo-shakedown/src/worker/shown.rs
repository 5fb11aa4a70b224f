//! The value that a target for a drop-in makes of an input, as the value's own `Debug` says it: asked by
//! a variable, the program writes that to a file instead of running the target.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use shakedown_core::corpus_file::raw_content;
use shakedown_core::schema::Schema;

use crate::build::Program;

/// The variable with the path of that file: that of libfuzzer-sys.
const VARIABLE: &str = "RUST_LIBFUZZER_DEBUG_PATH";

/// The longest time that a program is waited for.
const MAX_TIME: Duration = Duration::from_secs(2);

/// How often the end of the program is looked for.
const TICK: Duration = Duration::from_millis(2);

/// The most bytes of such a text.
const MAX_TEXT: u64 = 1 << 20;

/// The value that the target makes of an encoded input, in lines, unless that is the bytes again. It is
/// only for people: where it cannot be had, nothing is lost.
#[must_use]
pub(crate) fn value(program: &Program, schema: &Schema, input: &[u8]) -> Option<String> {
    let bytes = program.can_show.then(|| raw_content(schema, input)).flatten()?;
    let folder = tempfile::tempdir().ok()?;
    let (file, text) = (folder.path().join("input"), folder.path().join("text"));
    std::fs::write(&file, bytes).ok()?;
    run(program.command().arg(&file).env(VARIABLE, &text))?;
    read(&text).filter(|text| !is_bytes(text))
}

/// Runs a program to its end, whatever that is, for so long as that may take.
fn run(command: &mut Command) -> Option<()> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().ok()?;
    let started = Instant::now();
    while started.elapsed() < MAX_TIME {
        if child.try_wait().ok()?.is_some() {
            return Some(());
        }
        std::thread::sleep(TICK);
    }
    end(&mut child);
    None
}

fn end(child: &mut Child) {
    // It may be gone by now.
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    let _ = child.wait();
}

fn read(path: &Path) -> Option<String> {
    let len = path.metadata().ok()?.len();
    (len <= MAX_TEXT).then(|| std::fs::read_to_string(path).ok()).flatten()
}

/// Whether a text is a list of numbers, as `Debug` writes bytes.
fn is_bytes(text: &str) -> bool {
    let inner = text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_byte = |word: &str| word.trim().is_empty() || word.trim().parse::<u8>().is_ok();
    inner.is_some_and(|inner| inner.split(',').all(is_byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_from_other_values() {
        assert!(is_bytes("[]") && is_bytes("[\n    1,\n    255,\n]"));
        assert!(!is_bytes("[\n    256,\n]") && !is_bytes("\"[1]\"") && !is_bytes("(1, 2)"));
    }

    #[test]
    fn a_program_is_not_waited_for_longer_than_is_worth_it() {
        assert_eq!(run(&mut Command::new("true")), Some(()));
        assert_eq!(run(Command::new("sleep").arg("1000")), None);
        assert_eq!(run(&mut Command::new("/nowhere")), None);
    }
}
