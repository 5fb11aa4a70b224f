//! Strings, and byte slices that borrow from the input.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use shakedown_core::schema::{Bytes, Node, Text};

use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

impl<'a> Input<'a> for &'a str {
    fn schema(types: &mut Types) -> NodeId {
        types.add(Node::Str(Text::ANY))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        text(reader.lent()?)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(self.as_bytes());
    }
}

impl<'a> Input<'a> for &'a [u8] {
    fn schema(types: &mut Types) -> NodeId {
        types.add(Node::Bytes(Bytes::ANY))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        reader.lent()
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(self);
    }
}

fn text(bytes: &[u8]) -> Result<&str, Corrupt> {
    std::str::from_utf8(bytes).map_err(|_| Corrupt)
}

/// Types made from a borrowed one, which they keep or copy.
macro_rules! made_from {
    ($($type:ty: $borrowed:ty, |$reader:ident| $read:expr;)*) => {$(
        impl<'a> Input<'a> for $type {
            fn schema(types: &mut Types) -> NodeId {
                <$borrowed>::schema(types)
            }

            #[inline]
            fn decode($reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                $read.map(Self::from)
            }

            fn encode(&self, writer: &mut Writer) {
                Input::encode(&&**self, writer);
            }
        }
    )*};
}

made_from! {
    String: &'a str, |reader| text(reader.bytes()?);
    Box<str>: &'a str, |reader| text(reader.bytes()?);
    Rc<str>: &'a str, |reader| text(reader.bytes()?);
    Arc<str>: &'a str, |reader| text(reader.bytes()?);
    Cow<'a, str>: &'a str, |reader| text(reader.lent()?);
}

pub(super) use made_from;
