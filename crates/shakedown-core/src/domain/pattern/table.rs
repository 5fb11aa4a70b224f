//! The sets of states that texts of ASCII lead to, worked out beforehand: one look for each character in
//! place of a union over states. Patterns with too many sets do without. Characters that all places of the
//! pattern treat alike are one class.

use std::collections::HashMap;

use super::sets::Sets;

/// Most sets.
const MAX_SETS: usize = 512;

/// All sets that single states lead to, by number.
#[derive(Clone)]
pub(super) struct Table {
    sets: Sets,
    /// The class of each character.
    class: [u8; 128],
    /// How many classes there are.
    classes: usize,
    /// The number of the next set: for each set a row by class.
    next: Vec<u16>,
}

impl Table {
    /// The table that begins with these sets, of the single states. `taken` says for each character which
    /// states it may bring about; `after` is the set after a further character. None if it is too large.
    pub(super) fn new(
        singles: Vec<Vec<u64>>,
        taken: &Sets,
        after: impl Fn(&[u64], char) -> Vec<u64>,
    ) -> Option<Self> {
        let mut class = [0; 128];
        let mut first: Vec<u8> = Vec::new();
        for code in 0..128u8 {
            let alike =
                first.iter().position(|of| taken.get((*of).into()) == taken.get(code.into()));
            class[usize::from(code)] = alike.unwrap_or(first.len()) as u8;
            first.extend(alike.is_none().then_some(code));
        }
        let mut all = singles;
        let mut numbers: HashMap<Vec<u64>, u16> =
            all.iter().enumerate().map(|(number, set)| (set.clone(), number as u16)).collect();
        let (mut next, mut at) = (Vec::new(), 0);
        while at < all.len() && all.len() <= MAX_SETS {
            for code in &first {
                let set = after(&all[at], (*code).into());
                let number = *numbers.entry(set).or_insert_with_key(|set| {
                    all.push(set.clone());
                    all.len() as u16 - 1
                });
                next.push(number);
            }
            at += 1;
        }
        let table = Self { sets: Sets::of(&all), class, classes: first.len(), next };
        (all.len() <= MAX_SETS).then_some(table)
    }

    /// As that of the automaton, for a text of ASCII.
    #[inline]
    pub(super) fn run(&self, from: u16, text: &str, mut keep: impl FnMut(&[u64]) -> bool) {
        let mut set = usize::from(from);
        let mut bytes = text.bytes();
        while keep(self.sets.get(set)) {
            let Some(byte) = bytes.next() else { return };
            set = self.next[set * self.classes + usize::from(self.class[usize::from(byte)])].into();
        }
    }
}
