//! Bounds of lengths.

/// Bounds on the number of elements (or bytes) of a sequence, both inclusive.
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
}
