//! UUIDs, as their sixteen bytes.

use uuid::Uuid;

use crate::Input;
use crate::input::{Corrupt, NodeId, Reader, Types, Writer};

impl<'a> Input<'a> for Uuid {
    fn schema(types: &mut Types) -> NodeId {
        <[u8; 16]>::schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        <[u8; 16]>::decode(reader).map(Self::from_bytes)
    }

    fn encode(&self, writer: &mut Writer) {
        self.as_bytes().encode(writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{inputs_are_values, survives};

    #[test]
    fn uuids_survive() {
        survives(&Uuid::nil());
        survives(&Uuid::from_u128(7));
        inputs_are_values::<Uuid>();
    }
}
