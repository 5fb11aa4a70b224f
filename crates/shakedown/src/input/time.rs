//! `Duration`.

use std::time::Duration;

use shakedown_core::schema::{Int, Node};

use super::shapes::{field, named};
use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

/// Most nanoseconds next to whole seconds.
const MAX_NANOS: u32 = 999_999_999;

impl<'a> Input<'a> for Duration {
    fn schema(types: &mut Types) -> NodeId {
        let secs = u64::schema(types);
        let nanos = Int { max: MAX_NANOS.into(), ..Int::full(false, 4) };
        let nanos = types.add(Node::Int(nanos));
        let fields = vec![field("secs", secs, None), field("nanos", nanos, None)];
        types.add(Node::Record(named("Duration", fields)))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        let secs = u64::decode(reader)?;
        match u32::decode(reader)? {
            nanos @ ..=MAX_NANOS => Ok(Self::new(secs, nanos)),
            _ => Err(Corrupt),
        }
    }

    fn encode(&self, writer: &mut Writer) {
        self.as_secs().encode(writer);
        self.subsec_nanos().encode(writer);
    }
}
