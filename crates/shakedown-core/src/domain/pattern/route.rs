//! A text as its way through the automaton of a pattern: the state after each character.

use super::automaton::Automaton;
use super::sets::common;

/// Bytes of a word.
const WORD: usize = size_of::<u64>();

/// The way of a text. Where several lead to an end, it is any of them.
pub(super) struct Route<'a> {
    /// A slot for each character, and one before the first. Its first word is the state, and above it
    /// where the next character begins in the text.
    slots: &'a [u8],
    /// Bytes of a slot.
    stride: usize,
}

impl<'a> Route<'a> {
    /// The way of a text, kept in `slots`; none if the text does not belong to the pattern.
    pub(super) fn of(automaton: &Automaton, text: &str, slots: &'a mut Vec<u8>) -> Option<Self> {
        let stride = automaton.words() * WORD;
        slots.clear();
        slots.reserve((text.len() + 1) * stride);
        automaton.run(0, text, |set| {
            set.iter().for_each(|word| slots.extend_from_slice(&word.to_le_bytes()));
            true
        });
        // Backwards, each set gives way to the one state of it that leads to what follows.
        let mut chars = text.chars().rev();
        let (mut offset, mut after) = (text.len() as u64, None);
        for slot in slots.rchunks_exact_mut(stride) {
            let wanted = after.map_or_else(|| automaton.ends(), |after| automaton.before(after));
            let words = slot.chunks_exact(WORD).map(word);
            let state = common(words, wanted)?;
            slot[..WORD].copy_from_slice(&(u64::from(state) | offset << 16).to_le_bytes());
            after = Some(state);
            offset -= chars.next().map_or(0, char::len_utf8) as u64;
        }
        Some(Self { slots, stride })
    }

    fn slot(&self, index: usize) -> u64 {
        word(&self.slots[index * self.stride..][..WORD])
    }

    /// The number of characters.
    pub(super) fn len(&self) -> usize {
        self.slots.len() / self.stride - 1
    }

    /// The state after `count` characters.
    pub(super) fn state(&self, count: usize) -> u16 {
        self.slot(count) as u16
    }

    /// Where the character after `count` others begins, in bytes.
    pub(super) fn offset(&self, count: usize) -> usize {
        (self.slot(count) >> 16) as usize
    }

    /// Whether the text can go on from `state` by the states that it has after `count` characters. In
    /// other states it may even where this says no.
    pub(super) fn goes_on(&self, automaton: &Automaton, state: u16, count: usize) -> bool {
        match count == self.len() {
            true => automaton.is_end(state),
            false => automaton.leads(state, self.state(count + 1)),
        }
    }
}

fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().unwrap_or_default())
}
