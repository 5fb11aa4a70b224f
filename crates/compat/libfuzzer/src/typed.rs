//! Targets whose argument is made from the bytes by [`Arbitrary`].

use std::ffi::OsString;
use std::fmt::Debug;
use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};

/// The value that these bytes make, if they make one. Corpora depend on how: all bytes are taken.
#[must_use]
pub fn value<'a, T: Arbitrary<'a> + Debug>(bytes: &'a [u8]) -> Option<T> {
    if bytes.len() < T::size_hint(0).0 {
        return None;
    }
    T::arbitrary_take_rest(Unstructured::new(bytes)).ok()
}

/// The file that the debug text of the value is to be written to, instead of running the target:
/// `$RUST_LIBFUZZER_DEBUG_PATH`.
#[doc(hidden)]
#[must_use]
pub fn rust_libfuzzer_debug_path() -> Option<&'static OsString> {
    static PATH: LazyLock<Option<OsString>> =
        LazyLock::new(|| std::env::var_os("RUST_LIBFUZZER_DEBUG_PATH"));
    PATH.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_takes_all_that_is_left() {
        assert_eq!(value::<(u8, &[u8])>(b"\x01rest"), Some((1, &b"rest"[..])));
        assert_eq!(value::<&str>(b"valid\xff"), Some("valid"));
    }

    #[test]
    fn bytes_that_are_too_few_make_nothing() {
        assert_eq!(value::<u64>(b"seven b"), None);
        assert_eq!(value::<u64>(b"eight by"), Some(u64::from_le_bytes(*b"eight by")));
    }
}
