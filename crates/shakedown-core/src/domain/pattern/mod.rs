//! Patterns: the texts that a regular expression describes, as a whole.
//!
//! A change leaves the way of the text through the automaton of the pattern at some place, and comes
//! back to it at another. So whatever it makes belongs to the pattern, too.

mod automaton;
mod expression;
mod route;
mod sets;
mod table;
#[cfg(test)]
mod tests;

pub use expression::{Expression, MAX_LEVELS, MAX_PLACES};

use std::sync::Arc;

use super::codes::{Way, lower_items_of};
use super::edit::Content;
use super::rank::of_code;
use super::trial::{Stopped, Trial};
use crate::mutate::sources::{Sources, block, choose_len, fill};
use crate::rng::Rng;
use automaton::Automaton;
use route::Route;

/// The longest piece that is made anew, in characters.
const MAX_PIECE: usize = 64;

/// Most copies of a part that repeats.
const MAX_COPIES: usize = 256;

/// How often a change is tried before there is none.
const MAX_TRIES: usize = 8;

/// Up to which length parts of every length are replaced by shorter ones, in characters.
const MAX_UNIT: usize = 8;

/// The longest part that is replaced by a shorter one, in characters.
const MAX_SHORTENED: usize = 4096;

/// The texts that an expression describes.
#[derive(Clone)]
pub struct Pattern(Arc<Compiled>);

struct Compiled {
    expression: Expression,
    automaton: Automaton,
    simplest: String,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.expression == other.0.expression
    }
}

impl Eq for Pattern {}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.expression.fmt(f)
    }
}

impl Pattern {
    /// The pattern of an expression of at most [`MAX_LEVELS`]; none if it describes no text, or has more
    /// than [`MAX_PLACES`].
    #[must_use]
    pub fn new(expression: Expression) -> Option<Self> {
        if !expression.is_sound() || expression.places() > MAX_PLACES {
            return None;
        }
        let automaton = Automaton::new(&expression);
        let simplest = automaton.simplest_text();
        Some(Self(Arc::new(Compiled { expression, automaton, simplest })))
    }

    /// The expression.
    #[must_use]
    pub fn expression(&self) -> &Expression {
        &self.0.expression
    }

    /// The simplest text.
    pub(crate) fn simplest(&self) -> &str {
        &self.0.simplest
    }
}

/// Checks a text.
pub(crate) fn check(pattern: &Pattern, text: &str) -> Result<(), &'static str> {
    match pattern.0.automaton.matches(text) {
        true => Ok(()),
        false => Err("the text does not match its `regex`"),
    }
}

/// Appends a random text of about `count` bytes; a longer one if there is none that short.
pub(crate) fn draw(pattern: &Pattern, count: usize, out: &mut Vec<u8>, rng: &mut Rng) {
    let (automaton, end) = (&pattern.0.automaton, out.len() + count);
    let mut state = 0;
    while out.len() < end && !(automaton.is_end(state) && rng.one_in(8)) {
        let Some(next) = random(automaton.next(state), rng) else { break };
        state = next;
        push(automaton.draw(state, rng), out);
    }
    while let Some(next) = automaton.home(state) {
        state = next;
        push(automaton.draw(state, rng), out);
    }
}

/// Changes a text. `other` changes any text, and is undone where that leaves the pattern.
pub(crate) fn change(
    pattern: &Pattern,
    content: &mut Content,
    sources: &mut Sources,
    other: impl Fn(&mut Content, &mut Sources) -> bool,
) -> bool {
    if sources.rng.one_in(8) && change_otherwise(pattern, content, sources, &other) {
        return true;
    }
    let automaton = &pattern.0.automaton;
    let slots = &mut std::mem::take(sources.before);
    let changed = Route::of(automaton, content.bytes(), slots).is_some_and(|route| {
        (0..MAX_TRIES).any(|_| {
            let make = [replace_char, repeat, rewrite];
            make[sources.rng.below(7).min(2)](automaton, &route, content, sources)
        })
    });
    *sources.before = std::mem::take(slots);
    changed
}

fn change_otherwise(
    pattern: &Pattern,
    content: &mut Content,
    sources: &mut Sources,
    other: &dyn Fn(&mut Content, &mut Sources) -> bool,
) -> bool {
    sources.before.clear();
    sources.before.extend_from_slice(content.bytes());
    if !other(content, sources) {
        return false;
    }
    let text = std::str::from_utf8(content.bytes()).unwrap_or_default();
    if pattern.0.automaton.matches(text) {
        return content.bytes() != &sources.before[..];
    }
    content.replace(0..content.len(), sources.before);
    false
}

/// Puts another character in the place of one.
fn replace_char(
    automaton: &Automaton,
    route: &Route,
    content: &mut Content,
    sources: &mut Sources,
) -> bool {
    if route.len() == 0 {
        return false;
    }
    let at = sources.rng.below(route.len());
    let char = automaton.draw(route.state(at + 1), sources.rng);
    let piece = route.offset(at)..route.offset(at + 1);
    content.replace(piece, char.encode_utf8(&mut [0; 4]).as_bytes())
}

/// Repeats a part after which it can begin again.
fn repeat(
    automaton: &Automaton,
    route: &Route,
    content: &mut Content,
    sources: &mut Sources,
) -> bool {
    let end = 1 + sources.rng.below(route.len().max(1));
    let first = end.saturating_sub(choose_len(sources.rng, end));
    let again = |from: &usize| automaton.leads(route.state(end), route.state(*from + 1));
    if end > route.len() {
        return false;
    }
    let Some(from) = (first..end).chain(0..first).find(again) else { return false };
    let part = route.offset(from)..route.offset(end);
    let most = (content.room() / part.len().max(1)).min(MAX_COPIES);
    if most == 0 {
        return false;
    }
    let copies = choose_len(sources.rng, most);
    fill(sources.scratch, &content.bytes()[part.clone()], copies);
    content.replace(part.end..part.end, sources.scratch)
}

/// Leaves the way of the text, by random characters or along what is known from elsewhere, and comes
/// back to it at the first chance after that, or goes to another end.
fn rewrite(
    automaton: &Automaton,
    route: &Route,
    content: &mut Content,
    sources: &mut Sources,
) -> bool {
    let from = sources.rng.below(route.len() + 1);
    let mut state = route.state(from);
    sources.scratch.clear();
    match sources.rng.below(6) {
        0 => {}
        1 => state = follow_token(automaton, state, sources),
        2 => state = follow_donor(automaton, state, sources),
        _ => state = wander(automaton, state, sources),
    }
    let ahead = from + sources.rng.below((route.len() - from).min(8) + 1);
    let back = come_back(automaton, route, state, from, ahead, content);
    let to = back.unwrap_or_else(|| {
        while let Some(next) = automaton.home(state) {
            state = next;
            push(automaton.draw(state, sources.rng), sources.scratch);
        }
        route.len()
    });
    content.replace(route.offset(from)..route.offset(to), sources.scratch)
}

/// Where after `from` characters the text can go on from a state: after `ahead`, or else at the first
/// place that is quickly found.
fn come_back(
    automaton: &Automaton,
    route: &Route,
    state: u16,
    from: usize,
    ahead: usize,
    content: &Content,
) -> Option<usize> {
    if route.joins(automaton, state, ahead, content.bytes()) {
        return Some(ahead);
    }
    let mut places = (ahead..=route.len()).chain(from..ahead);
    places.find(|to| route.goes_on(automaton, state, *to))
}

/// Goes on by random characters.
fn wander(automaton: &Automaton, mut state: u16, sources: &mut Sources) -> u16 {
    for _ in 0..choose_len(sources.rng, MAX_PIECE) {
        let Some(next) = random(automaton.next(state), sources.rng) else { break };
        state = next;
        push(automaton.draw(state, sources.rng), sources.scratch);
    }
    state
}

/// Goes on along a token, as far as the pattern allows.
fn follow_token(automaton: &Automaton, state: u16, sources: &mut Sources) -> u16 {
    let token = sources.token(true).unwrap_or_default();
    follow(automaton, state, token, sources)
}

/// Goes on along a piece of the donor.
fn follow_donor(automaton: &Automaton, state: u16, sources: &mut Sources) -> u16 {
    let donor = sources.donor;
    match block(sources.rng, donor, donor.len(), true) {
        Some(piece) => follow(automaton, state, &donor[piece], sources),
        None => state,
    }
}

fn follow(automaton: &Automaton, mut state: u16, text: &[u8], sources: &mut Sources) -> u16 {
    for char in std::str::from_utf8(text).unwrap_or_default().chars() {
        let takes = |to: &&u16| automaton.alphabet(**to).contains(char.into());
        let Some(next) = automaton.next(state).iter().find(takes) else { break };
        state = *next;
        push(char, sources.scratch);
    }
    state
}

fn random(states: &[u16], rng: &mut Rng) -> Option<u16> {
    states.get(rng.below(states.len())).copied()
}

#[inline]
fn push(char: char, out: &mut Vec<u8>) {
    match u8::try_from(char) {
        Ok(byte) if byte.is_ascii() => out.push(byte),
        _ => out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// Makes a text simpler.
pub(crate) fn simplify(pattern: &Pattern, way: Way, trial: &mut Trial) -> Result<(), Stopped> {
    match way {
        Way::Runs => shorten(&pattern.0.automaton, trial),
        Way::Items => lower_chars(&pattern.0.automaton, trial),
        Way::SpellOut | Way::EqualItems => Ok(()),
    }
}

/// The text on trial.
fn text_of(trial: &Trial) -> String {
    String::from_utf8_lossy(&trial.value()[4..]).into_owned()
}

/// Puts the shortest way from where a part begins to where it ends in the place of ever smaller parts.
fn shorten(automaton: &Automaton, trial: &mut Trial) -> Result<(), Stopped> {
    let mut size = text_of(trial).chars().count().min(MAX_SHORTENED);
    while size > 0 {
        let mut at = 0;
        loop {
            let (text, mut slots) = (text_of(trial), Vec::new());
            let Some(route) = Route::of(automaton, text.as_bytes(), &mut slots) else {
                return Ok(());
            };
            if at >= route.len() {
                break;
            }
            let to = (at + size).min(route.len());
            let part = route.offset(at)..route.offset(to);
            let bridge = shortest(automaton, route.state(at), to - at, &text[part.end..]);
            let is_other = bridge.as_ref().is_some_and(|bridge| *bridge != text[part.clone()]);
            let simpler = [&text[..part.start], &bridge.unwrap_or_default(), &text[part.end..]];
            if !(is_other && replace(trial, &simpler.concat())?) {
                at += 1;
            }
        }
        size = if size > 2 * MAX_UNIT { size / 2 } else { size - 1 };
    }
    Ok(())
}

/// The fewest characters, each the simplest, that lead from a state to where the rest of a text can
/// follow, and are not more than `most`: by breadth first.
fn shortest(automaton: &Automaton, from: u16, most: usize, rest: &str) -> Option<String> {
    // The beginning counts as seen only once the way has come back to it.
    let mut is_seen = vec![false; automaton.states()];
    let mut seen = vec![(from, 0)];
    let (mut level, mut steps) = (0..1, 0);
    while steps <= most && !level.is_empty() {
        for index in level.clone() {
            if automaton.leads_home(seen[index].0, rest.as_bytes()) {
                return Some(spelled(automaton, &seen, index));
            }
        }
        let end = level.end;
        for index in level {
            let mut next = automaton.next(seen[index].0).to_vec();
            next.retain(|to| !std::mem::replace(&mut is_seen[usize::from(*to)], true));
            next.sort_by_key(|to| of_code(automaton.simplest(*to).into()));
            seen.extend(next.into_iter().map(|to| (to, index)));
        }
        level = end..seen.len();
        steps += 1;
    }
    None
}

/// The characters on the way to one of the states, each of which came from the one with its index.
fn spelled(automaton: &Automaton, seen: &[(u16, usize)], mut index: usize) -> String {
    let mut chars = Vec::new();
    while index > 0 {
        chars.push(automaton.simplest(seen[index].0));
        index = seen[index].1;
    }
    chars.iter().rev().collect()
}

/// Lowers single characters within what may stand in their place.
fn lower_chars(automaton: &Automaton, trial: &mut Trial) -> Result<(), Stopped> {
    let (text, mut slots) = (text_of(trial), Vec::new());
    let Some(route) = Route::of(automaton, text.as_bytes(), &mut slots) else { return Ok(()) };
    let alphabets = (0..route.len()).map(|at| automaton.alphabet(route.state(at + 1)));
    lower_items_of(alphabets, trial)
}

/// Takes a text if it is simpler and will do.
fn replace(trial: &mut Trial, text: &str) -> Result<bool, Stopped> {
    trial.replace(&[&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat())
}
