//! `Duration` and `SystemTime`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use shakedown_core::schema::{Int, Node};

use super::shapes::{field, named};
use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

/// Most nanoseconds next to whole seconds.
const MAX_NANOS: u32 = 999_999_999;

/// A struct of whole seconds and nanoseconds on top of them.
fn seconds<'a, S: Input<'a>>(name: &str, types: &mut Types) -> NodeId {
    let secs = S::schema(types);
    let nanos = Int { max: MAX_NANOS.into(), ..Int::full(false, 4) };
    let nanos = types.add(Node::Int(nanos));
    let fields = vec![field("secs", secs, None), field("nanos", nanos, None)];
    types.add(Node::Record(named(name, fields)))
}

#[inline]
fn nanos(reader: &mut Reader<'_>) -> Result<u32, Corrupt> {
    u32::decode(reader).and_then(|nanos| if nanos <= MAX_NANOS { Ok(nanos) } else { Err(Corrupt) })
}

impl<'a> Input<'a> for Duration {
    fn schema(types: &mut Types) -> NodeId {
        seconds::<u64>("Duration", types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        Ok(Self::new(u64::decode(reader)?, nanos(reader)?))
    }

    fn encode(&self, writer: &mut Writer) {
        self.as_secs().encode(writer);
        self.subsec_nanos().encode(writer);
    }
}

/// The seconds count from 1970-01-01 in UTC; where the system has no such time, it is that day.
impl<'a> Input<'a> for SystemTime {
    fn schema(types: &mut Types) -> NodeId {
        seconds::<i64>("SystemTime", types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        let (secs, nanos) = (i64::decode(reader)?, nanos(reader)?);
        let distance = Duration::from_secs(secs.unsigned_abs());
        let whole = match secs < 0 {
            true => UNIX_EPOCH.checked_sub(distance),
            false => UNIX_EPOCH.checked_add(distance),
        };
        let time = whole.and_then(|time| time.checked_add(Duration::from_nanos(nanos.into())));
        Ok(time.unwrap_or(UNIX_EPOCH))
    }

    fn encode(&self, writer: &mut Writer) {
        let after = self.duration_since(UNIX_EPOCH);
        let (secs, nanos) = match &after {
            Ok(after) => (after.as_secs().cast_signed(), after.subsec_nanos()),
            Err(before) => {
                let before = before.duration();
                // The nanoseconds count forward, so the seconds begin one further back.
                let (secs, nanos) = (before.as_secs().wrapping_neg(), before.subsec_nanos());
                match nanos {
                    0 => (secs.cast_signed(), 0),
                    _ => (secs.wrapping_sub(1).cast_signed(), MAX_NANOS + 1 - nanos),
                }
            }
        };
        secs.encode(writer);
        nanos.encode(writer);
    }
}
