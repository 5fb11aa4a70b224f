//! What a call came to.

use shakedown_core::failure::Failure;
use shakedown_core::wire::page::{LastWords, Window};

use crate::campaign::Damage;

/// What a call came to.
#[derive(Debug)]
pub enum Done<T> {
    /// It was answered.
    Answered(T),
    /// The worker ended.
    Ended(Ended),
}

impl<T> Done<T> {
    /// The same with another answer.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Done<U> {
        match self {
            Self::Answered(answer) => Done::Answered(change(answer)),
            Self::Ended(ended) => Done::Ended(ended),
        }
    }
}

/// What is known of the end of a worker.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub how: How,
    /// Executions begun in the call.
    pub execs: u64,
    /// How many of them were rejected.
    pub rejected: u64,
    /// The window that they were in, if some of it was run.
    pub window: Option<Box<Window>>,
}

/// How a worker ended.
#[derive(Debug)]
pub enum How {
    /// The target did it, with this input.
    Target(Vec<u8>, Failure),
    /// The target did it if it comes again with this input; else somebody else.
    Unclear(Vec<u8>, Failure),
    /// Somebody else did.
    Lost(String),
    /// What it did or left behind makes no sense.
    Damaged(Damage),
    /// It makes no sense to try again.
    Broken(String),
}

impl Ended {
    /// What is known by what the header says of the call, if it can be read.
    pub(super) fn new(how: How, words: Option<LastWords>) -> Self {
        let (execs, rejected) = words.map_or((0, 0), |words| (words.execs, words.rejected));
        let window = words.and_then(|words| words.window()).map(Box::new);
        Self { how, execs, rejected, window }
    }
}
