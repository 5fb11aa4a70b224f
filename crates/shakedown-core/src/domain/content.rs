//! What bytes and text have in common: how one of many mutators is drawn, and tokens.

use super::alphabet::Alphabet;
use super::blocks::{BLOCKS, ContentMutator, Named, SPLICES, TOKENS};
use super::edit::Content;
use super::hinted;
use crate::mutate::draws::{BYTES_MUTATORS, MutatorId};
use crate::mutate::sources::{Sources, attempt_again};

/// How many mutators there are for every content.
pub(super) const FOR_ALL: usize = BLOCKS.len() + TOKENS.len() + SPLICES.len();

/// One change in this many is by a hint, where there are hints.
pub(super) const HINT_SHARE: u32 = 6;

/// A list of mutators and those for every content, at the end those that need a dictionary and
/// those that need a donor.
pub(super) const fn joined<const N: usize>(special: &[Named]) -> [Named; N] {
    let mut all = [special[0]; N];
    let lists = [special, &BLOCKS, &TOKENS, &SPLICES];
    let (mut list, mut at, mut end) = (0, 0, 0);
    while end < N {
        all[end] = lists[list][at];
        (at, end) = (at + 1, end + 1);
        if at == lists[list].len() {
            (list, at) = (list + 1, 0);
        }
    }
    all
}

/// What is applied, without the names.
pub(super) const fn functions<const N: usize>(named: &[Named; N]) -> [ContentMutator; N] {
    let mut all = [named[0].1; N];
    let mut at = 1;
    while at < N {
        all[at] = named[at].1;
        at += 1;
    }
    all
}

/// The names alone.
pub(super) const fn names<const N: usize>(named: &[Named; N]) -> [&'static str; N] {
    let mut all = [named[0].0; N];
    let mut at = 1;
    while at < N {
        all[at] = named[at].0;
        at += 1;
    }
    all
}

/// Applies one of the mutators; says whether one changed anything. The one of index `default` comes
/// next where the first one drawn changes nothing: it nearly always does, and being always the same, it
/// costs less than another draw.
#[inline(always)]
pub(super) fn mutate_by<const N: usize>(
    all: &'static [ContentMutator; N],
    default: usize,
    content: &mut Content,
    sources: &mut Sources,
) -> bool {
    *sources.used = MutatorId::OTHER;
    if !sources.hints.is_empty()
        && sources.rng.one_in(HINT_SHARE)
        && hinted::change(content, sources)
    {
        return true;
    }
    let splices = N - SPLICES.len();
    let tokens = splices - TOKENS.len();
    let (has_tokens, has_donor) =
        (sources.has_tokens(content.is_text()), !sources.donor.is_empty());
    let can_apply = |index: usize| match index {
        _ if index < tokens => true,
        _ if index < splices => has_tokens,
        _ => has_donor,
    };
    let (table, first) = match content.is_text() {
        true => (&sources.draws.text, BYTES_MUTATORS),
        false => (&sources.draws.bytes, 0),
    };
    // Four draws at the price of one.
    let drawn = sources.rng.u32().to_le_bytes().map(|byte| usize::from(table[usize::from(byte)]));
    let index = drawn.into_iter().find(|index| can_apply(*index)).unwrap_or(default);
    let id = |index: usize| MutatorId((first + index) as u8);
    *sources.used = id(index);
    if all[index](content, sources) {
        return true;
    }
    *sources.used = id(default);
    all[default](content, sources)
        || attempt_again(N as u32, sources, |index, sources| {
            *sources.used = id(index);
            can_apply(index) && all[index](content, sources)
        })
}

/// How often a change is tried before there is none within an alphabet.
const MAX_TRIES: usize = 4;

/// Changes a content by `change`, and brings what it makes into the alphabet, if there is one.
#[inline(always)]
pub(crate) fn change_within(
    alphabet: Option<&Alphabet>,
    content: &mut Content,
    sources: &mut Sources,
    change: impl Fn(&mut Content, &mut Sources) -> bool,
) -> bool {
    match alphabet {
        None => change(content, sources),
        Some(alphabet) => (0..MAX_TRIES).any(|_| try_within(alphabet, content, sources, &change)),
    }
}

fn try_within(
    alphabet: &Alphabet,
    content: &mut Content,
    sources: &mut Sources,
    change: &dyn Fn(&mut Content, &mut Sources) -> bool,
) -> bool {
    sources.before.clear();
    sources.before.extend_from_slice(content.bytes());
    if !change(content, sources) {
        return false;
    }
    let is_settled = alphabet.settle(content, sources.rng);
    let is_changed = content.bytes() != &sources.before[..];
    if is_changed && !is_settled {
        content.replace(0..content.len(), sources.before);
    }
    is_changed && is_settled
}

/// Sometimes appends a token of at most `count` bytes to the scratch buffer.
pub(super) fn draw_token(count: usize, text: bool, sources: &mut Sources) {
    if sources.rng.one_in(4)
        && let Some(token) = sources.token(text)
        && token.len() <= count
    {
        sources.scratch.extend_from_slice(token);
    }
}
