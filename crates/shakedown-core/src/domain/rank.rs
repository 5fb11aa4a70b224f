//! How simple a byte or character is: its rank, by how readable it is.

use std::cmp::Ordering;

/// All ASCII codes, the most readable first: digits, small letters, capitals, space, punctuation,
/// white space, and what cannot be seen.
pub(crate) const ASCII: [u8; 128] = ascii_by_rank();

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
pub(crate) fn of_code(code: u32) -> u32 {
    ASCII_RANK.get(code as usize).map_or(code, |&rank| u32::from(rank))
}

/// The byte, or the code of the char, with this rank.
pub(crate) fn to_code(rank: u32) -> u32 {
    ASCII.get(rank as usize).map_or(rank, |&code| u32::from(code))
}

/// Which of two bytes of content is simpler.
pub(crate) fn compare(a: u8, b: u8) -> Ordering {
    of_code(a.into()).cmp(&of_code(b.into()))
}

/// What an item is changed to, as long as that is simpler.
pub(crate) fn simpler(code: u32) -> [u32; 5] {
    let [zero, small, capital, space] = [b'0', b'a', b'A', b' '].map(u32::from);
    [zero, small, to_lower(code), capital, space]
}

fn to_lower(code: u32) -> u32 {
    u8::try_from(code).map_or(code, |byte| byte.to_ascii_lowercase().into())
}

/// The rank `by` steps lower.
pub(crate) fn below(rank: u32, by: u128) -> Option<u32> {
    u32::try_from(by).ok().and_then(|by| rank.checked_sub(by))
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
}
