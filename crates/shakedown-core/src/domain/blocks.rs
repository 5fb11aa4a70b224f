//! Mutators that move whole pieces of a content about, for bytes and text alike: the content itself
//! cuts text between characters.

use super::decimal;
use super::edit::{Content, floor_char};
use crate::mutate::sources::{Sources, block, choose_len, fill};

/// A mutator of bytes or text: says whether it changed the content, which it does not where it
/// cannot apply.
pub(crate) type ContentMutator = fn(&mut Content, &mut Sources) -> bool;

/// The same with the name that people are told.
pub(crate) type Named = (&'static str, ContentMutator);

/// The most bytes that a run of copies adds.
const MAX_RUN: usize = 4096;

/// Mutators for every content.
pub(crate) const BLOCKS: [Named; 6] = [
    ("remove", remove),
    ("duplicate", duplicate),
    ("overwrite", overwrite),
    ("swap", swap),
    ("repeat", repeat),
    ("decimal", decimal::change),
];

/// Mutators for every content that need a dictionary.
pub(crate) const TOKENS: [Named; 2] =
    [("insert-token", insert_token), ("overwrite-token", overwrite_token)];

/// Mutators for every content that need a donor.
pub(crate) const SPLICES: [Named; 3] = [
    ("insert-from-donor", insert_from_donor),
    ("overwrite-from-donor", overwrite_from_donor),
    ("cross-over", cross_over),
];

/// Removes a piece.
pub(crate) fn remove(content: &mut Content, sources: &mut Sources) -> bool {
    let (spare, text) = (content.spare(), content.is_text());
    match block(sources.rng, content.bytes(), spare, text) {
        Some(range) => content.replace(range, &[]),
        None => false,
    }
}

/// Inserts a copy of a piece somewhere else.
pub(crate) fn duplicate(content: &mut Content, sources: &mut Sources) -> bool {
    let (room, text) = (content.room(), content.is_text());
    let Some(range) = block(sources.rng, content.bytes(), room, text) else { return false };
    let at = content.floor(sources.rng.below(content.len() + 1));
    if let Some(piece) = content.short(range.clone()) {
        return content.put(at..at, &piece);
    }
    copy_to_scratch(&content.bytes()[range], sources);
    content.replace(at..at, sources.scratch)
}

/// Copies a piece over what is somewhere else.
pub(crate) fn overwrite(content: &mut Content, sources: &mut Sources) -> bool {
    let text = content.is_text();
    let Some(range) = block(sources.rng, content.bytes(), usize::MAX, text) else { return false };
    let at = sources.rng.below(content.len());
    if at + range.len() <= content.len()
        && let Some(piece) = content.short(range.clone())
    {
        return content.put(content.floor(at)..content.ceil(at + range.len()), &piece);
    }
    copy_to_scratch(&content.bytes()[range], sources);
    content.overwrite(at, sources.scratch)
}

/// Swaps two pieces that do not overlap.
pub(crate) fn swap(content: &mut Content, sources: &mut Sources) -> bool {
    let (text, bytes) = (content.is_text(), content.bytes());
    let Some(one) = block(sources.rng, bytes, usize::MAX, text) else { return false };
    let Some(mut two) = block(sources.rng, bytes, one.len(), text) else { return false };
    if !text {
        // Pieces of unequal length would move all between them.
        two.start = two.start.min(bytes.len() - one.len());
        two.end = two.start + one.len();
    }
    let (first, second) = if one.start < two.start { (one, two) } else { (two, one) };
    if first.end > second.start {
        return false;
    }
    if first.len() == second.len() {
        if bytes[first.clone()] == bytes[second.clone()] {
            return false;
        }
        let (front, back) = content.bytes_mut().split_at_mut(second.start);
        front[first].swap_with_slice(&mut back[..second.len()]);
        return true;
    }
    sources.scratch.clear();
    for part in [second.clone(), first.end..second.start, first.clone()] {
        sources.scratch.extend_from_slice(&bytes[part]);
    }
    content.replace(first.start..second.end, sources.scratch)
}

/// Repeats a piece in place, up to as often as [`MAX_RUN`] allows.
pub(crate) fn repeat(content: &mut Content, sources: &mut Sources) -> bool {
    let (room, text) = (content.room().min(MAX_RUN), content.is_text());
    let Some(range) = block(sources.rng, content.bytes(), room, text) else { return false };
    let most = room / range.len();
    if most == 0 {
        return false;
    }
    let copies = choose_len(sources.rng, most);
    fill(sources.scratch, &content.bytes()[range.clone()], copies);
    content.insert(range.end, sources.scratch)
}

/// Inserts a token of the dictionary.
pub(crate) fn insert_token(content: &mut Content, sources: &mut Sources) -> bool {
    match sources.token(content.is_text()) {
        Some(token) => content.insert(sources.rng.below(content.len() + 1), token),
        None => false,
    }
}

/// Puts a token of the dictionary over what is there.
pub(crate) fn overwrite_token(content: &mut Content, sources: &mut Sources) -> bool {
    match sources.token(content.is_text()) {
        Some(token) if token.len() <= content.len() => {
            content.overwrite(sources.rng.below(content.len() - token.len() + 1), token)
        }
        _ => false,
    }
}

/// Inserts a piece of the donor.
pub(crate) fn insert_from_donor(content: &mut Content, sources: &mut Sources) -> bool {
    let donor = sources.donor;
    match block(sources.rng, donor, content.room(), content.is_text()) {
        Some(range) => content.insert(sources.rng.below(content.len() + 1), &donor[range]),
        None => false,
    }
}

/// Puts a piece of the donor over what is there.
pub(crate) fn overwrite_from_donor(content: &mut Content, sources: &mut Sources) -> bool {
    let donor = sources.donor;
    match block(sources.rng, donor, content.len(), content.is_text()) {
        Some(range) => {
            let last = (content.len() + 1).saturating_sub(range.len());
            content.overwrite(sources.rng.below(last), &donor[range])
        }
        None => false,
    }
}

/// Keeps a front part and continues with a back part of the donor, as much as fits.
pub(crate) fn cross_over(content: &mut Content, sources: &mut Sources) -> bool {
    let (donor, text) = (sources.donor, content.is_text());
    if donor.is_empty() {
        return false;
    }
    let cut = content.floor(sources.rng.below(content.len() + 1));
    let mut from = sources.rng.below(donor.len());
    let mut to = donor.len().min(from + content.len() - cut + content.room());
    if text {
        from = floor_char(donor, from);
        to = floor_char(donor, to);
    }
    content.replace(cut..content.len(), &donor[from..to])
}

/// Makes `bytes` the content of the scratch buffer.
fn copy_to_scratch(bytes: &[u8], sources: &mut Sources) {
    sources.scratch.clear();
    sources.scratch.extend_from_slice(bytes);
}
