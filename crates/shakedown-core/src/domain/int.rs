//! Integers within a range, handled by key.

/// An integer type and the range of values it may take.
///
/// Values are compared by their *key*: the bits of the value as an unsigned number, with the sign
/// bit flipped for signed types, so that keys order as the values do for every type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int {
    /// Whether the type is signed.
    pub signed: bool,
    /// Width in bytes: 1, 2, 4, 8 or 16.
    pub width: u8,
    /// Key of the smallest value allowed.
    pub min: u128,
    /// Key of the largest value allowed.
    pub max: u128,
}

impl Int {
    /// The full range of a type.
    #[must_use]
    pub fn full(signed: bool, width: u8) -> Self {
        Self { signed, width, min: 0, max: u128::MAX >> (128 - 8 * u32::from(width)) }
    }

    /// The key of the value zero.
    #[must_use]
    pub fn zero(self) -> u128 {
        if self.signed { 1 << (8 * u32::from(self.width) - 1) } else { 0 }
    }

    /// The key of the value stored in the first `width` bytes of `bytes`, little-endian.
    ///
    /// # Panics
    /// If there are fewer bytes than that.
    #[inline]
    #[must_use]
    pub fn key(self, bytes: &[u8]) -> u128 {
        // A copy of variable length would stall the load that follows it.
        let bits = match *bytes {
            [a, ..] if self.width == 1 => u128::from(a),
            [a, b, ..] if self.width == 2 => u128::from(u16::from_le_bytes([a, b])),
            [a, b, c, d, ..] if self.width == 4 => u128::from(u32::from_le_bytes([a, b, c, d])),
            [a, b, c, d, e, f, g, h, ..] if self.width == 8 => {
                u128::from(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
            }
            _ => u128::from_le_bytes(bytes[..16].try_into().expect("sixteen bytes")),
        };
        bits ^ self.zero()
    }

    /// Stores the value with this key into the first `width` bytes of `bytes`.
    ///
    /// # Panics
    /// If there are fewer bytes than that.
    #[inline]
    pub fn store(self, key: u128, bytes: &mut [u8]) {
        let width = usize::from(self.width);
        bytes[..width].copy_from_slice(&(key ^ self.zero()).to_le_bytes()[..width]);
    }

    /// The key nearest to `key` within the range.
    #[must_use]
    pub fn clamp(self, key: u128) -> u128 {
        key.clamp(self.min, self.max)
    }

    /// The key of the value nearest to zero: the default of the type.
    #[must_use]
    pub fn simplest(self) -> u128 {
        self.clamp(self.zero())
    }

    /// The value with this key as text.
    #[must_use]
    pub fn text(self, key: u128) -> String {
        let zero = self.zero();
        if key >= zero { (key - zero).to_string() } else { format!("-{}", zero - key) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_as_values_do() {
        let int = Int::full(true, 2);
        let keys: Vec<u128> =
            [i16::MIN, -1, 0, 1, i16::MAX].map(|v| int.key(&v.to_le_bytes())).into();
        assert!(keys.is_sorted());
        assert_eq!(
            keys.iter().map(|k| int.text(*k)).collect::<Vec<_>>(),
            ["-32768", "-1", "0", "1", "32767"]
        );
        let wide = Int::full(true, 16);
        assert_eq!(wide.text(wide.key(&i128::MIN.to_le_bytes())), i128::MIN.to_string());
    }
}
