//! A type that stands for one of another crate, which it looks like: three functions for `with`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{DeriveInput, Path};

use super::generics::{ImplGenerics, of_implementation};
use super::parse::Parsed;

/// The functions `schema`, `decode` and `encode` with these arguments and bodies; that of `encode` has a
/// `value`.
pub(crate) fn implementation(
    item: &DeriveInput,
    parsed: &Parsed,
    remote: &Path,
    functions: [(Ident, TokenStream); 3],
) -> TokenStream {
    let (name, vis) = (&item.ident, &item.vis);
    let ImplGenerics { parameters, arguments, conditions } = of_implementation(&item.generics);
    let [(types, schema), (reader, decode), (writer, encode)] = functions;
    let pretended = pretended(parsed);
    quote! {
        #[automatically_derived]
        #[allow(dead_code, unreachable_code, unused_variables, clippy::all, clippy::pedantic)]
        impl #parameters #name #arguments #conditions {
            #vis fn schema(
                #types: &mut ::shakedown::input::Types,
            ) -> ::shakedown::input::NodeId {
                #schema
            }

            #[inline]
            #vis fn decode(
                #reader: &mut ::shakedown::input::Reader<'__input>,
            ) -> ::core::result::Result<#remote, ::shakedown::input::Corrupt> {
                #decode
            }

            #vis fn encode(value: &#remote, #writer: &mut ::shakedown::input::Writer) {
                #pretended
                #encode
            }
        }
    }
}

/// Statements that do nothing: the type is made and taken apart, so that nobody is told it is not used.
fn pretended(parsed: &Parsed) -> TokenStream {
    let variants = parsed.variants.iter().map(|variant| {
        let name = &variant.name;
        let path = if parsed.is_enum { quote!(Self::#name) } else { quote!(Self) };
        let members: Vec<_> = variant.fields.iter().map(|(member, _)| member).collect();
        let locals: Vec<Ident> = (0..members.len())
            .map(|index| format_ident!("field{index}", span = Span::mixed_site()))
            .collect();
        quote! {
            let _ = || #path { #(#members: ::core::unimplemented!()),* };
            let _ = |this: &Self| if let #path { #(#members: #locals),* } = this {
                let _ = (#(#locals,)*);
            };
        }
    });
    quote!(#(#variants)*)
}
