//! The variants and fields of a type, with their attributes. A struct is taken as its own only
//! variant.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Ident, Index, Lit, LitStr, Member, Path,
    PathArguments, Token, parse_quote_spanned,
};

use super::generics::with_input_lifetime;
use crate::complaints::Complaints;
use crate::field::{Attributes, Field, Setting, former_name, is_input, set_once};
use crate::library;
use crate::literal;

/// A struct, or an enum with at least one variant.
pub(crate) struct Parsed {
    /// Whether it is an enum.
    pub(crate) is_enum: bool,
    /// Its variants, by tag.
    pub(crate) variants: Vec<Variant>,
    /// Where the library is, if that is said.
    pub(crate) library: Option<Path>,
    /// How many values of it may lie within one another, if that is limited.
    pub(crate) depth: Option<usize>,
    /// The type of another crate that it looks like, if it stands for one.
    pub(crate) remote: Option<Path>,
}

/// A variant of an enum, or the content of a struct.
pub(crate) struct Variant {
    /// Its name.
    pub(crate) name: Ident,
    /// How its fields are written.
    pub(crate) style: Style,
    /// How often it is drawn, next to the others.
    pub(crate) weight: u32,
    /// What it was called before.
    pub(crate) aliases: Vec<LitStr>,
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
    let OfType { library, depth, remote } = OfType::parse(&item.attrs, complaints);
    let mut variant = |name: &Ident, fields: &Fields| parse_fields(item, name, fields, complaints);
    match &item.data {
        Data::Struct(data) => {
            let variants = vec![variant(&item.ident, &data.fields)];
            Parsed { is_enum: false, variants, library, depth, remote }
        }
        Data::Enum(data) => {
            let mut variants: Vec<Variant> =
                data.variants.iter().map(|v| variant(&v.ident, &v.fields)).collect();
            for (variant, declared) in variants.iter_mut().zip(&data.variants) {
                describe(variant, &declared.attrs, complaints);
            }
            if variants.is_empty() {
                complaints.push(&item.ident, "an enum without variants has no values");
            } else if variants.iter().all(|variant| variant.weight == 0) {
                complaints
                    .push(&item.ident, "every variant has the weight 0, so none can be drawn");
            }
            Parsed { is_enum: true, variants, library, depth, remote }
        }
        Data::Union(data) => {
            let help = "a union does not say which field is active: use an enum";
            complaints.push(data.union_token, help);
            Parsed { is_enum: false, variants: Vec::new(), library, depth, remote }
        }
    }
}

/// What the attributes of a type say.
#[derive(Default)]
struct OfType {
    library: Option<Path>,
    depth: Option<usize>,
    remote: Option<Path>,
}

/// The largest limit of a depth: there is a node for every level.
const MAX_DEPTH: usize = 100;

impl OfType {
    fn parse(attributes: &[Attribute], complaints: &mut Complaints) -> Self {
        let mut parsed = Self::default();
        for attribute in attributes.iter().filter(|attribute| is_input(attribute)) {
            let settings = attribute.parse_args_with(Punctuated::<_, Token![,]>::parse_terminated);
            let settings = settings.ok().filter(|settings| !settings.is_empty());
            let Some(settings) = settings else {
                complaints.push(attribute, ON_FIELDS);
                continue;
            };
            for Setting { name, value, .. } in settings {
                match (name.to_string().as_str(), value) {
                    ("crate", Some(path)) => {
                        set_once(&mut parsed.library, library::parse(path), &name, complaints);
                    }
                    ("depth", Some(limit)) => {
                        set_once(&mut parsed.depth, depth(&limit), &name, complaints);
                    }
                    ("remote", Some(path)) => {
                        set_once(&mut parsed.remote, remote(&path), &name, complaints);
                    }
                    _ => complaints.push(attribute, ON_FIELDS),
                }
            }
        }
        parsed
    }
}

const ON_FIELDS: &str = "`#[input(..)]` belongs on a field; a type only has `depth = 8`, \
                         `remote = \"path::Type\"` and `crate = path`";

/// The path of a type of another crate, as an expression may have it.
fn remote(value: &Expr) -> syn::Result<Path> {
    let message = "`remote` needs the path of a type in quotes: `remote = \"path::Type\"`";
    let text = literal::string(value).ok_or_else(|| syn::Error::new_spanned(value, message))?;
    let mut path: Path = text.parse().map_err(|_| syn::Error::new_spanned(value, message))?;
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            arguments.colon2_token = Some(Token![::](text.span()));
        }
    }
    Ok(path)
}

fn depth(value: &Expr) -> syn::Result<usize> {
    let number = match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        _ => None,
    };
    let message = format!("`depth` needs a number from 1 to {MAX_DEPTH}");
    let number = number.filter(|number| (1..=MAX_DEPTH).contains(number));
    number.ok_or_else(|| syn::Error::new_spanned(value, message))
}

/// Takes what the attributes of a variant say of it.
fn describe(variant: &mut Variant, attributes: &[Attribute], complaints: &mut Complaints) {
    let mut weight = None;
    for attribute in attributes.iter().filter(|attribute| is_input(attribute)) {
        let settings = attribute.parse_args_with(Punctuated::<_, Token![,]>::parse_terminated);
        for Setting { name, value, .. } in settings.unwrap_or_default() {
            match (name.to_string().as_str(), value) {
                ("weight", Some(value)) => {
                    set_once(&mut weight, number(&value), &name, complaints);
                }
                ("alias", Some(value)) => {
                    variant.aliases.extend(complaints.take(former_name(&value)));
                }
                _ => complaints.push(&name, OF_VARIANTS),
            }
        }
    }
    variant.weight = weight.unwrap_or(1);
}

const OF_VARIANTS: &str = "a variant only has `weight = 3` and `alias = \"old\"`: all else belongs on \
                           its fields";

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
        let attributes = Attributes::parse(&field.attrs, complaints);
        attributes.check_type(&field.ty, complaints);
        (member, Field { name, ty, attributes })
    });
    Variant { name: name.clone(), style, weight: 1, aliases: Vec::new(), fields: fields.collect() }
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
        assert_eq!(messages(item), [ON_FIELDS, OF_VARIANTS,]);
    }

    #[test]
    fn a_depth_is_a_small_number() {
        let item = parse_quote! {
            #[input(depth = 3, crate = ::renamed)]
            struct S(Option<Box<S>>);
        };
        let mut complaints = Complaints::default();
        let parsed = parse(&item, &mut complaints);
        assert!(complaints.messages().is_empty());
        assert_eq!((parsed.depth, parsed.library.is_some()), (Some(3), true));
        let item = parse_quote! {
            #[input(depth = 0)]
            #[input(depth = "3")]
            struct S(Option<Box<S>>);
        };
        assert_eq!(messages(item), ["`depth` needs a number from 1 to 100"; 2]);
    }

    #[test]
    fn weights_are_numbers_of_which_one_is_not_zero() {
        let item = parse_quote! {
            enum E {
                #[input(weight = 0)]
                A,
                #[input(weight = "3", weight = 4, alias = "Z", weight = 5)]
                B,
                #[input(weight = -1)]
                C,
            }
        };
        assert_eq!(
            messages(item),
            [
                "`weight` needs a number, such as `3`",
                "`weight` is given twice",
                "`weight` needs a number, such as `3`",
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
