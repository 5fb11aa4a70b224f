//! Targets whose argument is made from the bytes by `Arbitrary`.

use std::ffi::OsString;
use std::sync::LazyLock;

/// The value that these bytes make, if they make one. Corpora depend on how: all bytes are taken.
///
/// A function with a bound would be for one version of the trait: before 1.0 it has no lifetime.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    ($type:ty; $bytes:ident) => {
        match $bytes.len() < <$type as $crate::arbitrary::Arbitrary>::size_hint(0).0 {
            true => ::core::option::Option::None,
            false => <$type as $crate::arbitrary::Arbitrary>::arbitrary_take_rest(
                $crate::arbitrary::Unstructured::new($bytes),
            )
            .ok(),
        }
    };
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
    /// The value of type `$type` that these bytes make.
    macro_rules! value {
        ($type:ty, $bytes:expr) => {{
            let bytes: &[u8] = $bytes;
            let value: Option<$type> = crate::__value!($type; bytes);
            value
        }};
    }

    #[test]
    fn the_last_value_takes_all_that_is_left() {
        assert_eq!(value!((u8, &[u8]), b"\x01rest"), Some((1, &b"rest"[..])));
        assert_eq!(value!(&str, b"valid\xff"), Some("valid"));
    }

    #[test]
    fn bytes_that_are_too_few_make_nothing() {
        assert_eq!(value!(u64, b"seven b"), None);
        assert_eq!(value!(u64, b"eight by"), Some(u64::from_le_bytes(*b"eight by")));
    }
}
