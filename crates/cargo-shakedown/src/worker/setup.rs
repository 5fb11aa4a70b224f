//! What is needed to start workers of a target.

use std::time::Duration;

use crate::build::Program;

/// What is needed to start workers of a target.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The program with the target in it.
    pub program: Program,
    /// Id of the target.
    pub target: String,
    /// Longest execution.
    pub timeout: Duration,
    /// Most memory, in bytes.
    pub memory_limit: Option<u64>,
    /// Most bytes of an encoded input that mutation may make.
    pub max_len: usize,
    /// Most bytes of an encoded input at all.
    pub capacity: usize,
    /// Tokens given to the command.
    pub dictionary: Vec<Vec<u8>>,
    /// Run every input in a process of its own.
    pub isolate: bool,
    /// Stack of the thread on which the target runs, in bytes, if it is not to be that of any test.
    pub stack_size: Option<u64>,
    /// Show what the target prints, instead of keeping only the end of its standard error.
    pub show_output: bool,
}
