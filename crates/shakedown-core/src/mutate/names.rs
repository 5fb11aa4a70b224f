//! What people are told that a mutator is called.

use super::draws::{BYTES_MUTATORS, MutatorId};
use crate::domain::{bytes, text};

/// What a mutator changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Bytes.
    Bytes,
    /// Text.
    Text,
}

/// What a mutator changes, and what it is called: no two that change the same have one name. Nothing if
/// it is none of those with a weight.
#[must_use]
pub fn of(MutatorId(number): MutatorId) -> Option<(Changed, &'static str)> {
    let number = usize::from(number);
    match number.checked_sub(BYTES_MUTATORS) {
        None => Some((Changed::Bytes, bytes::NAMES[number])),
        Some(number) => Some((Changed::Text, text::NAMES.get(number)?)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::mutate::draws::MUTATORS;

    #[test]
    fn every_mutator_has_a_name_of_its_own() {
        let named: Vec<_> = (0..=u8::MAX).map_while(|number| of(MutatorId(number))).collect();
        assert_eq!(named.len(), MUTATORS);
        let different: BTreeSet<_> =
            named.iter().map(|(changed, name)| (*changed == Changed::Text, name)).collect();
        assert_eq!(different.len(), MUTATORS);
        assert_eq!(of(MutatorId(3)), Some((Changed::Bytes, "flip-bit")));
        assert_eq!(of(MutatorId(BYTES_MUTATORS as u8)), Some((Changed::Text, "insert-chars")));
        assert_eq!(of(MutatorId::OTHER), None);
    }
}
