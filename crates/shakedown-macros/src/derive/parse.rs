//! The variants and fields of a type, with their attributes. A struct is taken as its own only
//! variant.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, Index, Member, Path, parse_quote_spanned};

use super::generics::with_input_lifetime;
use crate::complaints::Complaints;
use crate::field::{Attributes, Field, Setting, is_input};
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
            let variants = data.variants.iter().map(|v| variant(&v.ident, &v.fields)).collect();
            for variant in &data.variants {
                refuse_attributes(&variant.attrs, "a field of the variant", complaints);
            }
            if data.variants.is_empty() {
                complaints.push(&item.ident, "an enum without variants has no values");
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
    let Setting { name, value } = attribute.parse_args().ok()?;
    value.filter(|_| name == "crate").map(library::parse)
}

fn refuse_attributes(attributes: &[Attribute], place: &str, complaints: &mut Complaints) {
    for attribute in attributes.iter().filter(|attribute| is_input(attribute)) {
        complaints.push(attribute, format!("`#[input(..)]` belongs on {place}"));
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
    Variant { name: name.clone(), style, fields: fields.collect() }
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
                "`#[input(..)]` belongs on a field of the variant"
            ]
        );
    }
}
