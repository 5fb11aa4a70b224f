//! Splits the text of a corpus file into the tokens of Rust literals.
//!
//! A token borrows its source; only the contents of strings are decoded, by
//! [`super::escape`]. Space and comments between tokens are skipped.

use super::diagnostic::Remark;
use super::escape::{self, Escapes};

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// A name or keyword, without `r#`.
    Name(&'a str),
    /// A number as written, suffix included, without sign.
    Number(&'a str),
    /// `"..."` or `r"..."`.
    Str(String),
    /// `b"..."` or `br"..."`.
    Bytes(Vec<u8>),
    /// `'c'`
    Char(char),
    /// `b'c'`
    Byte(u8),
    /// `::`
    PathSeparator,
    /// Any other single character.
    Symbol(char),
    /// The end of the text.
    End,
}

/// A token and where it stands, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Spanned<'a> {
    pub(super) token: Token<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Takes tokens from the front of a text.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Reads `text` from the byte `at`.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// The next token; [`Token::End`] from the end on.
    pub(super) fn next(&mut self) -> Result<Spanned<'a>, Remark> {
        self.skip_space()?;
        let start = self.at;
        let token = match self.rest().chars().next() {
            None => Token::End,
            Some('"') => self.string(1, Escapes::Unicode)?,
            Some('\'') => self.character(1, Escapes::Unicode)?,
            Some('0'..='9') => Token::Number(self.number()),
            Some(c) if is_name_start(c) => self.name_or_prefixed()?,
            Some(':') if self.rest().starts_with("::") => {
                self.at += 2;
                Token::PathSeparator
            }
            Some(c) => {
                self.at += c.len_utf8();
                Token::Symbol(c)
            }
        };
        Ok(Spanned { token, start, end: self.at })
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_space(&mut self) -> Result<(), Remark> {
        loop {
            let trimmed = self.rest().trim_start();
            self.at = self.text.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                self.skip_block_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    /// Block comments nest, as in Rust.
    fn skip_block_comment(&mut self) -> Result<(), Remark> {
        let bytes = self.text.as_bytes();
        let (mut at, mut open) = (self.at + 2, 1);
        while open > 0 {
            let step = match bytes.get(at..at + 2) {
                Some(b"/*") => {
                    open += 1;
                    2
                }
                Some(b"*/") => {
                    open -= 1;
                    2
                }
                Some(_) => 1,
                None => return Err(Remark::new(self.at, "unterminated comment")),
            };
            at += step;
        }
        self.at = at;
        Ok(())
    }

    fn name_or_prefixed(&mut self) -> Result<Token<'a>, Remark> {
        let rest = self.rest();
        let name = &rest[..name_length(rest)];
        let after = &rest[name.len()..];
        match name {
            "r" if is_raw_quote(after) => self.raw_string(1).map(Token::Str),
            "r" if after.starts_with('#') && after[1..].starts_with(is_name_start) => {
                self.at += 2;
                Ok(Token::Name(self.name()))
            }
            "b" if after.starts_with('"') => self.string(2, Escapes::Bytes),
            "b" if after.starts_with('\'') => self.character(2, Escapes::Bytes),
            "br" if is_raw_quote(after) => {
                self.raw_string(2).map(|text| Token::Bytes(text.into_bytes()))
            }
            _ => Ok(Token::Name(self.name())),
        }
    }

    fn name(&mut self) -> &'a str {
        let rest = self.rest();
        let name = &rest[..name_length(rest)];
        self.at += name.len();
        name
    }

    /// Digits, letters and underscores, at most one point, and a sign after an exponent.
    fn number(&mut self) -> &'a str {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let decimal = !matches!(bytes.get(1), Some(b'x' | b'o' | b'b'));
        let (mut end, mut point) = (0, !decimal);
        while let Some(&byte) = bytes.get(end) {
            let takes = match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' => true,
                // `1..2` is a range and `1.max(2)` a call.
                b'.' => !point && !rest[end + 1..].starts_with(|c| c == '.' || is_name_start(c)),
                b'+' | b'-' => decimal && matches!(bytes[end - 1], b'e' | b'E'),
                _ => false,
            };
            if !takes {
                break;
            }
            point |= byte == b'.';
            end += 1;
        }
        self.at += end;
        &rest[..end]
    }

    /// A string whose opening quote ends `prefix` bytes from here.
    fn string(&mut self, prefix: usize, escapes: Escapes) -> Result<Token<'a>, Remark> {
        let start = self.at;
        let content = start + prefix;
        let bytes = self.text.as_bytes();
        let mut end = content;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
                None => return Err(Remark::new(start, "unterminated string")),
            }
        }
        self.at = end + 1;
        let decoded = escape::string(&self.text[content..end], escapes)
            .map_err(|error| error.moved(content))?;
        Ok(match escapes {
            Escapes::Bytes => Token::Bytes(decoded),
            Escapes::Unicode => {
                Token::Str(String::from_utf8(decoded).expect("unicode escapes give UTF-8"))
            }
        })
    }

    /// `#"..."#` after a prefix of that many bytes. As in Rust, the line ending CRLF reads as LF.
    fn raw_string(&mut self, prefix: usize) -> Result<String, Remark> {
        let start = self.at;
        let rest = &self.text[start + prefix..];
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let content = &rest[hashes + 1..];
        let end = raw_end(content, hashes)
            .ok_or_else(|| Remark::new(start, "unterminated raw string"))?;
        self.at = start + prefix + hashes + 1 + end + 1 + hashes;
        Ok(content[..end].replace("\r\n", "\n"))
    }

    fn character(&mut self, prefix: usize, escapes: Escapes) -> Result<Token<'a>, Remark> {
        let content = self.at + prefix;
        let (c, length) = escape::character(&self.text[content..], escapes)
            .map_err(|error| error.moved(content))?;
        if !self.text[content + length..].starts_with('\'') {
            return Err(Remark::new(self.at, "expected one character and a closing `'`"));
        }
        self.at = content + length + 1;
        Ok(match (escapes, u8::try_from(u32::from(c))) {
            (Escapes::Bytes, Ok(byte)) => Token::Byte(byte),
            _ => Token::Char(c),
        })
    }
}

/// Where the content of a raw string ends: at a quote followed by this many hashes.
fn raw_end(content: &str, hashes: usize) -> Option<usize> {
    let mut quote = None;
    let mut seen = 0;
    for (at, byte) in content.bytes().enumerate() {
        match byte {
            b'"' => (quote, seen) = (Some(at), 0),
            b'#' if quote.is_some() => seen += 1,
            _ => quote = None,
        }
        if quote.is_some() && seen == hashes {
            return quote;
        }
    }
    None
}

fn is_raw_quote(text: &str) -> bool {
    text.trim_start_matches('#').starts_with('"')
}

fn is_name_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| !(c == '_' || c.is_alphanumeric())).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, Remark> {
        let mut lexer = Lexer::new(text, 0);
        let mut tokens = Vec::new();
        loop {
            match lexer.next()?.token {
                Token::End => return Ok(tokens),
                token => tokens.push(token),
            }
        }
    }

    fn error(text: &str) -> (usize, String) {
        let error = tokens(text).unwrap_err();
        (error.offset, error.message)
    }

    #[test]
    fn names_numbers_and_symbols() {
        use Token::{Name, Number, PathSeparator, Symbol};
        assert_eq!(
            tokens("a::r#type: [-1.5e-3f64, 0x1F_u8, 1..2] // x\n/* /* */ \" */ é1").unwrap(),
            [
                Name("a"),
                PathSeparator,
                Name("type"),
                Symbol(':'),
                Symbol('['),
                Symbol('-'),
                Number("1.5e-3f64"),
                Symbol(','),
                Number("0x1F_u8"),
                Symbol(','),
                Number("1"),
                Symbol('.'),
                Symbol('.'),
                Number("2"),
                Symbol(']'),
                Name("é1"),
            ]
        );
    }

    #[test]
    fn strings_of_every_kind() {
        assert_eq!(
            tokens(r####""a\"\n" r"\n" r##"a"#b"## b"\xff" br#"\"# 'x' '\'' b'\xfe' '"'"####)
                .unwrap(),
            [
                Token::Str("a\"\n".into()),
                Token::Str("\\n".into()),
                Token::Str("a\"#b".into()),
                Token::Bytes(vec![255]),
                Token::Bytes(b"\\".into()),
                Token::Char('x'),
                Token::Char('\''),
                Token::Byte(254),
                Token::Char('"'),
            ]
        );
        assert_eq!(tokens("r\"a\r\nb\"").unwrap(), [Token::Str("a\nb".into())]);
    }

    #[test]
    fn what_never_ends_is_told_where_it_begins() {
        assert_eq!(error("  \"abc"), (2, "unterminated string".into()));
        assert_eq!(error("\"abc\\"), (0, "unterminated string".into()));
        assert_eq!(error("x r#\"abc\""), (2, "unterminated raw string".into()));
        assert_eq!(error("x /* /* */"), (2, "unterminated comment".into()));
        assert_eq!(error("'ab'"), (0, "expected one character and a closing `'`".into()));
    }
}
