//! How a closure becomes the target of its program.

use std::io::{IsTerminal, Read, stdin};
use std::panic::RefUnwindSafe;

use shakedown::__private::{Target, Verdict, arguments, is_worker, run_closure};

/// Runs a closure on inputs, as the macro [`fuzz!`](crate::fuzz!) does. `hook` has no effect: a panic
/// that the target catches is no failure.
pub fn fuzz<F: FnMut(&[u8]) + RefUnwindSafe>(hook: bool, closure: F) {
    fuzz_with_reset(hook, closure, || {});
}

/// As [`fuzz`], with a closure that undoes between two inputs what the first has left behind.
pub fn fuzz_with_reset<F, R>(_hook: bool, mut closure: F, reset: R)
where
    F: FnMut(&[u8]) + RefUnwindSafe,
    R: FnMut(),
{
    let mut body = |bytes: &[u8]| {
        closure(bytes);
        Verdict::Passed
    };
    run(Target::of_this_program(), &mut body, reset);
}

/// Runs `body` as the target of the program, and `reset` after each input. Ends the process if an input
/// fails.
pub fn run(
    target: &'static Target,
    body: &mut dyn FnMut(&[u8]) -> Verdict,
    mut reset: impl FnMut(),
) {
    let mut is_used = false;
    let mut body = |bytes: &[u8]| {
        // One that has panicked has left something, too.
        if std::mem::replace(&mut is_used, true) {
            reset();
        }
        body(bytes)
    };
    let paths = arguments();
    let input = if paths.is_empty() && !is_worker() { given() } else { Vec::new() };
    if !input.is_empty() {
        body(&input);
        return;
    }
    match run_closure(target, &paths, &mut body) {
        0 => {}
        status => std::process::exit(status),
    }
}

/// What stands on standard input, where AFL gives an input to a program.
fn given() -> Vec<u8> {
    let mut input = Vec::new();
    let is_there = !stdin().is_terminal() && stdin().read_to_end(&mut input).is_ok();
    if is_there { input } else { Vec::new() }
}
