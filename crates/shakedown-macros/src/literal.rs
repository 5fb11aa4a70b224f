//! Values that users write in attributes: a string literal becomes what the type asks for, other
//! expressions stay as they are.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Lit, LitStr, Type};

/// A value of type `ty`, made from an expression.
pub(crate) fn owned(expr: &Expr, ty: &Type) -> TokenStream {
    let span = expr.span();
    match (literal(expr), peel(ty)) {
        (None, _) | (_, Type::Reference(_)) => quote!(#expr),
        (Some(Lit::ByteStr(_)), Type::Array(_)) => quote_spanned!(span=> *#expr),
        (Some(Lit::ByteStr(_)), _) => {
            let ty = located(ty, span);
            quote_spanned!(span=> <#ty as ::core::convert::From<&[::core::primitive::u8]>>::from(#expr))
        }
        (Some(_), _) => {
            let ty = located(ty, span);
            quote_spanned!(span=> <#ty as ::core::convert::From<&::core::primitive::str>>::from(#expr))
        }
    }
}

/// The type as if it stood at the value: what the value cannot become is complained about there.
fn located(ty: &Type, span: Span) -> TokenStream {
    fn at(tokens: TokenStream, span: Span) -> TokenStream {
        let locate = |token: TokenTree| {
            let own = token.span();
            let mut token = match token {
                TokenTree::Group(group) => {
                    Group::new(group.delimiter(), at(group.stream(), span)).into()
                }
                other => other,
            };
            token.set_span(own.located_at(span));
            token
        };
        tokens.into_iter().map(locate).collect()
    }
    at(ty.to_token_stream(), span)
}

/// A reference to such a value. The expression may be one, and need not be.
pub(crate) fn lent(expr: &Expr, ty: &Type) -> TokenStream {
    let is_reference = matches!(expr, Expr::Reference(_));
    match (literal(expr), peel(ty)) {
        (Some(_), Type::Slice(_) | Type::Array(_)) => quote!(#expr),
        (Some(_), Type::Path(path)) if path.path.is_ident("str") => quote!(#expr),
        (None, _) if is_reference => quote!(#expr),
        _ => {
            let value = owned(expr, ty);
            quote!(&(#value))
        }
    }
}

/// The string or byte string that an expression is.
fn literal(expr: &Expr) -> Option<&Lit> {
    match expr {
        Expr::Lit(expr) if matches!(expr.lit, Lit::Str(_) | Lit::ByteStr(_)) => Some(&expr.lit),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

/// The string that an expression is, also where a macro has put it there.
pub(crate) fn string(expr: &Expr) -> Option<&LitStr> {
    match literal(expr) {
        Some(Lit::Str(text)) => Some(text),
        _ => None,
    }
}

/// The text of tokens with spaces only where they part two words.
pub(crate) fn written(tokens: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    tokens.split_whitespace().fold(String::new(), |text, token| {
        let parts = text.ends_with(is_word) && token.starts_with(is_word);
        text + if parts { " " } else { "" } + token
    })
}

/// A type without the parentheses and invisible groups around it.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        _ => ty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn only_string_literals_are_converted() {
        let owned = |expr: Expr, ty: Type| owned(&expr, &ty).to_string();
        let plain = |expr: Expr| expr.to_token_stream().to_string();
        assert_eq!(owned(parse_quote!(b"a"), parse_quote!(&[u8])), plain(parse_quote!(b"a")));
        assert_eq!(owned(parse_quote!(b"a"), parse_quote!([u8; 1])), plain(parse_quote!(*b"a")));
        assert_eq!(owned(parse_quote!(5), parse_quote!(u8)), "5");
        let converted = owned(parse_quote!("a"), parse_quote!(String));
        assert!(converted.starts_with("< String as"), "{converted}");
    }

    #[test]
    fn values_are_lent_where_they_are_no_references() {
        let lent = |expr: Expr, ty: Type| lent(&expr, &ty).to_string();
        assert_eq!(lent(parse_quote!(&[1, 2]), parse_quote!([u32])), "& [1 , 2]");
        assert_eq!(lent(parse_quote!(b"a"), parse_quote!([u8])), "b\"a\"");
        assert_eq!(lent(parse_quote!(make()), parse_quote!(Config)), "& (make ())");
    }
}
