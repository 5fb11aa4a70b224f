//! Vectors of counters: the instructions that the pass over them needs, for the widest vectors of
//! the machine and for words.
#![expect(unsafe_code, reason = "reads and writes counters through raw pointers")]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256i, __m512i, _mm_loadu_si128, _mm256_and_si256, _mm256_andnot_si256, _mm256_blendv_epi8,
    _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8, _mm256_or_si256, _mm256_set1_epi8,
    _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16, _mm256_testz_si256,
    _mm512_and_si512, _mm512_andnot_si512, _mm512_broadcast_i32x4, _mm512_mask_shuffle_epi8,
    _mm512_or_si512, _mm512_set1_epi8, _mm512_setzero_si512, _mm512_shuffle_epi8,
    _mm512_srli_epi16, _mm512_test_epi8_mask,
};

use shakedown_core::features::BUCKETS;

/// Counters side by side in one register.
pub(super) trait Lanes: Copy {
    /// None is hit.
    ///
    /// # Safety
    /// This and every other function is only called where the machine has the instructions; that
    /// is what makes them sound.
    unsafe fn zero() -> Self;
    /// The bits of either.
    unsafe fn or(self, other: Self) -> Self;
    /// The bits that `other` lacks.
    unsafe fn without(self, other: Self) -> Self;
    /// Whether no bit is set.
    unsafe fn is_zero(self) -> bool;
    /// The bucket of every hit count, as [`shakedown_core::features::bucket`] gives it.
    unsafe fn buckets(self) -> Self;
}

/// Buckets of the counts below 16, and of the others by their upper half.
#[cfg(target_arch = "x86_64")]
const TABLES: [[u8; 16]; 2] = {
    let mut tables = [[0; 16]; 2];
    let mut half = 0;
    while half < 16 {
        tables[0][half] = BUCKETS[half];
        tables[1][half] = BUCKETS[16 * half];
        half += 1;
    }
    tables
};

#[cfg(target_arch = "x86_64")]
impl Lanes for __m512i {
    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: by the contract of the trait, here and below.
        unsafe { _mm512_setzero_si512() }
    }
    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        // SAFETY: as above.
        unsafe { _mm512_or_si512(self, other) }
    }
    #[inline(always)]
    unsafe fn without(self, other: Self) -> Self {
        // SAFETY: as above.
        unsafe { _mm512_andnot_si512(other, self) }
    }
    #[inline(always)]
    unsafe fn is_zero(self) -> bool {
        // SAFETY: as above.
        unsafe { _mm512_test_epi8_mask(self, self) == 0 }
    }
    #[inline(always)]
    unsafe fn buckets(self) -> Self {
        // SAFETY: as above; the tables have the sixteen bytes that are loaded.
        unsafe {
            let [low, high] =
                TABLES.map(|table| _mm512_broadcast_i32x4(_mm_loadu_si128(table.as_ptr().cast())));
            let nibble = _mm512_set1_epi8(15);
            let upper = _mm512_and_si512(_mm512_srli_epi16::<4>(self), nibble);
            let large = _mm512_test_epi8_mask(upper, upper);
            // A count below 16 is its own lower half.
            _mm512_mask_shuffle_epi8(_mm512_shuffle_epi8(low, self), large, high, upper)
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Lanes for __m256i {
    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: by the contract of the trait, here and below.
        unsafe { _mm256_setzero_si256() }
    }
    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        // SAFETY: as above.
        unsafe { _mm256_or_si256(self, other) }
    }
    #[inline(always)]
    unsafe fn without(self, other: Self) -> Self {
        // SAFETY: as above.
        unsafe { _mm256_andnot_si256(other, self) }
    }
    #[inline(always)]
    unsafe fn is_zero(self) -> bool {
        // SAFETY: as above.
        unsafe { _mm256_testz_si256(self, self) == 1 }
    }
    #[inline(always)]
    unsafe fn buckets(self) -> Self {
        // SAFETY: as above; the tables have the sixteen bytes that are loaded.
        unsafe {
            let [low, high] = TABLES
                .map(|table| _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast())));
            let nibble = _mm256_set1_epi8(15);
            let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(self), nibble);
            let small = _mm256_cmpeq_epi8(upper, Self::zero());
            let (of_small, of_large) =
                (_mm256_shuffle_epi8(low, self), _mm256_shuffle_epi8(high, upper));
            _mm256_blendv_epi8(of_large, of_small, small)
        }
    }
}

impl Lanes for u64 {
    #[inline(always)]
    unsafe fn zero() -> Self {
        0
    }
    #[inline(always)]
    unsafe fn or(self, other: Self) -> Self {
        self | other
    }
    #[inline(always)]
    unsafe fn without(self, other: Self) -> Self {
        self & !other
    }
    #[inline(always)]
    unsafe fn is_zero(self) -> bool {
        self == 0
    }
    #[inline(always)]
    unsafe fn buckets(self) -> Self {
        if self == 0 {
            return 0;
        }
        Self::from_ne_bytes(self.to_ne_bytes().map(|hits| BUCKETS[usize::from(hits)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bucketing by vectors of type `V` against the definition, for every hit count.
    ///
    /// # Safety
    /// As for [`Lanes`].
    #[inline(always)]
    unsafe fn check<V: Lanes>() {
        let hits: [u8; 256] = std::array::from_fn(|hits| hits as u8);
        for at in (0..256).step_by(size_of::<V>()) {
            let mut buckets = [0; 64];
            // SAFETY: a vector is at most 64 bytes, and divides the 256 counts.
            unsafe {
                let vector = hits.as_ptr().add(at).cast::<V>().read_unaligned();
                buckets.as_mut_ptr().cast::<V>().write_unaligned(vector.buckets());
                assert_eq!(vector.without(vector.buckets()).is_zero(), {
                    let pairs = hits[at..at + size_of::<V>()].iter().zip(buckets);
                    pairs.fold(true, |all, (hits, bucket)| all & (hits & !bucket == 0))
                });
            }
            assert_eq!(buckets[..size_of::<V>()], BUCKETS[at..at + size_of::<V>()]);
        }
    }

    #[test]
    fn every_hit_count_gets_its_bucket() {
        // SAFETY: words need nothing of the machine.
        unsafe { check::<u64>() };
        #[cfg(target_arch = "x86_64")]
        {
            #[target_feature(enable = "avx2")]
            fn check_256() {
                // SAFETY: this function has the feature.
                unsafe { check::<__m256i>() };
            }
            #[target_feature(enable = "avx512f,avx512bw")]
            fn check_512() {
                // SAFETY: this function has the features.
                unsafe { check::<__m512i>() };
            }
            if is_x86_feature_detected!("avx2") {
                // SAFETY: as just seen.
                unsafe { check_256() };
            }
            if is_x86_feature_detected!("avx512bw") {
                // SAFETY: as just seen.
                unsafe { check_512() };
            }
        }
    }
}
