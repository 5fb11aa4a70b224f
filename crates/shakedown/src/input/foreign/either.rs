//! The enum of two variants that mean nothing in particular.

use either::Either;

use crate::Input;
use crate::input::shapes::{choice, wrapping};
use crate::input::{Corrupt, NodeId, Reader, Types, Writer};

impl<'a, L: Input<'a>, R: Input<'a>> Input<'a> for Either<L, R> {
    fn schema(types: &mut Types) -> NodeId {
        let variants =
            vec![wrapping("Left", L::schema(types)), wrapping("Right", R::schema(types))];
        types.add(choice("Either", variants))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        match reader.tag(2)? {
            0 => L::decode(reader).map(Either::Left),
            _ => R::decode(reader).map(Either::Right),
        }
    }

    fn encode(&self, writer: &mut Writer) {
        writer.tag(usize::from(self.is_right()), 2);
        match self {
            Either::Left(value) => value.encode(writer),
            Either::Right(value) => value.encode(writer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{inputs_are_values, survives};

    #[test]
    fn both_sides_survive() {
        survives(&Either::<u8, String>::Left(7));
        survives(&Either::<u8, String>::Right("a".into()));
        inputs_are_values::<Either<u8, Vec<i16>>>();
    }
}
