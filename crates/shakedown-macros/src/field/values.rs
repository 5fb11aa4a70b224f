//! What the values of settings may be: each is checked where it stands.

use proc_macro2::{Ident, TokenStream};
use syn::{Expr, ExprLit, Lit, LitStr, Path, RangeLimits, parse_quote};

use crate::literal;

/// Refuses what needs a feature of the library that is not there.
pub(super) fn needed(feature: &str, is_there: bool, at: &impl quote::ToTokens) -> syn::Result<()> {
    let message = format!(
        "this needs the feature `{feature}` of the library: \
         `cargo add --dev shakedown --features {feature}`"
    );
    if is_there { Ok(()) } else { Err(syn::Error::new_spanned(at, message)) }
}

/// What something was called before.
pub(crate) fn former_name(value: &Expr) -> syn::Result<LitStr> {
    let message = "`alias` needs the former name in quotes: `alias = \"old\"`";
    let name = literal::string(value).filter(|name| !name.value().is_empty());
    name.cloned().ok_or_else(|| syn::Error::new_spanned(value, message))
}

/// The code of the pattern that a regular expression is.
pub(super) fn pattern(value: &Expr) -> syn::Result<TokenStream> {
    let message = "`regex` needs a pattern in quotes, such as `\"[a-z]+\"`";
    let text = literal::string(value).ok_or_else(|| syn::Error::new_spanned(value, message))?;
    #[cfg(feature = "regex")]
    return super::regex::parse(text);
    #[cfg(not(feature = "regex"))]
    needed("regex", false, text).map(|()| TokenStream::new())
}

/// The elements of a list that has any.
pub(super) fn list(value: Expr) -> syn::Result<Vec<Expr>> {
    match value {
        Expr::Array(array) if !array.elems.is_empty() => Ok(array.elems.into_iter().collect()),
        other => {
            let message = "`one_of` needs a list of values: `one_of = [1, 2]`";
            Err(syn::Error::new_spanned(other, message))
        }
    }
}

/// A path and nothing else.
pub(super) fn path(value: Expr, message: &str) -> syn::Result<Path> {
    match value {
        Expr::Path(path) => Ok(path.path),
        other => Err(syn::Error::new_spanned(other, message)),
    }
}

/// A range, a constant, or a number for exactly that many; not one that anybody sees to be empty.
pub(super) fn range(value: Expr, name: &Ident) -> syn::Result<Expr> {
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
        Expr::Path(_) => Ok(value),
        _ if name == "len" && number(Some(&value)).is_some() => Ok(parse_quote!(#value..=#value)),
        _ => {
            let message = format!("`{name}` needs a range, such as `0..=9` or `1..`");
            Err(syn::Error::new_spanned(value, message))
        }
    }
}
