//! Lifetimes and bounds of the implementation.
//!
//! A value lives as long as the input that it borrows from, so all lifetimes of the type become
//! the one of the input. Where a type is used with several, the compiler shortens them as needed.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{GenericParam, Generics};

/// What stands before the type in its implementation, and behind it.
pub(crate) struct ImplGenerics {
    /// `<'__input, T: Bound>`
    pub(crate) parameters: TokenStream,
    /// `<'__input, T>`
    pub(crate) arguments: TokenStream,
    /// `where T: Input<'__input>`
    pub(crate) conditions: TokenStream,
}

/// The generics of the implementation for a type.
pub(crate) fn of_implementation(generics: &Generics) -> ImplGenerics {
    let mut parameters = Vec::new();
    let mut arguments = Vec::new();
    let mut conditions = Vec::new();
    for parameter in &generics.params {
        match parameter {
            GenericParam::Lifetime(_) => arguments.push(quote!('__input)),
            GenericParam::Type(parameter) => {
                let (name, bounds) = (&parameter.ident, &parameter.bounds);
                parameters.push(quote!(#name: #bounds));
                arguments.push(quote!(#name));
                conditions.push(quote_spanned! {name.span()=>
                    #name: ::shakedown::Input<'__input>
                });
            }
            GenericParam::Const(parameter) => {
                let (name, ty) = (&parameter.ident, &parameter.ty);
                parameters.push(quote!(const #name: #ty));
                arguments.push(quote!(#name));
            }
        }
    }
    let declared = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    conditions.extend(declared.map(|predicate| quote!(#predicate)));
    let rename = |tokens| with_input_lifetime(generics, tokens);
    ImplGenerics {
        parameters: rename(quote!(<'__input, #(#parameters),*>)),
        arguments: match arguments.is_empty() {
            true => TokenStream::new(),
            false => quote!(<#(#arguments),*>),
        },
        conditions: rename(quote!(where #(#conditions),*)),
    }
}

/// Tokens with every lifetime parameter of a type replaced by that of the input.
pub(crate) fn with_input_lifetime(generics: &Generics, tokens: TokenStream) -> TokenStream {
    let is_parameter =
        |name: &str| generics.lifetimes().any(|parameter| parameter.lifetime.ident == name);
    let mut after_quote = false;
    let mut replace = |token: TokenTree| match token {
        TokenTree::Group(group) => {
            after_quote = false;
            let mut inner =
                Group::new(group.delimiter(), with_input_lifetime(generics, group.stream()));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        TokenTree::Ident(ident) if after_quote && is_parameter(&ident.to_string()) => {
            after_quote = false;
            TokenTree::Ident(proc_macro2::Ident::new("__input", ident.span()))
        }
        token => {
            after_quote = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
            token
        }
    };
    tokens.into_iter().map(&mut replace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::{DeriveInput, parse_quote};

    #[test]
    fn lifetimes_become_one_and_types_are_bound() {
        let item: DeriveInput = parse_quote! {
            struct S<'a, 'b: 'a, T: Trait<'b> = u8, const N: usize> where T: 'a + 'static;
        };
        let ImplGenerics { parameters, arguments, conditions } = of_implementation(&item.generics);
        let same = |got: TokenStream, expected: TokenStream| {
            assert_eq!(got.to_string(), expected.to_string());
        };
        same(parameters, quote!(<'__input, T: Trait<'__input>, const N: usize>));
        same(arguments, quote!(<'__input, '__input, T, N>));
        same(conditions, quote!(where T: ::shakedown::Input<'__input>, T: '__input + 'static));
    }

    #[test]
    fn only_lifetimes_are_replaced_within_types() {
        let item: DeriveInput = parse_quote!(
            struct S<'a>(&'a a);
        );
        let renamed = with_input_lifetime(&item.generics, quote!(Vec<(&'a a, &'static str)>));
        assert_eq!(renamed.to_string(), quote!(Vec<(&'__input a, &'static str)>).to_string());
    }
}
