//! Integers of any size, as the digits of their magnitude in base 256, the highest first.

use num_bigint::{BigInt, BigUint, Sign};

use crate::Input;
use crate::input::shapes::foreign_struct;
use crate::input::{Corrupt, NodeId, Reader, Types, Writer};

impl<'a> Input<'a> for BigUint {
    fn schema(types: &mut Types) -> NodeId {
        <&[u8]>::schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        reader.bytes().map(Self::from_bytes_be)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(&self.to_bytes_be());
    }
}

foreign_struct! {
    [] BigInt, "BigInt" { negative: bool, magnitude: BigUint },
    |int| (int.sign() == Sign::Minus, int.magnitude()),
    Self::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{inputs_are_values, survives};

    #[test]
    fn integers_of_any_size_survive() {
        survives(&BigUint::from(u128::MAX));
        survives(&BigUint::default());
        survives(&BigInt::from(i128::MIN));
        survives(&BigInt::from(0));
        inputs_are_values::<(BigUint, BigInt)>();
    }
}
