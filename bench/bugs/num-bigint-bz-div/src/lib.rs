//! num-bigint=0.5.0: wrong result: Burnikel-Ziegler division (rust-num/num-bigint#348).

use arbitrary::{Arbitrary, Unstructured};
use num_bigint::BigUint;
/// u32 runs: (value, repeat) pairs make both numbers, so that long operands are within reach.
#[derive(Debug, Clone, Arbitrary)]
pub struct Run {
    pub word: u32,
    pub times: u8,
}
#[derive(Debug, Clone, Arbitrary)]
pub struct Pair {
    pub u: Vec<Run>,
    pub d: Vec<Run>,
}
pub fn target(data: &[u8]) {
    if let Ok(p) = Pair::arbitrary(&mut Unstructured::new(data)) {
        target_pair(&p);
    }
}
fn num(r: &[Run]) -> BigUint {
    let mut v = vec![];
    for x in r.iter().take(16) {
        v.extend(std::iter::repeat(x.word).take(x.times as usize));
    }
    BigUint::new(v)
}
pub fn target_pair(p: &Pair) {
    let (u, d) = (num(&p.u), num(&p.d));
    if d.bits() == 0 {
        return;
    }
    let (q, r) = (&u / &d, &u % &d);
    assert!(r < d, "remainder too large");
    assert_eq!(q * &d + r, u, "quotient wrong");
}
pub fn crash_pair() -> Pair {
    // d = 2^4159 + 1, u = d * (2^4096 - 1) + d - 1
    let one = BigUint::from(1u8);
    let d = (&one << 4159u32) + &one;
    let u = &d * ((&one << 4096u32) - &one) + &d - &one;
    let runs = |x: &BigUint| {
        let mut v: Vec<Run> = vec![];
        for w in x.to_u32_digits() {
            match v.last_mut() {
                Some(r) if r.word == w && r.times < 255 => r.times += 1,
                _ => v.push(Run { word: w, times: 1 }),
            }
        }
        v
    };
    Pair { u: runs(&u), d: runs(&d) }
}
