//! The sets of states that texts of ASCII lead to, worked out beforehand: one look for each character in
//! place of a union over states. Patterns with too many sets do without. Characters that all places of the
//! pattern treat alike are one class.

use std::collections::HashMap;

use super::sets::{Sets, has};

/// Most sets.
const MAX_SETS: usize = 512;

/// All sets that single states lead to, by number.
#[derive(Clone)]
pub(super) struct Table {
    sets: Sets,
    /// The class of each character.
    class: [u8; 128],
    /// How many bits of a place in `next` are the class. The bits above it are the number of a set.
    shift: u32,
    /// The place where the row of the next set begins: for each set a row by class.
    next: Vec<u32>,
    /// How many of the sets, the first ones, hold a single state: that of their number.
    singles: usize,
    /// The number of the empty set, if a text can leave the pattern.
    dead: u16,
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
        let (count, mut all) = (singles.len(), singles);
        let shift = first.len().next_power_of_two().trailing_zeros();
        let mut numbers: HashMap<Vec<u64>, u32> =
            all.iter().enumerate().map(|(number, set)| (set.clone(), number as u32)).collect();
        let (mut next, mut at) = (Vec::new(), 0);
        while at < all.len() && all.len() <= MAX_SETS {
            for code in &first {
                let set = after(&all[at], (*code).into());
                let number = *numbers.entry(set).or_insert_with_key(|set| {
                    all.push(set.clone());
                    all.len() as u32 - 1
                });
                next.push(number << shift);
            }
            at += 1;
            next.resize(at << shift, 0);
        }
        let dead = all.iter().position(|set| set.iter().all(|word| *word == 0));
        let dead = dead.map_or(u16::MAX, |number| number as u16);
        let table = Self { sets: Sets::of(&all), class, shift, next, singles: count, dead };
        (all.len() <= MAX_SETS).then_some(table)
    }

    /// As that of the automaton, for a text of ASCII; gives the numbers of the sets.
    #[inline]
    pub(super) fn run(&self, from: u16, text: &[u8], mut keep: impl FnMut(u16) -> bool) {
        let mut row = u32::from(from) << self.shift;
        let mut bytes = text.iter();
        while keep(self.number_of(row)) {
            let Some(byte) = bytes.next() else { return };
            row = self.after(row, *byte);
        }
    }

    /// Gives the number of the set before each character of a text of ASCII and after the last one.
    /// Returns how many of these at the beginning are sets of a single state: their numbers are those of
    /// the states.
    #[inline]
    pub(super) fn numbers(&self, text: &[u8], mut put: impl FnMut(u16)) -> usize {
        let (mut row, mut singles) = (0, text.len() + 1);
        put(0);
        for (byte, index) in text.iter().zip(1..) {
            row = self.after(row, *byte);
            let number = self.number_of(row);
            singles = singles.min(if self.is_single(number) { singles } else { index });
            put(number);
        }
        singles
    }

    /// Whether the set with this number holds a single state, which has the same number.
    #[inline]
    pub(super) fn is_single(&self, number: u16) -> bool {
        usize::from(number) < self.singles
    }

    /// Whether the set with this number is empty.
    #[inline]
    pub(super) fn is_dead(&self, number: u16) -> bool {
        number == self.dead
    }

    /// Whether a state is in the set with this number.
    #[inline]
    pub(super) fn has(&self, number: u16, state: u16) -> bool {
        match self.is_single(number) {
            true => number == state,
            false => has(self.set(number), state),
        }
    }

    /// The set with this number.
    #[inline]
    pub(super) fn set(&self, number: u16) -> &[u64] {
        self.sets.get(number.into())
    }

    /// The number of the set whose row begins at a place.
    #[inline]
    fn number_of(&self, row: u32) -> u16 {
        (row >> self.shift) as u16
    }

    /// The place of the row of the set after a further character of ASCII.
    #[inline]
    fn after(&self, row: u32, byte: u8) -> u32 {
        self.next[(row | u32::from(self.class[usize::from(byte & 127)])) as usize]
    }
}
