//! Byte buffers.

use bytes::{Bytes, BytesMut};

use crate::Input;
use crate::input::{Corrupt, NodeId, Reader, Types, Writer};

macro_rules! buffers {
    ($($type:ident by $make:expr;)*) => {$(
        impl<'a> Input<'a> for $type {
            fn schema(types: &mut Types) -> NodeId {
                <&[u8]>::schema(types)
            }

            #[inline]
            fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
                reader.bytes().map($make)
            }

            fn encode(&self, writer: &mut Writer) {
                writer.bytes(self);
            }
        }
    )*};
}

buffers! {
    Bytes by Bytes::copy_from_slice;
    BytesMut by BytesMut::from;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{inputs_are_values, survives};

    #[test]
    fn buffers_survive() {
        survives(&Bytes::from_static(b"abc"));
        survives(&BytesMut::from("abc"));
        inputs_are_values::<(Bytes, BytesMut)>();
    }
}
