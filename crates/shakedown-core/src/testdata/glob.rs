//! Patterns of names: `*` is any text, `?` one character, `[a-z]` one of some, `[!a-z]` any other.

/// A part of a pattern.
enum Part {
    Text,
    One,
    Of { runs: Vec<(char, char)>, is_negated: bool },
    Only(char),
}

impl Part {
    /// Whether a character is what this part is, if it is one character.
    fn allows(&self, c: char) -> bool {
        match self {
            Self::Text => false,
            Self::One => true,
            Self::Of { runs, is_negated } => {
                runs.iter().any(|(first, last)| (*first..=*last).contains(&c)) != *is_negated
            }
            Self::Only(own) => *own == c,
        }
    }
}

/// Whether a pattern is of more than one name.
pub(super) fn is_pattern(text: &str) -> bool {
    parts(text).iter().any(|part| !matches!(part, Part::Only(_)))
}

/// Whether a name, of one component of a path, is of the pattern.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let pattern = parts(pattern);
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut of) = (0, 0);
    // Where the last `*` was, and where the text that it stands for ends so far. A `*` before it needs
    // no other try: what it may stand for can only become less.
    let mut star = None;
    while at < name.len() {
        match pattern.get(of) {
            Some(Part::Text) => {
                star = Some((of, at));
                of += 1;
            }
            Some(part) if part.allows(name[at]) => (at, of) = (at + 1, of + 1),
            _ => match &mut star {
                Some((before, end)) => {
                    *end += 1;
                    (at, of) = (*end, *before + 1);
                }
                None => return false,
            },
        }
    }
    pattern[of..].iter().all(|part| matches!(part, Part::Text))
}

fn parts(pattern: &str) -> Vec<Part> {
    let mut rest = pattern;
    let mut parts = Vec::new();
    while let Some(first) = rest.chars().next() {
        let class = rest.strip_prefix('[').and_then(class);
        rest = &rest[first.len_utf8()..];
        parts.push(match (first, class) {
            ('*', _) => Part::Text,
            ('?', _) => Part::One,
            (_, Some((part, after))) => {
                rest = after;
                part
            }
            // A bracket that is not closed is one.
            (only, None) => Part::Only(only),
        });
    }
    parts
}

/// What stands behind a bracket, if that is closed, and what follows. A `]` that is the first is meant.
fn class(text: &str) -> Option<(Part, &str)> {
    let (is_negated, text) = match text.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let first = text.chars().next()?.len_utf8();
    let end = first + text[first..].find(']')?;
    let mut chars = text[..end].chars().peekable();
    let mut runs = Vec::new();
    while let Some(first) = chars.next() {
        let mut after = chars.clone();
        match (after.next(), after.next()) {
            (Some('-'), Some(last)) => {
                runs.push((first, last));
                chars = after;
            }
            _ => runs.push((first, first)),
        }
    }
    Some((Part::Of { runs, is_negated }, &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_a_shell() {
        for (pattern, good, bad) in [
            ("a.json", &["a.json"][..], &["a.jso", "a.jsonx", "ajson", ""][..]),
            ("*", &["", "a", "a.b"], &[]),
            ("*.json", &[".json", "a.json", "a.json.json"], &["json", "a.json5"]),
            ("a*b*c", &["abc", "axbxc", "abbcc", "abcabc"], &["ab", "acb", "xabc"]),
            ("???", &["abc", "äöü"], &["ab", "abcd"]),
            ("[a-c]x[!0-9]", &["axx", "cxä"], &["dxx", "ax0", "ax"]),
            ("[]x][a-]", &["]a", "x-"], &["[a", "xb"]),
            ("[ab", &["[ab"], &["a"]),
        ] {
            for name in good {
                assert!(matches(pattern, name), "{pattern} {name}");
            }
            for name in bad {
                assert!(!matches(pattern, name), "{pattern} {name}");
            }
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let name = "a".repeat(10_000);
        assert!(!matches(&"*a".repeat(50), &format!("{name}b")));
    }

    #[test]
    fn only_special_characters_make_a_pattern() {
        assert!(["*", "a?", "[a]", "[!]]"].into_iter().all(is_pattern));
        assert!(!["", "a.b", "..", "[a", "ä"].into_iter().any(is_pattern));
    }
}
