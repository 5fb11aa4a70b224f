//! A value that is being made simpler, and the question whether a simpler one will do.

/// The answer to a question was that there is to be no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stopped;

/// Puts a value in the place of the one on trial. False if it is not simpler, or will not do.
type Ask<'a> = &'a mut dyn FnMut(&[u8]) -> Result<bool, Stopped>;

/// The value of a leaf on its way to the simplest that will do.
pub(crate) struct Trial<'a> {
    value: Vec<u8>,
    ask: Ask<'a>,
}

impl<'a> Trial<'a> {
    /// Starts from `value`, as it is encoded.
    pub(crate) fn new(value: Vec<u8>, ask: Ask<'a>) -> Self {
        Self { value, ask }
    }

    /// The simplest value so far.
    pub(crate) fn value(&self) -> &[u8] {
        &self.value
    }

    /// Takes `value` if it is simpler and will do.
    pub(crate) fn replace(&mut self, value: &[u8]) -> Result<bool, Stopped> {
        let taken = (self.ask)(value)?;
        if taken {
            self.value = value.to_vec();
        }
        Ok(taken)
    }
}

/// A number `n` for which `holds(n)` is true and `holds(n + 1)` is not, the largest one if it holds
/// for all numbers up to some bound; `holds(0)` is taken for granted. Asks a number of times
/// that is logarithmic in the answer, and once if that is 0.
///
/// This is `find_integer` of Hypothesis (`internal/conjecture/junkdrawer.py`).
pub(crate) fn largest(
    mut holds: impl FnMut(u128) -> Result<bool, Stopped>,
) -> Result<u128, Stopped> {
    // Most answers are tiny, so these are tried one by one.
    const MAX_SMALL: u128 = 4;
    for n in 1..=MAX_SMALL {
        if !holds(n)? {
            return Ok(n - 1);
        }
    }
    let (mut low, mut high) = (MAX_SMALL, MAX_SMALL + 1);
    while holds(high)? {
        low = high;
        match high.checked_mul(2) {
            Some(doubled) => high = doubled,
            None => return Ok(low),
        }
    }
    while low + 1 < high {
        let middle = low + (high - low) / 2;
        match holds(middle)? {
            true => low = middle,
            false => high = middle,
        }
    }
    Ok(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_finds_the_bound_in_few_questions() {
        for bound in [0, 1, 3, 4, 5, 6, 100, 12_345, u128::MAX] {
            let mut asked = 0;
            let found = largest(|n| {
                asked += 1;
                Ok(n <= bound)
            });
            if bound < u128::MAX {
                assert_eq!(found, Ok(bound));
            }
            assert!(asked <= 6 + 2 * (128 - bound.leading_zeros()), "{asked} for {bound}");
        }
        assert_eq!(largest(|_| Err(Stopped)), Err(Stopped));
    }
}
