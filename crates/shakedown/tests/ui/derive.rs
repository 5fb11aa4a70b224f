use shakedown::Input;

#[derive(Input)]
enum Never {}

#[derive(Input)]
union Union {
    a: u8,
}

#[derive(Input)]
#[input(len = 1..)]
struct Attributes {
    #[input]
    bare: u8,
    #[input = 1]
    valued: u8,
    #[input(rnage = 1..2, len = "5", with = 3, default)]
    options: Vec<u8>,
    #[input(range = 1..2, range = 3..4)]
    twice: u8,
    #[input(range = 10..=0)]
    empty: u8,
    #[input(chars = "z-a", ascii = true)]
    chars: String,
    #[input(map = String::len, range = 1..2, unmap)]
    map: usize,
}

#[derive(Input)]
enum Variants {
    #[input(range = 1..)]
    A(#[input(min = 1)] u8),
}

fn main() {}
