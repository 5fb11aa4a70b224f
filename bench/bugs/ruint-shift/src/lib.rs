//! ruint=1.17.0: wrong result: overflow flag of shifts (RUSTSEC-2026-0220).

use arbitrary::{Arbitrary, Unstructured};
use ruint::Uint;
type U160 = Uint<160, 3>;

pub fn target(data: &[u8]) {
    if let Ok(x) = <([u8; 20], u8)>::arbitrary(&mut Unstructured::new(data)) {
        target_pair(x.0, x.1);
    }
}

/// overflowing_shl misses bits lost from the top limb; checked_shl then says Some for a lossy shift.
pub fn target_pair(bytes: [u8; 20], shift: u8) {
    let x = U160::from_le_bytes(bytes);
    let n = shift as usize;
    if let Some(y) = x.checked_shl(n) {
        // a shift that lost nothing can be undone
        assert_eq!(y >> n, x, "checked_shl lost bits");
    }
}
