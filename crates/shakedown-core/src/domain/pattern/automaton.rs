//! The automaton of a pattern: a state for each character that the pattern names, which a text is in
//! after such a character, and state 0 before the first.
//!
//! This is the position automaton of V. M. Glushkov ("The abstract theory of automata", 1961): it has no
//! steps without a character, so that a text of n characters is a way of n steps.

use super::expression::{Expression, MAX_PLACES};
use super::sets::{Sets, common, has, members};
use super::table::Table;
use crate::domain::Alphabet;
use crate::domain::rank::of_code;
use crate::rng::Rng;

/// Most words of a set of states: one bit for each.
const MAX_WORDS: usize = (MAX_PLACES + 1).div_ceil(64);

/// What brings a text into a state.
#[derive(Clone)]
struct Place {
    alphabet: Alphabet,
    /// The characters of it that are ASCII.
    ascii: Vec<u8>,
    /// Whether it has no others.
    is_ascii: bool,
    simplest: char,
}

impl Place {
    fn new(alphabet: Alphabet) -> Self {
        let last = alphabet.runs().last().map_or(0, |run| run.1);
        Self {
            ascii: (0..128).filter(|code| alphabet.contains((*code).into())).collect(),
            is_ascii: last < 128,
            simplest: char::from_u32(alphabet.simplest()).unwrap_or_default(),
            alphabet,
        }
    }

    /// A random character, mostly a readable one.
    #[inline]
    fn draw(&self, rng: &mut Rng) -> char {
        match self.is_ascii || !rng.one_in(8) {
            true if !self.ascii.is_empty() => self.ascii[rng.below(self.ascii.len())].into(),
            _ => self.alphabet.draw_char(rng),
        }
    }
}

/// The states and the steps between them.
#[derive(Clone)]
pub(super) struct Automaton {
    /// By state, less one.
    places: Vec<Place>,
    /// The states that may come next, by state.
    next: Vec<Vec<u16>>,
    /// The same as sets, and the reverse.
    next_sets: Sets,
    before_sets: Sets,
    /// The states that each character of ASCII may bring about.
    by_ascii: Sets,
    /// The states that a text may end in: a single set.
    ends: Sets,
    /// The fewest bytes that must follow, by state.
    rest: Vec<u32>,
    /// How many words a set has.
    words: usize,
    /// What texts of ASCII lead to, if that is not too much.
    table: Option<Table>,
}

impl Automaton {
    /// The automaton of a sound expression.
    pub(super) fn new(expression: &Expression) -> Self {
        let mut builder = Builder { places: Vec::new(), next: vec![Vec::new()] };
        let whole = builder.piece(expression);
        builder.next[0].clone_from(&whole.first);
        let Builder { places, mut next } = builder;
        next.iter_mut().for_each(|next| {
            next.sort_unstable();
            next.dedup();
        });
        let words = next.len().div_ceil(64);
        let sets = |count| Sets::new(count, words);
        let mut ends = sets(1);
        let start = whole.is_optional.then_some(0);
        whole.last.iter().copied().chain(start).for_each(|state| ends.insert(0, state));
        let mut automaton = Self {
            next_sets: sets(next.len()),
            before_sets: sets(next.len()),
            by_ascii: sets(128),
            rest: vec![u32::MAX; next.len()],
            words,
            places,
            next,
            ends,
            table: None,
        };
        automaton.fill_sets();
        automaton.fill_rest();
        let singles = (0..automaton.states()).map(|state| automaton.single(state)).collect();
        automaton.table =
            Table::new(singles, &automaton.by_ascii, |set, char| automaton.after(set, char));
        automaton
    }

    fn fill_sets(&mut self) {
        for (state, next) in self.next.iter().enumerate() {
            for to in next {
                self.next_sets.insert(state, *to);
                self.before_sets.insert(usize::from(*to), state as u16);
            }
        }
        for (index, place) in self.places.iter().enumerate() {
            let codes = (0..128).filter(|code| place.alphabet.contains(*code));
            codes.for_each(|code| self.by_ascii.insert(code as usize, index as u16 + 1));
        }
    }

    /// Fills in what must follow: a least fixed point from "infinitely many".
    fn fill_rest(&mut self) {
        let mut changed: Vec<u16> = members(self.ends.get(0)).collect();
        changed.iter().for_each(|state| self.rest[usize::from(*state)] = 0);
        while let Some(state) = changed.pop() {
            let Some(place) = usize::from(state).checked_sub(1) else { continue };
            let own = self.places[place].simplest.len_utf8() as u32;
            let with = self.rest[usize::from(state)] + own;
            for before in members(self.before_sets.get(usize::from(state))) {
                if with < self.rest[usize::from(before)] {
                    self.rest[usize::from(before)] = with;
                    changed.push(before);
                }
            }
        }
    }

    /// Whether a text may end in a state.
    pub(super) fn is_end(&self, state: u16) -> bool {
        has(self.ends.get(0), state)
    }

    /// Whether one state may come right after another.
    pub(super) fn leads(&self, from: u16, to: u16) -> bool {
        has(self.next_sets.get(from.into()), to)
    }

    /// The states that may come next.
    pub(super) fn next(&self, state: u16) -> &[u16] {
        &self.next[usize::from(state)]
    }

    /// A random character that brings a text into a state.
    pub(super) fn draw(&self, state: u16, rng: &mut Rng) -> char {
        self.places[usize::from(state) - 1].draw(rng)
    }

    /// The simplest character that brings a text into a state.
    pub(super) fn simplest(&self, state: u16) -> char {
        self.places[usize::from(state) - 1].simplest
    }

    /// All characters that bring a text into a state.
    pub(super) fn alphabet(&self, state: u16) -> &Alphabet {
        &self.places[usize::from(state) - 1].alphabet
    }

    /// The next state on the shortest way to an end; none in an end.
    pub(super) fn home(&self, state: u16) -> Option<u16> {
        let bytes = |to: &u16| self.rest[usize::from(*to)] + self.simplest(*to).len_utf8() as u32;
        match self.is_end(state) {
            true => None,
            false => self.next(state).iter().copied().min_by_key(bytes),
        }
    }

    /// How many states there are.
    pub(super) fn states(&self) -> usize {
        self.next.len()
    }

    /// How many words a set of states has.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// The states after a further character. `W` is how many words a set has, or more.
    #[inline]
    fn step<const W: usize>(&self, set: &[u64; W], char: char) -> [u64; W] {
        let words = self.words.min(W);
        let mut next = [0; W];
        for (index, word) in set[..words].iter().enumerate() {
            let mut word = *word;
            while word != 0 {
                let state = index * 64 + word.trailing_zeros() as usize;
                let to = self.next_sets.get(state);
                next.iter_mut().zip(to).for_each(|(next, to)| *next |= to);
                word &= word - 1;
            }
        }
        if char.is_ascii() {
            let taken = self.by_ascii.get(char as usize);
            next.iter_mut().zip(taken).for_each(|(next, taken)| *next &= taken);
        } else {
            let all = next;
            let foreign = members(&all).filter(|to| !self.alphabet(*to).contains(char.into()));
            foreign.for_each(|to| next[usize::from(to) / 64] &= !(1 << (to % 64)));
        }
        next
    }

    /// The set of one state.
    fn single(&self, state: usize) -> Vec<u64> {
        let mut set = vec![0; self.words];
        set[state / 64] = 1 << (state % 64);
        set
    }

    /// The states after a further character.
    fn after(&self, set: &[u64], char: char) -> Vec<u64> {
        let mut all = [0; MAX_WORDS];
        all[..set.len()].copy_from_slice(set);
        self.step(&all, char)[..self.words].to_vec()
    }

    /// The table, where it says all about a text.
    #[inline]
    pub(super) fn table(&self, text: &[u8]) -> Option<&Table> {
        self.table.as_ref().filter(|_| text.is_ascii())
    }

    /// Gives the set of states before each character and after the last one to `keep`, from a state on,
    /// until that says false. What is no text has no characters.
    #[inline]
    pub(super) fn run(&self, from: u16, text: &[u8], keep: impl FnMut(&[u64]) -> bool) {
        if let Some(table) = self.table(text) {
            let mut keep = keep;
            return table.run(from, text, |number| keep(table.set(number)));
        }
        let text = std::str::from_utf8(text).unwrap_or_default();
        // The length is known at compile time where sets are short, as those of most patterns are.
        match self.words {
            1 => self.run_by::<1>(from, text, keep),
            2 => self.run_by::<2>(from, text, keep),
            3..=4 => self.run_by::<4>(from, text, keep),
            _ => self.run_by::<MAX_WORDS>(from, text, keep),
        }
    }

    #[inline]
    fn run_by<const W: usize>(&self, from: u16, text: &str, keep: impl FnMut(&[u64]) -> bool) {
        let (words, mut keep) = (self.words.min(W), keep);
        let mut set = [0; W];
        set[usize::from(from) / 64] = 1 << (from % 64);
        let mut chars = text.chars();
        while keep(&set[..words]) {
            let Some(char) = chars.next() else { return };
            set = self.step(&set, char);
        }
    }

    /// The states that a text may end in.
    pub(super) fn ends(&self) -> &[u64] {
        self.ends.get(0)
    }

    /// The states that may come before one.
    #[inline]
    pub(super) fn before(&self, state: u16) -> &[u64] {
        self.before_sets.get(state.into())
    }

    /// Whether a text may end in one of these states.
    #[inline]
    pub(super) fn has_end(&self, set: &[u64]) -> bool {
        common(set, self.ends()).is_some()
    }

    /// Whether a text leads from a state to an end.
    pub(super) fn leads_home(&self, from: u16, text: &[u8]) -> bool {
        let mut is_end = false;
        self.run(from, text, |set| {
            is_end = self.has_end(set);
            set.iter().any(|word| *word != 0)
        });
        is_end
    }

    /// Whether a text belongs to the pattern.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.leads_home(0, text.as_bytes())
    }

    /// The text with the fewest bytes, and of these the one with the simplest.
    pub(super) fn simplest_text(&self) -> String {
        let (mut states, mut text) = (vec![0u16], String::new());
        let rest = |state: u16| self.rest[usize::from(state)];
        while states.iter().all(|state| rest(*state) > 0) {
            let steps = states.iter().flat_map(|from| {
                let is_short = move |to: &&u16| {
                    let char = self.simplest(**to).len_utf8() as u32;
                    rest(**to).checked_add(char) == Some(rest(*from))
                };
                self.next(*from).iter().filter(is_short)
            });
            let steps: Vec<u16> = steps.copied().collect();
            let chars = steps.iter().map(|state| self.simplest(*state));
            let Some(char) = chars.min_by_key(|char| of_code(u32::from(*char))) else { break };
            text.push(char);
            states = steps.into_iter().filter(|state| self.simplest(*state) == char).collect();
            states.sort_unstable();
            states.dedup();
        }
        text
    }
}

/// A part of the pattern as states.
#[derive(Clone)]
struct Piece {
    /// The states that it may begin with, and end with.
    first: Vec<u16>,
    last: Vec<u16>,
    /// Whether it may be empty.
    is_optional: bool,
}

impl Piece {
    fn empty() -> Self {
        Self { first: Vec::new(), last: Vec::new(), is_optional: true }
    }
}

struct Builder {
    places: Vec<Place>,
    next: Vec<Vec<u16>>,
}

impl Builder {
    fn piece(&mut self, expression: &Expression) -> Piece {
        match expression {
            Expression::One(alphabet) => self.one(alphabet),
            Expression::All(parts) => {
                let mut whole = Piece::empty();
                for part in parts {
                    let part = self.piece(part);
                    whole = self.joined(whole, part);
                }
                whole
            }
            Expression::Any(parts) => {
                let mut whole = Piece { is_optional: false, ..Piece::empty() };
                for part in parts {
                    let part = self.piece(part);
                    whole.first.extend(part.first);
                    whole.last.extend(part.last);
                    whole.is_optional |= part.is_optional;
                }
                whole
            }
            Expression::Repeat { of, min, max } => self.repeated(of, *min, *max),
        }
    }

    fn one(&mut self, alphabet: &Alphabet) -> Piece {
        self.places.push(Place::new(alphabet.clone()));
        self.next.push(Vec::new());
        let state = vec![self.places.len() as u16];
        Piece { first: state.clone(), last: state, is_optional: false }
    }

    /// Makes what `to` begins with follow what `from` ends with.
    fn link(&mut self, from: &[u16], to: &[u16]) {
        from.iter().for_each(|state| self.next[usize::from(*state)].extend(to));
    }

    fn joined(&mut self, mut one: Piece, two: Piece) -> Piece {
        self.link(&one.last, &two.first);
        if one.is_optional {
            one.first.extend(&two.first);
        }
        let mut last = two.last;
        if two.is_optional {
            last.extend(one.last);
        }
        Piece { first: one.first, last, is_optional: one.is_optional && two.is_optional }
    }

    /// The last copies come first: each that need not be there is left out with all that follow it.
    fn repeated(&mut self, of: &Expression, min: u32, max: Option<u32>) -> Piece {
        let mut rest = Piece::empty();
        let copies = Expression::copies(min, max);
        for copy in (0..copies).rev() {
            let mut piece = self.piece(of);
            if max.is_none() && copy + 1 == copies {
                self.link(&piece.last, &piece.first);
            }
            piece = self.joined(piece, rest);
            piece.is_optional |= copy >= min as usize;
            rest = piece;
        }
        rest
    }
}
