//! The tables that visits refer to by number: what a campaign has learned, for all workers of a
//! target. They only grow, so that a visit means the same in every process and at any later time.

use std::sync::{PoisonError, RwLock};

use shakedown_core::wire::Learn;

/// How much of the tables somebody has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Tokens.
    pub(super) tokens: usize,
    /// Tables of weights.
    pub(super) weights: usize,
}

/// Tokens, and tables of weights of the mutators.
#[derive(Debug, Default)]
pub struct Tables(RwLock<Learn>);

impl Tables {
    /// Empty ones.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds to their ends.
    pub fn add(&self, learned: Learn) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.tokens.extend(learned.tokens);
        all.weights.extend(learned.weights);
    }

    /// What they hold beyond what is known; nothing if that is all.
    pub(super) fn beyond(&self, known: Known) -> Option<Learn> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let tokens = all.tokens.get(known.tokens..).unwrap_or_default();
        let weights = all.weights.get(known.weights..).unwrap_or_default();
        let is_more = !tokens.is_empty() || !weights.is_empty();
        is_more.then(|| Learn { tokens: tokens.into(), weights: weights.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_since_is_what_is_beyond() {
        let tables = Tables::new();
        assert_eq!(tables.beyond(Known::default()), None);
        let learned = |token: &[u8]| Learn { tokens: vec![token.into()], weights: vec![] };
        tables.add(learned(b"a"));
        tables.add(learned(b"b"));
        let beyond = |tokens| tables.beyond(Known { tokens, weights: 0 }).map(|more| more.tokens);
        assert_eq!(beyond(0), Some(vec![b"a".to_vec(), b"b".to_vec()]));
        assert_eq!(beyond(1), Some(vec![b"b".to_vec()]));
        assert_eq!(beyond(2), None);
    }
}
