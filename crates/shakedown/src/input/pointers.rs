//! Types around one value that do not show in the schema.

use std::cmp::Reverse;
use std::num::{Saturating, Wrapping};
use std::rc::Rc;
use std::sync::Arc;

use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

macro_rules! transparent {
    ($($type:ident: |$this:ident| $inner:expr, |$reader:ident| $read:expr;)*) => {$(
        impl<'a, T: Input<'a>> Input<'a> for $type<T> {
            fn schema(types: &mut Types) -> NodeId {
                T::schema(types)
            }

            #[inline]
            fn decode($reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                $read
            }

            fn encode(&self, writer: &mut Writer) {
                let $this = self;
                T::encode($inner, writer);
            }
        }
    )*};
}

transparent! {
    Box: |this| this, |reader| T::box_decode(reader);
    Rc: |this| this, |reader| T::decode(reader).map(Rc::new);
    Arc: |this| this, |reader| T::decode(reader).map(Arc::new);
    Wrapping: |this| &this.0, |reader| T::decode(reader).map(Wrapping);
    Saturating: |this| &this.0, |reader| T::decode(reader).map(Saturating);
    Reverse: |this| &this.0, |reader| T::decode(reader).map(Reverse);
}
