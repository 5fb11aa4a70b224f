//! Where the code of the macros finds the library: `::shakedown`, or a path that the user names because
//! the dependency has another name there.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Expr, Path};

/// What the macros call the library.
const NAME: &str = "shakedown";

/// Words that may stand before a path without being a part of it.
const KEYWORDS: [&str; 7] = ["as", "dyn", "for", "impl", "in", "mut", "return"];

/// The path in the value of `crate = path`.
pub(crate) fn parse(value: Expr) -> syn::Result<Path> {
    match value {
        Expr::Path(path) => Ok(path.path),
        other => Err(syn::Error::new_spanned(
            other,
            "`crate` needs the path of the library, such as `crate = ::renamed`",
        )),
    }
}

/// The code of a macro with `path` in the place of every `::shakedown`.
pub(crate) fn at(path: Option<&Path>, code: TokenStream) -> TokenStream {
    match path {
        Some(path) => replaced(path, code),
        None => code,
    }
}

fn replaced(path: &Path, code: TokenStream) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    for token in code {
        match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replaced(path, group.stream()));
                inner.set_span(group.span());
                out.push(inner.into());
            }
            TokenTree::Ident(name) if name == NAME && is_global(&out) => {
                out.truncate(out.len() - 2);
                out.extend(path.to_token_stream());
            }
            token => out.push(token),
        }
    }
    quote!(#(#out)*)
}

/// Whether tokens end with a `::` that nothing stands before.
fn is_global(tokens: &[TokenTree]) -> bool {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ':');
    match tokens {
        [rest @ .., first, second] if is_colon(first) && is_colon(second) => {
            !matches!(rest.last(), Some(TokenTree::Ident(name)) if !KEYWORDS.iter().any(|word| name == word))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn only_paths_to_the_library_are_replaced() {
        let path: Path = parse_quote!(crate::fuzzing);
        let code = quote!(<&str as ::shakedown::Input>::f(
            &mut ::shakedown::a,
            b::shakedown::c,
            shakedown
        ));
        let expected = quote!(<&str as crate::fuzzing::Input>::f(
            &mut crate::fuzzing::a,
            b::shakedown::c,
            shakedown
        ));
        assert_eq!(at(Some(&path), code.clone()).to_string(), expected.to_string());
        assert_eq!(at(None, code.clone()).to_string(), code.to_string());
        assert!(parse(parse_quote!(1 + 1)).is_err());
    }
}
