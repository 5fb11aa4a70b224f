//! The macros of `shakedown`: each parses, validates and expands. Errors are gathered, and point at
//! what the user wrote. `shakedown` exports the macros, with documentation and tested examples.

mod complaints;
mod derive;
mod duration;
mod field;
mod fuzz;
mod library;
mod literal;
#[cfg(test)]
mod tests;
mod written;

use proc_macro::TokenStream;

/// Makes a function a fuzz target; documented as `shakedown::fuzz`.
#[proc_macro_attribute]
pub fn fuzz(options: TokenStream, function: TokenStream) -> TokenStream {
    fuzz::expand(options.into(), function.into()).into()
}

/// Implements the trait for a struct or an enum; documented as `shakedown::Input`.
#[proc_macro_derive(Input, attributes(input))]
pub fn derive_input(item: TokenStream) -> TokenStream {
    derive::expand(item.into()).into()
}
