//! Seeds: an expression for each argument, or an iterator of tuples of them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Expr, Type};

use super::options::Seeds;
use super::signature::{Argument, Passing};
use crate::complaints::Complaints;
use crate::field::hygienic;
use crate::literal::{self, peel};

/// Notes seeds that do not have the values that the target takes.
pub(crate) fn check(seeds: &Seeds, arguments: &[Argument], complaints: &mut Complaints) {
    let Seeds::List(seeds) = seeds else { return };
    for seed in seeds.iter().filter(|seed| values(seed, arguments).is_none()) {
        let names: Vec<&str> =
            arguments.iter().map(|argument| argument.field.name.as_str()).collect();
        let (count, names) = (names.len(), names.join(", "));
        complaints.push(seed, format!("a seed of this target has {count} values: `({names})`"));
    }
}

/// The values of a seed, if they are as many as the arguments.
fn values<'s>(seed: &'s Expr, arguments: &[Argument]) -> Option<Vec<&'s Expr>> {
    match (arguments.len(), seed) {
        (0 | 1, _) => Some(vec![seed]),
        (count, Expr::Tuple(tuple)) if tuple.elems.len() == count => {
            Some(tuple.elems.iter().collect())
        }
        _ => None,
    }
}

/// An expression: all encoded seeds.
pub(crate) fn expand(seeds: &Seeds, arguments: &[Argument]) -> TokenStream {
    match seeds {
        Seeds::List(seeds) => {
            let seeds = seeds.iter().filter_map(|seed| values(seed, arguments));
            let seeds = seeds.map(|values| seed(arguments, &values));
            quote!(::shakedown::__private::vec![#(#seeds),*])
        }
        Seeds::From(iterator) => all_of(iterator, arguments),
    }
}

/// An expression: one encoded seed.
fn seed(arguments: &[Argument], values: &[&Expr]) -> TokenStream {
    let writer = Ident::new("writer", Span::mixed_site());
    let write = arguments.iter().zip(values).map(|(argument, value)| {
        let local = Ident::new("value", hygienic(value));
        let field = &argument.field;
        match &argument.passing {
            Passing::Owned => {
                let ty = &field.ty;
                let value = literal::owned(value, ty);
                let encode = field.encode(&quote!(&#local), &writer);
                quote!({ let #local: #ty = #value; #encode })
            }
            Passing::Lent { pointee, .. } => {
                let value = literal::lent(value, pointee);
                let encode = encode_lent(argument, pointee, &local, &writer);
                quote!({ let #local: &#pointee = #value; #encode })
            }
        }
    });
    quote!(::shakedown::__private::encoded(|#writer| { #(#write)* }))
}

/// An expression: the encoded seeds of an iterator. Where the target borrows, they may be owned.
fn all_of(iterator: &Expr, arguments: &[Argument]) -> TokenStream {
    let span = hygienic(iterator);
    let writer = Ident::new("writer", span);
    let locals: Vec<Ident> =
        (0..arguments.len()).map(|index| format_ident!("value{index}", span = span)).collect();
    let write = arguments.iter().zip(&locals).map(|(argument, local)| {
        let (encode, pointee) = match (&argument.passing, peel(&argument.field.ty)) {
            (Passing::Lent { pointee, .. }, _) => {
                (encode_lent(argument, pointee, local, &writer), &**pointee)
            }
            (Passing::Owned, Type::Reference(reference)) => {
                (argument.field.encode(&quote!(&#local), &writer), &*reference.elem)
            }
            (Passing::Owned, ty) => {
                let encode = argument.field.encode(&quote!(&#local), &writer);
                return quote_spanned!(span=> { let #local: #ty = #local; #encode });
            }
        };
        quote_spanned! {span=> {
            let #local: &#pointee = ::core::borrow::Borrow::<#pointee>::borrow(&#local);
            #encode
        }}
    });
    let seed = match &locals[..] {
        [only] => quote!(#only),
        locals => quote!((#(#locals),*)),
    };
    quote_spanned! {span=>
        ::core::iter::Iterator::collect(::core::iter::Iterator::map(
            ::core::iter::IntoIterator::into_iter(#iterator),
            |#seed| ::shakedown::__private::encoded(|#writer| { #(#write)* }),
        ))
    }
}

/// The parameters of a function that is lent values of the arguments, and statements that write them.
pub(crate) fn captured(arguments: &[Argument]) -> (TokenStream, TokenStream) {
    let writer = Ident::new("writer", Span::mixed_site());
    let (mut parameters, mut write) = (TokenStream::new(), TokenStream::new());
    for (index, argument) in arguments.iter().enumerate() {
        let local = format_ident!("value{index}", span = Span::mixed_site());
        let (pointee, encode) = match (&argument.passing, peel(&argument.field.ty)) {
            (Passing::Lent { pointee, .. }, _) => {
                (&**pointee, encode_lent(argument, pointee, &local, &writer))
            }
            (Passing::Owned, Type::Reference(reference)) => {
                (&*reference.elem, argument.field.encode(&quote!(&#local), &writer))
            }
            (Passing::Owned, ty) => (ty, argument.field.encode(&quote!(#local), &writer)),
        };
        let pointee = peel(pointee);
        match pointee {
            _ if is_open(pointee) => {
                parameters.extend(quote! {
                    #local: &(impl ::core::convert::AsRef<#pointee> + ?::core::marker::Sized),
                });
                write.extend(quote! {
                    let #local: &#pointee = ::core::convert::AsRef::<#pointee>::as_ref(#local);
                });
            }
            _ => parameters.extend(quote!(#local: &::shakedown::__private::Same<#pointee>,)),
        }
        write.extend(encode);
    }
    (parameters, write)
}

/// Whether a value of a type may be that of many others, as a `String` is a `str`. No element but a byte
/// certainly has no lifetime, which such a parameter cannot have.
fn is_open(ty: &Type) -> bool {
    let is = |ty: &Type, name| matches!(peel(ty), Type::Path(path) if path.path.is_ident(name));
    match ty {
        Type::Slice(slice) => is(&slice.elem, "u8"),
        ty => is(ty, "str"),
    }
}

/// A statement: writes what a reference leads to, as the value that will be lent.
fn encode_lent(argument: &Argument, pointee: &Type, local: &Ident, writer: &Ident) -> TokenStream {
    match peel(pointee) {
        Type::Slice(_) if let Some(write) = argument.field.encode_slice(local, writer) => write,
        _ if argument.field.has_own_encoding() => argument.field.encode(&quote!(#local), writer),
        Type::Slice(_) => quote!(::shakedown::__private::encode_slice(#local, #writer);),
        Type::Path(path) if path.path.is_ident("str") => {
            quote!(::shakedown::Input::encode(&#local, #writer);)
        }
        _ => argument.field.encode(&quote!(#local), writer),
    }
}

#[cfg(test)]
mod tests {
    use super::super::signature::Signature;
    use super::*;
    use syn::{ItemFn, parse_quote};

    fn messages(function: &ItemFn, seeds: Vec<Expr>) -> Vec<String> {
        let mut complaints = Complaints::default();
        let arguments = Signature::check(function, &mut complaints).arguments;
        check(&Seeds::List(seeds), &arguments, &mut complaints);
        complaints.messages()
    }

    #[test]
    fn a_single_value_is_bare_even_if_it_is_a_tuple() {
        let function = parse_quote!(
            fn f(pair: (u8, u8)) {}
        );
        let seeds = vec![parse_quote!((1, 2)), parse_quote!(PAIR)];
        assert!(messages(&function, seeds).is_empty());
    }

    #[test]
    fn several_values_are_a_tuple() {
        let function = parse_quote!(
            fn f(text: &str, strict: bool) {}
        );
        assert!(messages(&function, vec![parse_quote!(("a", true))]).is_empty());
        let wrong = vec![parse_quote!("a"), parse_quote!(("a", true, 1)), parse_quote!(PAIR)];
        let message = "a seed of this target has 2 values: `(text, strict)`".to_owned();
        assert_eq!(messages(&function, wrong), vec![message; 3]);
    }
}
