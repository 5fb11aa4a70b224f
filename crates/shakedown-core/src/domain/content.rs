//! Which of the mutators of bytes or text changes a content.

use super::blocks::{BLOCKS, ContentMutator, SPLICES, TOKENS};
use super::bytes::{self, BYTES};
use super::edit::Content;
use super::text::{self, TEXT};
use crate::mutate::sources::{Sources, attempt_again};

/// Mutators of bytes and of text: those for any, and at the end those that need a dictionary and
/// those that need a donor.
static FOR_BYTES: [ContentMutator; 25] = joined(&BYTES);
static FOR_TEXT: [ContentMutator; 19] = joined(&TEXT);

const fn joined<const N: usize>(special: &[ContentMutator]) -> [ContentMutator; N] {
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

/// Applies one of the mutators for bytes, or for text; says whether one changed anything.
#[inline(always)]
pub(crate) fn mutate_content(content: &mut Content, sources: &mut Sources) -> bool {
    match content.is_text() {
        true => mutate_by(&FOR_TEXT, text::replace_char, content, sources),
        false => mutate_by(&FOR_BYTES, bytes::xor_byte, content, sources),
    }
}

/// `usual` comes next where the first one drawn changes nothing: it nearly always does, and being
/// always the same, it costs less than another draw.
#[inline(always)]
fn mutate_by<const N: usize>(
    all: &'static [ContentMutator; N],
    usual: ContentMutator,
    content: &mut Content,
    sources: &mut Sources,
) -> bool {
    let without = |needed: bool, list: &[ContentMutator]| if needed { 0 } else { list.len() };
    let no_tokens = without(sources.has_tokens(content.is_text()), &TOKENS);
    let no_splices = without(!sources.donor.is_empty(), &SPLICES);
    let tokens = N - SPLICES.len() - TOKENS.len();
    let count = (N - no_tokens - no_splices) as u32;
    let by = |index: usize| all[index + if index < tokens { 0 } else { no_tokens }];
    let (index, _) = sources.rng.below_and_fraction(count);
    by(index as usize)(content, sources)
        || usual(content, sources)
        || attempt_again(count, sources, |index, sources| by(index)(content, sources))
}
