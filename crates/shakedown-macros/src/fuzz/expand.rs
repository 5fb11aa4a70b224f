//! The test that a target becomes.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{LitStr, Type, Visibility};

use super::from_child::from_child;
use super::options::{Dictionary, Options};
use super::seeds;
use super::signature::{Argument, Passing, Signature};
use crate::field::Field;
use crate::library;
use crate::literal::{self, peel};
use crate::written::{self, Place};

/// What stands before the id of a target in its binary: `TARGET_MARK` of `shakedown-core`. The
/// runtime checks that the two are equal.
const MARK: &str = "\u{1}shakedown target\u{1}";

/// More parameters than these have a lint against them.
const MAX_PARAMETERS: usize = 7;

/// The module that is added.
pub(crate) fn test(signature: &Signature, options: &Options) -> TokenStream {
    let Signature { name, arguments, conditions, test_attributes, .. } = signature;
    let schema = schema(arguments);
    let call = call(signature);
    let parameters = arguments.iter().map(parameter);
    let is_fallible = is_fallible(&signature.output);
    let seeds = seeds::expand(&options.seeds, arguments);
    let dictionary = dictionary(options.dictionary.as_ref());
    let patterns = patterns(&options.seed_files);
    let max_len = optional(options.max_len.as_ref().map(|max_len| quote!(#max_len)));
    let timeout = optional(options.timeout.map(|timeout| {
        let millis = Literal::u64_suffixed(timeout.as_millis() as u64);
        quote!(::core::time::Duration::from_millis(#millis))
    }));
    let target = quote! {
        const {
                &::shakedown::__private::Target {
                    mark: ::core::concat!(
                        #MARK, ::core::module_path!(), ";",
                        ::core::file!(), ":", ::core::line!(), ";", #patterns, ";"
                    ),
                    program: ::core::option::Option::None,
                    manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
                    schema: || #schema,
                    call: #call,
                    seeds: || #seeds,
                    dictionary: || #dictionary,
                    max_len: #max_len,
                    timeout: #timeout,
                    parameters: &[#(#parameters),*],
                    is_fallible: #is_fallible,
                }
        }
    };
    let (parameters, write) = seeds::captured(arguments);
    let writer = Ident::new("writer", Span::mixed_site());
    let library = options.library.as_ref();
    let in_child = |code| from_child(library::at(library, code));
    let target = in_child(target);
    let parameters = in_child(parameters);
    let run = in_child(quote!(::shakedown::__private::run(__shakedown_target())));
    let capture = in_child(quote! {
        ::shakedown::__private::capture(__shakedown_target(), |#writer| { #write })
    });
    let target_type = in_child(quote!(::shakedown::__private::Target));
    // The target has as many, so whoever forbids that does not come here.
    let allowed =
        (arguments.len() > MAX_PARAMETERS).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    let (of_module, of_function) = visibilities(&signature.visibility);
    quote! {
        #(#conditions)*
        #[cfg(test)]
        #[doc(hidden)]
        #of_module mod #name {
            use super::*;

            #[::core::prelude::v1::test]
            #(#test_attributes)*
            fn fuzz() {
                #run
            }

            fn __shakedown_target() -> &'static #target_type {
                #target
            }

            #[doc(hidden)]
            #allowed
            #of_function fn __shakedown_capture(#parameters) {
                #capture
            }
        }
    }
}

/// Patterns as the mark has them: one a line.
fn patterns(patterns: &[LitStr]) -> String {
    patterns.iter().map(LitStr::value).collect::<Vec<_>>().join("\n")
}

/// Who may see the module of the test, and a function in it: whoever sees the target.
fn visibilities(of: &Visibility) -> (TokenStream, TokenStream) {
    match of {
        Visibility::Public(_) => (quote!(#of), quote!(#of)),
        Visibility::Restricted(within) if within.path.is_ident("crate") => {
            (quote!(#of), quote!(#of))
        }
        Visibility::Restricted(_) | Visibility::Inherited => (quote!(), quote!(pub(super))),
    }
}

fn optional(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

fn schema(arguments: &[Argument]) -> TokenStream {
    let types = Ident::new("types", Span::mixed_site());
    let fields = arguments.iter().map(|argument| argument.field.schema(&types));
    let fields = quote!(::shakedown::__private::vec![#(#fields),*]);
    let aliases = arguments.iter().map(|argument| argument.field.aliases(&quote!(""), "", &types));
    let notes = arguments.iter().filter_map(|argument| {
        let Field { name, ty, .. } = &argument.field;
        let note = written::note(ty, &Place { of: None, parameters: Vec::new() })?;
        Some(quote!(#types.alias("", "", #note, #name);))
    });
    let aliases: TokenStream = aliases.chain(notes).collect();
    match aliases.is_empty() {
        true => quote!(::shakedown::__private::schema(|#types| #fields)),
        false => quote!(::shakedown::__private::schema(|#types| { #aliases #fields })),
    }
}

/// How the function takes an argument, and its type as it is written.
fn parameter(argument: &Argument) -> TokenStream {
    if let Some(made) = argument.field.made_of('\u{1}', '\u{2}') {
        let by = match &argument.passing {
            Passing::Owned => "",
            Passing::Lent { mutable: false, .. } => "&",
            Passing::Lent { mutable: true, .. } => "&mut ",
        };
        let made = format!("{by}{made}");
        return quote!((::shakedown::__private::Taken::Made, #made));
    }
    let (taken, ty) = match &argument.passing {
        Passing::Owned => match peel(&argument.field.ty) {
            ty @ Type::Reference(_) => (quote!(Borrowed), ty),
            ty => (quote!(Owned), ty),
        },
        Passing::Lent { mutable: false, pointee } => (quote!(Lent), &**pointee),
        Passing::Lent { mutable: true, pointee } => (quote!(LentMut), &**pointee),
    };
    let written = literal::written(&quote!(#ty).to_string());
    quote!((::shakedown::__private::Taken::#taken, #written))
}

/// Whether a function with this output returns a result.
fn is_fallible(output: &syn::ReturnType) -> bool {
    match output {
        syn::ReturnType::Default => false,
        syn::ReturnType::Type(_, ty) => {
            !matches!(peel(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
        }
    }
}

/// A closure, in the module of the function, that decodes the arguments and calls it.
fn call(signature: &Signature) -> TokenStream {
    let Signature { name, arguments, output, .. } = signature;
    let reader = Ident::new("reader", Span::mixed_site());
    let mut decode = TokenStream::new();
    let mut passed = Vec::new();
    for (index, Argument { field, passing }) in arguments.iter().enumerate() {
        let local = format_ident!("argument{index}", span = Span::mixed_site());
        let ty = &field.ty;
        let value = field.decode(&reader);
        let (mutability, by) = match passing {
            Passing::Owned => (None, None),
            Passing::Lent { mutable: false, .. } => (None, Some(quote!(&))),
            Passing::Lent { mutable: true, .. } => (Some(quote!(mut)), Some(quote!(&mut))),
        };
        decode.extend(quote!(let #mutability #local: #ty = #value;));
        passed.push(quote!(#by #local));
    }
    // A type that cannot be returned is complained about where it stands.
    let span = match output {
        syn::ReturnType::Default => Span::call_site(),
        syn::ReturnType::Type(_, ty) => ty.span(),
    };
    let returned = quote_spanned!(span=> self::#name(#(#passed),*));
    let verdict = quote_spanned! {span=> ::shakedown::__private::Returned::verdict(#returned) };
    quote! {
        |#reader| {
            #decode
            ::core::result::Result::Ok(#verdict)
        }
    }
}

fn dictionary(dictionary: Option<&Dictionary>) -> TokenStream {
    match dictionary {
        None => quote!(::shakedown::__private::Vec::new()),
        Some(Dictionary::Tokens(tokens)) => {
            let tokens = tokens.iter().map(|token| Literal::byte_string(token));
            quote!(::shakedown::__private::vec![#(#tokens.to_vec()),*])
        }
        Some(Dictionary::File(path)) => {
            let folder = quote!(::core::env!("CARGO_MANIFEST_DIR"));
            let text = quote_spanned! {path.span()=>
                ::core::include_str!(::core::concat!(#folder, "/", #path))
            };
            quote!(::shakedown::__private::dictionary(#path, #text))
        }
    }
}
