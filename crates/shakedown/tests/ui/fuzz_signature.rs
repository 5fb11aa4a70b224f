#[shakedown::fuzz]
fn no_arguments() {}

#[shakedown::fuzz]
async unsafe extern "C" fn qualified(_: u8) {}

#[shakedown::fuzz]
const fn constant(_: u8) {}

#[shakedown::fuzz]
fn generic<'a, T, const N: usize>(_: &'a str, _: [T; N]) {}

#[shakedown::fuzz]
fn types(
    _: impl Fn(u8),
    _: &dyn std::fmt::Debug,
    _: &'static str,
    _: Vec<std::borrow::Cow<'static, str>>,
    _: Option<*const u8>,
    _: (u8, fn()),
) {
}

#[shakedown::fuzz]
#[test]
#[should_panic]
fn attributes(_: u8) {}

#[shakedown::fuzz]
fn arguments(#[input(range = 5)] _: u8, #[input] _: u8) {}

#[shakedown::fuzz]
struct NotAFunction;

struct Type;

impl Type {
    #[shakedown::fuzz]
    fn method(&self, _: u8) {}
}

fn main() {}
