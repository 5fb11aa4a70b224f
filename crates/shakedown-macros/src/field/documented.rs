//! Whatever `#[input(..)]` takes is in the reference and in README, and an example of both the reference
//! and the guide has it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::LitStr;

/// What the sources here compare names with.
fn accepted() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in [include_str!("attributes.rs"), include_str!("../derive/parse.rs")] {
        patterns(source.parse().expect("Rust"), &mut names);
    }
    names
}

/// The strings that stand alone, or first in a tuple, as a pattern of a `match`.
fn patterns(tokens: TokenStream, names: &mut BTreeSet<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let is_mark = |at: usize, mark| matches!(tokens.get(at), Some(TokenTree::Punct(own)) if own.as_char() == mark);
        let is_pattern = is_mark(at + 1, '|') || is_mark(at + 1, '=') && is_mark(at + 2, '>');
        match token {
            TokenTree::Group(group) => {
                let first = group.stream().into_iter().next();
                names.extend(first.filter(|_| is_pattern).and_then(|first| string(&first)));
                patterns(group.stream(), names);
            }
            token => names.extend(string(token).filter(|_| is_pattern)),
        }
    }
}

fn string(token: &TokenTree) -> Option<String> {
    syn::parse2::<LitStr>(token.clone().into()).ok().map(|text| text.value())
}

/// The names of what is said in the `#[input(..)]` of Rust code.
fn said(tokens: TokenStream, is_input: bool, names: &mut BTreeSet<String>) {
    let (mut is_first, mut last) = (true, String::new());
    for token in tokens {
        match &token {
            TokenTree::Group(group) => {
                let is_within = matches!(last.as_str(), "input" | "items" | "keys" | "values");
                said(group.stream(), is_within, names);
            }
            TokenTree::Ident(name) if is_input && is_first => {
                names.insert(name.to_string());
            }
            _ => {}
        }
        is_first = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == ',');
        last = token.to_string();
    }
}

/// The names in the examples of a page, and in what else it has.
fn shown(page: &str) -> [BTreeSet<String>; 2] {
    let mut names = [BTreeSet::new(), BTreeSet::new()];
    for (at, part) in page.split("```").enumerate() {
        match (at % 2, part.split_once('\n')) {
            (0, _) => part.split('`').for_each(|code| {
                said(code.parse().unwrap_or_default(), true, &mut names[1]);
                said(code.parse().unwrap_or_default(), false, &mut names[1]);
            }),
            (_, Some(("" | "rust", code))) => {
                // What rustdoc hides.
                let code = code.replace("\n# ", "\n");
                said(code.parse().expect("Rust"), false, &mut names[0]);
            }
            _ => {}
        }
    }
    names
}

fn read(path: impl AsRef<Path>) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).expect("the page is there")
}

#[test]
fn every_attribute_is_documented_and_has_examples() {
    let accepted = accepted();
    assert!(accepted.contains("range") && accepted.contains("weight"), "{accepted:?}");
    let missing = |names: &BTreeSet<String>, but: &[&str]| -> Vec<String> {
        accepted.difference(names).filter(|name| !but.contains(&name.as_str())).cloned().collect()
    };
    let [examples, text] = shown(&read("crates/shakedown/src/input/docs/attributes.md"));
    assert_eq!(missing(&text, &[]), [""; 0], "the reference does not name these");
    // One needs a renamed dependency, two are shown with what they are for, in the pages beside.
    let elsewhere = ["crate", "remote", "strategy"];
    assert_eq!(missing(&examples, &elsewhere), [""; 0], "the reference has no example of these");
    let [_, text] = shown(&read("README.md"));
    assert_eq!(missing(&text, &["crate", "unmap"]), [""; 0], "README does not name these");

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide");
    let pages = fs::read_dir(folder).expect("the guide is there");
    let pages: Vec<PathBuf> = pages.map(|page| page.expect("a page").path()).collect();
    let pages = pages.iter().filter(|page| page.extension().is_some_and(|end| end == "md"));
    let examples = pages.flat_map(|page| shown(&read(page))[0].clone()).collect();
    assert_eq!(missing(&examples, &["crate"]), [""; 0], "the guide has no example of these");
}
