//! Rust code as the compiler's first step sees it, as far as that matters to tell what is a name: words,
//! texts, and marks. Comments and white space are gone.

/// A piece of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token<'c> {
    /// A name, a keyword or a number.
    Word(&'c str),
    /// What cannot hold a name: a lifetime or a character.
    Other(&'c str),
    /// A string of any kind, with its quotes.
    Text(&'c str),
    /// Anything else.
    Mark(char),
}

impl<'c> Token<'c> {
    /// All names that it may mean: a text may be code that an attribute reads, or print a constant.
    pub(super) fn words(self) -> impl Iterator<Item = &'c str> {
        let text = match self {
            Token::Word(text) | Token::Text(text) => text,
            Token::Other(_) | Token::Mark(_) => "",
        };
        text.split(|char: char| !is_in_word(char)).filter(|word| !word.is_empty())
    }
}

fn is_in_word(char: char) -> bool {
    char == '_' || char.is_alphanumeric()
}

/// All of them; nothing if something has no end, or a bracket no other half.
pub(super) fn tokens(code: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut open = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let (token, len) = match first {
            '/' if rest.starts_with("//") => (None, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => (None, comment(rest)?),
            '"' => text(rest, 0, "\"", true)?,
            '\'' => quoted(rest)?,
            _ if is_in_word(first) => word(rest)?,
            _ if first.is_whitespace() => (None, first.len_utf8()),
            _ => (Some(Token::Mark(first)), first.len_utf8()),
        };
        match token {
            Some(Token::Mark(mark @ ('(' | '[' | '{'))) => open.push(mark),
            Some(Token::Mark(mark @ (')' | ']' | '}'))) => {
                let other = match mark {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                open.pop().filter(|mark| *mark == other)?;
            }
            _ => {}
        }
        tokens.extend(token);
        rest = &rest[len..];
    }
    open.is_empty().then_some(tokens)
}

/// The length of a comment, which may have others in it.
fn comment(code: &str) -> Option<usize> {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        let next = at + code[at..].find(['/', '*'])?;
        let (change, len) = match code.as_bytes().get(next..next + 2)? {
            b"/*" => (1, 2),
            b"*/" => (-1, 2),
            _ => (0, 1),
        };
        (at, depth) = (next + len, depth + change);
    }
    Some(at)
}

/// A text whose quote is at a place in the code, up to what ends it.
fn text<'c>(code: &'c str, quote: usize, end: &str, has_escapes: bool) -> Option<Lexed<'c>> {
    let mut at = quote + 1;
    loop {
        let next = at + code[at..].find(['"', '\\'])?;
        let is_escape = code[next..].starts_with('\\') && has_escapes;
        if code[next..].starts_with(end) {
            let len = next + end.len();
            return Some((Some(Token::Text(&code[..len])), len));
        }
        at = next + 1;
        if is_escape {
            at += code[at..].chars().next()?.len_utf8();
        }
    }
}

type Lexed<'c> = (Option<Token<'c>>, usize);

/// A character or a lifetime.
fn quoted(code: &str) -> Option<Lexed<'_>> {
    let mut chars = code.char_indices().skip(1);
    let (_, first) = chars.next()?;
    let (second, end) = chars.next().unwrap_or((code.len(), ' '));
    let len = if first == '\\' {
        let escaped = code[second..].chars().next()?.len_utf8();
        second + escaped + code[second + escaped..].find('\'')? + 1
    } else if end == '\'' {
        second + 1
    } else {
        1 + code[1..].find(|char| !is_in_word(char)).unwrap_or(code.len() - 1)
    };
    Some((Some(Token::Other(&code[..len])), len))
}

/// A word, or a text with a word before it.
fn word(code: &str) -> Option<Lexed<'_>> {
    let len = code.find(|char| !is_in_word(char)).unwrap_or(code.len());
    let (word, rest) = code.split_at(len);
    let hashes = rest.bytes().take_while(|byte| *byte == b'#').count();
    let is_text = rest[hashes..].starts_with('"');
    match word {
        "b" | "c" if rest.starts_with('"') => text(code, len, "\"", true),
        "r" | "br" | "cr" if is_text => {
            text(code, len + hashes, &format!("\"{}", &rest[..hashes]), false)
        }
        "r" if hashes == 1 && rest[1..].starts_with(is_in_word) => {
            let end =
                rest[1..].find(|char| !is_in_word(char)).map_or(code.len(), |end| len + 1 + end);
            Some((Some(Token::Word(&code[len + 1..end])), end))
        }
        _ => Some((Some(Token::Word(word)), len)),
    }
}

#[cfg(test)]
mod tests {
    use super::Token::{Mark, Other, Text, Word};
    use super::*;

    #[test]
    fn code_is_divided_as_the_compiler_does_it() {
        let all = |code| tokens(code).unwrap();
        assert_eq!(
            all("a_1+/* x /* y */ */é // z\n2"),
            [Word("a_1"), Mark('+'), Word("é"), Word("2")]
        );
        assert_eq!(
            all(r"'a' '\'' '\u{7d}' 'a b'c'"),
            [
                Other("'a'"),
                Other(r"'\''"),
                Other(r"'\u{7d}'"),
                Other("'a"),
                Word("b"),
                Other("'c'")
            ]
        );
        assert_eq!(
            all(r###""a\"b" b"\\" r"\" r#"a"b"# br##"}"#"## r#type rest"###),
            [
                Text(r#""a\"b""#),
                Text(r#"b"\\""#),
                Text(r#"r"\""#),
                Text(r##"r#"a"b"#"##),
                Text(r###"br##"}"#"##"###),
                Word("type"),
                Word("rest")
            ]
        );
        assert_eq!(all("b'\"' x"), [Word("b"), Other("'\"'"), Word("x")]);
        let words = Text("\"with = a::b {C}\"").words();
        assert_eq!(words.collect::<Vec<_>>(), ["with", "a", "b", "C"]);
    }

    #[test]
    fn what_has_no_end_is_nothing() {
        for code in ["\"a", "/* a", "r#\"a\"", "'", "{", "(]", "}", "\"\\", "/*/", "'\\"] {
            assert_eq!(tokens(code), None, "{code}");
        }
    }
}
