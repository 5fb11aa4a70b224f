//! How a person makes a finding happen again: commands, and a call in Rust.

use std::path::Path;

use shakedown_core::literal::{Callee, print_call};
use shakedown_core::schema::Schema;
use shakedown_core::testdata::{ROOT, replay_command, test_command};

use crate::build::Program;
use crate::report::from_here;

/// What is needed to say how a finding of a target is made to happen again.
#[derive(Clone, Debug)]
pub(crate) struct Reproducer {
    /// The program with the target in it.
    pub program: Program,
    /// The id of the target.
    pub target: String,
    /// How it is called in Rust.
    pub callee: Callee,
}

impl Reproducer {
    /// Commands for the folder that this process is in.
    #[must_use]
    pub(crate) fn commands(&self, file: Option<&Path>) -> Vec<String> {
        let Self { program, target, .. } = self;
        // A program that is a target has no test, and the test of a target has no sanitizer and runs
        // nothing but the attribute's seeds and what is in `testdata`.
        let is_tested = file.is_none_or(is_in_testdata);
        let has_test = !program.is_target && program.sanitizer.is_none() && is_tested;
        let test = has_test.then(|| test_command(&program.test_options(), target));
        let replay = |file| replay_command(&program.replay_options(), target, &from_here(file));
        test.into_iter().chain(file.map(replay)).collect()
    }

    /// A call of the target with the last of these inputs, unless it takes all of them.
    #[must_use]
    pub(crate) fn call(&self, schema: &Schema, inputs: &[impl AsRef<[u8]>]) -> Option<String> {
        match inputs {
            // Nobody can call a program.
            [_] if self.program.is_target => None,
            [only] => print_call(schema, only.as_ref(), &self.callee),
            _ => None,
        }
    }
}

/// Whether a file is in the folder of a target, in that of all targets.
fn is_in_testdata(file: &Path) -> bool {
    file.parent().and_then(Path::parent).is_some_and(|folder| folder.ends_with(ROOT))
}
