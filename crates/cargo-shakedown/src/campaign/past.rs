//! What a worker process has run since it was started: what a failure may depend on, if its own
//! input alone does not bring it about.

use std::ops::Range;
use std::sync::Arc;

use shakedown_core::wire::RngState;

/// Most inputs of a sequence that is kept as a finding.
pub(crate) const MAX_SEQUENCE: usize = 4096;

/// What a process has run, in order; only the last part of it if that was much.
pub(crate) type Past = Arc<[Ran]>;

/// A part of what a process has run. It shares its inputs with the corpus.
#[derive(Clone, Debug)]
pub enum Ran {
    /// One input.
    Input(Arc<[u8]>),
    /// Variations of an entry.
    Visit(Visit),
    /// The trimming of an input to one that keeps these features, in at most `max_execs` executions.
    Trim {
        /// The input.
        input: Arc<[u8]>,
        /// The features.
        features: Arc<[u32]>,
        /// Most executions.
        max_execs: u64,
    },
}

impl Ran {
    /// Bytes of the inputs that it holds; what it shares with others counts too.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Input(input) => input.len(),
            Self::Visit(visit) => visit.entry.len() + visit.donor.len() + visit.hints.len(),
            Self::Trim { input, features, .. } => input.len() + size_of_val(&**features),
        }
    }
}

/// Variations of an entry. They follow from this record alone, so that any worker can make them
/// again: nothing that a worker learns changes them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Visit {
    /// The entry.
    pub entry: Arc<[u8]>,
    /// The input for splicing; may be empty.
    pub donor: Arc<[u8]>,
    /// What is known of the comparisons that the entry meets; may be empty.
    pub hints: Arc<[u8]>,
    /// How many of the tokens that the campaign has learned may be used.
    pub tokens: u32,
    /// Which of its tables of weights holds, counted from 1; 0 for the weights that are built in.
    pub weights: u8,
    /// Where the generator stood when the first variation, number 0, was made.
    pub rng: RngState,
    /// The variations that were run.
    pub execs: Range<u64>,
}
