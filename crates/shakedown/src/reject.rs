//! Leaving a target early because the input is of no interest.

use crate::panics::Rejected;

/// Ends this execution of the target: the input is of no interest, and nothing is wrong.
///
/// The engine does not count what it covered. Use it for inputs that cannot be made right; where
/// a type can rule them out, that is faster.
///
/// It unwinds as a panic does, without a message: it does not get past a `catch_unwind` of yours,
/// and only ends the thread of the target.
///
/// ```
/// #[shakedown::fuzz]
/// fn division_is_exact(dividend: u32, divisor: u32) {
///     if divisor == 0 {
///         shakedown::reject();
///     }
///     let (quotient, rest) = (dividend / divisor, dividend % divisor);
///     assert_eq!(quotient * divisor + rest, dividend);
/// }
/// ```
#[cold]
pub fn reject() -> ! {
    std::panic::resume_unwind(Box::new(Rejected))
}
