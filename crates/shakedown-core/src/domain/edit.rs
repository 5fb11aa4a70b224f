//! What mutators write to: an input in its buffer, and the bytes or text of one value
//! within it. Everything that keeps lengths, bounds, capacity and character boundaries right is
//! here, so that a mutator only says what goes where.

use std::ops::Range;

use super::Len;

/// The longest end of an input that is moved as a block of fixed size.
const MAX_BLOCK: usize = 128;

/// An input at the front of a buffer whose length is the capacity.
#[derive(Debug)]
pub(crate) struct Buffer<'a> {
    buf: &'a mut [u8],
    len: usize,
}

impl<'a> Buffer<'a> {
    /// The input `buf[..len]`.
    #[inline]
    pub(crate) fn new(buf: &'a mut [u8], len: usize) -> Self {
        Self { buf, len }
    }

    /// Its length in bytes.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Its bytes.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buf[..self.len]
    }

    /// Its bytes, to change in place.
    #[inline]
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.buf[..self.len]
    }

    /// How many bytes it may grow by.
    #[inline]
    pub(crate) fn room(&self) -> usize {
        self.buf.len() - self.len
    }

    /// Whether a range of `old` bytes may become one of `new` bytes.
    #[inline]
    pub(crate) fn fits(&self, old: usize, new: usize) -> bool {
        new <= old || new - old <= self.room()
    }

    /// Puts `with` in the place of `range`. False, and nothing is done, if that does not fit the
    /// capacity or would change nothing.
    pub(crate) fn replace(&mut self, range: Range<usize>, with: &[u8]) -> bool {
        if !self.fits(range.len(), with.len()) || &self.buf[range.clone()] == with {
            return false;
        }
        let end = range.start + with.len();
        if end != range.end {
            self.shift(range.end, end);
        }
        self.buf[range.start..end].copy_from_slice(with);
        true
    }

    /// Puts a short piece in the place of `range`, where that can be done in blocks of fixed size;
    /// says whether that changed anything. There must be room for it.
    #[inline]
    fn put_block<const N: usize>(&mut self, range: Range<usize>, piece: &Short) -> Option<bool> {
        let end = range.start + piece.len;
        let rest = self.len - range.end;
        if rest > N || range.end.max(end) + N > self.buf.len() {
            return None;
        }
        let block: [u8; N] = *self.buf[range.end..].first_chunk()?;
        let old = self.buf[range.start..].first_chunk_mut()?;
        let before = std::mem::replace(old, piece.bytes);
        *self.buf[end..].first_chunk_mut()? = block;
        self.len = end + rest;
        Some(end != range.end || self.buf[range.start..].first_chunk() != Some(&before))
    }

    /// Moves what follows position `at` away by `count` bytes, of which there must be room, and
    /// returns the gap. What is in it is to be overwritten.
    pub(crate) fn open(&mut self, at: usize, count: usize) -> &mut [u8] {
        self.shift(at, at + count);
        &mut self.buf[at..at + count]
    }

    /// Moves all from position `from` on to position `to`.
    #[inline]
    fn shift(&mut self, from: usize, to: usize) {
        if !(self.shift_block::<MAX_BLOCK>(from, to)
            || self.shift_block::<{ MAX_BLOCK / 2 }>(from, to))
        {
            self.buf.copy_within(from..self.len, to);
        }
        self.len = self.len - from + to;
    }

    /// As [`Self::shift`] for at most `N` bytes, where the buffer is long enough to move `N` in
    /// any case: a `memmove` branches by the number, which no processor can predict.
    #[inline]
    fn shift_block<const N: usize>(&mut self, from: usize, to: usize) -> bool {
        if self.len - from > N || from.max(to) + N > self.buf.len() {
            return false;
        }
        let block: [u8; N] = *self.buf[from..].first_chunk().expect("as checked");
        *self.buf[to..].first_chunk_mut().expect("as checked") = block;
        true
    }

    /// Stores the count of a sequence at byte `at`.
    pub(crate) fn store_count(&mut self, at: usize, count: usize) {
        self.buf[at..at + 4].copy_from_slice(&(count as u32).to_le_bytes());
    }
}

/// A short piece of an input, by value: what is done with it does not depend on its length, so there is
/// no branch by it, which no processor could predict.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short {
    bytes: [u8; Short::MAX],
    len: usize,
}

impl Short {
    /// Most bytes of it.
    pub(crate) const MAX: usize = 32;

    /// The first `len` of these bytes, if they are not more than there are.
    #[inline]
    pub(crate) fn new(bytes: [u8; Self::MAX], len: usize) -> Option<Self> {
        (len <= Self::MAX).then_some(Self { bytes, len })
    }

    #[inline]
    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// The content of a bytes or string value: what follows its count. Positions are relative to it.
#[derive(Debug)]
pub(crate) struct Content<'a, 'b> {
    input: &'a mut Buffer<'b>,
    start: usize,
    len: usize,
    bounds: Len,
    text: bool,
}

impl<'a, 'b> Content<'a, 'b> {
    /// The content at `range` of `input`, after its four bytes of count. `text` promises that it is
    /// UTF-8, and asks that it stays so.
    #[inline]
    pub(crate) fn new(
        input: &'a mut Buffer<'b>,
        range: Range<usize>,
        bounds: Len,
        text: bool,
    ) -> Self {
        Self { input, start: range.start, len: range.len(), bounds, text }
    }

    /// Whether it has to stay UTF-8.
    #[inline]
    pub(crate) fn is_text(&self) -> bool {
        self.text
    }

    /// Its length in bytes.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Its bytes.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.input.bytes()[self.start..self.start + self.len]
    }

    /// Its bytes, to change in place.
    #[inline]
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.input.bytes_mut()[self.start..self.start + self.len]
    }

    /// How many bytes it may grow by.
    #[inline]
    pub(crate) fn room(&self) -> usize {
        self.input.room().min((self.bounds.max as usize).saturating_sub(self.len))
    }

    /// How many bytes it may shrink by.
    #[inline]
    pub(crate) fn spare(&self) -> usize {
        self.len.saturating_sub(self.bounds.min as usize)
    }

    /// Puts `with` in the place of `range`. False, and nothing is done, if that breaks a bound or
    /// would change nothing. In text, both ends of the range lie on character boundaries.
    pub(crate) fn replace(&mut self, range: Range<usize>, with: &[u8]) -> bool {
        let len = self.len - range.len() + with.len();
        if !self.bounds.contains(len) {
            return false;
        }
        let range = self.start + range.start..self.start + range.end;
        let changed = self.input.replace(range, with);
        if changed && len != self.len {
            self.len = len;
            self.input.store_count(self.start - 4, len);
        }
        changed
    }

    /// The piece at `range`, if it is short and the buffer does not end right behind it.
    #[inline]
    pub(crate) fn short(&self, range: Range<usize>) -> Option<Short> {
        Short::new(*self.input.buf[self.start + range.start..].first_chunk()?, range.len())
    }

    /// As [`Self::replace`].
    #[inline]
    pub(crate) fn put(&mut self, range: Range<usize>, piece: &Short) -> bool {
        let len = self.len - range.len() + piece.len;
        if !self.bounds.contains(len) || !self.input.fits(range.len(), piece.len) {
            return false;
        }
        let absolute = self.start + range.start..self.start + range.end;
        let changed = match self.input.put_block::<MAX_BLOCK>(absolute.clone(), piece) {
            None => self.input.put_block::<{ MAX_BLOCK / 2 }>(absolute, piece),
            changed => changed,
        };
        let Some(changed) = changed else { return self.replace(range, piece.as_slice()) };
        self.len = len;
        self.input.store_count(self.start - 4, len);
        changed
    }

    /// Makes a gap of `count` bytes at position `at`, and returns it to be written. For bytes that
    /// are not text, and at most [`Self::room`] of them.
    pub(crate) fn open(&mut self, at: usize, count: usize) -> &mut [u8] {
        self.len += count;
        self.input.store_count(self.start - 4, self.len);
        self.input.open(self.start + at, count)
    }

    /// Puts `with` at position `at`, moved down to a character boundary.
    #[inline]
    pub(crate) fn insert(&mut self, at: usize, with: &[u8]) -> bool {
        let at = self.floor(at);
        self.replace(at..at, with)
    }

    /// Puts `with` over as many bytes from position `at` on, or over what is left of them; in text,
    /// over the characters that these bytes belong to.
    #[inline]
    pub(crate) fn overwrite(&mut self, at: usize, with: &[u8]) -> bool {
        let end = (at + with.len()).min(self.len);
        let range = self.floor(at)..self.ceil(end);
        let with = if self.text { with } else { &with[..range.len()] };
        self.replace(range, with)
    }

    /// The character of a text at position `at`, a boundary; nothing at the end.
    #[inline]
    pub(crate) fn char_at(&self, at: usize) -> Option<char> {
        let end = if at < self.len { self.ceil(at + 1) } else { return None };
        std::str::from_utf8(&self.bytes()[at..end]).ok()?.chars().next()
    }

    /// The last position at or before `at` where the content may be cut.
    #[inline]
    pub(crate) fn floor(&self, at: usize) -> usize {
        if self.text { floor_char(self.bytes(), at) } else { at }
    }

    /// The first position at or after `at` where the content may be cut.
    #[inline]
    pub(crate) fn ceil(&self, at: usize) -> usize {
        if self.text { ceil_char(self.bytes(), at) } else { at }
    }
}

/// The character boundary of `text` at or before `at`.
#[inline]
pub(crate) fn floor_char(text: &[u8], mut at: usize) -> usize {
    while at > 0 && is_continuation(text, at) {
        at -= 1;
    }
    at
}

/// The character boundary of `text` at or after `at`.
#[inline]
pub(crate) fn ceil_char(text: &[u8], mut at: usize) -> usize {
    while is_continuation(text, at) {
        at += 1;
    }
    at
}

#[inline]
fn is_continuation(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies `edit` to the content `cd` of an input with something on both sides and room for
    /// two more bytes; returns the input if `edit` says that it changed.
    fn edited(bounds: Len, edit: impl Fn(&mut Content) -> bool) -> Option<Vec<u8>> {
        let mut buf = *b"ab\x02\0\0\0cdef..";
        let mut input = Buffer::new(&mut buf, 10);
        let changed = edit(&mut Content::new(&mut input, 6..8, bounds, false));
        let bytes = input.bytes().to_vec();
        assert_eq!(changed, bytes != b"ab\x02\0\0\0cdef");
        changed.then_some(bytes)
    }

    #[test]
    fn replacing_moves_what_follows_and_keeps_the_count() {
        let edited = |edit: fn(&mut Content) -> bool| edited(Len::ANY, edit);
        assert_eq!(edited(|c| c.insert(1, b"xy")).unwrap(), b"ab\x04\0\0\0cxydef");
        assert_eq!(edited(|c| c.replace(0..2, b"")).unwrap(), b"ab\0\0\0\0ef");
        assert_eq!(edited(|c| c.overwrite(1, b"xyz")).unwrap(), b"ab\x02\0\0\0cxef");
        assert_eq!(edited(|c| c.insert(1, b"xyz")), None, "over the capacity");
        assert_eq!(edited(|c| c.overwrite(0, b"cd")), None, "no change");
    }

    #[test]
    fn bounds_are_kept() {
        let bounds = Len { min: 2, max: 3 };
        assert!(edited(bounds, |c| c.replace(0..1, b"")).is_none());
        assert!(edited(bounds, |c| c.insert(0, b"xy")).is_none());
        assert!(edited(bounds, |c| c.insert(0, b"x")).is_some());
        edited(bounds, |c| {
            assert_eq!((c.room(), c.spare()), (1, 0));
            false
        });
    }

    #[test]
    fn text_is_cut_between_characters() {
        let text = "aé€😀".as_bytes();
        let floors: Vec<_> = (0..=text.len()).map(|at| floor_char(text, at)).collect();
        assert_eq!(floors, [0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10]);
        let ceils: Vec<_> = (0..=text.len()).map(|at| ceil_char(text, at)).collect();
        assert_eq!(ceils, [0, 1, 3, 3, 6, 6, 6, 10, 10, 10, 10]);
    }
}
