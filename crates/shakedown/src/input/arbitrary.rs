//! Types that make themselves from plain bytes, by the `arbitrary` crate.

use std::fs;
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::Path;

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
///
/// sums_are_found(Arbitrary::from_bytes(b"abc").unwrap());
/// let numbers: Arbitrary<Vec<u16>> = shakedown::from_text(r#"b"ab\x01""#);
/// assert_eq!(numbers.len(), 1);
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

/// The values that the files of a corpus of cargo-fuzz make, in a folder and those below, by their
/// paths: seeds for a target that takes the same type as an [`Input`]. Files that make no value are
/// left out.
///
/// Once `cargo shakedown corpus export` has written them as text, neither the folder nor the
/// function is needed any more.
///
/// ```
/// // fuzz/fuzz_targets/job.rs has `fuzz_target!(|job: (u8, String)| ..)`.
/// fn known() -> Vec<(u8, String)> {
///     shakedown::arbitrary_corpus("fuzz/corpus/job").unwrap_or_default()
/// }
///
/// #[shakedown::fuzz(seeds = known())]
/// fn jobs_run(job: (u8, String)) {
///     let (width, name) = job;
///     assert!(format!("{name:>0$}", usize::from(width)).len() >= name.len());
/// }
/// ```
///
/// # Errors
/// If a folder or a file cannot be read.
pub fn arbitrary_corpus<T>(folder: impl AsRef<Path>) -> io::Result<Vec<T>>
where
    T: for<'a> ::arbitrary::Arbitrary<'a>,
{
    let mut items = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    items.sort_by_key(fs::DirEntry::path);
    let mut values = Vec::new();
    for item in items {
        match item.file_type()?.is_dir() {
            true => values.extend(arbitrary_corpus::<T>(item.path())?),
            false => {
                let bytes = fs::read(item.path())?;
                values.extend(T::arbitrary_take_rest(Unstructured::new(&bytes)));
            }
        }
    }
    Ok(values)
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
    fn a_corpus_is_read_with_the_folders_in_it() {
        let folder = std::env::temp_dir().join(format!("arbitrary-corpus-{}", std::process::id()));
        fs::create_dir_all(folder.join("b")).unwrap();
        for (name, bytes) in [("a", "\u{1}one"), ("b/x", "\u{2}two"), ("c", "")] {
            fs::write(folder.join(name), bytes).unwrap();
        }
        let values = arbitrary_corpus::<(u8, String)>(&folder);
        let of_nothing = arbitrary_corpus::<bool>(folder.join("missing"));
        fs::remove_dir_all(&folder).unwrap();
        let expected = [(1, "one".into()), (2, "two".into()), (0, String::new())];
        assert_eq!(values.unwrap(), expected);
        assert!(of_nothing.is_err());
    }

    #[test]
    fn bytes_without_a_value_are_rejected() {
        let decode = || Arbitrary::<Picky>::decode(&mut Reader::new(&[0; 4])).is_ok();
        let payload = std::panic::catch_unwind(decode).unwrap_err();
        assert!(payload.is::<Rejected>());
    }
}
