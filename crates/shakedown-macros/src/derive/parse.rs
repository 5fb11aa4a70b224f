//! The variants and fields of a type, with their attributes. A struct is taken as its own only
//! variant.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Ident, Index, Lit, Member, Path,
    parse_quote_spanned,
};

use super::generics::with_input_lifetime;
use crate::complaints::Complaints;
use crate::field::{Attributes, Field, Setting, is_input, set_once};
use crate::library;

/// A struct, or an enum with at least one variant.
pub(crate) struct Parsed {
    /// Whether it is an enum.
    pub(crate) is_enum: bool,
    /// Its variants, by tag.
    pub(crate) variants: Vec<Variant>,
    /// Where the library is, if that is said.
    pub(crate) library: Option<Path>,
}

/// A variant of an enum, or the content of a struct.
pub(crate) struct Variant {
    /// Its name.
    pub(crate) name: Ident,
    /// How its fields are written.
    pub(crate) style: Style,
    /// How often it is drawn, next to the others.
    pub(crate) weight: u32,
    /// The fields, by what they are called in an expression.
    pub(crate) fields: Vec<(Member, Field)>,
}

/// How fields are written.
pub(crate) enum Style {
    /// `{ a: 1 }`
    Named,
    /// `(1)`
    Tuple,
    /// Not at all.
    Unit,
}

/// Reads a type; what does not fit is noted.
pub(crate) fn parse(item: &DeriveInput, complaints: &mut Complaints) -> Parsed {
    let mut library = None;
    for attribute in item.attrs.iter().filter(|attribute| is_input(attribute)) {
        match path_of_library(attribute) {
            Some(path) => library = complaints.take(path),
            None => complaints.push(attribute, "`#[input(..)]` belongs on a field"),
        }
    }
    let mut variant = |name: &Ident, fields: &Fields| parse_fields(item, name, fields, complaints);
    match &item.data {
        Data::Struct(data) => {
            let variants = vec![variant(&item.ident, &data.fields)];
            Parsed { is_enum: false, variants, library }
        }
        Data::Enum(data) => {
            let mut variants: Vec<Variant> =
                data.variants.iter().map(|v| variant(&v.ident, &v.fields)).collect();
            for (variant, declared) in variants.iter_mut().zip(&data.variants) {
                variant.weight = weight(&declared.attrs, complaints).unwrap_or(1);
            }
            if variants.is_empty() {
                complaints.push(&item.ident, "an enum without variants has no values");
            } else if variants.iter().all(|variant| variant.weight == 0) {
                complaints
                    .push(&item.ident, "every variant has the weight 0, so none can be drawn");
            }
            Parsed { is_enum: true, variants, library }
        }
        Data::Union(data) => {
            let help = "a union does not say which field is active: use an enum";
            complaints.push(data.union_token, help);
            Parsed { is_enum: false, variants: Vec::new(), library }
        }
    }
}

/// The path in `#[input(crate = path)]`, which belongs on the type; nothing for other attributes.
fn path_of_library(attribute: &Attribute) -> Option<syn::Result<Path>> {
    let Setting { name, value, .. } = attribute.parse_args().ok()?;
    value.filter(|_| name == "crate").map(library::parse)
}

/// The `#[input(weight = ..)]` of a variant.
fn weight(attributes: &[Attribute], complaints: &mut Complaints) -> Option<u32> {
    let mut weight = None;
    for attribute in attributes.iter().filter(|attribute| is_input(attribute)) {
        match attribute.parse_args() {
            Ok(Setting { name, value: Some(value), .. }) if name == "weight" => {
                set_once(&mut weight, number(&value), &name, complaints);
            }
            _ => {
                let message =
                    "a variant only has `#[input(weight = 3)]`: others belong on its fields";
                complaints.push(attribute, message);
            }
        }
    }
    weight
}

fn number(value: &Expr) -> syn::Result<u32> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse(),
        other => Err(syn::Error::new_spanned(other, "`weight` needs a number, such as `3`")),
    }
}

fn parse_fields(
    item: &DeriveInput,
    name: &Ident,
    fields: &Fields,
    complaints: &mut Complaints,
) -> Variant {
    let style = match fields {
        Fields::Named(_) => Style::Named,
        Fields::Unnamed(_) => Style::Tuple,
        Fields::Unit => Style::Unit,
    };
    let fields = fields.iter().enumerate().map(|(index, field)| {
        let (member, name) = match &field.ident {
            Some(name) => (Member::Named(name.clone()), name.unraw().to_string()),
            None => (Member::Unnamed(Index::from(index)), index.to_string()),
        };
        let tokens = with_input_lifetime(&item.generics, field.ty.to_token_stream());
        let ty = parse_quote_spanned!(field.ty.span()=> #tokens);
        (member, Field { name, ty, attributes: Attributes::parse(&field.attrs, complaints) })
    });
    Variant { name: name.clone(), style, weight: 1, fields: fields.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn messages(item: DeriveInput) -> Vec<String> {
        let mut complaints = Complaints::default();
        parse(&item, &mut complaints);
        complaints.messages()
    }

    #[test]
    fn types_without_values_are_refused() {
        assert_eq!(
            messages(parse_quote!(
                enum Never {}
            )),
            ["an enum without variants has no values"]
        );
        let [message] = &messages(parse_quote!(union U { a: u8 }))[..] else {
            panic!("one message")
        };
        assert!(message.starts_with("a union does not say"));
    }

    #[test]
    fn attributes_belong_on_fields() {
        let item = parse_quote! {
            #[input(len = 1..)]
            enum E {
                #[input(range = 1..)]
                A(#[input(range = 1..)] u8),
            }
        };
        assert_eq!(
            messages(item),
            [
                "`#[input(..)]` belongs on a field",
                "a variant only has `#[input(weight = 3)]`: others belong on its fields"
            ]
        );
    }

    #[test]
    fn weights_are_numbers_of_which_one_is_not_zero() {
        let item = parse_quote! {
            enum E {
                #[input(weight = 0)]
                A,
                #[input(weight = "3", weight = 4)]
                B,
                #[input(weight = -1)]
                C,
            }
        };
        assert_eq!(
            messages(item),
            [
                "a variant only has `#[input(weight = 3)]`: others belong on its fields",
                "`weight` needs a number, such as `3`"
            ]
        );
        let item = parse_quote! {
            enum E {
                #[input(weight = 0)]
                A,
            }
        };
        assert_eq!(messages(item), ["every variant has the weight 0, so none can be drawn"]);
    }
}
