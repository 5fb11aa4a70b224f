//! What is known of an input from an execution that was recorded.

use std::sync::Arc;

/// What a recorded execution has told.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    /// What is known of the comparisons; may be empty.
    pub hints: Arc<[u8]>,
    /// How many comparisons there were in all; 0 if they are not counted here.
    pub work: u64,
}
