//! The generator: PCG XSH-RR 64/32 (M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient
//! Statistically Good Algorithms for Random Number Generation", 2014), with its state in the open.
//!
//! The stream is part of the contract: a seed printed in a report must give the same run next
//! year, and what a worker has run is run again from the state that it left behind.

/// The multiplier of the reference implementation.
const MULTIPLIER: u64 = 6_364_136_223_846_793_005;

/// A small, seedable, copyable generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rng {
    /// Current state.
    pub state: u64,
    /// Increment; selects the stream and is always odd.
    pub inc: u64,
}

impl Rng {
    /// The generator for `seed` on the default stream.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_stream(seed, 0xda3e_39cb_94b9_5bdb)
    }

    /// The generator for `seed` on stream number `stream`; streams are independent of each other.
    #[must_use]
    pub fn with_stream(seed: u64, stream: u64) -> Self {
        let mut rng = Self { state: 0, inc: (stream << 1) | 1 };
        rng.u32();
        rng.state = rng.state.wrapping_add(seed);
        rng.u32();
        rng
    }

    /// The next 32 random bits.
    #[inline]
    pub fn u32(&mut self) -> u32 {
        let old = self.state;
        self.state = old.wrapping_mul(MULTIPLIER).wrapping_add(self.inc);
        let xorshifted = (((old >> 18) ^ old) >> 27) as u32;
        xorshifted.rotate_right((old >> 59) as u32)
    }

    /// The next 64 random bits.
    #[inline]
    pub fn u64(&mut self) -> u64 {
        (u64::from(self.u32()) << 32) | u64::from(self.u32())
    }

    /// The next 128 random bits.
    #[inline]
    pub fn u128(&mut self) -> u128 {
        (u128::from(self.u64()) << 64) | u128::from(self.u64())
    }

    /// A number below `bound`, and 0 if `bound` is 0.
    ///
    /// Lemire's multiplication without its rejection step: the bias is below `bound / 2^32`, which
    /// no search can notice, and the number of steps stays fixed.
    #[inline]
    pub fn below(&mut self, bound: usize) -> usize {
        match u32::try_from(bound) {
            Ok(bound) => ((u64::from(self.u32()) * u64::from(bound)) >> 32) as usize,
            Err(_) => ((u128::from(self.u64()) * bound as u128) >> 64) as usize,
        }
    }

    /// Two independent numbers out of one draw: one below `bound`, and a fraction of 2^32 that
    /// [`scaled`] makes a number below anything.
    #[inline]
    pub fn below_and_fraction(&mut self, bound: u32) -> (u32, u32) {
        let product = u64::from(self.u32()) * u64::from(bound);
        ((product >> 32) as u32, product as u32)
    }

    /// True once in `n` draws on average; always for `n` of 0 or 1.
    #[inline]
    pub fn one_in(&mut self, n: u32) -> bool {
        self.below(n as usize) == 0
    }
}

/// This fraction of 2^32 of `bound`: below `bound`, and 0 if `bound` is 0.
#[inline]
#[must_use]
pub fn scaled(fraction: u32, bound: usize) -> usize {
    ((u128::from(fraction) * bound as u128) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs of the reference program `pcg32-demo` (seed 42, stream 54).
    #[test]
    fn agrees_with_the_reference_implementation() {
        let mut rng = Rng::with_stream(42, 54);
        let got: Vec<u32> = (0..6).map(|_| rng.u32()).collect();
        assert_eq!(got, [0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e]);
    }

    #[test]
    fn below_stays_below_and_reaches_everything() {
        let mut rng = Rng::new(1);
        let mut seen = [false; 7];
        for _ in 0..1000 {
            seen[rng.below(7)] = true;
        }
        assert_eq!(seen, [true; 7]);
        assert_eq!(rng.below(0), 0);
        assert!(rng.below(usize::MAX) < usize::MAX);
    }

    #[test]
    fn a_copy_continues_the_same_stream() {
        let mut a = Rng::new(9);
        a.u64();
        let mut b = a;
        assert_eq!(a.u128(), b.u128());
    }
}
