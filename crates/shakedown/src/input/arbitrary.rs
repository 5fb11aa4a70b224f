//! Types that make themselves from plain bytes, by the `arbitrary` crate.

use std::ops::{Deref, DerefMut};

use ::arbitrary::Unstructured;

use super::{Corrupt, Input, NodeId, Reader, Types, Writer};

/// A value of a type that implements [`arbitrary::Arbitrary`].
///
/// The engine sees the bytes it is made from, and nothing of its structure: prefer [`Input`] where
/// the type is yours. Bytes that do not make a value are [rejected](crate::reject()).
///
/// ```
/// use shakedown::Arbitrary;
///
/// #[shakedown::fuzz(seeds = [Arbitrary::from_bytes(b"abc").unwrap()])]
/// fn sums_are_found(numbers: Arbitrary<Vec<u16>>) {
///     let wide: u64 = numbers.iter().map(|number| u64::from(*number)).sum();
///     assert!(wide <= numbers.len() as u64 * u64::from(u16::MAX));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Arbitrary<T> {
    value: T,
    bytes: Vec<u8>,
}

impl<T> Arbitrary<T> {
    /// The value that these bytes make, if they make one.
    #[must_use]
    pub fn from_bytes<'a>(bytes: &'a [u8]) -> Option<Self>
    where
        T: ::arbitrary::Arbitrary<'a>,
    {
        let value = T::arbitrary_take_rest(Unstructured::new(bytes)).ok()?;
        Some(Self { value, bytes: bytes.to_vec() })
    }

    /// The value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Arbitrary<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Arbitrary<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<'a, T: ::arbitrary::Arbitrary<'a>> Input<'a> for Arbitrary<T> {
    fn schema(types: &mut Types) -> NodeId {
        <&[u8]>::schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        let bytes = reader.bytes()?;
        Ok(Self::from_bytes(bytes).unwrap_or_else(|| crate::reject()))
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(&self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panics::Rejected;
    use crate::target::encoded;

    #[test]
    fn values_are_encoded_as_the_bytes_they_were_made_from() {
        let value = Arbitrary::<(u8, bool)>::from_bytes(&[7, 1]).unwrap();
        assert_eq!(*value, (7, true));
        let bytes = encoded(|writer| value.encode(writer));
        let again = Arbitrary::<(u8, bool)>::decode(&mut Reader::new(&bytes)).unwrap();
        assert_eq!(again.into_inner(), (7, true));
    }

    /// Cannot be made from any bytes.
    struct Picky;

    impl ::arbitrary::Arbitrary<'_> for Picky {
        fn arbitrary(_: &mut Unstructured<'_>) -> ::arbitrary::Result<Self> {
            Err(::arbitrary::Error::IncorrectFormat)
        }
    }

    #[test]
    fn bytes_without_a_value_are_rejected() {
        let decode = || Arbitrary::<Picky>::decode(&mut Reader::new(&[0; 4])).is_ok();
        let payload = std::panic::catch_unwind(decode).unwrap_err();
        assert!(payload.is::<Rejected>());
    }
}
