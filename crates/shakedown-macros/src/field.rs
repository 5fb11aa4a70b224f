//! One field of a derived type, or one argument of a target: its `#[input(..)]` attributes, and
//! the code for its schema, for reading and for writing it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Path, RangeLimits, Token, Type, parse_quote};

use crate::complaints::Complaints;
use crate::literal;

/// What the attributes say.
#[derive(Default)]
pub(crate) struct Attributes {
    range: Option<Expr>,
    len: Option<Expr>,
    default: Option<Expr>,
    with: Option<Path>,
}

const KNOWN: &str = "`range = 0..=9`, `len = 0..=9`, `default = expr` or `with = module`";

impl Attributes {
    /// Reads the `#[input(..)]` among `attributes`.
    pub(crate) fn parse(attributes: &[Attribute], complaints: &mut Complaints) -> Self {
        let mut parsed = Self::default();
        for attribute in attributes.iter().filter(|attribute| is_input(attribute)) {
            match &attribute.meta {
                Meta::List(list) => {
                    let options =
                        list.parse_args_with(Punctuated::<_, Token![,]>::parse_terminated);
                    for option in complaints.take(options).into_iter().flatten() {
                        parsed.set(option, complaints);
                    }
                }
                other => {
                    complaints.push(other, format!("expected options in parentheses: {KNOWN}"))
                }
            }
        }
        parsed
    }

    fn set(&mut self, Setting { name, value }: Setting, complaints: &mut Complaints) {
        let known = ["range", "len", "default", "with"];
        if !known.iter().any(|known| name == known) {
            return complaints.push(&name, format!("unknown attribute `{name}`: expected {KNOWN}"));
        }
        let Some(value) = value else {
            return complaints.push(&name, format!("`{name}` needs a value: `{name} = ..`"));
        };
        if name == "with" {
            return match value {
                Expr::Path(path) => set_once(&mut self.with, path.path, &name, complaints),
                other => complaints.push(other, "`with` needs the path of a module"),
            };
        }
        if name == "default" {
            return set_once(&mut self.default, value, &name, complaints);
        }
        let Some(range) = complaints.take(range(value, &name)) else { return };
        let slot = if name == "range" { &mut self.range } else { &mut self.len };
        set_once(slot, range, &name, complaints);
    }
}

/// A range, or a number for exactly that many; not one that anybody sees to be empty.
fn range(value: Expr, name: &Ident) -> syn::Result<Expr> {
    let number = |end: Option<&Expr>| match end {
        Some(Expr::Lit(ExprLit { lit: Lit::Int(number), .. })) => {
            number.base10_parse::<u128>().ok()
        }
        _ => None,
    };
    match &value {
        Expr::Range(range) => {
            let ends = number(range.start.as_deref()).zip(number(range.end.as_deref()));
            let is_empty = ends.is_some_and(|(start, end)| match range.limits {
                RangeLimits::HalfOpen(_) => start >= end,
                RangeLimits::Closed(_) => start > end,
            });
            match is_empty {
                true => {
                    let message = format!("`{name}` allows nothing: its range is empty");
                    Err(syn::Error::new_spanned(value, message))
                }
                false => Ok(value),
            }
        }
        _ if name == "len" && number(Some(&value)).is_some() => Ok(parse_quote!(#value..=#value)),
        _ => {
            let message = format!("`{name}` needs a range, such as `0..=9` or `1..`");
            Err(syn::Error::new_spanned(value, message))
        }
    }
}

/// Whether an attribute is ours.
pub(crate) fn is_input(attribute: &Attribute) -> bool {
    attribute.path().is_ident("input")
}

/// Keeps the value of an option, unless there is one.
pub(crate) fn set_once<T>(
    slot: &mut Option<T>,
    value: T,
    name: &Ident,
    complaints: &mut Complaints,
) {
    match slot {
        Some(_) => complaints.push(name, format!("`{name}` is given twice")),
        None => *slot = Some(value),
    }
}

/// `name = value`, or just a name: never right, but later there is more to say about it.
pub(crate) struct Setting {
    /// What is set.
    pub(crate) name: Ident,
    /// What it is set to.
    pub(crate) value: Option<Expr>,
}

impl Parse for Setting {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected an option: `name = value`"));
        }
        let name = input.call(Ident::parse_any)?;
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Self { name, value })
    }
}

/// A field or an argument.
pub(crate) struct Field {
    /// Its name in files; a number in tuples.
    pub(crate) name: String,
    /// The type that is decoded.
    pub(crate) ty: Type,
    /// What its attributes say.
    pub(crate) attributes: Attributes,
}

impl Field {
    /// An expression: its entry in the schema. `types` is the table.
    pub(crate) fn schema(&self, types: &Ident) -> TokenStream {
        let Self { name, ty, attributes } = self;
        let function = self.function("schema");
        let range = attributes.range.as_ref().map(|range| {
            quote_spanned! {hygienic(range)=>
                let node = ::shakedown::__private::limit_range::<#ty>(#types, #name, node, #range);
            }
        });
        let len = attributes.len.as_ref().map(|len| {
            quote_spanned! {hygienic(len)=>
                let node = ::shakedown::__private::limit_len(#types, #name, node, #len);
            }
        });
        let default = match &attributes.default {
            Some(default) => {
                let value = literal::owned(default, ty);
                let span = hygienic(default);
                let (local, writer) = (Ident::new("value", span), Ident::new("writer", span));
                let encode = self.encode(&quote!(&#local), &writer);
                quote_spanned! {span=>
                    ::core::option::Option::Some(::shakedown::__private::encoded(|#writer| {
                        let #local: #ty = #value;
                        #encode
                    }))
                }
            }
            None => quote!(::core::option::Option::None),
        };
        quote_spanned! {Span::mixed_site()=> {
            let node = #function(#types);
            #range
            #len
            ::shakedown::__private::field(#name, node, #default)
        }}
    }

    /// An expression: the value, read from `reader`; returns early if it is corrupt.
    pub(crate) fn decode(&self, reader: &Ident) -> TokenStream {
        let function = self.function("decode");
        quote_spanned!(self.ty.span()=> #function(#reader)?)
    }

    /// A statement: `value`, a reference, is written to `writer`.
    pub(crate) fn encode(&self, value: &TokenStream, writer: &Ident) -> TokenStream {
        let function = self.function("encode");
        quote!(#function(#value, #writer);)
    }

    /// Whether a module of the user's does the work.
    pub(crate) fn has_module(&self) -> bool {
        self.attributes.with.is_some()
    }

    /// The path of one of the three functions of the trait.
    fn function(&self, name: &str) -> TokenStream {
        let ty = &self.ty;
        let name = Ident::new(name, ty.span());
        match &self.attributes.with {
            Some(module) => quote!(#module::#name),
            None => quote_spanned!(ty.span()=> <#ty as ::shakedown::Input<'_>>::#name),
        }
    }
}

/// The span of what the user wrote, for names that cannot clash with the user's.
pub(crate) fn hygienic(tokens: &impl Spanned) -> Span {
    tokens.span().resolved_at(Span::mixed_site())
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn messages(attributes: &[Attribute]) -> Vec<String> {
        let mut complaints = Complaints::default();
        Attributes::parse(attributes, &mut complaints);
        complaints.messages()
    }

    #[test]
    fn good_attributes_are_understood() {
        let mut complaints = Complaints::default();
        let attributes: [Attribute; 3] = [
            parse_quote!(#[input(range = -1..=MAX, default = 3)]),
            parse_quote!(#[doc = "input"]),
            parse_quote!(#[input(len = 5, with = a::b,)]),
        ];
        let parsed = Attributes::parse(&attributes, &mut complaints);
        assert!(parsed.range.is_some() && parsed.len.is_some());
        assert!(parsed.default.is_some() && parsed.with.is_some());
        assert!(complaints.messages().is_empty());
    }

    #[test]
    fn all_mistakes_are_reported() {
        assert_eq!(
            messages(&[
                parse_quote!(#[input]),
                parse_quote!(#[input(rnage = 1..2, len = "5", with = 3, default)]),
                parse_quote!(#[input(range = 1..2, range = 3..4)]),
                parse_quote!(#[input(len = 5..=2)]),
                parse_quote!(#[input(range = 3..3)]),
                parse_quote!(#[input("x")]),
            ]),
            [
                format!("expected options in parentheses: {KNOWN}").as_str(),
                &format!("unknown attribute `rnage`: expected {KNOWN}"),
                "`len` needs a range, such as `0..=9` or `1..`",
                "`with` needs the path of a module",
                "`default` needs a value: `default = ..`",
                "`range` is given twice",
                "`len` allows nothing: its range is empty",
                "`range` allows nothing: its range is empty",
                "expected an option: `name = value`",
            ]
        );
    }
}
