//! The parts of a pattern, as the code of `#[input(regex = ..)]` puts them together.

use shakedown_core::schema::{Alphabet, Expression};

/// One of these characters: the first and last of each run.
#[must_use]
pub fn one(runs: &[(u32, u32)]) -> Expression {
    Expression::One(Alphabet::new(runs.iter().map(|(first, last)| *first..=*last)))
}

/// Exactly this text.
#[must_use]
pub fn text(text: &str) -> Expression {
    Expression::All(text.chars().map(|char| one(&[(char.into(), char.into())])).collect())
}

/// All of these, one after the other.
#[must_use]
pub fn all(parts: Vec<Expression>) -> Expression {
    Expression::All(parts)
}

/// Any of these.
#[must_use]
pub fn any(parts: Vec<Expression>) -> Expression {
    Expression::Any(parts)
}

/// The same several times.
#[must_use]
pub fn repeat(of: Expression, min: u32, max: Option<u32>) -> Expression {
    Expression::Repeat { of: Box::new(of), min, max }
}
