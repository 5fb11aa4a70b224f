//! How often each mutator of bytes and of text is drawn: by weights that a campaign learns from what
//! came of them, or all alike.

/// How many mutators there are for bytes and for text, those for every content included.
pub(crate) const BYTES_MUTATORS: usize = 25;
pub(crate) const TEXT_MUTATORS: usize = 19;

/// How many mutators have a weight: those of bytes, then those of text.
pub const MUTATORS: usize = BYTES_MUTATORS + TEXT_MUTATORS;

/// The weight of a mutator that is drawn as often as the average.
pub const EVEN: u8 = 32;

/// A mutator by its number: one of those with a weight, or none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MutatorId(pub u8);

impl MutatorId {
    /// What changed an input is none of those with a weight.
    pub const OTHER: Self = Self(u8::MAX);
}

/// Mutators of one list by a random byte.
type Table = [u8; 256];

/// Tables to draw from, one for each list.
#[derive(Clone, Debug)]
pub(crate) struct Draws {
    pub(crate) bytes: Table,
    pub(crate) text: Table,
}

impl Draws {
    /// All mutators alike.
    pub(crate) fn even() -> Self {
        Self::new(&[EVEN; MUTATORS]).expect("as many weights as mutators")
    }

    /// By these weights; nothing if there are not as many as mutators.
    pub(crate) fn new(weights: &[u8]) -> Option<Self> {
        let (bytes, text) = weights.split_at_checked(BYTES_MUTATORS)?;
        let is_whole = text.len() == TEXT_MUTATORS;
        is_whole.then(|| Self { bytes: table(bytes), text: table(text) })
    }
}

/// Each index as often as its weight says, but at least once.
fn table(weights: &[u8]) -> Table {
    let weight = |weight: &u8| u32::from(*weight).max(1);
    let total: u32 = weights.iter().map(weight).sum();
    let mut table = [0; 256];
    let (mut filled, mut sum) = (0, 0);
    for (index, each) in weights.iter().enumerate() {
        sum += weight(each);
        let left = weights.len() - 1 - index;
        let end = ((sum * 256 / total) as usize).clamp(filled + 1, table.len() - left);
        table[filled..end].fill(index as u8);
        filled = end;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(table: &Table) -> Vec<usize> {
        let most = usize::from(*table.iter().max().unwrap());
        (0..=most)
            .map(|index| table.iter().filter(|it| usize::from(**it) == index).count())
            .collect()
    }

    #[test]
    fn mutators_are_drawn_by_their_weights() {
        assert_eq!(counts(&table(&[1, 2, 1])), [64, 128, 64]);
        assert_eq!(counts(&table(&[0, 255])), [1, 255]);
        let even = Draws::even();
        let alike = |table| counts(table).iter().all(|count| (10..=14).contains(count));
        assert_eq!(counts(&even.bytes).len(), BYTES_MUTATORS);
        assert_eq!(counts(&even.text).len(), TEXT_MUTATORS);
        assert!(alike(&even.bytes) && alike(&even.text));
    }

    #[test]
    fn none_is_left_out_whatever_the_others_weigh() {
        let mut weights = [255; BYTES_MUTATORS];
        weights[BYTES_MUTATORS - 1] = 0;
        weights[0] = 0;
        assert!(counts(&table(&weights)).iter().all(|count| *count > 0));
    }

    #[test]
    fn other_numbers_of_weights_are_refused() {
        assert!(
            Draws::new(&[1; MUTATORS - 1]).is_none() && Draws::new(&[1; MUTATORS + 1]).is_none()
        );
    }
}
