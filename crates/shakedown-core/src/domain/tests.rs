//! What mutators make of single values.

use std::collections::BTreeSet;

use crate::hints::Hints;
use crate::mutate::draws::{Draws, MutatorId};
use crate::mutate::sources::{Dictionary, Sources};
use crate::rng::Rng;

/// Calls `run` with sources that have a generator and nothing else.
pub(super) fn with_sources<R>(seed: u64, run: impl FnOnce(&mut Sources) -> R) -> R {
    run(&mut Sources {
        rng: &mut Rng::new(seed),
        dictionary: &Dictionary::default(),
        hints: Hints::default(),
        donor: &[],
        scratch: &mut Vec::new(),
        before: &mut Vec::new(),
        draws: &Draws::even(),
        used: &mut MutatorId::OTHER.clone(),
    })
}

/// Everything that `mutate` makes of `stored` with the token `0x1234`.
pub(super) fn outcomes<const N: usize>(
    stored: [u8; N],
    mutate: impl Fn(&mut [u8], &mut Sources) -> bool,
) -> BTreeSet<[u8; N]> {
    let dictionary = Dictionary::new([vec![0x12, 0x34]]);
    let mut seen = BTreeSet::new();
    for seed in 0..4000 {
        let mut new = stored;
        let mut sources = Sources {
            rng: &mut Rng::new(seed),
            dictionary: &dictionary,
            hints: Hints::default(),
            donor: &[],
            scratch: &mut Vec::new(),
            before: &mut Vec::new(),
            draws: &Draws::even(),
            used: &mut MutatorId::OTHER.clone(),
        };
        assert_eq!(mutate(&mut new, &mut sources), new != stored, "seed {seed}");
        seen.insert(new);
    }
    seen
}
