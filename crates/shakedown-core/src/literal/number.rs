//! The value of a number token: integers of any base and floats, underscores and suffixes removed.

use crate::schema::Int;

/// Why a number token has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberError {
    /// It is not written as such a number.
    Form,
    /// It is larger than the type can hold.
    Range,
}

/// The suffixes of Rust's integer literals.
const INT_SUFFIXES: [&str; 12] =
    ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize"];

/// The value of an integer such as `1_000`, `0xffu8`, `0o17` or `0b1`.
pub(super) fn integer(text: &str) -> Result<u128, NumberError> {
    let (radix, body) = match text.get(..2) {
        Some("0x") => (16, &text[2..]),
        Some("0o") => (8, &text[2..]),
        Some("0b") => (2, &text[2..]),
        _ => (10, text),
    };
    let end = body.find(|c: char| c != '_' && !c.is_digit(radix)).unwrap_or(body.len());
    let (digits, suffix) = body.split_at(end);
    let valid = digits.bytes().any(|byte| byte != b'_')
        && (suffix.is_empty() || INT_SUFFIXES.contains(&suffix));
    if !valid {
        return Err(NumberError::Form);
    }
    digits
        .chars()
        .filter_map(|c| c.to_digit(radix))
        .try_fold(0u128, |value, digit| value.checked_mul(radix.into())?.checked_add(digit.into()))
        .ok_or(NumberError::Range)
}

/// The key of an integer given by sign and magnitude; `None` if it is out of the range of `int`.
pub(crate) fn key(int: Int, negative: bool, magnitude: u128) -> Option<u128> {
    let key = match negative {
        true => int.zero().checked_sub(magnitude),
        false => int.zero().checked_add(magnitude),
    };
    key.filter(|key| (int.min..=int.max).contains(key))
}

/// The message that a value of `int`, given as quoted source, is out of range.
pub(crate) fn out_of_range(int: Int, source: &str) -> String {
    let (min, max) = (int.text(int.min), int.text(int.max));
    format!("{source} is out of range: expected an integer from {min} to {max}")
}

/// The bits of a float of `width` bytes, such as `1.5`, `1e-7f32`, or any integer.
pub(super) fn float(text: &str, width: u8) -> Result<u64, NumberError> {
    let bare = text.strip_suffix("f32").or_else(|| text.strip_suffix("f64")).unwrap_or(text);
    let bare: String = bare.chars().filter(|c| *c != '_').collect();
    let (bits, infinite) = match width {
        4 => {
            let value: f32 = match bare.parse() {
                Ok(value) => value,
                Err(_) => integer(text)? as f32,
            };
            (u64::from(value.to_bits()), value.is_infinite())
        }
        _ => {
            let value: f64 = match bare.parse() {
                Ok(value) => value,
                Err(_) => integer(text)? as f64,
            };
            (value.to_bits(), value.is_infinite())
        }
    };
    if infinite { Err(NumberError::Range) } else { Ok(bits) }
}

/// The bits of a named constant of the float type of `width` bytes.
pub(crate) fn float_constant(name: &str, width: u8) -> Option<u64> {
    let (narrow, wide) = match name {
        "INFINITY" | "inf" | "Infinity" => (f32::INFINITY, f64::INFINITY),
        "NEG_INFINITY" => (f32::NEG_INFINITY, f64::NEG_INFINITY),
        "NAN" | "NaN" | "nan" => {
            return Some(if width == 4 { CANONICAL_NAN_32 } else { CANONICAL_NAN_64 });
        }
        "MAX" => (f32::MAX, f64::MAX),
        "MIN" => (f32::MIN, f64::MIN),
        "MIN_POSITIVE" => (f32::MIN_POSITIVE, f64::MIN_POSITIVE),
        "EPSILON" => (f32::EPSILON, f64::EPSILON),
        _ => return None,
    };
    Some(if width == 4 { narrow.to_bits().into() } else { wide.to_bits() })
}

/// The quiet NaN without sign or payload, of the narrow and the wide type: the one that is written
/// `NAN`. Spelled out because Rust does not promise the bits of its constants.
pub(crate) const CANONICAL_NAN_32: u64 = 0x7fc0_0000;
/// See [`CANONICAL_NAN_32`].
pub(crate) const CANONICAL_NAN_64: u64 = 0x7ff8_0000_0000_0000;

/// The bits of a float after a change of its width; a NaN of another width becomes the canonical
/// one.
pub(crate) fn resize_float(bits: u64, from: u8, to: u8) -> u64 {
    match (from, to) {
        (4, 8) => {
            let value = f64::from(f32::from_bits(bits as u32));
            if value.is_nan() { CANONICAL_NAN_64 } else { value.to_bits() }
        }
        (8, 4) => {
            let value = f64::from_bits(bits) as f32;
            if value.is_nan() { CANONICAL_NAN_32 } else { value.to_bits().into() }
        }
        _ => bits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_every_form() {
        for (text, value) in [
            ("0", 0),
            ("1_000_", 1000),
            ("0xFf_u8", 255),
            ("0x1b1", 0x1b1),
            ("0o17i64", 15),
            ("0b101usize", 5),
            ("340282366920938463463374607431768211455", u128::MAX),
        ] {
            assert_eq!(integer(text), Ok(value), "{text}");
        }
        assert_eq!(integer("340282366920938463463374607431768211456"), Err(NumberError::Range));
        for text in ["0x", "0b2", "1.0", "1e3", "3f32", "0x_", "1u7"] {
            assert_eq!(integer(text), Err(NumberError::Form), "{text}");
        }
    }

    #[test]
    fn floats_of_every_form() {
        for (text, value) in
            [("1.5", 1.5f64), ("1_0.", 10.0), ("1e-3f64", 1e-3), ("3u8", 3.0), ("0x10", 16.0)]
        {
            assert_eq!(float(text, 8), Ok(value.to_bits()), "{text}");
        }
        assert_eq!(float("0.1f64", 4), Ok(0.1f32.to_bits().into()));
        assert_eq!(float("1e39", 4), Err(NumberError::Range));
        assert_eq!(float("1e", 8), Err(NumberError::Form));
    }

    #[test]
    fn floats_change_their_width() {
        assert_eq!(resize_float(1.5f32.to_bits().into(), 4, 8), 1.5f64.to_bits());
        assert_eq!(resize_float(0x7fc0_0001, 4, 8), CANONICAL_NAN_64);
        assert_eq!(resize_float(0x7fc0_0001, 4, 4), 0x7fc0_0001);
    }
}
