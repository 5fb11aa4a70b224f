//! One line of a Go corpus file: a conversion such as `int8(-3)` around one literal.

use super::quoted;
use crate::literal::{Remark, number, quote};
use crate::schema::Int;

/// The value of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum GoValue {
    /// `string("..")` or `[]byte("..")`.
    Text(Vec<u8>),
    /// `bool(..)`
    Bool(bool),
    /// Any integer type, `rune` and `byte` included.
    Int { negative: bool, magnitude: u128 },
    /// A float of `width` bytes.
    Float { bits: u64, width: u8 },
}

impl GoValue {
    /// What it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string or []byte",
            Self::Bool(_) => "a bool",
            Self::Int { negative: true, .. } => "a negative integer",
            Self::Int { .. } => "an integer",
            Self::Float { .. } => "a float",
        }
    }
}

/// The literal between the parentheses.
enum Literal<'a> {
    Text(Vec<u8>),
    Rune(u32),
    /// Anything without quotes.
    Word(&'a str),
}

/// Reads a line without the space around it. Offsets of errors are within the line.
pub(super) fn parse(line: &str) -> Result<GoValue, Remark> {
    let form =
        || Remark::new(0, format!("expected a value such as `int(1)`, found {}", quote(line)));
    let open = line.find('(').ok_or_else(form)?;
    let inner = line[open + 1..].trim_start();
    let at = line.len() - inner.len();
    let (literal, length) = literal(inner).map_err(|error| error.moved(at))?;
    let rest = inner[length..].trim_start();
    let Some(after) = rest.strip_prefix(')').map(str::trim_start) else {
        let message = match rest {
            "" => "expected `)`, found the end of the line".into(),
            _ => format!("expected `)`, found {}", quote(rest)),
        };
        return Err(Remark::new(line.len() - rest.len(), message));
    };
    if !after.is_empty() && !after.starts_with("//") {
        let message = format!("expected the end of the line, found {}", quote(after));
        return Err(Remark::new(line.len() - after.len(), message));
    }
    let name = line[..open].trim_end();
    convert(name, literal).map_err(|message| {
        // An unknown type is reported at the type, a wrong value at the value.
        let unknown = int_type(name).is_none() && !OTHER_TYPES.contains(&name);
        Remark::new(if unknown { 0 } else { at }, message)
    })
}

/// The literal at the front of the text, and its length.
fn literal(text: &str) -> Result<(Literal<'_>, usize), Remark> {
    match text.chars().next() {
        Some('"' | '`') => quoted::string(text).map(|(text, length)| (Literal::Text(text), length)),
        Some('\'') => quoted::rune(text).map(|(code, length)| (Literal::Rune(code), length)),
        _ => {
            let length = text.find(')').unwrap_or(text.len());
            Ok((Literal::Word(text[..length].trim_end()), length))
        }
    }
}

/// The types that are not integers.
const OTHER_TYPES: [&str; 7] = [
    "string",
    "[]byte",
    "bool",
    "float32",
    "float64",
    "math.Float32frombits",
    "math.Float64frombits",
];

fn convert(name: &str, literal: Literal<'_>) -> Result<GoValue, String> {
    if let Some(int) = int_type(name) {
        return integer(name, int, literal);
    }
    let float = |bits: Option<u64>, width| bits.map(|bits| GoValue::Float { bits, width });
    let value = match (name, literal) {
        ("string" | "[]byte", Literal::Text(text)) => Some(GoValue::Text(text)),
        ("bool", Literal::Word("true")) => Some(GoValue::Bool(true)),
        ("bool", Literal::Word("false")) => Some(GoValue::Bool(false)),
        ("float32", Literal::Word(word)) => float(float_bits(word, 4), 4),
        ("float64", Literal::Word(word)) => float(float_bits(word, 8), 8),
        ("math.Float32frombits", Literal::Word(word)) => float(raw_bits(word, 4), 4),
        ("math.Float64frombits", Literal::Word(word)) => float(raw_bits(word, 8), 8),
        (name, _) if OTHER_TYPES.contains(&name) => None,
        (name, _) => return Err(format!("{} is not a type of Go's fuzzer", quote(name))),
    };
    value.ok_or_else(|| format!("this is not a value of {name}"))
}

fn integer(name: &str, int: Int, literal: Literal<'_>) -> Result<GoValue, String> {
    let (negative, magnitude) = match literal {
        Literal::Rune(code) => (false, Some(code.into())),
        Literal::Word(word) => sign_and_magnitude(word)
            .ok_or_else(|| format!("expected one integer in {name}(..), found {}", quote(word)))?,
        Literal::Text(_) => {
            return Err(format!("expected an integer in {name}(..), found a string"));
        }
    };
    match magnitude.filter(|magnitude| number::key(int, negative, *magnitude).is_some()) {
        Some(magnitude) => Ok(GoValue::Int { negative, magnitude }),
        None => Err(number::out_of_range(int, &format!("this {name}"))),
    }
}

/// The integer type of this name; `int` and `uint` are taken as 64-bit.
fn int_type(name: &str) -> Option<Int> {
    let (signed, width) = match name {
        "int8" => (true, 1),
        "int16" => (true, 2),
        "int32" | "rune" => (true, 4),
        "int" | "int64" => (true, 8),
        "uint8" | "byte" => (false, 1),
        "uint16" => (false, 2),
        "uint32" => (false, 4),
        "uint" | "uint64" => (false, 8),
        _ => return None,
    };
    Some(Int::full(signed, width))
}

/// An integer of Go, with at most one sign. The magnitude is `None` if it is beyond all types; the
/// whole is if the word is not an integer.
fn sign_and_magnitude(word: &str) -> Option<(bool, Option<u128>)> {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some(_) if lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    let sound = body.bytes().any(|byte| byte != b'_')
        && body.chars().all(|c| c == '_' || c.is_digit(radix));
    if !sound {
        return None;
    }
    let magnitude = body
        .chars()
        .filter_map(|c| c.to_digit(radix))
        .try_fold(0u128, |value, digit| value.checked_mul(radix.into())?.checked_add(digit.into()));
    Some((word.starts_with('-'), magnitude))
}

/// The bits of a decimal float, `Inf` or `NaN`, with at most one sign.
fn float_bits(word: &str, width: u8) -> Option<u64> {
    let negative = word.starts_with('-');
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    let bits = match digits {
        "Inf" => number::float_constant("INFINITY", width)?,
        "NaN" => number::float_constant("NAN", width)?,
        _ if digits.starts_with(|c: char| c == '.' || c.is_ascii_digit()) => match width {
            4 => digits.parse().ok().filter(|value: &f32| value.is_finite())?.to_bits().into(),
            _ => digits.parse().ok().filter(|value: &f64| value.is_finite())?.to_bits(),
        },
        _ => return None,
    };
    Some(bits ^ u64::from(negative) << (8 * u32::from(width) - 1))
}

fn raw_bits(word: &str, width: u8) -> Option<u64> {
    let (negative, magnitude) = sign_and_magnitude(word)?;
    let bits = u64::try_from(magnitude?).ok()?;
    let fits = !negative && bits <= u64::MAX >> (64 - 8 * u32::from(width));
    fits.then_some(bits)
}
