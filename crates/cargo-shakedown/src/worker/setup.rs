//! What is needed to start workers of a target.

use std::time::Duration;

use shakedown_core::testdata::{DEFAULT_MAX_LEN, PROGRAM_MAX_LEN};
use shakedown_core::wire::Greeting;

use super::error::StartError;
use super::limits::{Limits, MemoryLimits};
use crate::build::Program;

/// What is needed to start workers of a target.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The program with the target in it.
    pub program: Program,
    /// Id of the target.
    pub target: String,
    /// The limits of a worker.
    pub limits: Limits,
    /// Most bytes of an encoded input that mutation may make.
    pub max_len: usize,
    /// Most bytes of an encoded input at all.
    pub capacity: usize,
    /// Tokens given to the command.
    pub dictionary: Vec<Vec<u8>>,
    /// Show what the target prints, instead of keeping only the end of its standard error.
    pub show_output: bool,
}

impl Setup {
    /// For a target that was not asked yet, so that nothing is known of its inputs.
    #[must_use]
    pub fn new(program: Program, target: &str, limits: Limits) -> Self {
        Self {
            program,
            target: target.to_owned(),
            limits,
            max_len: 0,
            capacity: 0,
            dictionary: Vec::new(),
            show_output: false,
        }
    }

    /// Fills in what the user leaves to the target, and how long inputs may be.
    ///
    /// # Errors
    /// If inputs would be longer than can be had.
    pub(super) fn complete(&mut self, greeting: &Greeting) -> Result<(), StartError> {
        let timeout = greeting.timeout_ms.map(Duration::from_millis);
        self.limits.timeout = self.limits.timeout.or(timeout);
        let default = match self.program.is_target {
            true => PROGRAM_MAX_LEN,
            false => DEFAULT_MAX_LEN,
        };
        let len = self.limits.max_len.or(greeting.max_len).unwrap_or(default);
        self.max_len = greeting.schema.encoded_len(usize::try_from(len).unwrap_or(usize::MAX));
        self.capacity = self.max_len;
        if self.max_len > u32::MAX as usize {
            return Err(StartError::new("inputs can have at most 4 GiB"));
        }
        Ok(())
    }

    /// How the memory limit of each process is enforced.
    pub(super) fn memory_limits(&self) -> MemoryLimits {
        MemoryLimits::new(self.limits.memory, self.program.is_sanitized)
    }
}
