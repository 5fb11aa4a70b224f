//! Lists and strings within an array; what does not fit it is no value.

use arrayvec::{ArrayString, ArrayVec};
use shakedown_core::schema::{Len, Types};

use crate::Input;
use crate::input::{Corrupt, NodeId, Reader, Writer};

/// A list or string of at most `CAP` elements or bytes.
fn fitting<const CAP: usize>(types: &mut Types, node: NodeId) -> NodeId {
    types.limit_len("array", node, Len { min: 0, max: u32::try_from(CAP).unwrap_or(u32::MAX) })
}

impl<'a, T: Input<'a>, const CAP: usize> Input<'a> for ArrayVec<T, CAP> {
    fn schema(types: &mut Types) -> NodeId {
        let node = T::vec_schema(types);
        fitting::<CAP>(types, node)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        let count = reader.count()?;
        let mut list = Self::new();
        for _ in 0..count {
            list.try_push(T::decode(reader)?).map_err(|_| Corrupt)?;
        }
        Ok(list)
    }

    fn encode(&self, writer: &mut Writer) {
        T::vec_encode(self, writer);
    }
}

impl<'a, const CAP: usize> Input<'a> for ArrayString<CAP> {
    fn schema(types: &mut Types) -> NodeId {
        let node = String::schema(types);
        fitting::<CAP>(types, node)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        let text = std::str::from_utf8(reader.bytes()?).map_err(|_| Corrupt)?;
        Self::from(text).map_err(|_| Corrupt)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(self.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{inputs_are_values, survives};

    #[test]
    fn lists_and_strings_keep_within_their_capacity() {
        survives(&ArrayVec::from([1u16, 2]));
        survives(&ArrayVec::<u8, 4>::from_iter([1, 2]));
        survives(&ArrayString::<8>::from("hé").unwrap());
        inputs_are_values::<(ArrayVec<u8, 3>, ArrayVec<Option<i32>, 2>, ArrayString<5>)>();
    }
}
