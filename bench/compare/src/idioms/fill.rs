//! Random constants in the places that a template leaves for them.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A generator of constants.
pub struct Constants(u64);

impl Constants {
    /// The generator of one target.
    pub fn new(target: &str, seed: u64) -> Self {
        let mut hasher = DefaultHasher::new();
        (target, seed).hash(&mut hasher);
        Self(hasher.finish())
    }

    /// Puts a constant of its own into each place: `{{u32}}` an integer of 32 bits, `{{str9}}` a
    /// string literal of nine letters, `{{bytes5}}` one of five bytes, `{{float}}` a number.
    pub fn fill(&mut self, template: &str) -> String {
        let mut parts = template.split("{{");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (kind, rest) = part.split_once("}}").expect("a place ends with }}");
            text += &self.constant(kind);
            text += rest;
        }
        text
    }

    fn constant(&mut self, kind: &str) -> String {
        let split = kind.find(|letter: char| letter.is_ascii_digit()).unwrap_or(kind.len());
        let (what, size) = kind.split_at(split);
        let size = size.parse().unwrap_or(0);
        match what {
            "u" => self.integer(size),
            "str" => format!("{:?}", self.letters(size)),
            "bytes" => format!("b\"{}\"", self.bytes(size)),
            "float" => format!("{}.{}f64", self.next() % 90_000 + 10_000, self.next() % 900 + 100),
            "letter" => format!("{:?}", self.letters(1).chars().next().unwrap_or('x')),
            _ => panic!("no constants of kind {kind}"),
        }
    }

    /// One that nobody guesses: its highest byte is not zero.
    fn integer(&mut self, bits: usize) -> String {
        let wide = u128::from(self.next()) << 64 | u128::from(self.next());
        format!("{:#x}", (wide | 1 << 127) >> (128 - bits))
    }

    fn letters(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(b'a' + (self.next() % 26) as u8)).collect()
    }

    fn bytes(&mut self, length: usize) -> String {
        (0..length).map(|_| format!("\\x{:02x}", self.next() as u8)).collect()
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}
