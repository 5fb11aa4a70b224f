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

impl Translated {
    /// Says the command line; returns what it does.
    pub(super) fn say(self) -> Command {
        let paint = Paint::new(Screen::of_stderr().colors);
        let words = visible(&self.words.join(" "));
        writeln!(Notes, "{} cargo shakedown {words}", paint.good("     Running"));
        for remark in &self.remarks {
            writeln!(Notes, "{}: {}", paint.mind("note"), visible(remark));
        }
        self.command
    }
}
