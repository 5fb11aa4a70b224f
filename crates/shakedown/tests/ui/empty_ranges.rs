use std::ops::Range;

use shakedown::Input;

const ZERO: u128 = 0;
const NONE: Range<i8> = 4..4;

#[derive(Input)]
struct Empty {
    #[input(range = 0..ZERO)]
    computed: u128,
    #[input(range = NONE)]
    constant: i8,
    #[input(len = ..0)]
    len: String,
}

fn main() {}
