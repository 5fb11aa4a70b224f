//! Values of strategies of proptest, whose generator reads the bytes of the input.

use std::fmt::Debug;
use std::sync::LazyLock;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use shakedown_core::WORKER_VARIABLE;
use shakedown_core::rng::Rng;

use super::{Corrupt, Reader};

/// How often a strategy may reject a value of its own before the input is rejected.
const MAX_REJECTS: u32 = 256;

/// The configuration of proptest, which reads the environment to make one.
static CONFIG: LazyLock<Config> = LazyLock::new(|| Config {
    max_local_rejects: MAX_REJECTS,
    failure_persistence: None,
    ..Config::default()
});

/// Words of the tail.
const TAIL_WORDS: usize = 4096;

/// One word of the tail in so many is random.
const RANDOM_WORDS: usize = 16;

/// What follows the bytes of an input. A generator that only gives zeros would be asked for another number
/// for ever: of most ranges, a zero is among those that are sampled again. A one never is, and chooses the
/// least of a range as well; where words are cut otherwise, the random ones help.
static TAIL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut rng = Rng::new(1);
    let mut word = |at: usize| if at % RANDOM_WORDS == RANDOM_WORDS - 1 { rng.u32() } else { 1 };
    (0..TAIL_WORDS).flat_map(|at| word(at).to_le_bytes()).collect()
});

/// Whether values are shown: in the output of a test, which the harness shows if it fails.
static IS_SHOWN: LazyLock<bool> = LazyLock::new(|| std::env::var_os(WORKER_VARIABLE).is_none());

/// The value of `field` that a strategy makes of the next bytes. [Rejects](crate::reject()) those of
/// which it makes none.
///
/// # Errors
/// If the bytes do not have the shape of bytes.
pub fn drawn<S: Strategy<Value: Debug>>(
    strategy: S,
    field: &str,
    reader: &mut Reader<'_>,
) -> Result<S::Value, Corrupt> {
    let bytes = reader.bytes()?;
    let value = from_strategy(strategy, bytes).unwrap_or_else(|| crate::reject());
    if *IS_SHOWN {
        eprintln!("{field}: {value:?}");
    }
    Ok(value)
}

/// The value that a strategy of proptest makes with a generator that reads these bytes, and mostly
/// ones after them; none if it rejects all that it tries.
///
/// This is what `#[input(strategy = expr)]` gives to a target.
///
/// ```
/// use proptest::prelude::*;
///
/// let pairs = (0..100u32, any::<bool>());
/// let made = shakedown::from_strategy(&pairs, b"some bytes").unwrap();
/// assert_eq!(shakedown::from_strategy(&pairs, b"some bytes"), Some(made));
/// ```
#[must_use]
pub fn from_strategy<S: Strategy>(strategy: S, bytes: &[u8]) -> Option<S::Value> {
    let padding = &[0; 8][..bytes.len().next_multiple_of(8) - bytes.len()];
    let rng = TestRng::from_seed(RngAlgorithm::PassThrough, &[bytes, padding, &TAIL].concat());
    let mut runner = TestRunner::new_with_rng(CONFIG.clone(), rng);
    strategy.new_tree(&mut runner).ok().map(|tree| tree.current())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{Just, any};
    use proptest::prop_oneof;

    use super::*;

    #[test]
    fn bytes_decide_what_a_strategy_makes() {
        let strategy = vec(prop_oneof![Just(None), any::<u8>().prop_map(Some)], 0..4);
        let mut rng = shakedown_core::rng::Rng::new(1);
        let mut bytes = || (0..64).map(|_| rng.u32() as u8).collect::<Vec<_>>();
        let made: Vec<_> =
            (0..256).map(|_| from_strategy(&strategy, &bytes()).expect("a value")).collect();
        assert!(made.iter().all(|list| list.len() < 4));
        let distinct: std::collections::BTreeSet<_> = made.iter().collect();
        assert!(distinct.len() > 100, "{distinct:?}");
        assert_eq!(from_strategy(&strategy, b"abc"), from_strategy(&strategy, b"abc"));
        assert!(from_strategy(&strategy, b"").is_some(), "bytes may be too few");
    }

    #[test]
    fn what_a_strategy_rejects_is_no_value() {
        assert_eq!(from_strategy(&any::<u8>().prop_filter("never", |_| false), b"abc"), None);
    }

    #[test]
    fn no_range_is_sampled_for_ever() {
        for len in 0..20 {
            for range in [1..4u32, 0..768, 5..1_000_003, 0..u32::MAX] {
                let wide = 0..u64::from(range.end) * 7 + 1;
                let several = vec((range, wide, any::<u8>(), "[a-z]{1,5}"), 0..5);
                assert!(from_strategy(&several, &[0; 20][..len]).is_some());
            }
        }
        assert_eq!(from_strategy(&vec(3..9u8, 2..5), b""), Some(vec![3, 3]));
    }
}
