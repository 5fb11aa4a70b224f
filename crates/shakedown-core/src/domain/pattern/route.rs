//! A text as its way through the automaton of a pattern: the state after each character.

use super::automaton::Automaton;
use super::sets::{common, first, has};
use super::table::Table;

/// Bytes of a word.
const WORD: usize = size_of::<u64>();

/// The way of a text. Where several lead to an end, it is any of them.
pub(super) struct Route<'a> {
    /// A slot for each character, and one before the first. Its first word is the state, and above it
    /// where the next character begins in the text.
    slots: &'a [u8],
    /// Bytes of a slot.
    stride: usize,
    /// The number of characters.
    len: usize,
}

impl<'a> Route<'a> {
    /// The way of a text, kept in `slots`; none if the text does not belong to the pattern.
    pub(super) fn of(automaton: &Automaton, text: &[u8], slots: &'a mut Vec<u8>) -> Option<Self> {
        match automaton.table(text) {
            Some(table) => Self::by_table(automaton, table, text, slots),
            None => Self::by_sets(automaton, text, slots),
        }
    }

    /// That of a text of ASCII.
    fn by_table(
        automaton: &Automaton,
        table: &Table,
        text: &[u8],
        slots: &'a mut Vec<u8>,
    ) -> Option<Self> {
        let len = (text.len() + 1) * WORD;
        if slots.len() < len {
            slots.resize(len, 0);
        }
        let slots = &mut slots[..len];
        let (all, _) = slots.as_chunks_mut::<WORD>();
        let mut rest = all.iter_mut().zip(0..);
        let singles = table.numbers(text, |set| {
            if let Some((slot, offset)) = rest.next() {
                *slot = slot_of(set, offset);
            }
        });
        // Backwards, each set gives way to the one state of it that leads to what follows.
        let mut wanted = automaton.ends();
        for index in (singles.min(text.len())..=text.len()).rev() {
            let old = u64::from_le_bytes(all[index]);
            let state = match table.is_single(old as u16) && index < text.len() {
                true => old as u16,
                false => common(table.set(old as u16), wanted)?,
            };
            all[index] = slot_of(state, old >> 16);
            wanted = automaton.before(state);
        }
        Some(Self { slots, stride: WORD, len: text.len() })
    }

    /// That of any text.
    fn by_sets(automaton: &Automaton, text: &[u8], slots: &'a mut Vec<u8>) -> Option<Self> {
        let stride = automaton.words() * WORD;
        slots.clear();
        slots.reserve((text.len() + 1) * stride);
        automaton.run(0, text, |set| {
            set.iter().for_each(|word| slots.extend_from_slice(&word.to_le_bytes()));
            true
        });
        let mut chars = std::str::from_utf8(text).ok()?.chars().rev();
        let (mut offset, mut after) = (text.len() as u64, None);
        for slot in slots.rchunks_exact_mut(stride) {
            let wanted = after.map_or_else(|| automaton.ends(), |after| automaton.before(after));
            let words = slot.chunks_exact(WORD).map(word);
            let state = first(words, wanted)?;
            slot[..WORD].copy_from_slice(&slot_of(state, offset));
            after = Some(state);
            offset -= chars.next().map_or(0, char::len_utf8) as u64;
        }
        let len = slots.len() / stride - 1;
        Some(Self { slots, stride, len })
    }

    #[inline]
    fn slot(&self, index: usize) -> u64 {
        word(&self.slots[index * self.stride..][..WORD])
    }

    /// The number of characters.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The state after `count` characters.
    #[inline]
    pub(super) fn state(&self, count: usize) -> u16 {
        self.slot(count) as u16
    }

    /// Where the character after `count` others begins, in bytes.
    #[inline]
    pub(super) fn offset(&self, count: usize) -> usize {
        (self.slot(count) >> 16) as usize
    }

    /// Whether what comes after `count` characters of `text`, whose way this is, can follow `state`.
    pub(super) fn joins(
        &self,
        automaton: &Automaton,
        state: u16,
        count: usize,
        text: &[u8],
    ) -> bool {
        let (rest, mut at, mut joins) = (&text[self.offset(count)..], count, false);
        let Some(table) = automaton.table(rest) else {
            automaton.run(state, rest, |set| {
                joins = has(set, self.state(at)) || (at == self.len && automaton.has_end(set));
                at += 1;
                !joins && set.iter().any(|word| *word != 0)
            });
            return joins;
        };
        table.run(state, rest, |set| {
            joins = table.has(set, self.state(at))
                || (at == self.len && automaton.has_end(table.set(set)));
            at += 1;
            !joins && !table.is_dead(set)
        });
        joins
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

/// A state and where the next character begins.
#[inline]
fn slot_of(state: u16, offset: u64) -> [u8; WORD] {
    (u64::from(state) | offset << 16).to_le_bytes()
}

#[inline]
fn word(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().unwrap_or_default())
}
