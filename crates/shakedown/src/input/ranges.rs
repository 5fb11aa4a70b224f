//! The range types. Nothing keeps a start below its end: an empty range is a value too.

use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use shakedown_core::schema::Node;

use super::shapes::{foreign_struct, unit};
use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

foreign_struct! {
    [T: Input<'a>] Range<T>, "Range" { start: T, end: T },
    |Range { start, end }| (start, end), start..end
}

foreign_struct! {
    [T: Input<'a>] RangeInclusive<T>, "RangeInclusive" { start: T, end: T },
    |range| (range.start(), range.end()), start..=end
}

foreign_struct! {
    [T: Input<'a>] RangeFrom<T>, "RangeFrom" { start: T },
    |range| (&range.start,), start..
}

foreign_struct! {
    [T: Input<'a>] RangeTo<T>, "RangeTo" { end: T },
    |range| (&range.end,), ..end
}

foreign_struct! {
    [T: Input<'a>] RangeToInclusive<T>, "RangeToInclusive" { end: T },
    |range| (&range.end,), ..=end
}

impl<'a> Input<'a> for RangeFull {
    fn schema(types: &mut Types) -> NodeId {
        types.add(Node::Record(unit("RangeFull")))
    }

    #[inline]
    fn decode(_reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        Ok(..)
    }

    fn encode(&self, _writer: &mut Writer) {}
}
