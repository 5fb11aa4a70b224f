//! Tuples, of no field to twelve.

use shakedown_core::schema::Node;

use super::shapes::{field, tuple};
use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

macro_rules! tuples {
    ($(($($type:ident $index:tt),*))*) => {$(
        impl<'a, $($type: Input<'a>),*> Input<'a> for ($($type,)*) {
            fn schema(types: &mut Types) -> NodeId {
                let fields = vec![$(field(stringify!($index), $type::schema(types), None)),*];
                types.add(Node::Record(tuple("", fields)))
            }

            #[inline]
            fn decode(_reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                Ok(($($type::decode(_reader)?,)*))
            }

            fn encode(&self, _writer: &mut Writer) {
                $(self.$index.encode(_writer);)*
            }
        }
    )*};
}

tuples! {
    ()
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}
