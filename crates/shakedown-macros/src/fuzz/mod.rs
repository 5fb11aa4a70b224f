//! `#[fuzz]`: from a function to the function and its test.

mod expand;
mod from_child;
mod options;
mod seeds;
mod signature;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{FnArg, ItemFn};

use crate::complaints::Complaints;
use crate::field::is_input;
use options::Options;
use signature::Signature;

/// The function with its test, or with the errors.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        let message = "`#[shakedown::fuzz]` belongs on a function";
        let error = syn::Error::new_spanned(&item, message).into_compile_error();
        return quote!(#error #item);
    };
    let mut complaints = Complaints::default();
    let options = Options::parse(options, &mut complaints);
    let signature = Signature::check(&function, &mut complaints);
    seeds::check(&options.seeds, &signature.arguments, &mut complaints);
    let added = match complaints.into_compile_error() {
        Some(errors) => errors,
        None => expand::test(&signature, &options),
    };
    let function = without_our_attributes(function);
    quote!(#function #added)
}

/// The function as the compiler takes it.
fn without_our_attributes(mut function: ItemFn) -> ItemFn {
    for argument in &mut function.sig.inputs {
        if let FnArg::Typed(argument) = argument {
            argument.attrs.retain(|attribute| !is_input(attribute));
        }
    }
    function.attrs.retain(|attribute| !attribute.path().is_ident("ignore"));
    function
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_stays_as_it_is() {
        let item = quote!(
            pub fn f(#[input(len = ..9)] text: &str) -> Result<(), u8> {
                Ok(())
            }
        );
        let expanded = expand(TokenStream::new(), item).to_string();
        let function = quote!(
            pub fn f(text: &str) -> Result<(), u8> {
                Ok(())
            }
        )
        .to_string();
        assert!(expanded.starts_with(&function), "{expanded}");
        assert!(expanded.contains("mod f {"), "{expanded}");
    }

    #[test]
    fn with_errors_there_is_no_test_but_still_the_function() {
        let expanded = expand(
            quote!(seed = []),
            quote!(
                fn f() {}
            ),
        )
        .to_string();
        assert!(expanded.starts_with("fn f () { }"), "{expanded}");
        assert_eq!(expanded.matches("compile_error").count(), 2, "{expanded}");
        assert!(!expanded.contains("mod f"), "{expanded}");
    }
}
