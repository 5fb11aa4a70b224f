//! What a target says about an input that it has run.

/// Whether an input is of use.
///
/// A target returns it, or anything that it can be made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corpus {
    /// It may be kept.
    Keep,
    /// Whatever it reaches, it is not kept.
    Reject,
}

impl From<()> for Corpus {
    fn from((): ()) -> Self {
        Self::Keep
    }
}

impl Corpus {
    #[doc(hidden)]
    #[must_use]
    pub fn to_libfuzzer_code(self) -> i32 {
        match self {
            Self::Keep => 0,
            Self::Reject => -1,
        }
    }
}
