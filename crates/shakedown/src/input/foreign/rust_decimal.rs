//! Decimal numbers: an integer, and how many of its digits come after the point.

use rust_decimal::Decimal;

use crate::input::Corrupt;
use crate::input::shapes::foreign_struct;

/// The largest integer: 96 bits.
const MAX_MANTISSA: i128 = (1 << 96) - 1;

foreign_struct! {
    [] Decimal, "Decimal" {
        mantissa: i128 = -MAX_MANTISSA..=MAX_MANTISSA,
        scale: u32 = 0..=Decimal::MAX_SCALE
    },
    |decimal| (decimal.mantissa(), decimal.scale()),
    Self::try_from_i128_with_scale(mantissa, scale).map_err(|_| Corrupt)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{inputs_are_values, survives};

    #[test]
    fn decimals_survive_with_their_scale() {
        [Decimal::MAX, Decimal::MIN, Decimal::new(100, 2), Decimal::new(-5, 28)]
            .iter()
            .for_each(survives);
        inputs_are_values::<Decimal>();
    }
}
