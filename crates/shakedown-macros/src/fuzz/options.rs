//! The options within `#[fuzz(..)]`.

use std::time::Duration;

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Expr, Lit, LitStr, Path, Token, parse_quote};

use crate::complaints::Complaints;
use crate::duration;
use crate::field::{Setting, set_once};
use crate::library;
use crate::literal;

const KNOWN: &str = "`seeds`, `seed_files`, `timeout`, `max_len`, `dict` or `crate`";

/// All options, checked as far as they can be without the function.
#[derive(Default)]
pub(crate) struct Options {
    /// The seeds as written.
    pub(crate) seeds: Seeds,
    /// The patterns of the files that are seeds.
    pub(crate) seed_files: Vec<LitStr>,
    /// The longest execution.
    pub(crate) timeout: Option<Duration>,
    /// Most bytes of an input.
    pub(crate) max_len: Option<Expr>,
    /// Where tokens come from.
    pub(crate) dictionary: Option<Dictionary>,
    /// Where the library is.
    pub(crate) library: Option<Path>,
}

/// The inputs to start from.
pub(crate) enum Seeds {
    /// Each for itself.
    List(Vec<Expr>),
    /// What an iterator gives.
    From(Expr),
}

impl Default for Seeds {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

/// Tokens that inputs may contain.
pub(crate) enum Dictionary {
    /// Written in the attribute.
    Tokens(Vec<Vec<u8>>),
    /// In a file, by its path from the package's folder.
    File(LitStr),
}

impl Options {
    /// Reads the options; mistakes are noted and left out.
    pub(crate) fn parse(tokens: TokenStream, complaints: &mut Complaints) -> Self {
        let settings = Punctuated::<Setting, Token![,]>::parse_terminated.parse2(tokens);
        let mut options = Self::default();
        let (mut seeds, mut seed_files) = (None, None);
        for Setting { name, value, .. } in complaints.take(settings).into_iter().flatten() {
            let known = ["seeds", "seed_files", "timeout", "max_len", "dict", "crate"];
            if !known.iter().any(|known| name == known) {
                complaints.push(&name, format!("unknown option `{name}`: expected {KNOWN}"));
                continue;
            }
            let Some(value) = value else {
                complaints.push(&name, format!("`{name}` needs a value: `{name} = ..`"));
                continue;
            };
            if name == "seeds" {
                set_once(&mut seeds, parse_seeds(value), &name, complaints);
            } else if name == "seed_files" {
                set_once(&mut seed_files, parse_seed_files(value), &name, complaints);
            } else if name == "timeout" {
                set_once(&mut options.timeout, parse_timeout(&value), &name, complaints);
            } else if name == "max_len" {
                set_once(&mut options.max_len, parse_max_len(value), &name, complaints);
            } else if name == "crate" {
                set_once(&mut options.library, library::parse(value), &name, complaints);
            } else if let Some(dictionary) = parse_dictionary(value, complaints) {
                set_once(&mut options.dictionary, Ok(dictionary), &name, complaints);
            }
        }
        options.seeds = seeds.unwrap_or_default();
        options.seed_files = seed_files.unwrap_or_default();
        options
    }
}

fn parse_seeds(value: Expr) -> syn::Result<Seeds> {
    match value {
        Expr::Array(array) => Ok(Seeds::List(array.elems.into_iter().collect())),
        Expr::Path(function) => Ok(Seeds::From(parse_quote!(#function()))),
        made @ (Expr::Call(_) | Expr::MethodCall(_) | Expr::Macro(_)) => Ok(Seeds::From(made)),
        other => {
            let message = "`seeds` needs a list, `seeds = [..]`, or a function that gives them";
            Err(syn::Error::new_spanned(other, message))
        }
    }
}

/// The patterns in the value of `seed_files = "a/*"` or `seed_files = ["a/*", "b/*"]`.
fn parse_seed_files(value: Expr) -> syn::Result<Vec<LitStr>> {
    let patterns = match value {
        Expr::Array(array) if !array.elems.is_empty() => array.elems.into_iter().collect(),
        other => vec![other],
    };
    patterns.iter().map(parse_pattern).collect()
}

fn parse_pattern(value: &Expr) -> syn::Result<LitStr> {
    let error = |message| Err(syn::Error::new_spanned(value, message));
    let Some(pattern) = literal::string(value) else {
        return error("`seed_files` needs a pattern in quotes, such as `\"tests/data/*.json\"`");
    };
    let text = pattern.value();
    if text.starts_with('/') {
        return error("a pattern of `seed_files` is relative to the folder of the package");
    }
    // They stand in the mark of the target, which has its own use for these.
    if text.is_empty() || text.contains(|c: char| c == ';' || c.is_control()) {
        return error(
            "no pattern of `seed_files` is empty, or has `;` or control characters in it",
        );
    }
    Ok(pattern.clone())
}

fn parse_timeout(value: &Expr) -> syn::Result<Duration> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => {
                duration::parse(&text.value()).map_err(|error| syn::Error::new(text.span(), error))
            }
            Lit::Int(number) => Err(syn::Error::new_spanned(
                number,
                format!("this duration has no unit; write `timeout = \"{number}s\"` for seconds"),
            )),
            other => Err(not_a_timeout(other)),
        },
        other => Err(not_a_timeout(other)),
    }
}

fn not_a_timeout(tokens: impl quote::ToTokens) -> syn::Error {
    syn::Error::new_spanned(tokens, "`timeout` needs a duration in quotes, such as `\"10s\"`")
}

fn parse_max_len(value: Expr) -> syn::Result<Expr> {
    match &value {
        Expr::Lit(literal) if !matches!(literal.lit, Lit::Int(_)) => Err(syn::Error::new_spanned(
            literal,
            "`max_len` needs a number of bytes, such as `4096` or `64 << 10`",
        )),
        _ => Ok(value),
    }
}

fn parse_dictionary(value: Expr, complaints: &mut Complaints) -> Option<Dictionary> {
    match value {
        Expr::Array(array) => {
            let tokens = array.elems.iter().filter_map(|token| complaints.take(parse_token(token)));
            Some(Dictionary::Tokens(tokens.collect()))
        }
        Expr::Lit(literal) if matches!(literal.lit, Lit::Str(_)) => match literal.lit {
            Lit::Str(path) => Some(Dictionary::File(path)),
            _ => None,
        },
        other => {
            let help = "`dict` needs a list of tokens, or the path of a file in quotes";
            complaints.push(other, help);
            None
        }
    }
}

fn parse_token(token: &Expr) -> syn::Result<Vec<u8>> {
    let bytes = match token {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value().into_bytes()),
            Lit::ByteStr(bytes) => Some(bytes.value()),
            _ => None,
        },
        _ => None,
    };
    let error = |message| Err(syn::Error::new_spanned(token, message));
    match bytes {
        Some(bytes) if bytes.is_empty() => error("an empty token does nothing"),
        Some(bytes) => Ok(bytes),
        None => error("a token must be a literal: `\"..\"` or `b\"..\"`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn parse(tokens: TokenStream) -> (Options, Vec<String>) {
        let mut complaints = Complaints::default();
        let options = Options::parse(tokens, &mut complaints);
        (options, complaints.messages())
    }

    #[test]
    fn good_options_are_understood() {
        let (options, messages) = parse(quote! {
            seeds = [b"a", b""], timeout = "5m", max_len = 1 << 20, dict = ["a", b"\xff"],
            seed_files = ["a/*", "b/**"],
        });
        assert!(messages.is_empty(), "{messages:?}");
        assert!(matches!(&options.seeds, Seeds::List(seeds) if seeds.len() == 2));
        assert_eq!(options.timeout, Some(Duration::from_secs(300)));
        assert!(options.max_len.is_some());
        let patterns: Vec<_> = options.seed_files.iter().map(LitStr::value).collect();
        assert_eq!(patterns, ["a/*", "b/**"]);
        match options.dictionary {
            Some(Dictionary::Tokens(tokens)) => assert_eq!(tokens, [&b"a"[..], b"\xff"]),
            _ => panic!("not a list of tokens"),
        }
        let (options, _) = parse(quote!(dict = "gif.dict"));
        assert!(matches!(options.dictionary, Some(Dictionary::File(_))));
    }

    #[test]
    fn all_mistakes_are_reported() {
        let (_, messages) = parse(quote! {
            seed = [1], seeds, seeds = 1, timeout = 10, max_len = "64K", dict = 1, timeout = "1s",
            timeout = "2s", dict = ["", 1], seed_files = 1, seed_files = "/tmp/*",
            seed_files = ["a;b", ""], seed_files = [],
        });
        assert_eq!(
            messages,
            [
                format!("unknown option `seed`: expected {KNOWN}").as_str(),
                "`seeds` needs a value: `seeds = ..`",
                "`seeds` needs a list, `seeds = [..]`, or a function that gives them",
                "this duration has no unit; write `timeout = \"10s\"` for seconds",
                "`max_len` needs a number of bytes, such as `4096` or `64 << 10`",
                "`dict` needs a list of tokens, or the path of a file in quotes",
                "`timeout` is given twice",
                "an empty token does nothing",
                "a token must be a literal: `\"..\"` or `b\"..\"`",
                "`seed_files` needs a pattern in quotes, such as `\"tests/data/*.json\"`",
                "a pattern of `seed_files` is relative to the folder of the package",
                "no pattern of `seed_files` is empty, or has `;` or control characters in it",
                "`seed_files` needs a pattern in quotes, such as `\"tests/data/*.json\"`",
            ]
        );
    }
}
