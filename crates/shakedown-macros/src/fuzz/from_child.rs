//! Paths that stand in the module of the target, as a module in it must write them: the test is in
//! one.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::quote_spanned;

/// Code of a module for a child of it: what is `self::a` there is `super::a` here, and what is
/// `super::a` there is `super::super::a` here.
pub(super) fn from_child(code: TokenStream) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), from_child(group.stream()));
                inner.set_span(group.span());
                out.push(inner.into());
            }
            // Alone it is a value: that of a method in the code.
            TokenTree::Ident(name)
                if name == "self" && !is_in_path(&out) && tokens.peek().is_some_and(is_colon) =>
            {
                out.push(Ident::new("super", name.span()).into());
            }
            TokenTree::Ident(name) if name == "super" && !is_in_path(&out) => {
                let span = name.span();
                out.extend(quote_spanned!(span=> super::#name));
            }
            token => out.push(token),
        }
    }
    out.into_iter().collect()
}

/// Whether a path goes on after these tokens.
fn is_in_path(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [.., first, second] if is_colon(first) && is_colon(second))
}

fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn only_where_a_path_begins_it_leads_elsewhere() {
        let code = quote!(|a: super::A, b: &[self::b::B; super::super::N]| {
            <super::C as crate::D>::e(self::f(a::g), ::h::i, self.j)
        });
        let expected = quote!(|a: super::super::A, b: &[super::b::B; super::super::super::N]| {
            <super::super::C as crate::D>::e(super::f(a::g), ::h::i, self.j)
        });
        assert_eq!(from_child(code).to_string(), expected.to_string());
    }
}
