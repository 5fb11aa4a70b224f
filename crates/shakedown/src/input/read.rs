//! Values from their text, for tests in plain Rust.

use shakedown_core::literal;
use shakedown_core::schema::Schema;

use super::shapes::field;
use super::{Corrupt, Input, NodeId, Reader, Types};
use crate::target::schema;

/// What the argument is called here.
const NAME: &str = "value";

/// The value that a text says, as a file of inputs would: `findings show --as-test` writes so what has no
/// literal, such as a struct with a field that `#[input(map = ..)]` makes.
///
/// What the value borrows is never freed, as fits a test.
///
/// ```
/// #[derive(Debug, PartialEq, shakedown::Input)]
/// struct Page {
///     #[input(map = |log: u8| 1 << (log % 32))]
///     size: u32,
///     title: String,
/// }
///
/// let page: Page = shakedown::from_text(r#"Page { size: 12, title: "a" }"#);
/// assert_eq!(page, Page { size: 4096, title: "a".into() });
/// ```
///
/// # Panics
/// If the text is no value of the type.
#[track_caller]
#[must_use]
pub fn from_text<T: Input<'static>>(text: &str) -> T {
    from_text_with(T::schema, T::decode, text)
}

/// As [`from_text`], for a value of which the functions of a module are said by
/// `#[input(with = module)]`.
///
/// ```
/// mod celsius {
///     use shakedown::Input;
///     use shakedown::input::{Corrupt, NodeId, Reader, Types, Writer};
///
///     pub fn schema(types: &mut Types) -> NodeId {
///         i16::schema(types)
///     }
///
///     pub fn decode(reader: &mut Reader<'_>) -> Result<f64, Corrupt> {
///         i16::decode(reader).map(|tenths| f64::from(tenths) / 10.0)
///     }
///
///     pub fn encode(degrees: &f64, writer: &mut Writer) {
///         ((degrees * 10.0) as i16).encode(writer);
///     }
/// }
///
/// assert_eq!(shakedown::from_text_with(celsius::schema, celsius::decode, "-125"), -12.5);
/// ```
///
/// # Panics
/// If the text is no value of the shape.
#[track_caller]
pub fn from_text_with<T>(
    shape: impl FnOnce(&mut Types) -> NodeId,
    decode: impl FnOnce(&mut Reader<'static>) -> Result<T, Corrupt>,
    text: &str,
) -> T {
    let schema = schema(|types| vec![field(NAME, shape(types), None)]);
    let read = |schema: &Schema| {
        let file = format!("{}\n{NAME}: {text}\n", literal::HEADER);
        literal::parse(schema, &file).map_err(|error| error.message)
    };
    let input = schema.map_err(|error| error.to_string()).and_then(|schema| read(&schema));
    let input =
        input.unwrap_or_else(|reason| panic!("`{text}` is no value of this type: {reason}"));
    decode(&mut Reader::new(input.input.leak())).expect("it was read with this shape")
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU8;

    use super::*;

    #[test]
    fn texts_are_values_of_any_type() {
        assert_eq!(from_text::<Vec<NonZeroU8>>("[1, 2]").len(), 2);
        assert_eq!(from_text::<(&str, Box<[u8]>)>(r#"("a", b"\xff")"#), ("a", vec![255].into()));
    }

    #[test]
    #[should_panic(expected = "`0` is no value of this type: ")]
    fn what_is_no_value_is_told() {
        let _ = from_text::<NonZeroU8>("0");
    }
}
