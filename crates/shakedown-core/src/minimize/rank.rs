//! Which scalar is simpler: bytes and chars by readability, integers by distance from the simplest
//! value, floats by how short they are to write.

use crate::schema::Int;

/// All ASCII codes, the most readable first: digits, small letters, capitals, space, punctuation,
/// white space, and what cannot be seen.
const ASCII: [u8; 128] = ascii_by_rank();

/// The position of each code in [`ASCII`].
const ASCII_RANK: [u8; 128] = {
    let mut ranks = [0; 128];
    let mut rank = 0;
    while rank < 128 {
        ranks[ASCII[rank] as usize] = rank as u8;
        rank += 1;
    }
    ranks
};

const fn ascii_by_rank() -> [u8; 128] {
    let (mut codes, mut taken, mut count) = ([0; 128], [false; 128], 0);
    // Inclusive ranges; a code that an earlier one holds is not repeated.
    let ranges = [
        (b'0', b'9'),
        (b'a', b'z'),
        (b'A', b'Z'),
        (b' ', b'~'),
        (b'\n', b'\n'),
        (b'\t', b'\t'),
        (0, 127),
    ];
    let mut at = 0;
    while at < ranges.len() {
        let mut code = ranges[at].0;
        while code <= ranges[at].1 {
            if !taken[code as usize] {
                taken[code as usize] = true;
                codes[count] = code;
                count += 1;
            }
            code += 1;
        }
        at += 1;
    }
    codes
}

/// The rank of a byte, or of the code of a char: 0 for `'0'`; what is not ASCII by its value.
pub(super) fn of_code(code: u32) -> u32 {
    ASCII_RANK.get(code as usize).map_or(code, |&rank| u32::from(rank))
}

/// The byte, or the code of the char, with this rank.
pub(super) fn to_code(rank: u32) -> u32 {
    ASCII.get(rank as usize).map_or(rank, |&code| u32::from(code))
}

/// An integer as its way from the simplest value of its node; smaller is simpler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Away {
    /// How far.
    pub distance: u128,
    /// In which direction; of two equally far values the greater is simpler.
    pub below: bool,
}

impl Away {
    /// The way to the value with this key.
    pub(super) fn of(int: Int, key: u128) -> Self {
        let simplest = int.simplest();
        Self { distance: key.abs_diff(simplest), below: key < simplest }
    }

    /// The key at the end of the way, if it is within the range of the node.
    pub(super) fn key(self, int: Int) -> Option<u128> {
        let simplest = int.simplest();
        let key = match self.below {
            true => simplest.checked_sub(self.distance),
            false => simplest.checked_add(self.distance),
        };
        key.filter(|key| (int.min..=int.max).contains(key))
    }
}

/// The float in these 4 or 8 bytes, as an `f64`.
pub(super) fn read_float(bytes: &[u8]) -> f64 {
    match bytes.try_into() {
        Ok(short) => f64::from(f32::from_le_bytes(short)),
        Err(_) => f64::from_bits(read_bits(bytes)),
    }
}

fn read_bits(bytes: &[u8]) -> u64 {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(wide)
}

/// How simple a float is; smaller is simpler: finite before infinite before NaN, then fewest binary
/// digits after the point, then magnitude, then positive before negative.
pub(super) fn of_float(bytes: &[u8]) -> (u8, u32, u64, u64) {
    let value = read_float(bytes);
    let class = if value.is_finite() { 0 } else { 1 + u8::from(value.is_nan()) };
    let digits = if value.is_finite() { fraction_digits(value) } else { 0 };
    (class, digits, value.abs().to_bits(), read_bits(bytes))
}

/// Binary digits after the point of a finite number.
fn fraction_digits(value: f64) -> u32 {
    if value == value.trunc() {
        return 0;
    }
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    // Of a subnormal number the implied digit is 0 and the exponent that of the least normal one.
    let mantissa = (bits & ((1 << 52) - 1)) | (u64::from(exponent > 0) << 52);
    let last = exponent.max(1) - 1075 + mantissa.trailing_zeros() as i32;
    last.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_ranks_are_one_to_one() {
        assert!((0..2000).all(|rank| of_code(to_code(rank)) == rank));
        let first: Vec<u8> = (0..66).map(|rank| to_code(rank) as u8).collect();
        assert_eq!(
            String::from_utf8(first).unwrap(),
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ !\"#"
        );
    }

    #[test]
    fn integers_near_the_simplest_value_come_first() {
        let int = Int::full(true, 1);
        let mut values: Vec<i8> = vec![-128, 5, -1, 0, 1, 127];
        values.sort_by_key(|value| Away::of(int, int.key(&value.to_le_bytes())));
        assert_eq!(values, [0, 1, -1, 5, 127, -128]);
        let limited = Int { min: 10, max: 20, ..Int::full(false, 1) };
        assert_eq!(Away::of(limited, 12), Away { distance: 2, below: false });
        assert_eq!(Away { distance: 2, below: false }.key(limited), Some(12));
        assert_eq!(Away { distance: 11, below: false }.key(limited), None);
        assert_eq!(Away { distance: 1, below: true }.key(limited), None);
    }

    #[test]
    fn floats_that_are_short_to_write_come_first() {
        let sorted = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            2.0,
            1e300,
            0.5,
            1.5,
            0.25,
            0.1,
            f64::MIN_POSITIVE,
            5e-324,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ];
        let ranks: Vec<_> = sorted.iter().map(|value| of_float(&value.to_le_bytes())).collect();
        assert!(ranks.is_sorted(), "{ranks:?}");
        assert_eq!(fraction_digits(0.75), 2);
        assert_eq!(of_float(&0.5f32.to_le_bytes()).1, 1);
    }
}
