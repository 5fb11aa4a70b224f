//! num-bigint=0.4.2: unwrap on None: an all-zero half of an operand in Karatsuba multiplication (GHSA-v935-pqmr-g8v9).

use arbitrary::{Arbitrary, Unstructured};
use num_bigint::BigUint;
pub fn target(data: &[u8]) {
    // two numbers, split at a byte
    if let Ok(k) = u16::arbitrary(&mut Unstructured::new(data)) {
        let d = data.get(2..).unwrap_or(&[]);
        let k = k as usize % (d.len() + 1);
        target_pair(&d[..k], &d[k..]);
    }
}
pub fn target_pair(a: &[u8], b: &[u8]) {
    let (x, y) = (BigUint::from_bytes_le(a), BigUint::from_bytes_le(b));
    let p = &x * &y;
    if y.bits() > 0 {
        assert_eq!(&p / &y, x);
    }
}
