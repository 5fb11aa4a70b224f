//! `#[derive(Input)]`: from a struct or enum to its implementation of the trait.

mod expand;
mod generics;
mod parse;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::complaints::Complaints;

/// The implementation, or the errors.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let item: DeriveInput = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut complaints = Complaints::default();
    let parsed = parse::parse(&item, &mut complaints);
    match complaints.into_compile_error() {
        Some(errors) => errors,
        None => expand::implementation(&item, &parsed),
    }
}
