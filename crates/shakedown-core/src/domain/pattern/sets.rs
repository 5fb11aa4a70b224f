//! Sets of states: one bit for each.

/// A set of states for each state, or for each character.
#[derive(Clone)]
pub(super) struct Sets {
    /// One after the other.
    flat: Vec<u64>,
    /// How many words each has.
    words: usize,
}

impl Sets {
    /// So many empty sets, of so many words each.
    pub(super) fn new(count: usize, words: usize) -> Self {
        Self { flat: vec![0; count * words], words }
    }

    /// These sets, all of as many words.
    pub(super) fn of(sets: &[Vec<u64>]) -> Self {
        Self { flat: sets.concat(), words: sets.first().map_or(0, Vec::len) }
    }

    /// One of the sets.
    #[inline]
    pub(super) fn get(&self, index: usize) -> &[u64] {
        &self.flat[index * self.words..][..self.words]
    }

    /// Adds a state to a set.
    pub(super) fn insert(&mut self, index: usize, state: u16) {
        self.flat[index * self.words + usize::from(state) / 64] |= 1 << (state % 64);
    }
}

/// Whether a state is in a set.
pub(super) fn has(set: &[u64], state: u16) -> bool {
    set[usize::from(state) / 64] >> (state % 64) & 1 == 1
}

/// The first state that is in both sets.
#[inline]
pub(super) fn common(one: &[u64], two: &[u64]) -> Option<u16> {
    first(one.iter().copied(), two)
}

/// As [`common`], of a set that is given word by word.
#[inline]
pub(super) fn first(one: impl Iterator<Item = u64>, two: &[u64]) -> Option<u16> {
    let mut words = one.zip(two).map(|(one, two)| one & two).enumerate();
    let (index, word) = words.find(|(_, word)| *word != 0)?;
    Some((index * 64) as u16 + word.trailing_zeros() as u16)
}

/// The states of a set.
#[inline]
pub(super) fn members(set: &[u64]) -> impl Iterator<Item = u16> {
    set.iter().enumerate().flat_map(|(index, word)| {
        let mut word = *word;
        std::iter::from_fn(move || {
            let bit = (word != 0).then(|| word.trailing_zeros() as u16)?;
            word &= word - 1;
            Some((index * 64) as u16 + bit)
        })
    })
}
