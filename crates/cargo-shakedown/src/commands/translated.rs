//! A command line of another fuzzer, in our words.

use super::Command;
use super::output::Notes;
use crate::report::{Paint, Screen, visible};

/// What a command line of another fuzzer has come to.
#[derive(Debug)]
pub(crate) struct Translated {
    /// The same command line in our words, after `cargo shakedown`.
    pub words: Vec<String>,
    /// What of it has no meaning here, and why.
    pub remarks: Vec<String>,
    /// What that does.
    pub command: Command,
}

/// What to do, after it is said if the user has said it in other words.
pub(super) fn said(command: Command) -> Command {
    let Command::Translated(translated) = command else { return command };
    let Translated { words, remarks, command } = *translated;
    let paint = Paint::new(Screen::of_stderr().colors);
    writeln!(Notes, "{} cargo shakedown {}", paint.good("     Running"), visible(&words.join(" ")));
    for remark in remarks {
        writeln!(Notes, "{}: {}", paint.mind("note"), visible(&remark));
    }
    command
}
