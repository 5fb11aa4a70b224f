//! Reading the corpus files of Go's fuzzer, so that a port may keep its corpus.
//!
//! After the line `go test fuzz v1` such a file has one Go literal a line, such as
//! `[]byte("ab\xff")`. Values and arguments are matched by position.

mod quoted;
mod value;

use crate::domain::{bytes, text};
use crate::literal::{
    BYTE_ORDER_MARK, Diagnostic, Parsed, Remark, length_text, number, quote, skip_header,
};
use crate::schema::shape;
use crate::schema::{Field, Len, Node, Schema};
use value::GoValue;

/// The first line of a file.
pub const HEADER: &str = "go test fuzz v1";

/// Reads a corpus file of Go.
///
/// Strings and `[]byte` are read as either, if the bytes allow it, integers as any integer or
/// character that can hold them, floats as floats. Missing values at the end take the defaults of
/// their arguments; values without an argument are skipped with a warning.
///
/// # Errors
/// A wrong header, a line that is not a value, or a value that does not fit its argument.
pub fn parse(schema: &Schema, text: &str) -> Result<Parsed, Diagnostic> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let start = skip_header(text, HEADER)?;
    let (input, warnings, given) =
        values(schema, text, start).map_err(|remark: Remark| remark.locate(text))?;
    shape::check(schema, &input).map_err(|error| {
        Diagnostic::at(text, text.len(), format!("not an input of this target: {error}"))
    })?;
    Ok(Parsed { input, warnings: Remark::locate_all(warnings, text), given })
}

/// Reads the values from the byte `start` on; how many arguments have taken one comes last.
fn values(
    schema: &Schema,
    text: &str,
    start: usize,
) -> Result<(Vec<u8>, Vec<Remark>, usize), Remark> {
    let arguments = schema.arguments();
    let mut out = Vec::new();
    let mut warnings = Vec::new();
    let mut count = 0;
    let mut line_at = start;
    for line in text[start..].split('\n') {
        let source = line.trim();
        let at = line_at + (line.len() - line.trim_start().len());
        line_at += line.len() + 1;
        if source.is_empty() {
            continue;
        }
        let value = value::parse(source).map_err(|error| error.moved(at))?;
        match arguments.get(count) {
            Some(argument) => write(schema, argument, &value, &mut out).map_err(|message| {
                Remark::new(at, format!("argument `{}`: {message}", argument.name))
            })?,
            None => {
                let message =
                    format!("skipped value {}, {}: no such argument", count + 1, quote(source));
                warnings.push(Remark::new(at, message));
            }
        }
        count += 1;
    }
    for argument in arguments.iter().skip(count) {
        schema.write_default(argument, &mut out);
    }
    Ok((out, warnings, count.min(arguments.len())))
}

/// Encodes a value as this argument; the error is a message without the place.
fn write(
    schema: &Schema,
    argument: &Field,
    value: &GoValue,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    match (schema.node(argument.node), value) {
        (Node::Bool, GoValue::Bool(value)) => out.push(u8::from(*value)),
        (Node::Int(int), GoValue::Int { negative, magnitude }) => {
            let sign = if *negative { "-" } else { "" };
            let key = number::key(*int, *negative, *magnitude)
                .ok_or_else(|| number::out_of_range(*int, &format!("`{sign}{magnitude}`")))?;
            let at = out.len();
            out.resize(at + usize::from(int.width), 0);
            int.store(key, &mut out[at..]);
        }
        (Node::Char, GoValue::Int { negative: false, magnitude }) => {
            let c = u32::try_from(*magnitude).ok().and_then(char::from_u32);
            let c = c.ok_or_else(|| format!("{magnitude} is not the code of a character"))?;
            out.extend_from_slice(&u32::from(c).to_le_bytes());
        }
        (Node::Float { width }, GoValue::Float { bits, width: written }) => {
            let bits = number::resize_float(*bits, *written, *width);
            out.extend_from_slice(&bits.to_le_bytes()[..usize::from(*width)]);
        }
        (Node::Bytes(of), GoValue::Text(content)) => {
            write_counted(content, of.len, out)?;
            bytes::check(of, content)?;
        }
        (Node::Str(text), GoValue::Text(bytes)) => {
            std::str::from_utf8(bytes).map_err(|_| "expected UTF-8, found other bytes")?;
            write_counted(bytes, text.len, out)?;
            text::check(text, bytes)?;
        }
        (node, value) => {
            return Err(format!("expected {}, found {}", kind(node), value.kind()));
        }
    }
    Ok(())
}

fn write_counted(bytes: &[u8], len: Len, out: &mut Vec<u8>) -> Result<(), String> {
    if !len.contains(bytes.len()) {
        return Err(format!("expected {}, found {}", length_text(len, "bytes"), bytes.len()));
    }
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

/// What an argument takes, in words.
fn kind(node: &Node) -> &'static str {
    match node {
        Node::Bool => "a bool",
        Node::Int(_) => "an integer",
        Node::Float { .. } => "a float",
        Node::Char => "a rune",
        Node::Bytes(_) | Node::Str(_) => "a string or []byte",
        Node::OneOf { .. } => "one of a few values, which Go has no corpus format for",
        Node::Seq { .. } | Node::Array { .. } | Node::Record(_) | Node::Choice { .. } => {
            "a composite value, which Go has no corpus format for"
        }
    }
}

#[cfg(test)]
mod tests;
