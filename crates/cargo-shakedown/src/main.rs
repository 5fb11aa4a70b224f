//! `cargo shakedown`: see the library.

use std::process::ExitCode;

use cargo_shakedown::{build, cli, commands};

fn main() -> ExitCode {
    if build::wrapper::invoked() {
        return build::wrapper::run();
    }
    // Cargo runs `cargo-shakedown shakedown ..`; without cargo the second word may be left out.
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|argument| argument == "shakedown") {
        arguments.remove(1);
    }
    commands::run(cli::parse(arguments))
}
