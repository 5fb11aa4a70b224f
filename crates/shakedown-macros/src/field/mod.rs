//! One field of a derived type, or one argument of a target: the code for its schema, for reading and
//! for writing it.

mod alphabet;
mod attributes;
#[cfg(test)]
mod documented;
#[cfg(feature = "regex")]
mod regex;
mod setting;
mod values;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprRange, RangeLimits, Type, parse_quote_spanned};

use crate::literal;
use attributes::Part;
pub(crate) use attributes::{Attributes, is_input, set_once};
pub(crate) use setting::Setting;
pub(crate) use values::former_name;

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
        let Self { name, attributes, .. } = self;
        let node = match &attributes.map {
            _ if attributes.strategy.is_some() => {
                quote!(<::shakedown::__private::Vec<::core::primitive::u8> as ::shakedown::Input<'_>>::schema(#types))
            }
            Some(map) => quote_spanned! {hygienic(map)=>
                ::shakedown::__private::source_schema(#map, #types)
            },
            None => self.of_type(types),
        };
        let limits = self.limits(types);
        let default = match &attributes.default {
            Some(default) => {
                let value = self.encoded(default);
                quote!(::core::option::Option::Some(#value))
            }
            None => quote!(::core::option::Option::None),
        };
        quote_spanned! {Span::mixed_site()=> {
            let node = #node;
            #limits
            ::shakedown::__private::field(#name, node, #default)
        }}
    }

    /// Statements: the names that the field had before, as one of `of` or of its `variant`.
    pub(crate) fn aliases(&self, of: &TokenStream, variant: &str, types: &Ident) -> TokenStream {
        let Self { name, attributes, .. } = self;
        let aliases = &attributes.aliases;
        quote!(#(#types.alias(#of, #variant, #aliases, #name);)*)
    }

    /// Statements: the limits that the attributes set to `node`. `types` is the table.
    fn limits(&self, types: &Ident) -> TokenStream {
        let Self { name, ty, attributes } = self;
        let range = attributes.range.as_ref().map(|range| {
            let plain = without_lifetimes(quote!(#ty));
            let end = quote!(<#plain as ::shakedown::__private::Ranged>::End);
            let check = not_empty(range, &end);
            quote_spanned! {hygienic(range)=>
                #check
                let node = ::shakedown::__private::limit_range::<#ty>(#types, #name, node, #range);
            }
        });
        let len = attributes.len.as_ref().map(|len| {
            let check = not_empty(len, &quote!(::core::primitive::usize));
            quote_spanned! {hygienic(len)=>
                #check
                let node = ::shakedown::__private::limit_len(#types, #name, node, #len);
            }
        });
        let chars = attributes.chars.as_ref().map(|(span, runs)| {
            let runs = runs.iter().map(|(first, last)| quote!((#first, #last)));
            quote_spanned! {span.resolved_at(Span::mixed_site())=>
                let node = ::shakedown::__private::limit_chars(#types, #name, node, &[#(#runs),*]);
            }
        });
        let regex = attributes.regex.as_ref().map(|(span, pattern)| {
            quote_spanned! {span.resolved_at(Span::mixed_site())=>
                let node = #types.limit_pattern(#name, node, #pattern);
            }
        });
        let one_of = attributes.one_of.as_ref().map(|values| {
            let values = values.iter().map(|value| self.encoded(value));
            quote_spanned! {Span::mixed_site()=>
                let node = #types.one_of(node, ::shakedown::__private::vec![#(#values),*]);
            }
        });
        let parts = attributes.parts.iter().map(|part| self.limits_of_part(part, types));
        quote!(#range #len #chars #regex #one_of #(#parts)*)
    }

    /// A statement: the limits of what `node` holds.
    fn limits_of_part(&self, part: &Part, types: &Ident) -> TokenStream {
        let Self { name, ty, .. } = self;
        let span = part.name.span().resolved_at(Span::mixed_site());
        let (of, kind) = part.kind();
        let inner = Self {
            name: name.clone(),
            ty: parse_quote_spanned!(span=> <#ty as ::shakedown::__private::#of>::#kind),
            attributes: part.attributes.clone(),
        };
        let limits = inner.limits(types);
        quote_spanned! {span=>
            let node = #types.limit_part(
                #name,
                node,
                ::shakedown::__private::Part::#kind,
                |#types, node| { #limits node },
            );
        }
    }

    /// An expression: the encoding of a value that the user wrote.
    fn encoded(&self, value: &Expr) -> TokenStream {
        let ty = &self.ty;
        let span = hygienic(value);
        let (local, writer) = (Ident::new("value", span), Ident::new("writer", span));
        let encode = self.encode(&quote!(&#local), &writer);
        let value = literal::owned(value, ty);
        quote_spanned! {span=>
            ::shakedown::__private::encoded(|#writer| {
                let #local: #ty = #value;
                #encode
            })
        }
    }

    /// An expression: the value, read from `reader`; returns early if it is corrupt.
    pub(crate) fn decode(&self, reader: &Ident) -> TokenStream {
        let Attributes { map, strategy, filter, sorted, unique, len, .. } = &self.attributes;
        let read = self.read(reader);
        let mut value = quote_spanned!(self.ty.span()=> #read?);
        if let Some(map) = map {
            value = quote_spanned! {hygienic(map)=>
                ::shakedown::__private::mapped(#map, #reader)?
            };
        }
        if let Some(strategy) = strategy {
            let name = &self.name;
            value = quote_spanned! {hygienic(strategy)=>
                ::shakedown::__private::drawn(#strategy, #name, #reader)?
            };
        }
        if let Some(span) = sorted {
            value = quote_spanned!(*span=> ::shakedown::__private::sorted(#value));
        }
        if let Some(span) = unique {
            let len = len.as_ref().map_or(quote!(..), |len| quote!(#len));
            value = quote_spanned!(*span=> ::shakedown::__private::unique(#value, #len));
        }
        if let Some(filter) = filter {
            value = quote_spanned! {hygienic(filter)=>
                ::shakedown::__private::filtered(#value, |value| (#filter)(value))
            };
        }
        value
    }

    /// An expression: the value of a field that is not read.
    pub(crate) fn skipped(&self) -> TokenStream {
        match &self.attributes.default {
            Some(default) => literal::owned(default, &self.ty),
            None => quote_spanned!(self.ty.span()=> ::core::default::Default::default()),
        }
    }

    /// A statement: `value`, a reference, is written to `writer`.
    pub(crate) fn encode(&self, value: &TokenStream, writer: &Ident) -> TokenStream {
        let Attributes { map, unmap, strategy, .. } = &self.attributes;
        match (map.as_ref().or(strategy.as_ref()), unmap) {
            (Some(_), Some(unmap)) => quote_spanned! {hygienic(unmap)=>
                ::shakedown::Input::encode(&(#unmap)(#value), #writer);
            },
            (Some(_), None) => {
                let name = &self.name;
                quote!({ let _ = #value; ::shakedown::__private::without_source(#name); })
            }
            (None, _) => self.write(value, writer),
        }
    }

    /// An expression: the node of the type, without limits.
    fn of_type(&self, types: &Ident) -> TokenStream {
        match self.items() {
            Some(items) => {
                let (ty, held) = (&self.ty, self.held());
                let element = items.of_type(types);
                quote_spanned!(ty.span()=> {
                    let element = #element;
                    <#ty as #held>::schema(element, #types)
                })
            }
            None => {
                let function = self.function("schema");
                quote!(#function(#types))
            }
        }
    }

    /// An expression: the result of reading a value of the type.
    fn read(&self, reader: &Ident) -> TokenStream {
        match self.items() {
            Some(items) => {
                let (ty, held) = (&self.ty, self.held());
                let item = items.read(reader);
                quote_spanned!(ty.span()=> <#ty as #held>::decode(#reader, |#reader| #item))
            }
            None => {
                let function = self.function("decode");
                quote!(#function(#reader))
            }
        }
    }

    /// A statement: a value of the type is written.
    fn write(&self, value: &TokenStream, writer: &Ident) -> TokenStream {
        match self.items() {
            Some(items) => {
                let (ty, held) = (&self.ty, self.held());
                let item = Ident::new("item", Span::mixed_site());
                let write = items.write(&quote!(#item), writer);
                quote_spanned!(ty.span()=> <#ty as #held>::encode(#value, #writer, |#item, #writer| { #write });)
            }
            None => {
                let function = self.function("encode");
                quote!(#function(#value, #writer);)
            }
        }
    }

    /// Statements: a slice of what the type holds is written, if that has functions of its own.
    pub(crate) fn encode_slice(&self, slice: &Ident, writer: &Ident) -> Option<TokenStream> {
        let items = self.items()?;
        let item = Ident::new("item", Span::mixed_site());
        let write = items.write(&quote!(#item), writer);
        Some(quote! {
            #writer.count(#slice.len());
            for #item in #slice {
                #write
            }
        })
    }

    /// What the type holds, if that has functions of its own.
    fn items(&self) -> Option<Self> {
        let attributes = self.attributes.items_with()?.clone();
        let ty = &self.ty;
        let ty = parse_quote_spanned!(ty.span()=> <#ty as ::shakedown::__private::Items>::Item);
        Some(Self { name: self.name.clone(), ty, attributes })
    }

    /// The trait of what holds such things.
    fn held(&self) -> TokenStream {
        quote_spanned!(self.ty.span()=> ::shakedown::__private::Held)
    }

    /// The code that makes the value of `source`, or of its `text` in quotes, if it is made of another
    /// one.
    pub(crate) fn made_of(&self, source: char, text: char) -> Option<String> {
        let Attributes { map, strategy, with, sorted, unique, len, .. } = &self.attributes;
        let is_changed = sorted.is_some() || unique.is_some();
        let mut code = match (map, strategy, with) {
            (Some(map), ..) => format!("({})({source})", written(map)),
            (None, Some(strategy), _) => {
                format!("shakedown::from_strategy({}, {source}).unwrap()", written(strategy))
            }
            (None, None, Some(with)) => {
                let with = literal::written(&quote!(#with).to_string());
                format!("shakedown::from_text_with({with}::schema, {with}::decode, {text})")
            }
            (None, None, None) if self.items().is_some() => {
                let [types, reader] =
                    ["types", "reader"].map(|n| Ident::new(n, Span::mixed_site()));
                let (shape, read) = (self.of_type(&types), self.read(&reader));
                let [shape, read] = [shape, read].map(|code| literal::written(&code.to_string()));
                format!("shakedown::from_text_with(|types| {shape}, |reader| {read}, {text})")
            }
            (None, None, None) if is_changed => {
                let ty = &self.ty;
                // People write the types of its own that the attribute writes in full.
                let ty = literal::written(&quote!(#ty).to_string());
                let ty = ty.replace("::shakedown::__private::", "");
                format!("shakedown::from_text::<{ty}>({text})")
            }
            (None, None, None) => return None,
        };
        if sorted.is_some() {
            code = format!("shakedown::input::sorted({code})");
        }
        if unique.is_some() {
            let len = len.as_ref().map_or("..".to_owned(), written);
            code = format!("shakedown::input::unique({code}, {len})");
        }
        Some(code)
    }

    /// Whether what a file holds of the field is not what it is.
    pub(crate) fn is_made(&self) -> bool {
        let Attributes { sorted, unique, skip, .. } = &self.attributes;
        self.has_own_encoding() || sorted.is_some() || unique.is_some() || skip.is_some()
    }

    /// Whether the user says what the encoding is of.
    pub(crate) fn has_own_encoding(&self) -> bool {
        let Attributes { with, map, strategy, .. } = &self.attributes;
        with.is_some()
            || map.is_some()
            || strategy.is_some()
            || self.attributes.items_with().is_some()
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

/// A type whose lifetimes are left to the compiler: an item cannot use those around it.
fn without_lifetimes(ty: TokenStream) -> TokenStream {
    let mut is_lifetime = false;
    let tokens = ty.into_iter().map(|token| {
        let was_quote = std::mem::take(&mut is_lifetime);
        match token {
            TokenTree::Group(group) => {
                Group::new(group.delimiter(), without_lifetimes(group.stream())).into()
            }
            TokenTree::Ident(name) if was_quote => Ident::new("_", name.span()).into(),
            token => {
                is_lifetime = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '\'');
                token
            }
        }
    });
    tokens.collect()
}

/// An expression as text.
fn written(expr: &Expr) -> String {
    literal::written(&quote!(#expr).to_string())
}

/// What the compiler says of an empty range.
const EMPTY: &str = "this range is empty, so it allows nothing";

/// An item that does not compile if a range is empty; `end` is the type of its ends.
fn not_empty(range: &Expr, end: &TokenStream) -> Option<TokenStream> {
    let kind = match range {
        Expr::Range(ExprRange {
            start: Some(_),
            limits: RangeLimits::HalfOpen(_),
            end: Some(_),
            ..
        }) => {
            quote!(Range)
        }
        Expr::Range(ExprRange { start: Some(_), end: Some(_), .. }) => quote!(RangeInclusive),
        Expr::Range(ExprRange { limits: RangeLimits::HalfOpen(_), end: Some(_), .. }) => {
            quote!(RangeTo)
        }
        // All other ranges have at least one value.
        Expr::Range(_) => return None,
        _ => {
            return Some(quote_spanned! {hygienic(range)=>
                const _: () =
                    ::core::assert!(::shakedown::__private::Constant(&#range).has_any(), #EMPTY);
            });
        }
    };
    Some(quote_spanned! {hygienic(range)=>
        const _: () = {
            let range: ::core::ops::#kind<#end> = #range;
            ::core::assert!(::shakedown::__private::Constant(&range).has_any(), #EMPTY)
        };
    })
}

/// The span of what the user wrote, for names that cannot clash with the user's.
pub(crate) fn hygienic(tokens: &impl Spanned) -> Span {
    tokens.span().resolved_at(Span::mixed_site())
}
