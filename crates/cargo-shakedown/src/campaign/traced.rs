//! What is known of an input beside what it came to.

use std::sync::Arc;

use shakedown_core::mutate::draws::MutatorId;

/// What a worker has told of an execution, mostly one that was recorded.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    /// What is known of the comparisons; may be empty.
    pub hints: Arc<[u8]>,
    /// Whether it passes a check of what may be a sum of other bytes of it.
    pub has_sum: bool,
    /// How many comparisons there were in all; 0 if they are not counted here.
    pub work: u64,
    /// What made the input of the entry that was varied.
    pub mutators: Vec<MutatorId>,
}
