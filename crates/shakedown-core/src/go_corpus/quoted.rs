//! Go's string and rune literals (The Go Programming Language Specification, "Rune literals" and
//! "String literals").

use crate::literal::Remark;

/// The bytes of the string literal at the front of `source`, and its length there. The literal is
/// in double quotes or back quotes.
pub(super) fn string(source: &str) -> Result<(Vec<u8>, usize), Remark> {
    if let Some(raw) = source.strip_prefix('`') {
        let end = raw.find('`').ok_or_else(|| Remark::new(0, "unterminated string"))?;
        // Go drops carriage returns from raw strings.
        let bytes = raw[..end].bytes().filter(|byte| *byte != b'\r').collect();
        return Ok((bytes, end + 2));
    }
    let mut out = Vec::new();
    let mut at = 1;
    loop {
        let rest = &source[at..];
        match rest.chars().next() {
            None => return Err(Remark::new(0, "unterminated string")),
            Some('"') => return Ok((out, at + 1)),
            Some('\\') => {
                let (unit, length) = escape(rest, '"').map_err(|error| error.moved(at))?;
                match unit {
                    Unit::Byte(byte) => out.push(byte),
                    Unit::Char(c) => {
                        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                }
                at += length;
            }
            Some(c) => {
                out.extend_from_slice(&rest.as_bytes()[..c.len_utf8()]);
                at += c.len_utf8();
            }
        }
    }
}

/// The code of the rune literal at the front of `source`, and the length of the literal.
pub(super) fn rune(source: &str) -> Result<(u32, usize), Remark> {
    let rest = &source[1..];
    let (code, length) = match rest.chars().next() {
        Some('\\') => match escape(rest, '\'').map_err(|error| error.moved(1))? {
            (Unit::Byte(byte), length) => (byte.into(), length),
            (Unit::Char(c), length) => (c.into(), length),
        },
        Some('\'') | None => return Err(Remark::new(0, "expected a character after `'`")),
        Some(c) => (c.into(), c.len_utf8()),
    };
    match rest[length..].starts_with('\'') {
        true => Ok((code, length + 2)),
        false => Err(Remark::new(0, "expected one character and a closing `'`")),
    }
}

/// What an escape stands for.
enum Unit {
    Byte(u8),
    Char(char),
}

/// The escape at the front of `source`, in a literal with these quotes, and its length.
fn escape(source: &str, quote: char) -> Result<(Unit, usize), Remark> {
    let c = source[1..].chars().next().unwrap_or(' ');
    let simple = match c {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0c,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 0x0b,
        '\\' => b'\\',
        '\'' | '"' if c == quote => c as u8,
        '0'..='7' => return byte(source, 1, 3, 8),
        'x' => return byte(source, 2, 2, 16),
        'u' => return character(source, 4),
        'U' => return character(source, 8),
        _ => return Err(Remark::new(0, format!("unknown escape `\\{}`", c.escape_debug()))),
    };
    Ok((Unit::Byte(simple), 2))
}

fn byte(source: &str, from: usize, digits: usize, radix: u32) -> Result<(Unit, usize), Remark> {
    let code = code(source, from, digits, radix)?;
    match u8::try_from(code) {
        Ok(byte) => Ok((Unit::Byte(byte), from + digits)),
        Err(_) => Err(Remark::new(0, "this escape is larger than a byte")),
    }
}

fn character(source: &str, digits: usize) -> Result<(Unit, usize), Remark> {
    let code = code(source, 2, digits, 16)?;
    match char::from_u32(code) {
        Some(c) => Ok((Unit::Char(c), 2 + digits)),
        None => Err(Remark::new(0, format!("{code:x} is not the code of a character"))),
    }
}

/// The number that exactly this many digits stand for.
fn code(source: &str, from: usize, digits: usize, radix: u32) -> Result<u32, Remark> {
    source
        .get(from..from + digits)
        .filter(|text| text.chars().all(|c| c.is_digit(radix)))
        .and_then(|text| u32::from_str_radix(text, radix).ok())
        .ok_or_else(|| Remark::new(0, format!("expected {digits} digits in this escape")))
}
