//! Leaving a target early because the input is uninteresting.

use crate::panics::Rejected;

/// Ends this execution of the target: the input is uninteresting, but not a failure.
///
/// The engine ignores its coverage. Use it for inputs that are not valid; where a type can rule
/// them out, that is faster.
///
/// It unwinds as a panic does, without a message. So a `catch_unwind` of yours stops it, and it
/// only ends the thread of the target.
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
