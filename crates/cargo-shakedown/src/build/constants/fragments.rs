//! Constants that are compared piece by piece, put together by where the other side lies: nine bytes
//! are compared as eight and one, and seven as two times four.

use super::Constant;

/// Longest that pieces are put together to.
const MAX_LEN: usize = 64;

/// Where a value was loaded from: a distance from what a register held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The register, and how often it was written before.
    pub(super) base: (usize, u32),
    /// Bytes from there.
    pub(super) offset: i64,
}

/// Bytes that something is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    /// Where that lies, if it is known.
    pub(super) place: Option<Place>,
    /// As they would lie there.
    pub(super) bytes: Vec<u8>,
}

/// The constants that these pieces of one comparison make.
pub(super) fn join(fragments: &mut Vec<Fragment>) -> Vec<Constant> {
    let (mut placed, loose): (Vec<_>, Vec<_>) =
        fragments.drain(..).partition(|fragment| fragment.place.is_some());
    placed.sort_by_key(|fragment| fragment.place);
    let mut joined: Vec<Fragment> = Vec::new();
    for fragment in placed {
        let extended = joined.last_mut().is_some_and(|last| extend(last, &fragment));
        if !extended {
            joined.push(fragment);
        }
    }
    let mut constants: Vec<_> = joined.into_iter().map(|piece| constant(piece.bytes)).collect();
    constants.extend(halves(&loose));
    constants
}

/// Pieces whose place is not known: two halves may be either way round.
fn halves(loose: &[Fragment]) -> Vec<Constant> {
    match loose {
        [a, b] if a.bytes.len() == 8 && b.bytes.len() == 8 => {
            [[a, b], [b, a]].map(|[a, b]| constant([&*a.bytes, &b.bytes].concat())).into()
        }
        _ => loose.iter().map(|fragment| constant(fragment.bytes.clone())).collect(),
    }
}

/// Appends what lies behind, and maybe over the end of, what is there already. False if it does not.
fn extend(last: &mut Fragment, next: &Fragment) -> bool {
    let (Some(before), Some(place)) = (last.place, next.place) else { return false };
    let Ok(distance) = usize::try_from(place.offset - before.offset) else { return false };
    if before.base != place.base || distance > last.bytes.len() || distance > MAX_LEN {
        return false;
    }
    let overlap = (last.bytes.len() - distance).min(next.bytes.len());
    if last.bytes[distance..][..overlap] != next.bytes[..overlap] {
        return false;
    }
    last.bytes.extend_from_slice(&next.bytes[overlap..]);
    true
}

/// Bytes of a length that integers have may be one.
fn constant(bytes: Vec<u8>) -> Constant {
    match bytes.len() {
        len @ (1 | 2 | 4 | 8 | 16) => {
            let mut wide = [0; 16];
            wide[..len].copy_from_slice(&bytes);
            Constant::Integer(u128::from_le_bytes(wide), len as u8)
        }
        _ => Constant::Bytes(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(register: usize, offset: i64, bytes: &[u8]) -> Fragment {
        Fragment { place: Some(Place { base: (register, 0), offset }), bytes: bytes.to_vec() }
    }

    fn loose(bytes: &[u8]) -> Fragment {
        Fragment { place: None, bytes: bytes.to_vec() }
    }

    fn text(text: &[u8]) -> Constant {
        Constant::Bytes(text.to_vec())
    }

    #[test]
    fn neighbours_are_one_constant_in_whatever_order() {
        let mut pieces = vec![at(3, 8, b"l"), at(3, 0, b"Nightfal")];
        assert_eq!(join(&mut pieces), [text(b"Nightfall")]);
        assert!(pieces.is_empty());
    }

    #[test]
    fn pieces_that_overlap_must_agree() {
        assert_eq!(join(&mut vec![at(3, 0, b"late"), at(3, 3, b"eral")]), [text(b"lateral")]);
        let apart = join(&mut vec![at(3, 0, b"latex"), at(3, 3, b"eral!")]);
        assert_eq!(apart, [text(b"latex"), text(b"eral!")]);
    }

    #[test]
    fn what_lies_elsewhere_stays_alone() {
        let apart = join(&mut vec![at(3, 0, b"abc"), at(3, 4, b"def"), at(5, 3, b"ghi")]);
        assert_eq!(apart, [text(b"abc"), text(b"def"), text(b"ghi")]);
    }

    #[test]
    fn halves_without_a_place_are_put_both_ways() {
        let (low, high) = (1u64.to_le_bytes(), 2u64.to_le_bytes());
        let expected = [Constant::Integer(1 | 2 << 64, 16), Constant::Integer(2 | 1 << 64, 16)];
        assert_eq!(join(&mut vec![loose(&low), loose(&high)]), expected);
        assert_eq!(join(&mut vec![loose(b"ab")]), [Constant::Integer(0x6261, 2)]);
    }
}
