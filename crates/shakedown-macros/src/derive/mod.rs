//! `#[derive(Input)]`: from a struct or enum to its implementation of the trait.

mod expand;
mod generics;
mod parse;
mod remote;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::complaints::Complaints;
use crate::library;

/// The implementation, or the errors.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let item: DeriveInput = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut complaints = Complaints::default();
    let parsed = parse::parse(&item, &mut complaints);
    let library = parsed.library.as_ref();
    match complaints.into_compile_error() {
        Some(errors) => {
            // Without an implementation the compiler would say that one should be derived.
            let stub = library::at(library, expand::stub(&item));
            quote!(#errors #stub)
        }
        None => library::at(library, expand::implementation(&item, &parsed)),
    }
}
