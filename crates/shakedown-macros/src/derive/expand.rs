//! The implementation of the trait for a type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Visibility};

use super::generics::{ImplGenerics, of_implementation};
use super::parse::{Parsed, Style, Variant};
use super::remote;
use crate::written::{self, Place};

/// The implementation.
pub(crate) fn implementation(item: &DeriveInput, parsed: &Parsed) -> TokenStream {
    let types = Ident::new("types", Span::mixed_site());
    let reader = Ident::new("reader", Span::mixed_site());
    let writer = Ident::new("writer", Span::mixed_site());
    let node = node(item, parsed, &types);
    let aliases = aliases(item, parsed, &types);
    let made = match parsed.depth {
        Some(depth) => quote!(#types.nested(key, #depth, |#types| #node)),
        None => quote!(#types.recursive(key, |#types| #node)),
    };
    let decode = decode(parsed, &reader);
    let encode = encode(parsed, &writer);
    let schema = quote! {
        let key = ::shakedown::__private::TypeKey {
            name: ::core::any::type_name::<Self>(),
            place: (::core::file!(), ::core::line!(), ::core::column!()),
        };
        #aliases
        #made
    };
    let decode = quote!(::core::result::Result::Ok(#decode));
    match &parsed.remote {
        Some(remote) => {
            let encode = quote!(match value { #encode });
            let bodies = [(types, schema), (reader, decode), (writer, encode)];
            remote::implementation(item, parsed, remote, bodies)
        }
        None => {
            let encode = quote!(match self { #encode });
            with_bodies(item, [(types, schema), (reader, decode), (writer, encode)])
        }
    }
}

/// An implementation that compiles, in the place of one that cannot be made.
pub(crate) fn stub(item: &DeriveInput) -> TokenStream {
    let body = ["types", "reader", "writer"].map(|name| {
        let name = Ident::new(name, Span::mixed_site());
        let body = quote!({ let _ = #name; ::core::unimplemented!() });
        (name, body)
    });
    with_bodies(item, body)
}

/// The implementation with these arguments and bodies of its three functions.
fn with_bodies(item: &DeriveInput, functions: [(Ident, TokenStream); 3]) -> TokenStream {
    let name = &item.ident;
    let ImplGenerics { parameters, arguments, conditions } = of_implementation(&item.generics);
    let [(types, schema), (reader, decode), (writer, encode)] = functions;
    quote! {
        #[automatically_derived]
        impl #parameters ::shakedown::Input<'__input> for #name #arguments #conditions {
            fn schema(
                #types: &mut ::shakedown::input::Types,
            ) -> ::shakedown::input::NodeId {
                #schema
            }

            #[inline]
            fn decode(
                #reader: &mut ::shakedown::input::Reader<'__input>,
            ) -> ::core::result::Result<Self, ::shakedown::input::Corrupt> {
                #decode
            }

            fn encode(&self, #writer: &mut ::shakedown::input::Writer) {
                #encode
            }
        }
    }
}

/// An expression: the path of the type, by which files know it.
fn path_of(item: &DeriveInput, parsed: &Parsed) -> TokenStream {
    if let Some(remote) = &parsed.remote {
        let names = remote.segments.iter().map(|segment| segment.ident.unraw().to_string());
        let path = names.collect::<Vec<_>>().join("::");
        return quote!(#path);
    }
    let name = format!("::{}", item.ident.unraw());
    quote!(::core::concat!(::core::module_path!(), #name))
}

/// Statements: what the variants and fields were called before.
fn aliases(item: &DeriveInput, parsed: &Parsed, types: &Ident) -> TokenStream {
    let of = path_of(item, parsed);
    let notes = notes(item, parsed, &of, types);
    let aliases = parsed.variants.iter().map(|variant| {
        let name = variant.name.unraw().to_string();
        let own = &variant.aliases;
        let holder = if parsed.is_enum { name.as_str() } else { "" };
        let fields = variant.fields.iter().map(|(_, field)| field.aliases(&of, holder, types));
        quote!(#(#types.alias(#of, "", #own, #name);)* #(#fields)*)
    });
    aliases.chain([notes]).collect()
}

/// Statements: what is to be known of values that are to be written as code.
fn notes(item: &DeriveInput, parsed: &Parsed, of: &TokenStream, types: &Ident) -> TokenStream {
    // One of a type that stands for another is only met within what is made.
    if parsed.remote.is_some() {
        return TokenStream::new();
    }
    let place = Place {
        of: Some(&item.ident),
        parameters: item.generics.type_params().map(|parameter| &parameter.ident).collect(),
    };
    let mut all = parsed.variants.iter().flat_map(|variant| &variant.fields);
    let is_made = all.any(|(_, field)| field.is_made());
    let of_type = if is_made { Some(written::MADE) } else { reach(item) };
    let of_type = of_type.map(|note| quote!(#types.alias(#of, "", #note, "");));
    let of_fields = parsed.variants.iter().flat_map(|variant| {
        let holder = if parsed.is_enum { variant.name.unraw().to_string() } else { String::new() };
        let place = &place;
        variant.fields.iter().filter_map(move |(_, field)| {
            let (name, note) = (&field.name, written::note(&field.ty, place)?);
            Some(quote!(#types.alias(#of, #holder, #note, #name);))
        })
    });
    let of_fields = of_fields.filter(|_| !is_made);
    quote!(#of_type #(#of_fields)*)
}

/// The note of a struct of which some fields are not seen from everywhere.
fn reach(item: &DeriveInput) -> Option<&'static str> {
    let Data::Struct(data) = &item.data else { return None };
    let of_field = |field: &syn::Field| match &field.vis {
        Visibility::Public(_) => None,
        Visibility::Restricted(within) if within.path.is_ident("crate") => Some(written::IN_CRATE),
        Visibility::Restricted(_) | Visibility::Inherited => Some(written::IN_MODULE),
    };
    let mut notes: Vec<_> = data.fields.iter().filter_map(of_field).collect();
    notes.sort_unstable_by_key(|note| *note != written::IN_MODULE);
    notes.first().copied()
}

/// An expression: the node of the type.
fn node(item: &DeriveInput, parsed: &Parsed, types: &Ident) -> TokenStream {
    let path = path_of(item, parsed);
    if !parsed.is_enum {
        let records = parsed.variants.iter().map(|variant| record(&path, variant, types));
        return quote!(::shakedown::__private::Node::Record(#(#records)*));
    }
    let records = parsed.variants.iter().map(|variant| {
        let name = variant.name.unraw().to_string();
        record(&quote!(#name), variant, types)
    });
    let records = quote!(::shakedown::__private::vec![#(#records),*]);
    if parsed.variants.iter().all(|variant| variant.weight == 1) {
        return quote!(::shakedown::__private::choice(#path, #records));
    }
    let weights = parsed.variants.iter().map(|variant| variant.weight);
    let weights = quote!(::shakedown::__private::vec![#(#weights),*]);
    quote!(::shakedown::__private::weighted_choice(#path, #records, #weights))
}

/// An expression: the fields of a struct or variant with this name.
fn record(name: &TokenStream, variant: &Variant, types: &Ident) -> TokenStream {
    let fields = variant.fields.iter().map(|(_, field)| field);
    let fields = fields.filter(|field| !field.attributes.is_skipped());
    let fields = fields.map(|field| field.schema(types));
    match variant.style {
        Style::Named => {
            quote!(::shakedown::__private::named(#name, ::shakedown::__private::vec![#(#fields),*]))
        }
        Style::Tuple => {
            quote!(::shakedown::__private::tuple(#name, ::shakedown::__private::vec![#(#fields),*]))
        }
        Style::Unit => quote!(::shakedown::__private::unit(#name)),
    }
}

/// An expression: the value, read from `reader`.
fn decode(parsed: &Parsed, reader: &Ident) -> TokenStream {
    let values = parsed.variants.iter().map(|variant| {
        let path = path(parsed, variant);
        let members = variant.fields.iter().map(|(member, _)| member);
        let values = variant.fields.iter().map(|(_, field)| match field.attributes.is_skipped() {
            true => field.skipped(),
            false => field.decode(reader),
        });
        quote!(#path { #(#members: #values),* })
    });
    if !parsed.is_enum {
        return quote!(#(#values)*);
    }
    let count = parsed.variants.len();
    let tags = 0..count;
    quote! {
        match #reader.tag(#count)? {
            #(#tags => #values,)*
            _ => return ::core::result::Result::Err(::shakedown::input::Corrupt),
        }
    }
}

/// The arms of a match on a reference to the value, that write it to `writer`.
fn encode(parsed: &Parsed, writer: &Ident) -> TokenStream {
    let count = parsed.variants.len();
    let arms = parsed.variants.iter().enumerate().map(|(tag, variant)| {
        let path = path(parsed, variant);
        let members = variant.fields.iter().map(|(member, _)| member);
        let locals: Vec<Ident> = (0..variant.fields.len())
            .map(|index| format_ident!("field{index}", span = Span::mixed_site()))
            .collect();
        let tag = parsed.is_enum.then(|| quote!(#writer.tag(#tag, #count);));
        let writes = variant.fields.iter().zip(&locals).map(|((_, field), local)| {
            match field.attributes.is_skipped() {
                true => quote!(let _ = #local;),
                false => field.encode(&quote!(#local), writer),
            }
        });
        quote!(#path { #(#members: #locals),* } => { #tag #(#writes)* })
    });
    quote!(#(#arms)*)
}

fn path(parsed: &Parsed, variant: &Variant) -> TokenStream {
    let name = &variant.name;
    let ty = parsed.remote.as_ref().map_or(quote!(Self), |remote| quote!(#remote));
    if parsed.is_enum { quote!(#ty::#name) } else { ty }
}
