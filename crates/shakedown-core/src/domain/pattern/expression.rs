//! What a pattern is made of: a tree of characters, sequences, choices and repetitions.

use crate::domain::Alphabet;

/// Most characters that a pattern names, each one that is repeated a fixed number of times counted as
/// often: what is made of a pattern grows with the square of it.
pub const MAX_PLACES: usize = 1000;

/// Most levels of a pattern, since what walks one is recursive.
pub const MAX_LEVELS: usize = 128;

/// A pattern, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// One character of these.
    One(Alphabet),
    /// All of these, one after the other.
    All(Vec<Expression>),
    /// Any one of these.
    Any(Vec<Expression>),
    /// The same several times.
    Repeat {
        /// What is repeated.
        of: Box<Expression>,
        /// Fewest times.
        min: u32,
        /// Most times, if there is a limit.
        max: Option<u32>,
    },
}

impl Expression {
    /// How often a part that is repeated has to be written out.
    pub(super) fn copies(min: u32, max: Option<u32>) -> usize {
        max.unwrap_or(min.max(1)) as usize
    }

    /// How many characters it names, once every repetition of a fixed number is written out.
    #[must_use]
    pub fn places(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().map(Self::places).fold(0, usize::saturating_add)
            }
            Self::Repeat { of, min, max } => of.places().saturating_mul(Self::copies(*min, *max)),
        }
    }

    /// Whether there is a text for every part of it.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::One(alphabet) => alphabet.is_sound(char::MAX.into()),
            Self::All(parts) => parts.iter().all(Self::is_sound),
            Self::Any(parts) => !parts.is_empty() && parts.iter().all(Self::is_sound),
            Self::Repeat { of, min, max } => max.is_none_or(|max| *min <= max) && of.is_sound(),
        }
    }
}
