//! What the test says about inputs that fail.

use std::fmt::Write;
use std::io::Write as _;

use shakedown_core::literal::{print_arguments, print_call};
use shakedown_core::schema::Schema;
use shakedown_core::testdata::{replay_command, seed_name};

use super::inputs::{Failed, Origin};
use crate::target::Target;

/// Most arguments of an input that are shown, and most characters of each.
const MAX_ARGUMENTS: usize = 12;
const MAX_LINE: usize = 200;

/// The message of a test with failed inputs; nothing if there are none.
pub(super) fn text(target: &str, failed: &[Failed]) -> Option<String> {
    let count = match failed.len() {
        0 => return None,
        1 => "1 known input".to_owned(),
        more => format!("{more} known inputs"),
    };
    let mut text = format!("{count} of the target `{target}` failed\n");
    for Failed { origin, reason, shown } in failed {
        let indented = reason.trim_end().replace('\n', "\n    ");
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {}\n    {indented}\n{shown}", name(origin));
        if let Some(command) = command(target, origin) {
            let _ = writeln!(text, "    to see it alone: {command}");
        }
    }
    Some(text)
}

/// An input as lines of a report: each argument, and a call of the function that does the same.
pub(super) fn input(target: &Target, schema: &Schema, input: &[u8]) -> String {
    let arguments = print_arguments(schema, input);
    let mut text: String = arguments.lines().take(MAX_ARGUMENTS).map(shown_line).collect();
    let more = arguments.lines().count().saturating_sub(MAX_ARGUMENTS);
    if more > 0 {
        let _ = writeln!(text, "      .. and {more} more");
    }
    let call = print_call(schema, input, &target.callee());
    // Cut off, it would be of no use; and nobody can call a program.
    let is_useful = |call: &String| call.len() <= MAX_LINE && target.program.is_none();
    if let Some(call) = call.filter(is_useful) {
        let _ = writeln!(text, "    as a test: {call}");
    }
    text
}

fn shown_line(line: &str) -> String {
    match line.char_indices().nth(MAX_LINE) {
        Some((end, _)) => format!("      {}… ({} bytes)\n", &line[..end], line.len()),
        None => format!("      {line}\n"),
    }
}

/// Reports an input that fails in a way that the user has accepted.
pub(super) fn print_accepted(origin: &Origin, reason: &str, why: &str) {
    let reason = reason.lines().next().unwrap_or("");
    // Not by `eprintln`, which the test harness would keep to itself.
    let _ = writeln!(std::io::stderr(), "known: {}: {reason} (because {why})", name(origin));
}

/// What is written where the test itself has no more say.
pub(super) struct LastWords {
    /// After a signal that ends the process.
    pub(super) on_signal: String,
    /// Before the reason why the input is given up.
    pub(super) on_timeout: String,
}

/// The last words while an input runs, the one at this `position` if it is one of a sequence.
pub(super) fn last_words(target: &str, origin: &Origin, position: &str) -> LastWords {
    let name = match position {
        "" => name(origin),
        position => format!("{position} in {}", name(origin)),
    };
    let alone = match command(target, origin) {
        Some(command) => format!("shakedown: to see it alone: {command}\n"),
        None => String::new(),
    };
    LastWords {
        on_signal: format!(
            "\nshakedown: the process ended while target `{target}` ran {name}\n{alone}"
        ),
        // The reason follows, and nothing can be said after it.
        on_timeout: format!("\nshakedown: target `{target}` hangs on {name}\n{alone}shakedown: "),
    }
}

fn name(origin: &Origin) -> String {
    match origin {
        Origin::Seed(index) => seed_name(*index),
        Origin::File { shown, .. } => shown.clone(),
    }
}

/// The command that runs only this input, for files.
fn command(target: &str, origin: &Origin) -> Option<String> {
    let Origin::File { path, .. } = origin else { return None };
    // Cargo and nextest name the package; the whole path works from any folder.
    let package = std::env::var("CARGO_PKG_NAME").ok();
    let options: Vec<String> = package.into_iter().flat_map(|name| ["-p".into(), name]).collect();
    Some(replay_command(&options, target, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(shown: &str) -> Origin {
        Origin::File { shown: shown.into(), path: shown.into() }
    }

    #[test]
    fn every_failure_is_named_with_a_way_to_see_it() {
        let failed = [
            Failed {
                origin: Origin::Seed(1),
                reason: "returned an error: 1".into(),
                shown: "      a: 1\n    as a test: b(1)\n".into(),
            },
            Failed {
                origin: file("testdata/fuzz/a.b/it's"),
                reason: "panicked\nat it\n".into(),
                shown: String::new(),
            },
        ];
        assert_eq!(
            text("a::b", &failed).unwrap(),
            "\
2 known inputs of the target `a::b` failed

  seed number 2 of the attribute
    returned an error: 1
      a: 1
    as a test: b(1)

  testdata/fuzz/a.b/it's
    panicked
    at it
    to see it alone: cargo shakedown replay -p shakedown a::b 'testdata/fuzz/a.b/it'\\''s'
"
        );
        assert_eq!(text("a::b", &[]), None);
    }
}
