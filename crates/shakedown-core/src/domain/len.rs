//! Lengths within bounds: how many bytes, or elements, a value may have.

use crate::mutate::sources::choose_len;
use crate::rng::Rng;

/// Bounds on the number of elements of a sequence, or of the bytes of a text, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Len {
    /// Fewest elements.
    pub min: u32,
    /// Most elements.
    pub max: u32,
}

impl Len {
    /// No bounds.
    pub const ANY: Self = Self { min: 0, max: u32::MAX };

    /// Whether `count` is within the bounds.
    #[must_use]
    pub fn contains(self, count: usize) -> bool {
        (self.min as usize..=self.max as usize).contains(&count)
    }

    /// Whether any length is within the bounds.
    pub(crate) fn is_sound(self) -> bool {
        self.min <= self.max
    }

    /// Checks a length.
    pub(crate) fn check(self, count: usize) -> Result<(), &'static str> {
        if self.contains(count) { Ok(()) } else { Err("a length is out of bounds") }
    }

    /// A random length, often the least and never more than `most` above it.
    pub(crate) fn draw(self, most: usize, rng: &mut Rng) -> usize {
        let most = most.min((self.max - self.min) as usize);
        let extra = match most {
            0 => 0,
            _ if rng.one_in(4) => 0,
            _ => choose_len(rng, most),
        };
        self.min as usize + extra
    }

    /// A random length, any alike of those at most `most` above the least.
    pub(crate) fn draw_evenly(self, most: usize, rng: &mut Rng) -> usize {
        self.min as usize + rng.below(most.min((self.max - self.min) as usize) + 1)
    }

    /// Appends the simplest content: as short as may be, and all of it `fill`.
    pub(crate) fn write_simplest(self, fill: u8, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.min.to_le_bytes());
        out.resize(out.len() + self.min as usize, fill);
    }
}
