//! One of a few values of any type, encoded as that type encodes it.
//!
//! No encoding of a node begins with another one of it, so the bytes say which value they begin with.

use std::cmp::Ordering;
use std::ops::Range;

use super::edit::Buffer;
use super::trial::{Stopped, Trial};
use crate::mutate::sources::Sources;
use crate::rng::Rng;

/// The values that there may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// Each encoded, the simplest first.
    all: Vec<Vec<u8>>,
}

impl Values {
    /// These encoded values of one type; what is repeated is dropped.
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let mut all = Vec::new();
        for value in values {
            if !all.contains(&value) {
                all.push(value);
            }
        }
        Self { all }
    }

    /// All of them, the simplest first.
    #[must_use]
    pub fn all(&self) -> &[Vec<u8>] {
        &self.all
    }

    /// The simplest value.
    pub(crate) fn simplest(&self) -> &[u8] {
        self.all.first().map_or(&[], Vec::as_slice)
    }

    /// How many of the bytes are the value that they begin with.
    pub(crate) fn check(&self, bytes: &[u8]) -> Result<usize, &'static str> {
        if self.all.is_empty() {
            return Err("nested deeper than `depth` allows");
        }
        let found = self.all.iter().find(|value| bytes.starts_with(value));
        found.map(Vec::len).ok_or("not one of the values that are allowed")
    }

    /// A random value.
    pub(crate) fn draw(&self, rng: &mut Rng) -> &[u8] {
        self.all.get(rng.below(self.all.len())).map_or(&[], Vec::as_slice)
    }

    /// Puts another value in the place of the one at `range`. False if there is no other, or no room.
    pub(crate) fn change(
        &self,
        input: &mut Buffer,
        range: Range<usize>,
        sources: &mut Sources,
    ) -> bool {
        let old = self.position(&input.bytes()[range.clone()]);
        let Some(others) = self.all.len().checked_sub(1).filter(|others| *others > 0) else {
            return false;
        };
        let new = (old + 1 + sources.rng.below(others)) % self.all.len();
        input.replace(range, &self.all[new])
    }

    /// Tries the simpler values, the simplest first.
    pub(crate) fn simplify(&self, trial: &mut Trial) -> Result<(), Stopped> {
        let position = self.position(trial.value());
        for simpler in &self.all[..position] {
            if trial.replace(simpler)? {
                break;
            }
        }
        Ok(())
    }

    /// Which of two values is simpler.
    pub(crate) fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        self.position(a).cmp(&self.position(b))
    }

    fn position(&self, value: &[u8]) -> usize {
        self.all.iter().position(|known| known == value).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tests::with_sources;
    use super::*;

    fn of(values: &[&[u8]]) -> Values {
        Values::new(values.iter().map(|value| value.to_vec()))
    }

    #[test]
    fn the_bytes_say_which_value_they_begin_with() {
        let values = of(&[b"\x01a", b"\x02bc", b"\x01a"]);
        assert_eq!(values.all().len(), 2);
        assert_eq!(values.check(b"\x02bcd"), Ok(3));
        assert!(values.check(b"\x02b").is_err());
        assert_eq!(values.compare(b"\x01a", b"\x02bc"), Ordering::Less);
    }

    #[test]
    fn every_other_value_is_put_in_its_place() {
        let values = of(&[b"a", b"bb", b"ccc", b"dddd"]);
        let mut seen = BTreeSet::new();
        for seed in 0..100 {
            let mut buf = *b"<bb>..";
            let mut input = Buffer::new(&mut buf, 4);
            let is_changed = with_sources(seed, |sources| values.change(&mut input, 1..3, sources));
            seen.insert(if is_changed { input.bytes().to_vec() } else { Vec::new() });
        }
        let expected = [&b""[..], b"<a>", b"<ccc>", b"<dddd>"].map(<[u8]>::to_vec);
        assert_eq!(seen, BTreeSet::from_iter(expected.into_iter().filter(|v| !v.is_empty())));
        with_sources(0, |sources| {
            let mut buf = *b"a";
            assert!(!of(&[b"a"]).change(&mut Buffer::new(&mut buf, 1), 0..1, sources));
        });
    }
}
