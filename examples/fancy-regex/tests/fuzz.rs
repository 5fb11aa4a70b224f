//! fancy-regex 0.6.0 panics on an expression that ends within an escape, such as `\u`:
//! <https://github.com/fancy-regex/fancy-regex/issues/76>, fixed in 0.7.1.
//!
//! The dictionary has the syntax that mutation would not put together soon.

use fancy_regex::Regex;

#[shakedown::fuzz(
    seeds = [r"a+(?=b)\d{2}", r"(\w+) \1", r"\x41"],
    dict = ["(?<name>", r"\k<name>", "(?<=", "(?<!", "(?>", r"\p{L}", "[[:alpha:]]"],
)]
fn expressions_compile_without_panic(expression: &str) {
    let _ = Regex::new(expression);
}
