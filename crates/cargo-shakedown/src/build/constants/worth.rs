//! Which constants are worth a token, and how they may be written in an input.
//!
//! Half of what code compares with is the compiler's and the standard library's own: limits of
//! capacities, layouts, masks that test eight bytes at once, multiplications that stand for
//! divisions. None of it is in an input for its meaning.

use std::collections::BTreeSet;

use super::Constant;

/// Integers nearer to zero than this, from either side, are found by mutation.
pub(super) const SMALL: u128 = 4096;

/// Distance from a power of two within which an integer is a limit.
const NEAR_POWER: u128 = 16;

/// Greatest divisor whose inverse is told from other integers. By chance one in a thousand is taken
/// for one.
const MAX_DIVISOR: u128 = 1000;

/// Lengths of words in bytes.
const WORD_LEN: std::ops::RangeInclusive<usize> = 2..=64;

/// Integers that the standard library compares with: what is no character, and nanoseconds.
const STANDARD: [u128; 6] = [0xd800, 0xdfff, 0xe000, 0x10_ffff, 999_999_999, 1_000_000_000];

/// The tokens that these constants make, at most `max`. First all in the form that they have in the
/// program, texts before numbers, then their other forms.
pub(super) fn tokens(constants: &BTreeSet<Constant>, max: usize) -> Vec<Vec<u8>> {
    let mut forms: Vec<(usize, bool, Vec<u8>)> = Vec::new();
    for constant in constants {
        let made = forms_of(constant).into_iter().enumerate();
        forms.extend(made.map(|(rank, form)| (rank, !is_text(&form), form)));
    }
    forms.sort();
    let mut seen = BTreeSet::new();
    let tokens = forms.into_iter().map(|(_, _, form)| form);
    tokens.filter(|form| seen.insert(form.clone())).take(max).collect()
}

/// How a constant may be written, what it is most likely to be first.
fn forms_of(constant: &Constant) -> Vec<Vec<u8>> {
    match constant {
        Constant::Bytes(bytes) if is_telling_bytes(bytes) => vec![bytes.clone()],
        Constant::Integer(value, width) => integer_forms(*value, *width),
        Constant::Float(bits, width) => float_forms(*bits, *width),
        Constant::Bytes(_) => Vec::new(),
    }
}

/// Whether these bytes can be a word of a language or a format: no place in a source file, nothing
/// uniform, and not one that could be text but for a few bytes of it.
pub(super) fn is_word(bytes: &[u8]) -> bool {
    let is_printable = |byte: &u8| matches!(byte, b' '..=b'~' | 0x80..);
    is_telling_bytes(bytes)
        && bytes.iter().all(is_printable)
        && std::str::from_utf8(bytes).is_ok()
        && !bytes.ends_with(b".rs")
}

/// Whether something is more of a word than of a message to people.
pub(super) fn is_single_word(bytes: &[u8]) -> bool {
    bytes.len() <= 32 && is_word(bytes) && !bytes.contains(&b' ')
}

fn is_telling_bytes(bytes: &[u8]) -> bool {
    WORD_LEN.contains(&bytes.len()) && ![1, 4].iter().any(|unit| is_repeated(bytes, *unit))
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// An integer in both byte orders, in its width and in the smallest that holds it, and in digits.
fn integer_forms(value: u128, width: u8) -> Vec<Vec<u8>> {
    let (value, width) = without_discriminant(value, width);
    if !is_telling(value, width) {
        return Vec::new();
    }
    let bytes = value.to_le_bytes();
    let needed = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |last| last + 1);
    let mut forms = Vec::new();
    // Three, or five to seven, bytes are compared as the next larger integer.
    if needed > 4 && is_text(&bytes[..needed]) {
        return vec![bytes[..needed].to_vec()];
    }
    for len in [needed, needed.next_power_of_two(), usize::from(width)] {
        forms.push(bytes[..len].to_vec());
        forms.push(bytes[..len].iter().rev().copied().collect());
    }
    if !is_text(&bytes[..needed]) {
        forms.push(value.to_string().into_bytes());
    }
    forms
}

/// The payload of an `Option` or a `Result` that is compared together with its discriminant 0.
fn without_discriminant(value: u128, width: u8) -> (u128, u8) {
    match width {
        8 if value != 0 && value.trailing_zeros() >= 32 => (value >> 32, 4),
        _ => (value, width),
    }
}

/// Whether an integer of this many bytes says something of inputs.
fn is_telling(value: u128, width: u8) -> bool {
    let bits = 8 * u32::from(width);
    if bits < 16 {
        return false;
    }
    let end = u128::MAX >> (128 - bits);
    let bytes = &value.to_le_bytes()[..usize::from(width)];
    let is_small =
        value < SMALL || end - value < SMALL || (bits == 128 && value.trailing_zeros() >= 64);
    let is_made = is_repeated(bytes, 1) || is_inverse(value, bits);
    let is_limit = is_near_power(value, end) || is_repeated(bytes, 2) || is_char(value);
    !is_small && !is_made && (is_text(bytes) || !is_limit)
}

/// Whether a unit of this length repeats, as in masks.
fn is_repeated(bytes: &[u8], unit: usize) -> bool {
    bytes.len() > unit && bytes.chunks(unit).all(|chunk| bytes.starts_with(chunk))
}

/// Near a power of two, or the complement of one: limits, alignments, and masks.
fn is_near_power(value: u128, end: u128) -> bool {
    let is_near = |value: u128| {
        let above = value.checked_next_power_of_two();
        let below = 1 << value.max(1).ilog2();
        above.is_some_and(|above| above - value <= NEAR_POWER) || value - below <= NEAR_POWER
    };
    is_near(value) || is_near(end - value)
}

/// Near the quotient of a power of two: capacities are limited by `isize::MAX / size`, a test of
/// divisibility compares with `2^bits / divisor`, and numbers are read until `MAX / 10`.
fn is_inverse(value: u128, bits: u32) -> bool {
    let is_quotient = |power: u128| {
        let divisor = (power + value / 2) / value;
        (2..=MAX_DIVISOR).contains(&divisor) && value.abs_diff(power / divisor) <= 1
    };
    (32..128).contains(&bits) && [bits - 1, bits].iter().any(|bits| is_quotient(1 << bits))
}

fn is_char(value: u128) -> bool {
    STANDARD.contains(&value) || value.abs_diff(0x11_0000) < 16
}

/// A float as its bytes in both orders, and in digits.
fn float_forms(bits: u64, width: u8) -> Vec<Vec<u8>> {
    let (value, digits) = match width {
        4 => {
            let value = f32::from_bits(bits as u32);
            (f64::from(value), value.to_string())
        }
        _ => (f64::from_bits(bits), f64::from_bits(bits).to_string()),
    };
    // Small whole numbers, and powers of two, are limits.
    let is_plain = value.fract() == 0.0 && value.abs() < SMALL as f64 || value.is_subnormal();
    if !value.is_finite() || is_plain || bits.trailing_zeros() >= if width == 4 { 23 } else { 52 } {
        return Vec::new();
    }
    let bytes = &bits.to_le_bytes()[..usize::from(width)];
    let mut forms = vec![bytes.to_vec(), bytes.iter().rev().copied().collect()];
    forms.extend((digits.len() <= 24).then(|| digits.into_bytes()));
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(constants: impl IntoIterator<Item = Constant>) -> Vec<Vec<u8>> {
        tokens(&constants.into_iter().collect(), 100)
    }

    fn of_integer(value: u128, width: u8) -> Vec<Vec<u8>> {
        made([Constant::Integer(value, width)])
    }

    #[test]
    fn an_integer_has_both_orders_and_digits() {
        let forms = of_integer(0x7be4_a65d, 4);
        assert_eq!(forms, [&b"\x5d\xa6\xe4\x7b"[..], b"\x7b\xe4\xa6\x5d", b"2078582365"]);
    }

    #[test]
    fn an_integer_in_a_wider_one_has_its_own_width_too() {
        let forms: BTreeSet<_> = of_integer(0x3d91, 4).into_iter().collect();
        let expected = [&b"\x91\x3d"[..], b"\x3d\x91", b"\x91\x3d\0\0", b"\0\0\x3d\x91", b"15761"];
        assert_eq!(forms, expected.map(<[u8]>::to_vec).into());
        assert!(of_integer(0x58_7633_4c8f, 8).contains(&b"\x8fL3vX".to_vec()));
        assert!(of_integer(0x61_6554, 4).contains(&b"Tea".to_vec()));
    }

    #[test]
    fn a_payload_is_told_from_its_discriminant() {
        assert_eq!(of_integer(86_753_091 << 32, 8), of_integer(86_753_091, 4));
    }

    #[test]
    fn what_is_text_has_no_digits_and_a_word_one_direction() {
        assert_eq!(of_integer(u128::from(u64::from_le_bytes(*b"coalesce")), 8), [b"coalesce"]);
        assert_eq!(of_integer(u128::from(u32::from_le_bytes(*b"RIFF")), 4).len(), 2);
    }

    #[test]
    fn small_integers_say_nothing() {
        for value in [0, 1, 255, 4095, 0xffff_ffff, 0xffff_f001] {
            assert!(of_integer(value, 4).is_empty(), "{value:#x}");
        }
        assert!(of_integer(0xab, 1).is_empty());
    }

    #[test]
    fn limits_alignments_and_masks_say_nothing() {
        let values = [
            (0x7fff_ffff_ffff_fff8, 8),
            (0x8000_0000_0000_0001, 8),
            (0x1fff_ffff_ffff_fffe, 8),
            (0xffff_8000_0000_0000, 8),
            (0x0001_0000, 4),
            (0x8080_8080_8080_8080, 8),
            (0x0101_0101, 4),
            (0xfefe_fefe, 4),
            (0x00ff_00ff, 4),
            (0x0011_0000, 4),
            (0xd800, 4),
        ];
        for (value, width) in values {
            assert!(of_integer(value, width).is_empty(), "{value:#x}");
        }
    }

    #[test]
    fn inverses_and_quotients_say_nothing() {
        let max = u128::from(u64::MAX);
        for divisor in [3, 5, 10, 24, 48, 1000] {
            for value in [max / divisor, max / divisor + 1, max / 2 / divisor] {
                assert!(of_integer(value, 8).is_empty(), "{value:#x}");
            }
        }
        assert!(!of_integer(0x5a1d_e3c9_8b47_f206, 8).is_empty());
    }

    #[test]
    fn bytes_that_are_all_the_same_say_nothing() {
        let constants = [&b"aaaaa"[..], b"\0\0\0", b"x", &[7; 65], b"ab\0\0ab\0\0ab"];
        assert!(made(constants.map(|bytes| Constant::Bytes(bytes.to_vec()))).is_empty());
    }

    #[test]
    fn floats_have_their_bytes_and_digits() {
        let bits = 2_718.281_25_f64.to_bits();
        let forms = made([Constant::Float(bits, 8)]);
        assert!(forms.contains(&b"2718.28125".to_vec()));
        assert!(forms.contains(&bits.to_le_bytes().to_vec()));
        assert!(forms.contains(&bits.to_be_bytes().to_vec()));
        for plain in [0.0, 1.0, 10.0, 0.5, f64::INFINITY, f64::NAN, 4_294_967_296.0] {
            assert!(made([Constant::Float(plain.to_bits(), 8)]).is_empty(), "{plain}");
        }
        assert!(made([Constant::Float(1_414.213_5_f32.to_bits().into(), 4)]).len() == 3);
    }

    #[test]
    fn the_limit_keeps_first_forms_and_texts() {
        let constants = [
            Constant::Integer(0x7be4_a65d, 4),
            Constant::Bytes(b"word".to_vec()),
            Constant::Bytes(b"other".to_vec()),
        ];
        let kept = tokens(&constants.into(), 3);
        assert_eq!(kept, [&b"other"[..], b"word", b"\x5d\xa6\xe4\x7b"]);
    }

    #[test]
    fn words_are_printable_and_no_places() {
        assert!(is_word("größe".as_bytes()) && is_word(b"content-length"));
        assert!(!is_word(b"src/lib.rs") && !is_word(b"a\0b") && !is_word(b"\xff\xfe"));
        assert!(is_single_word(b"GET") && !is_single_word(b"invalid digit"));
    }
}
