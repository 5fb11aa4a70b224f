//! Reading and writing encoded values, as derived code does it.
//!
//! Scalars are fixed-width little-endian, a sequence is a `u32` count and its elements, an enum a
//! tag and its fields. The engine checks the shape of an input before a target sees it
//! ([`crate::schema::shape`]), so a [`Corrupt`] error means a mistake of the engine, never of the target.

use crate::schema::tag_width;

/// The bytes do not have the shape that the type asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupt;

impl std::fmt::Display for Corrupt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the encoded input does not have the shape of the argument types")
    }
}

impl std::error::Error for Corrupt {}

/// Has memory for the parts of an input that a value borrows.
pub trait Lender: std::fmt::Debug {
    /// A copy of `bytes`; nothing if there is no room left for one.
    fn lend(&self, bytes: &[u8]) -> Option<&[u8]>;
}

/// Takes values from the front of an encoded input.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    lender: Option<&'a dyn Lender>,
}

impl<'a> Reader<'a> {
    /// Reads from `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, lender: None }
    }

    /// Reads from `bytes`; what [`Self::lent`] reads lies in the memory of `lender`.
    #[must_use]
    pub fn lending(bytes: &'a [u8], lender: &'a dyn Lender) -> Self {
        Self { rest: bytes, lender: Some(lender) }
    }

    /// What has not been read.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// If there are fewer.
    #[inline]
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Corrupt> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Corrupt)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next `N` bytes as an array.
    ///
    /// # Errors
    /// If there are fewer.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Corrupt> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Corrupt)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// The count before a sequence.
    ///
    /// # Errors
    /// If there are fewer than four bytes.
    #[inline]
    pub fn count(&mut self) -> Result<usize, Corrupt> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }

    /// A count and that many bytes.
    ///
    /// # Errors
    /// If there are fewer.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'a [u8], Corrupt> {
        let count = self.count()?;
        self.take(count)
    }

    /// As [`Self::bytes`], for a value that keeps the reference. A runtime that has a place for such
    /// bytes puts them there: where reading past their end is noticed, for instance.
    ///
    /// # Errors
    /// If there are fewer.
    #[inline]
    pub fn lent(&mut self) -> Result<&'a [u8], Corrupt> {
        let bytes = self.bytes()?;
        Ok(self.lender.and_then(|lender| lender.lend(bytes)).unwrap_or(bytes))
    }

    /// The tag of an enum with this many variants.
    ///
    /// # Errors
    /// If the bytes end, or the tag is not below `variants`.
    #[inline]
    pub fn tag(&mut self, variants: usize) -> Result<usize, Corrupt> {
        let tag = match tag_width(variants) {
            1 => usize::from(self.array::<1>()?[0]),
            _ => usize::from(u16::from_le_bytes(self.array()?)),
        };
        if tag < variants { Ok(tag) } else { Err(Corrupt) }
    }
}

/// Appends values to an encoded input.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty input.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends bytes as they are.
    pub fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends the count before a sequence.
    ///
    /// # Panics
    /// If the count is 2^32 or more.
    pub fn count(&mut self, count: usize) {
        self.put(&u32::try_from(count).expect("fewer than 2^32 elements").to_le_bytes());
    }

    /// Appends a count and the bytes.
    ///
    /// # Panics
    /// If there are 2^32 bytes or more.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.put(bytes);
    }

    /// Appends the tag of an enum with this many variants.
    pub fn tag(&mut self, tag: usize, variants: usize) {
        self.put(&(tag as u16).to_le_bytes()[..tag_width(variants)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::new();
        writer.put(&7u16.to_le_bytes());
        writer.bytes(b"abc");
        writer.tag(2, 3);
        writer.tag(258, 300);
        let bytes = writer.into_bytes();
        let mut reader = Reader::new(&bytes);
        assert_eq!(u16::from_le_bytes(reader.array().unwrap()), 7);
        assert_eq!(reader.bytes(), Ok(&b"abc"[..]));
        assert_eq!(reader.tag(3), Ok(2));
        assert_eq!(reader.tag(300), Ok(258));
        assert!(reader.rest().is_empty());
        assert_eq!(reader.array::<1>(), Err(Corrupt));
    }

    #[test]
    fn only_what_is_kept_is_lent_and_only_while_there_is_room() {
        #[derive(Debug)]
        struct ThreeBytes([u8; 3]);
        impl Lender for ThreeBytes {
            fn lend(&self, bytes: &[u8]) -> Option<&[u8]> {
                (bytes.len() == 3).then_some(&self.0)
            }
        }
        let mut writer = Writer::new();
        ["abc", "abc", "abcd"].iter().for_each(|text| writer.bytes(text.as_bytes()));
        let (bytes, lender) = (writer.into_bytes(), ThreeBytes(*b"xyz"));
        let mut reader = Reader::lending(&bytes, &lender);
        assert_eq!(reader.bytes(), Ok(&b"abc"[..]));
        assert_eq!(reader.lent(), Ok(&b"xyz"[..]));
        assert_eq!(reader.lent(), Ok(&b"abcd"[..]));
        assert_eq!(reader.lent(), Err(Corrupt));
        assert_eq!(Reader::new(&bytes).lent(), Ok(&b"abc"[..]));
    }

    #[test]
    fn wrong_tags_and_counts_are_corrupt() {
        assert_eq!(Reader::new(&[3]).tag(3), Err(Corrupt));
        assert_eq!(Reader::new(&[2, 0, 0, 0, 1]).bytes(), Err(Corrupt));
    }
}
