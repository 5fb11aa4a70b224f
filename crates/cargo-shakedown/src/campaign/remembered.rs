//! What a campaign leaves to the next one with the same program, so that its entries need not be
//! run again.

use super::input::StoredInput;

/// Entries that have a file, in order, and the features that each of them owns. That is everything
/// a campaign makes of a run of them, and it grows with the program and the number of entries, not
/// with their product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Where the features of each entry end.
    entries: Vec<(StoredInput, usize)>,
    features: Vec<u32>,
}

impl Remembered {
    /// Adds an entry that owns these features, in ascending order.
    pub fn push(&mut self, entry: StoredInput, features: &[u32]) {
        self.features.extend_from_slice(features);
        self.entries.push((entry, self.features.len()));
    }

    /// Number of entries.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// Number of features of all entries.
    #[must_use]
    pub fn features(&self) -> usize {
        self.features.len()
    }

    /// The entries, each with the features that it owns.
    pub fn iter(&self) -> impl Iterator<Item = (StoredInput, &[u32])> {
        let mut start = 0;
        self.entries.iter().map(move |&(entry, end)| {
            let features = &self.features[start..end];
            start = end;
            (entry, features)
        })
    }
}
