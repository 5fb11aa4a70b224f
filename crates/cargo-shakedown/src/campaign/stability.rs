//! Whether coverage can be trusted: a counter that differs between two runs of one input says
//! something about the state of the process, the time or an address, and nothing about the input.

/// Share of the counters that should be stable; below it the user is warned.
pub(super) const MIN_STABILITY: f64 = 0.9;

/// The counters that two runs of one input did not hit equally often, by their features, which are
/// ascending in both.
pub(super) fn differing(first: &[u32], second: &[u32]) -> Vec<usize> {
    let only = |these: &[u32], those: &[u32]| -> Vec<usize> {
        let missing = these.iter().filter(|feature| those.binary_search(feature).is_err());
        missing.map(|feature| (feature >> 3) as usize).collect()
    };
    let mut counters = only(first, second);
    counters.extend(only(second, first));
    counters.sort_unstable();
    counters.dedup();
    counters
}

/// The warning about a target whose coverage is less stable than it should be.
pub(super) fn warning(stability: f64) -> String {
    format!(
        "coverage is only {:.0}% stable: the same input takes different paths when run twice, and \
         the unstable part is ignored. The target keeps state from one execution to the next \
         (reset it at the start, or use --isolate), or depends on time, addresses, threads or the \
         random order of a HashMap (use a BTreeMap, or a fixed hasher)",
        (stability * 100.0).floor()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_differ_by_being_hit_and_by_how_often() {
        assert_eq!(differing(&[0, 9, 16], &[0, 9, 16]), [0; 0]);
        assert_eq!(differing(&[0, 9, 16, 33], &[0, 10, 16, 24]), [1, 3, 4]);
        assert_eq!(differing(&[], &[8]), [1]);
    }
}
