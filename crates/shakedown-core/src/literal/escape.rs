//! The escapes of Rust's string, byte string, character and byte literals, decoded.

use super::diagnostic::Remark;

/// Which escapes a literal may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escapes {
    /// Those of `"..."` and `'.'`: `\u{..}`, and `\x` up to 7f.
    Unicode,
    /// Those of `b"..."` and `b'.'`: `\x` up to ff; other characters must be ASCII in `b'.'`, and
    /// stand for their UTF-8 bytes in `b"..."`.
    Bytes,
}

/// The bytes that the text between the quotes of a string stands for; UTF-8 for
/// [`Escapes::Unicode`].
///
/// Beyond escapes, as in Rust: CRLF reads as LF, and a backslash at the end of a line skips the
/// space up to the next visible character.
pub(super) fn string(source: &str, escapes: Escapes) -> Result<Vec<u8>, Remark> {
    let mut out = Vec::with_capacity(source.len());
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        if rest.starts_with("\\\n") || rest.starts_with("\\\r\n") {
            at = source.len() - rest[1..].trim_start_matches([' ', '\t', '\r', '\n']).len();
        } else if rest.starts_with('\\') {
            let (code, length) = escape(rest, escapes).map_err(|error| error.moved(at))?;
            push(code, escapes, &mut out);
            at += length;
        } else {
            let plain = rest.find('\\').unwrap_or(rest.len());
            push_lines(&rest[..plain], &mut out);
            at += plain;
        }
    }
    Ok(out)
}

/// The character at the front of `source`, escaped or not, and its length there in bytes.
pub(super) fn character(source: &str, escapes: Escapes) -> Result<(char, usize), Remark> {
    match source.chars().next() {
        Some('\\') => escape(source, escapes),
        Some('\'' | '\n') | None => Err(Remark::new(0, "expected a character after `'`")),
        Some(c) if escapes == Escapes::Bytes && !c.is_ascii() => {
            Err(Remark::new(0, "expected an ASCII character in a byte literal"))
        }
        Some(c) => Ok((c, c.len_utf8())),
    }
}

fn push(c: char, escapes: Escapes, out: &mut Vec<u8>) {
    match (escapes, u8::try_from(u32::from(c))) {
        (Escapes::Bytes, Ok(byte)) => out.push(byte),
        _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// Appends text without escapes, CRLF as LF.
fn push_lines(text: &str, out: &mut Vec<u8>) {
    for (index, piece) in text.split("\r\n").enumerate() {
        if index > 0 {
            out.push(b'\n');
        }
        out.extend_from_slice(piece.as_bytes());
    }
}

/// The character that the escape at the front of `source` stands for (for bytes: the one with the
/// code of the byte), and the length of the escape.
fn escape(source: &str, escapes: Escapes) -> Result<(char, usize), Remark> {
    let simple = match source[1..].chars().next() {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('0') => '\0',
        Some('\\') => '\\',
        Some('\'') => '\'',
        Some('"') => '"',
        Some('x') => return hex_escape(source, escapes),
        Some('u') if escapes == Escapes::Unicode => return unicode_escape(source),
        Some(c) => {
            return Err(Remark::new(0, format!("unknown escape `\\{}`", c.escape_debug())));
        }
        None => return Err(Remark::new(0, "expected an escape after `\\`")),
    };
    Ok((simple, 2))
}

/// `\xNN`
fn hex_escape(source: &str, escapes: Escapes) -> Result<(char, usize), Remark> {
    let digits = source.get(2..4).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
    let code = digits.and_then(|text| u8::from_str_radix(text, 16).ok());
    match code {
        None => Err(Remark::new(0, "expected two hexadecimal digits after `\\x`")),
        Some(128..) if escapes == Escapes::Unicode => {
            Err(Remark::new(0, "`\\x` in a string goes up to 7f; use `\\u{..}`"))
        }
        Some(code) => Ok((char::from(code), 4)),
    }
}

/// `\u{1F980}`: up to six digits, underscores allowed.
fn unicode_escape(source: &str) -> Result<(char, usize), Remark> {
    let form = || Remark::new(0, "expected one to six hexadecimal digits in `\\u{..}`");
    let body = source[2..].strip_prefix('{').ok_or_else(form)?;
    let (mut code, mut digits) = (0, 0);
    for (at, byte) in body.bytes().enumerate() {
        match (byte, char::from(byte).to_digit(16)) {
            (b'}', _) if digits > 0 => {
                let c = char::from_u32(code).ok_or_else(|| {
                    Remark::new(0, format!("{code:x} is not the code of a character"))
                })?;
                return Ok((c, 3 + at + 1));
            }
            (b'_', _) if digits > 0 => {}
            (_, Some(digit)) if digits < 6 => {
                code = code * 16 + digit;
                digits += 1;
            }
            _ => break,
        }
    }
    Err(form())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> Result<String, Remark> {
        string(source, Escapes::Unicode).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn every_escape_of_rust() {
        assert_eq!(text(r#"\n\r\t\0\\\'\"\x7f\u{1F9_80}é"#).unwrap(), "\n\r\t\0\\'\"\x7f🦀é");
        assert_eq!(string(r"\xff\0\u", Escapes::Bytes).unwrap_err().offset, 6);
        assert_eq!(string(r"\xffé\0", Escapes::Bytes).unwrap(), b"\xff\xc3\xa9\0");
    }

    #[test]
    fn lines_within_a_string() {
        assert_eq!(text("a\r\nb\rc").unwrap(), "a\nb\rc");
        assert_eq!(text("a \\\r\n \t\n  b\\\nc").unwrap(), "a bc");
    }

    #[test]
    fn wrong_escapes_are_told_with_their_place() {
        let error = |source| text(source).map_err(|e| (e.offset, e.message)).unwrap_err();
        assert_eq!(error(r"ab\q"), (2, r"unknown escape `\q`".into()));
        assert_eq!(error(r"\xff").1, r"`\x` in a string goes up to 7f; use `\u{..}`");
        assert_eq!(error(r"\x+1").1, r"expected two hexadecimal digits after `\x`");
        assert_eq!(error(r"\u{d800}").1, "d800 is not the code of a character");
        for source in [r"\u", r"\u{", r"\u{}", r"\u{1234567}", r"\u{_1}", r"\u{é}"] {
            assert_eq!(error(source).1, r"expected one to six hexadecimal digits in `\u{..}`");
        }
    }

    #[test]
    fn characters_know_their_length() {
        assert_eq!(character("é'", Escapes::Unicode).unwrap(), ('é', 2));
        assert_eq!(character(r"\x41'", Escapes::Bytes).unwrap(), ('A', 4));
        assert!(character("''", Escapes::Unicode).is_err());
        assert!(character("é'", Escapes::Bytes).is_err());
    }
}
