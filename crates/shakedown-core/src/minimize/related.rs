//! A pass over pairs of integers, for relations between them: differences, sums, products, equality.

use super::search::Search;
use crate::domain::int::Away;
use crate::domain::trial::{Stopped, largest};
use crate::schema::{Int, Node};

/// Most pairs of integers that are tried.
const MAX_PAIRS: usize = 1024;

/// Changes two integers at once so that the first gets simpler: both by the same amount, in the
/// same and in opposite directions; both in proportion; one set to the other.
pub(super) fn lower_together(search: &mut Search<'_>) -> Result<(), Stopped> {
    let count = ints(search).len();
    let reach = MAX_PAIRS.checked_div(count).unwrap_or(0);
    for gap in 1..=reach {
        for first in 0..count.saturating_sub(gap) {
            // The positions of integers stay, since changing them moves nothing.
            lower_pair(search, first, first + gap)?;
        }
    }
    Ok(())
}

/// The sites of all integers.
fn ints(search: &Search<'_>) -> Vec<(usize, Int)> {
    let schema = search.order().schema;
    let sites = search.best().sites.list().iter().enumerate();
    let ints = sites.filter_map(|(index, site)| {
        let Node::Int(int) = *schema.node(site.node) else { return None };
        Some((index, int))
    });
    ints.collect()
}

fn lower_pair(search: &mut Search<'_>, first: usize, second: usize) -> Result<(), Stopped> {
    search.work(search.best().bytes.len())?;
    let all = ints(search);
    let pair = [all[first], all[second]];
    shift(search, pair, true)?;
    shift(search, pair, false)?;
    scale(search, pair)?;
    // Keys of different types mean different values: translated by way of the zeros.
    let [(_, a), (_, b)] = pair;
    let other = key(search, pair[1]);
    set(search, pair, [Some(other.wrapping_sub(b.zero()).wrapping_add(a.zero())), Some(other)])?;
    let other = key(search, pair[0]);
    set(search, pair, [Some(other), Some(other.wrapping_sub(a.zero()).wrapping_add(b.zero()))])?;
    Ok(())
}

/// Moves the first integer as near to its simplest value as possible, the second one by the same
/// amount in the same direction or in the opposite one.
fn shift(search: &mut Search<'_>, pair: [(usize, Int); 2], same: bool) -> Result<(), Stopped> {
    let away = Away::of(pair[0].1, key(search, pair[0]));
    let other = key(search, pair[1]);
    largest(|n| {
        let nearer = away.distance.checked_sub(n);
        let moved = nearer.and_then(|distance| Away { distance, ..away }.key(pair[0].1));
        let other = match away.below == same {
            true => other.checked_add(n),
            false => other.checked_sub(n),
        };
        set(search, pair, [moved, other])
    })?;
    Ok(())
}

/// Moves both integers towards their simplest values, the farther one in steps as many times
/// larger as it is farther: for products.
fn scale(search: &mut Search<'_>, pair: [(usize, Int); 2]) -> Result<(), Stopped> {
    let away = pair.map(|int| Away::of(int.1, key(search, int)));
    let [a, b] = away.map(|away| away.distance);
    if a == 0 || b == 0 {
        return Ok(());
    }
    let steps = [(a / b).max(1), (b / a).max(1)];
    largest(|n| {
        let mut keys = [None; 2];
        for (k, away) in away.into_iter().enumerate() {
            let nearer = steps[k].checked_mul(n).and_then(|by| away.distance.checked_sub(by));
            keys[k] = nearer.and_then(|distance| Away { distance, ..away }.key(pair[k].1));
        }
        set(search, pair, keys)
    })?;
    Ok(())
}

fn key(search: &Search<'_>, (index, int): (usize, Int)) -> u128 {
    int.key(search.best().value(index))
}

/// Considers the input with these keys; impossible ones are not tried.
fn set(
    search: &mut Search<'_>,
    pair: [(usize, Int); 2],
    keys: [Option<u128>; 2],
) -> Result<bool, Stopped> {
    let mut candidate = search.best().bytes.clone();
    for ((index, int), key) in pair.into_iter().zip(keys) {
        match key.filter(|key| (int.min..=int.max).contains(key)) {
            Some(key) => int.store(key, &mut candidate[search.best().site(index).range()]),
            None => return Ok(false),
        }
    }
    search.consider(candidate)
}
