//! An input of a corpus, or where it is: a campaign with a million entries does not hold their
//! bytes, and a supervisor that carries out a job fetches them.

use std::sync::Arc;

/// The input of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Encoded, in memory: it is in no file that it could be fetched from.
    Bytes(Arc<[u8]>),
    /// In a file.
    Stored(StoredInput),
}

/// An input in a file of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredInput {
    /// The name of the file, which is a number of 16 hex digits.
    pub name: u64,
    /// Length of the encoded input in bytes.
    pub len: u32,
}

impl Input {
    /// Length of the encoded input in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it is never asked whether an input is empty")]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Stored(stored) => stored.len as usize,
        }
    }
}

impl Default for Input {
    /// The empty input.
    fn default() -> Self {
        Self::Bytes(Arc::default())
    }
}

impl From<Arc<[u8]>> for Input {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self::Bytes(bytes)
    }
}
