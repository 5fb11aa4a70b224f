//! The pattern that `regex = ".."` names: read when the target is compiled, so that a mistake is shown
//! at the attribute and a test binary needs nothing for it.

use proc_macro2::TokenStream;
use quote::quote;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};
use syn::LitStr;

/// Most levels of groups: what walks a pattern is recursive.
const MAX_LEVELS: u32 = 50;

/// Most characters that a pattern may name, repetitions written out. It is that of the library.
const MAX_PLACES: usize = 1000;

/// Where a part stands in the pattern, for `^` and `$`.
#[derive(Clone, Copy)]
struct Ends {
    is_first: bool,
    is_last: bool,
}

const INSIDE: Ends = Ends { is_first: false, is_last: false };

/// An expression: the pattern, for the library.
pub(super) fn parse(literal: &LitStr) -> syn::Result<TokenStream> {
    let error = |message: String| syn::Error::new(literal.span(), message);
    let hir = ParserBuilder::new().nest_limit(MAX_LEVELS).build().parse(&literal.value());
    let hir = hir.map_err(|fault| error(format!("this is no `regex`: {}", described(&fault))))?;
    match places(&hir) {
        0..=MAX_PLACES => part(&hir, Ends { is_first: true, is_last: true }).map_err(error),
        _ => Err(error(format!(
            "this `regex` names more than {MAX_PLACES} characters, with repetitions written out: \
             large ones are better written as `*` or `+`"
        ))),
    }
}

/// What is wrong, and where.
fn described(fault: &regex_syntax::Error) -> String {
    let (kind, span) = match fault {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), error.span()),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), error.span()),
        other => return other.to_string(),
    };
    format!("{kind}, at character {}", span.start.column)
}

/// How many characters a pattern names.
fn places(hir: &Hir) -> usize {
    let all = |parts: &[Hir]| parts.iter().map(places).fold(0, usize::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(text) => String::from_utf8_lossy(&text.0).chars().count(),
        HirKind::Class(_) => 1,
        HirKind::Capture(capture) => places(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => all(parts),
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            places(sub).saturating_mul(max.unwrap_or(*min.max(&1)) as usize)
        }
    }
}

fn part(hir: &Hir, ends: Ends) -> Result<TokenStream, String> {
    let pattern = quote!(::shakedown::__private::pattern);
    Ok(match hir.kind() {
        HirKind::Empty => quote!(#pattern::text("")),
        HirKind::Literal(text) => {
            let text = std::str::from_utf8(&text.0).map_err(|_| NOT_TEXT)?;
            quote!(#pattern::text(#text))
        }
        HirKind::Class(class) => {
            let runs = runs(class)?.into_iter().map(|(first, last)| quote!((#first, #last)));
            quote!(#pattern::one(&[#(#runs),*]))
        }
        HirKind::Look(Look::Start) if ends.is_first => quote!(#pattern::text("")),
        HirKind::Look(Look::End) if ends.is_last => quote!(#pattern::text("")),
        HirKind::Look(_) => return Err(LOOKS.to_owned()),
        HirKind::Capture(capture) => part(&capture.sub, ends)?,
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let of = part(sub, INSIDE)?;
            let max = match max {
                Some(max) => quote!(::core::option::Option::Some(#max)),
                None => quote!(::core::option::Option::None),
            };
            quote!(#pattern::repeat(#of, #min, #max))
        }
        HirKind::Concat(parts) => {
            let last = parts.len() - 1;
            let parts = parts.iter().enumerate().map(|(at, hir)| {
                let is_first = ends.is_first && at == 0;
                part(hir, Ends { is_first, is_last: ends.is_last && at == last })
            });
            let parts = parts.collect::<Result<Vec<_>, _>>()?;
            quote!(#pattern::all(::shakedown::__private::vec![#(#parts),*]))
        }
        HirKind::Alternation(parts) => {
            let parts = parts.iter().map(|hir| part(hir, ends));
            let parts = parts.collect::<Result<Vec<_>, _>>()?;
            quote!(#pattern::any(::shakedown::__private::vec![#(#parts),*]))
        }
    })
}

const NOT_TEXT: &str = "this `regex` is about bytes, and a string holds characters";

const LOOKS: &str = "a `regex` describes the whole string, so `^`, `$` and `\\b` can only stand where \
                     they say nothing";

/// The first and the last of each run of characters.
fn runs(class: &Class) -> Result<Vec<(u32, u32)>, String> {
    let runs: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => {
            class.iter().map(|run| (run.start().into(), run.end().into())).collect()
        }
        Class::Bytes(class) if class.is_ascii() => {
            class.iter().map(|run| (run.start().into(), run.end().into())).collect()
        }
        Class::Bytes(_) => return Err(NOT_TEXT.to_owned()),
    };
    match runs.is_empty() {
        true => Err("no string matches this `regex`".to_owned()),
        false => Ok(runs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    fn parsed(pattern: &str) -> Result<String, String> {
        let tokens = parse(&LitStr::new(pattern, Span::call_site()));
        let short = |tokens: TokenStream| {
            let text = tokens.to_string();
            text.replace(":: shakedown :: __private :: ", "").replace("pattern :: ", "")
        };
        tokens.map(short).map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_of_part_is_translated() {
        assert_eq!(parsed("ab").unwrap(), "text (\"ab\")");
        assert_eq!(parsed("^[a-c]$").unwrap(), {
            "all (vec ! [text (\"\") , one (& [(97u32 , 99u32)]) , text (\"\")])"
        });
        let repeated = parsed("(x[ab])*?y{2,3}").unwrap();
        assert!(repeated.contains(", 0u32 , :: core :: option :: Option :: None)"), "{repeated}");
        assert!(repeated.contains(", 2u32 , :: core :: option :: Option :: Some (3u32)"));
        assert!(parsed("a{2}|b+c").unwrap().starts_with("any (vec ! [repeat"));
        assert!(parsed("^a+$|^b+$").is_ok());
    }

    #[test]
    fn mistakes_are_reported() {
        let error = |pattern| parsed(pattern).unwrap_err();
        assert_eq!(error("a(b"), "this is no `regex`: unclosed group, at character 2");
        assert_eq!(error("a^b"), LOOKS);
        assert_eq!(error(r"(^a)+"), LOOKS);
        assert_eq!(error(r"a\bc"), LOOKS);
        assert_eq!(error(r"[^\s\S]"), "no string matches this `regex`");
        assert!(error("(a{40}){40}").starts_with("this `regex` names more than 1000 characters"));
        assert!(error(r"(?-u:\xff)").starts_with("this is no `regex`"), "not UTF-8");
    }
}
