//! The characters that `chars = "a-z0-9_"` names: single ones, and ranges of them. A `-` at either end
//! stands for itself, as does what follows a backslash.

use std::iter::Peekable;
use std::vec::IntoIter;

use syn::Expr;

use crate::literal;

/// The first and the last of the characters of ASCII.
pub(super) const ASCII: (u32, u32) = (0, 127);

/// The first and the last of each range.
pub(super) fn parse(value: &Expr) -> syn::Result<Vec<(u32, u32)>> {
    let Some(text) = literal::string(value) else {
        let message = "`chars` needs characters in quotes, such as `\"a-z0-9_\"`";
        return Err(syn::Error::new_spanned(value, message));
    };
    let error = |message| syn::Error::new_spanned(text, message);
    let mut members = members(&text.value()).map_err(error)?.into_iter().peekable();
    let mut runs = Vec::new();
    while let Some((first, _)) = members.next() {
        let last = end_of_range(&mut members).unwrap_or(first);
        if first > last {
            return Err(error(format!("the range `{first}-{last}` is empty")));
        }
        runs.push((first.into(), last.into()));
    }
    match runs.is_empty() {
        true => Err(error("`chars` allows nothing".to_owned())),
        false => Ok(runs),
    }
}

/// The characters, each with whether it was escaped.
fn members(text: &str) -> Result<Vec<(char, bool)>, String> {
    let mut chars = text.chars();
    let mut members = Vec::new();
    while let Some(char) = chars.next() {
        members.push(match char {
            '\\' => (chars.next().ok_or("a character must follow the backslash")?, true),
            plain => (plain, false),
        });
    }
    Ok(members)
}

/// Takes `-` and the end of a range, if these come next.
fn end_of_range(members: &mut Peekable<IntoIter<(char, bool)>>) -> Option<char> {
    let mut ahead = members.clone();
    let is_range = ahead.next() == Some(('-', false));
    let (last, _) = ahead.next().filter(|_| is_range)?;
    *members = ahead;
    Some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn runs(value: &Expr) -> Result<Vec<(char, char)>, String> {
        let of = |code| char::from_u32(code).unwrap();
        let runs = parse(value).map_err(|error| error.to_string())?;
        Ok(runs.into_iter().map(|(first, last)| (of(first), of(last))).collect())
    }

    #[test]
    fn characters_and_ranges_are_told_apart() {
        let all = runs(&parse_quote!("-a-z0_é-ü-")).unwrap();
        assert_eq!(all, [('-', '-'), ('a', 'z'), ('0', '0'), ('_', '_'), ('é', 'ü'), ('-', '-')]);
        let escaped = runs(&parse_quote!(r"a\-z\\")).unwrap();
        assert_eq!(escaped, [('a', 'a'), ('-', '-'), ('z', 'z'), ('\\', '\\')]);
    }

    #[test]
    fn mistakes_are_reported() {
        let error = |value: Expr| runs(&value).unwrap_err();
        assert_eq!(error(parse_quote!("")), "`chars` allows nothing");
        assert_eq!(error(parse_quote!("z-a")), "the range `z-a` is empty");
        assert_eq!(error(parse_quote!(r"a\")), "a character must follow the backslash");
        assert!(error(parse_quote!('a')).starts_with("`chars` needs characters in quotes"));
    }
}
