//! Strings, and byte slices that borrow from the input.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use shakedown_core::schema::{Len, Node};

use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

impl<'a> Input<'a> for &'a str {
    fn schema(types: &mut Types) -> NodeId {
        types.add(Node::Str(Len::ANY))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        std::str::from_utf8(reader.bytes()?).map_err(|_| Corrupt)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(self.as_bytes());
    }
}

impl<'a> Input<'a> for &'a [u8] {
    fn schema(types: &mut Types) -> NodeId {
        types.add(Node::Bytes(Len::ANY))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        reader.bytes()
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(self);
    }
}

/// Types made from a borrowed one.
macro_rules! made_from {
    ($($type:ty: $borrowed:ty),* $(,)?) => {$(
        impl<'a> Input<'a> for $type {
            fn schema(types: &mut Types) -> NodeId {
                <$borrowed>::schema(types)
            }

            #[inline]
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                <$borrowed>::decode(reader).map(Self::from)
            }

            fn encode(&self, writer: &mut Writer) {
                Input::encode(&&**self, writer);
            }
        }
    )*};
}

made_from! {
    String: &'a str,
    Box<str>: &'a str,
    Rc<str>: &'a str,
    Arc<str>: &'a str,
    Cow<'a, str>: &'a str,
    Cow<'a, [u8]>: &'a [u8],
}
