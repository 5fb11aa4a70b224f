//! `cargo shakedown`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_shakedown::main()
}
