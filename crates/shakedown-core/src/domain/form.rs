//! How a compared integer may stand in bytes or text.

use std::io::Write;

/// How an integer may stand in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Little-endian, as wide as the comparison.
    Little,
    /// Big-endian.
    Big,
    /// As decimal digits.
    Decimal,
    /// As hexadecimal digits in small letters.
    Hexadecimal,
    /// As decimal digits, behind a minus where the highest bit is set.
    Signed,
    /// As the character of this code, in UTF-8.
    Char,
    /// As four numbers between dots, the highest byte first: an address of the internet.
    Dotted,
    /// The same with the lowest byte first, as such addresses lie in memory.
    DottedLittle,
}

impl Form {
    /// All of them, the likeliest first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Little,
        Self::Big,
        Self::Decimal,
        Self::Hexadecimal,
        Self::Signed,
        Self::Char,
        Self::Dotted,
        Self::DottedLittle,
    ];

    /// Whether these two values of a width can differ in this form, within text if that is so.
    pub(crate) fn suits(self, width: u8, live: u64, wanted: u64, text: bool) -> bool {
        let is_negative = |value: u64| value >> (8 * u32::from(width) - 1) & 1 == 1;
        match self {
            Self::Little => !text,
            // A single byte has one order.
            Self::Big => width > 1 && !text,
            Self::Decimal | Self::Hexadecimal => true,
            Self::Signed => width > 1 && (is_negative(live) || is_negative(wanted)),
            // In bytes, a single one is tried as such.
            Self::Char => {
                (text || width > 1) && char_of(live).is_some() && char_of(wanted).is_some()
            }
            Self::Dotted | Self::DottedLittle => width == 4,
        }
    }

    /// Whether neighbours of what is wanted are worth a try in this form, too.
    pub(crate) fn has_neighbours(self) -> bool {
        !matches!(self, Self::Char | Self::Dotted | Self::DottedLittle)
    }
}

fn char_of(code: u64) -> Option<char> {
    char::from_u32(u32::try_from(code).ok()?)
}

/// An integer in some form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Formed {
    bytes: [u8; 20],
    len: usize,
}

impl Formed {
    /// `value`, `width` bytes wide, in this form. What has none in it is empty.
    pub(crate) fn new(form: Form, width: u8, value: u64) -> Self {
        let mut bytes = [0; 20];
        let width = usize::from(width);
        let mut rest = &mut bytes[..];
        let signed = (value << (64 - 8 * width)).cast_signed() >> (64 - 8 * width);
        let octets = (value as u32).to_be_bytes();
        let written = match form {
            Form::Little => rest.write_all(&value.to_le_bytes()[..width]),
            Form::Big => rest.write_all(&value.to_be_bytes()[8 - width..]),
            Form::Decimal => write!(rest, "{value}"),
            Form::Hexadecimal => write!(rest, "{value:x}"),
            Form::Signed => write!(rest, "{signed}"),
            Form::Char => char_of(value)
                .map_or(Ok(()), |char| rest.write_all(char.encode_utf8(&mut [0; 4]).as_bytes())),
            Form::Dotted => write_dotted(&mut rest, octets),
            Form::DottedLittle => {
                let [a, b, c, d] = octets;
                write_dotted(&mut rest, [d, c, b, a])
            }
        };
        written.expect("twenty bytes hold any of them");
        let len = 20 - rest.len();
        Self { bytes, len }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

fn write_dotted(out: &mut &mut [u8], [a, b, c, d]: [u8; 4]) -> std::io::Result<()> {
    write!(out, "{a}.{b}.{c}.{d}")
}

/// What an integer has to be so that what was computed of it becomes what is wanted, if it was computed
/// by multiplying by a small number, by adding something, or by inverting some bits. `value` led to
/// `live`.
pub(crate) fn inverse(width: u8, value: u64, live: u64, wanted: u64) -> [Option<u64>; 3] {
    /// The largest factor that is thought of.
    const MAX_FACTOR: u64 = 16;
    let mask = u64::MAX >> (64 - 8 * u32::from(width));
    let is_factor = |factor: &u64| value != 0 && value.wrapping_mul(*factor) & mask == live & mask;
    let factor = (2..=MAX_FACTOR).find(is_factor).map(|factor| {
        let (odd, shift) = (factor >> factor.trailing_zeros(), factor.trailing_zeros());
        // Newton's iteration for the inverse of an odd number doubles the right bits each time; three
        // of them are right at first.
        let inverse = (0..5).fold(odd, |inverse, _| {
            inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)))
        });
        ((wanted & mask) >> shift).wrapping_mul(inverse) & mask
    });
    let sum = value.wrapping_add(wanted.wrapping_sub(live)) & mask;
    [factor, Some(sum), Some((value ^ live ^ wanted) & mask)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_stand_in_many_forms() {
        let formed = |form, width, value| Formed::new(form, width, value).as_slice().to_vec();
        assert_eq!(formed(Form::Little, 2, 0x1234), [0x34, 0x12]);
        assert_eq!(formed(Form::Little, 1, 0xff), [0xff]);
        assert_eq!(formed(Form::Big, 4, 0x1234), [0, 0, 0x12, 0x34]);
        assert_eq!(formed(Form::Decimal, 8, u64::MAX), b"18446744073709551615");
        assert_eq!(formed(Form::Hexadecimal, 2, 0xbeef), b"beef");
        assert_eq!(formed(Form::Signed, 8, i64::MIN.cast_unsigned()), b"-9223372036854775808");
        assert_eq!(formed(Form::Signed, 4, 0xffff_fffe), b"-2");
        assert_eq!(formed(Form::Signed, 2, 7), b"7");
        assert_eq!(formed(Form::Char, 4, 0x20ac), "€".as_bytes());
        assert_eq!(formed(Form::Char, 4, 0xd800), b"");
        assert_eq!(formed(Form::Dotted, 4, 0xfffe_0001), b"255.254.0.1");
        assert_eq!(formed(Form::DottedLittle, 4, 0xfffe_0001), b"1.0.254.255");
    }

    #[test]
    fn sums_and_products_are_inverted() {
        for factor in 2..=16_u64 {
            let (value, wanted) = (0x1234_5679_u64, 0x9abc_def1_u64);
            let times = |value: u64| (value * factor) & 0xffff_ffff;
            let [product, sum, _] = inverse(4, value, times(value), wanted * factor);
            assert_eq!(times(product.expect("a factor")), times(wanted), "{factor}");
            assert!(sum.is_some());
        }
        assert_eq!(inverse(4, 100, 58, 20), [None, Some(62), Some(100 ^ 58 ^ 20)]);
        assert_eq!(inverse(2, 3, 0xfff0, 1), [None, Some(20), Some(0xfff2)]);
    }
}
