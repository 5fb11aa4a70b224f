//! Encoded values as Rust literals.

use super::diagnostic::push_visible;
use super::number::{CANONICAL_NAN_32, CANONICAL_NAN_64};
use super::{HEADER, plain_name};
use crate::codec::{Corrupt, Reader};
use crate::schema::shape;
use crate::schema::{FieldStyle, Node, NodeId, Record, Schema, SeqStyle};
use std::fmt::Write as _;

/// The text form of an input: the header, `comments`, and one line for each argument.
///
/// [`super::parse()`] gives the input back, bit by bit. Bytes that are not an input of `schema` give
/// a comment that says so in place of the arguments.
#[must_use]
pub fn print(schema: &Schema, input: &[u8], comments: &[&str]) -> String {
    let mut printer = Printer::new(schema, input);
    printer.out = format!("{HEADER}\n");
    comments.iter().for_each(|comment| printer.comment(comment));
    printer.out + &print_arguments(schema, input)
}

/// An input as it stands in a file, without header: one argument a line.
///
/// Bytes that are not an input of the schema give a comment that says so.
#[must_use]
pub fn print_arguments(schema: &Schema, input: &[u8]) -> String {
    let mut printer = Printer::new(schema, input);
    match shape::check(schema, input) {
        Ok(()) => printer.arguments().expect(CHECKED),
        Err(error) => printer.comment(&format!("not an input of this target: {error}")),
    }
    printer.out
}

/// One encoded value of the node `id` as a literal on one line, without the path of enums.
///
/// Bytes that are not such a value give a comment that says so.
#[must_use]
pub fn print_value(schema: &Schema, id: NodeId, bytes: &[u8]) -> String {
    if let Err(error) = shape::check_value(schema, id, bytes) {
        return format!("/* not a value of this type: {error} */");
    }
    let mut printer = Printer::new(schema, bytes);
    printer.value(id).expect(CHECKED);
    printer.out
}

const CHECKED: &str = "the shape was checked";

/// Values in the order of their bytes, as text.
pub(super) struct Printer<'a> {
    pub(super) schema: &'a Schema,
    pub(super) reader: Reader<'a>,
    pub(super) out: String,
}

impl<'a> Printer<'a> {
    pub(super) fn new(schema: &'a Schema, bytes: &'a [u8]) -> Self {
        Self { schema, reader: Reader::new(bytes), out: String::new() }
    }

    /// A comment may have several lines; what is not printable is escaped.
    fn comment(&mut self, comment: &str) {
        for line in comment.trim_end().split('\n') {
            let line = line.trim_end();
            self.out.push_str(if line.is_empty() { "//" } else { "// " });
            line.chars().for_each(|c| push_visible(c, &mut self.out));
            self.out.push('\n');
        }
    }

    fn arguments(&mut self) -> Result<(), Corrupt> {
        let schema = self.schema;
        for field in schema.arguments() {
            self.out.push_str(&field.name);
            self.out.push_str(": ");
            self.value(field.node)?;
            self.out.push('\n');
        }
        Ok(())
    }

    /// The next value, which is of this node.
    pub(super) fn value(&mut self, id: NodeId) -> Result<(), Corrupt> {
        let schema = self.schema;
        match schema.node(id) {
            Node::Bool => {
                let [byte] = self.reader.array()?;
                self.out.push_str(if byte == 0 { "false" } else { "true" });
            }
            Node::Int(int) => {
                let bytes = self.reader.take(usize::from(int.width))?;
                self.out.push_str(&int.text(int.key(bytes)));
            }
            Node::Float { width: 4 } => {
                let bits = u32::from_le_bytes(self.reader.array()?);
                self.float(f32::from_bits(bits), "f32", bits.into(), CANONICAL_NAN_32);
            }
            Node::Float { .. } => {
                let bits = u64::from_le_bytes(self.reader.array()?);
                self.float(f64::from_bits(bits), "f64", bits, CANONICAL_NAN_64);
            }
            Node::Char => {
                let c = char::from_u32(u32::from_le_bytes(self.reader.array()?)).ok_or(Corrupt)?;
                self.debug(c);
            }
            Node::Bytes(_) => {
                let bytes = self.reader.bytes()?;
                self.byte_string(bytes);
            }
            Node::Str(_) => {
                let text = std::str::from_utf8(self.reader.bytes()?).map_err(|_| Corrupt)?;
                self.debug(text);
            }
            Node::OneOf { node, .. } => self.value(*node)?,
            Node::Seq { element, style, .. } => {
                let count = self.reader.count()?;
                match style {
                    SeqStyle::List => self.elements(*element, count, "[]")?,
                    SeqStyle::Set => self.elements(*element, count, "{}")?,
                    SeqStyle::Map => self.map(*element, count)?,
                }
            }
            Node::Array { element, len } => self.elements(*element, *len as usize, "[]")?,
            Node::Record(record) => self.record(record)?,
            Node::Choice { variants, .. } => {
                let tag = self.reader.tag(variants.len())?;
                self.record(&variants[tag])?;
            }
        }
        Ok(())
    }

    /// Rust's own `Debug` form, which for characters, strings and finite floats is a literal that
    /// reads back exactly.
    fn debug(&mut self, value: impl std::fmt::Debug) {
        write!(self.out, "{value:?}").expect("a string takes everything");
    }

    fn float<F: std::fmt::Debug + Into<f64> + Copy>(
        &mut self,
        value: F,
        name: &str,
        bits: u64,
        canonical_nan: u64,
    ) {
        let wide: f64 = value.into();
        if wide.is_finite() {
            return self.debug(value);
        }
        let constant = if wide == f64::INFINITY {
            "INFINITY".into()
        } else if wide == f64::NEG_INFINITY {
            "NEG_INFINITY".into()
        } else if bits == canonical_nan {
            "NAN".into()
        } else {
            format!("from_bits({bits:#x})")
        };
        self.out.push_str(&format!("{name}::{constant}"));
    }

    fn byte_string(&mut self, bytes: &[u8]) {
        self.out.push_str("b\"");
        for &byte in bytes {
            match byte {
                b'\n' => self.out.push_str("\\n"),
                b'\r' => self.out.push_str("\\r"),
                b'\t' => self.out.push_str("\\t"),
                b'\\' => self.out.push_str("\\\\"),
                b'"' => self.out.push_str("\\\""),
                0 => self.out.push_str("\\0"),
                b' '..=b'~' => self.out.push(char::from(byte)),
                _ => write!(self.out, "\\x{byte:02x}").expect("a string takes everything"),
            }
        }
        self.out.push('"');
    }

    fn elements(&mut self, element: NodeId, count: usize, brackets: &str) -> Result<(), Corrupt> {
        self.separated(brackets, count, |printer, _| printer.value(element))
    }

    fn map(&mut self, element: NodeId, count: usize) -> Result<(), Corrupt> {
        let schema = self.schema;
        match schema.node(element).pair() {
            Some(Record { fields, .. }) => self.separated("{}", count, |printer, _| {
                printer.value(fields[0].node)?;
                printer.out.push_str(": ");
                printer.value(fields[1].node)
            }),
            None => self.elements(element, count, "{}"),
        }
    }

    fn record(&mut self, record: &'a Record) -> Result<(), Corrupt> {
        let name = plain_name(&record.name);
        let fields = &record.fields;
        self.out.push_str(name);
        match record.style {
            FieldStyle::Unit if !name.is_empty() => Ok(()),
            FieldStyle::Unit | FieldStyle::Tuple => {
                self.separated("()", fields.len(), |printer, index| {
                    printer.value(fields[index].node)?;
                    if name.is_empty() && fields.len() == 1 {
                        printer.out.push(',');
                    }
                    Ok(())
                })
            }
            FieldStyle::Named if fields.is_empty() => {
                self.out.push_str(" {}");
                Ok(())
            }
            FieldStyle::Named => {
                self.out.push_str(if name.is_empty() { "{ " } else { " { " });
                self.separated("", fields.len(), |printer, index| {
                    printer.out.push_str(&fields[index].name);
                    printer.out.push_str(": ");
                    printer.value(fields[index].node)
                })?;
                self.out.push_str(" }");
                Ok(())
            }
        }
    }

    /// `count` items with commas between them, within a pair of brackets.
    fn separated(
        &mut self,
        brackets: &str,
        count: usize,
        mut item: impl FnMut(&mut Self, usize) -> Result<(), Corrupt>,
    ) -> Result<(), Corrupt> {
        self.out.extend(brackets.chars().next());
        for index in 0..count {
            if index > 0 {
                self.out.push_str(", ");
            }
            item(self, index)?;
        }
        self.out.extend(brackets.chars().nth(1));
        Ok(())
    }
}
