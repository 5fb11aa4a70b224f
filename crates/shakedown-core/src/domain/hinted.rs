//! What hints make of a content: what is wanted takes the place of what is there.

use super::edit::Content;
use super::form::{Form, Formed};
use crate::hints::Hint;
use crate::mutate::sources::Sources;

/// The farthest that a value is looked for from a random place, in bytes.
const MAX_SEARCH: usize = 256;

/// The longest content that is made because its length was compared.
const MAX_FIT: u64 = 4096;

/// Puts what a random hint wants in the place of what is live, as far as it is there.
pub(crate) fn change(content: &mut Content, sources: &mut Sources) -> bool {
    let hint = sources.hints.get(sources.rng.below(sources.hints.len()));
    match hint {
        Hint::Memory { wanted, .. }
            if content.is_text() && std::str::from_utf8(wanted).is_err() =>
        {
            false
        }
        Hint::Memory { live, wanted } => match sources.rng.below(4) {
            0 => content.insert(sources.rng.below(content.len() + 1), wanted),
            1 => content.overwrite(sources.rng.below(content.len() + 1), wanted),
            _ => replace_near(content, live, wanted, sources),
        },
        Hint::Int { live, wanted, .. } if live == content.len() as u64 && sources.rng.one_in(2) => {
            fit(content, wanted, sources.rng.u64())
        }
        Hint::Int { width, live, wanted } => {
            let text = content.is_text();
            let suiting =
                Form::ALL.into_iter().filter(|form| form.suits(width, live, wanted, text));
            let number = sources.rng.below(suiting.clone().count());
            let Some(form) = suiting.into_iter().nth(number) else { return false };
            let wanted = match sources.rng.below(6) {
                0 => wanted.wrapping_add(1),
                1 => wanted.wrapping_sub(1),
                _ => wanted,
            };
            let wanted = Formed::new(form, width, wanted);
            if wanted.as_slice().is_empty() {
                return false;
            }
            if sources.rng.one_in(4) {
                let at = sources.rng.below(content.len() + 1);
                return content.overwrite(at, wanted.as_slice());
            }
            let live = Formed::new(form, width, live);
            replace_near(content, live.as_slice(), wanted.as_slice(), sources)
        }
    }
}

/// Replaces the first `live` from a random place on.
fn replace_near(content: &mut Content, live: &[u8], wanted: &[u8], sources: &mut Sources) -> bool {
    let first = sources.rng.below(content.len() + 1);
    let found = find(content.bytes(), live, first).or_else(|| find(content.bytes(), live, 0));
    found.is_some_and(|at| put(content, at, live.len(), wanted))
}

/// The first place of `live` from `first` on, not farther away than [`MAX_SEARCH`].
fn find(bytes: &[u8], live: &[u8], first: usize) -> Option<usize> {
    let end = bytes.len().min(first + MAX_SEARCH + live.len());
    let at = bytes[first..end].windows(live.len().max(1)).position(|part| part == live)?;
    Some(first + at)
}

/// Replaces the `old` bytes at a place, if text stays text.
pub(crate) fn put(content: &mut Content, at: usize, old: usize, wanted: &[u8]) -> bool {
    let is_cut = content.floor(at) != at || content.ceil(at + old) != at + old;
    if content.is_text() && (is_cut || std::str::from_utf8(wanted).is_err()) {
        return false;
    }
    content.replace(at..at + old, wanted)
}

/// Gives a content the wanted length, by cutting it or by letters that differ.
pub(crate) fn fit(content: &mut Content, wanted: u64, seed: u64) -> bool {
    let len = content.len();
    if wanted > MAX_FIT || wanted == len as u64 {
        return false;
    }
    let wanted = wanted as usize;
    if wanted < len {
        let cut = content.floor(wanted);
        return content.replace(cut..len, &[b'a'; 4][..wanted - cut]);
    }
    let mut filler = [0; MAX_FIT as usize];
    let filler = &mut filler[..wanted - len];
    let mut rng = crate::rng::Rng::new(seed);
    // Letters alone: they are text, and each is likely to be found again by what it is compared with.
    filler.iter_mut().for_each(|byte| *byte = b'a' + rng.below(26) as u8);
    content.replace(len..len, filler)
}

#[cfg(test)]
mod tests {
    use super::super::Len;
    use super::super::edit::Buffer;
    use super::*;

    #[test]
    fn contents_are_fitted_and_text_stays_text() {
        let fitted = |text: &str, wanted| {
            let mut buf = vec![0; 100];
            buf[4..4 + text.len()].copy_from_slice(text.as_bytes());
            let mut input = Buffer::new(&mut buf, 4 + text.len());
            let mut content = Content::new(&mut input, 4..4 + text.len(), Len::ANY, true);
            let changed = fit(&mut content, wanted, 7);
            let result = std::str::from_utf8(content.bytes()).unwrap().to_owned();
            changed.then_some(result)
        };
        assert_eq!(fitted("hello", 2).as_deref(), Some("he"));
        assert_eq!(fitted("hé", 2).as_deref(), Some("ha"), "no half of a character");
        assert!(fitted("hé", 9).is_some_and(|text| text.len() == 9 && text.starts_with("hé")));
        assert_eq!(fitted("hello", 5), None);
        assert_eq!(fitted("hello", 97), None, "more than there is room for");
    }
}
