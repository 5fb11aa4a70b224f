//! The constants that a program compares its inputs with, as tokens for their mutation.
//!
//! What is compared at run time by more than eight bytes, or by a number of them that is no power
//! of two, leaves no trace that a counter shows. But it stands in the code: [`image`] reads the
//! instrumented functions of the finished program, [`x86`] follows what they do with constants,
//! [`tables`] reads the tables of words that they refer to, and [`worth`] makes tokens of what is
//! not an artefact of the compiler. On other processors there are none yet: a module beside [`x86`]
//! that gives [`Clues`] is all that is missing.

mod fragments;
mod image;
mod tables;
mod worth;
mod x86;

use std::collections::BTreeSet;
use std::path::Path;

use image::{Image, Processor};

/// Most tokens of a program. Each is drawn as often as any other, so more would thin them out.
const MAX_TOKENS: usize = 1024;

/// What a program compares with, as far as its code shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Constant {
    /// An integer of this many bytes: 1, 2, 4, 8 or 16.
    Integer(u128, u8),
    /// The bits of a float of 4 or 8 bytes.
    Float(u64, u8),
    /// Bytes, as they lie in memory.
    Bytes(Vec<u8>),
}

/// What code shows.
#[derive(Debug, Default)]
struct Clues {
    /// The constants themselves.
    constants: BTreeSet<Constant>,
    /// Addresses of data, where tables may begin.
    data: BTreeSet<u64>,
}

/// The tokens of a program, the best first. None if it cannot be read, is not instrumented, has no
/// symbols, or is for a processor whose code is not understood: they are a help, not a need.
#[must_use]
pub fn tokens(program: &Path) -> Vec<Vec<u8>> {
    let Ok(bytes) = std::fs::read(program) else { return Vec::new() };
    let Some(image) = Image::parse(&bytes) else { return Vec::new() };
    let mut clues = Clues::default();
    for function in image.instrumented() {
        match image.processor {
            Processor::X86_64 => x86::follow(&image, function, &mut clues),
            Processor::Other => {}
        }
    }
    clues.constants.extend(tables::words(&image, &clues.data).into_iter().map(Constant::Bytes));
    worth::tokens(&clues.constants, MAX_TOKENS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This test is of a program that is not instrumented.
    #[test]
    fn what_cannot_be_read_has_no_tokens() {
        let own = std::env::current_exe().unwrap();
        let text = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        for program in [&*own, &*text, Path::new("/nowhere")] {
            assert!(tokens(program).is_empty(), "{}", program.display());
        }
    }
}
