//! Reading structs, tuples and enum variants, tolerant to fields that came or went.

use super::diagnostic::Remark;
use super::lex::Token;
use super::parse::{Parser, Position, Step, Strangers};
use super::plain_name;
use super::suggest::suggestion;
use crate::schema::{Field, FieldStyle, Record, tag_width};
use std::ops::Range;

/// An argument that the target does not have.
struct Unknown<'a> {
    start: usize,
    name: &'a str,
    /// Where its value begins.
    value: Position<'a>,
}

/// Notes where the value of a field is encoded.
fn give(
    found: &mut [Option<Range<usize>>],
    index: usize,
    place: Range<usize>,
    start: usize,
    name: &str,
) -> Step {
    match found[index].replace(place) {
        Some(_) => Err(Remark::new(start, format!("`{name}` is given twice"))),
        None => Ok(()),
    }
}

fn with_article(kind: &str) -> String {
    if kind.starts_with('a') { format!("an {kind}") } else { format!("a {kind}") }
}

fn no_such_argument(record: &Record, name: &str) -> String {
    let names: Vec<_> =
        record.fields.iter().map(|field| format!("`{}`", plain_name(&field.name))).collect();
    format!(
        "the target has no argument {}, only {}: rename it here or remove it, unless the file is \
         another target's",
        super::quote(name),
        names.join(", "),
    )
}

impl<'a> Parser<'a> {
    /// A struct or a tuple. Another name than expected is taken for a rename.
    pub(super) fn record(&mut self, record: &'a Record, depth: usize) -> Step {
        let expected = plain_name(&record.name);
        if expected.is_empty() {
            return self.payload(&record.name, record, depth);
        }
        if matches!(self.current.token, Token::Name(_)) {
            let path = self.path()?;
            if path.name != expected {
                let message = format!("`{}` is read as `{expected}`", path.name);
                self.warn(path.start, message);
            }
        } else if record.style == FieldStyle::Unit {
            return Err(self.unexpected(&format!("`{expected}`")));
        }
        self.payload(&record.name, record, depth)
    }

    /// A variant of the enum `name`: its tag and its fields.
    pub(super) fn choice(&mut self, name: &'a str, variants: &'a [Record], depth: usize) -> Step {
        if !matches!(self.current.token, Token::Name(_)) {
            return Err(self.unexpected(&format!("a variant of `{}`", plain_name(name))));
        }
        let path = self.path()?;
        let tag_of = |name: &str| variants.iter().position(|v| plain_name(&v.name) == name);
        let renamed = || tag_of(self.schema.renamed(name, "", path.name)?);
        let Some(tag) = tag_of(path.name).or_else(renamed) else {
            let known = variants.iter().map(|variant| plain_name(&variant.name));
            let message = format!(
                "`{}` has no variant {}: {}",
                plain_name(name),
                super::quote(path.name),
                suggestion(path.name, known)
            );
            return Err(Remark::new(path.start, message));
        };
        self.out.extend_from_slice(&(tag as u16).to_le_bytes()[..tag_width(variants.len())]);
        self.payload(name, &variants[tag], depth)
    }

    /// The fields of a struct, tuple or variant, whose name has been read; `of` is the struct or enum.
    fn payload(&mut self, of: &'a str, record: &'a Record, depth: usize) -> Step {
        if self.former_payload(record, depth)? {
            return Ok(());
        }
        let name = plain_name(&record.name);
        match record.style {
            FieldStyle::Named => {
                self.expect('{', &format!("the named fields of `{name}` in `{{..}}`"))?;
                self.named_fields(of, record, depth)
            }
            FieldStyle::Unit if !name.is_empty() => Ok(()),
            FieldStyle::Unit | FieldStyle::Tuple => {
                let expected = match name.is_empty() {
                    true => "a tuple in `(..)`".into(),
                    false => format!("the fields of `{name}` in `(..)`"),
                };
                // What was an array has other brackets.
                let close = if name.is_empty() && self.eat('[')? { ']' } else { ')' };
                if close == ')' {
                    self.expect('(', &expected)?;
                }
                self.fields_in_order(record, close, depth)
            }
        }
    }

    /// Fields by position, up to the closing parenthesis. Missing ones at the end take their
    /// defaults, further ones are skipped.
    pub(super) fn positional_fields(&mut self, record: &'a Record, depth: usize) -> Step {
        self.fields_in_order(record, ')', depth)
    }

    /// Fields by position up to `close`, those in braces each with a name, which does not count.
    pub(super) fn fields_in_order(
        &mut self,
        record: &'a Record,
        close: char,
        depth: usize,
    ) -> Step {
        let mut count = 0;
        while !self.eat(close)? {
            if close == '}' {
                self.name("field")?;
            }
            match record.fields.get(count) {
                Some(field) => self.value(field.node, depth + 1)?,
                None => {
                    let place = match plain_name(&record.name) {
                        "" => String::from("a tuple"),
                        name => format!("`{name}`"),
                    };
                    let message = format!("skipped the unknown field {count} of {place}");
                    self.warn(self.current.start, message);
                    self.skip_value(depth + 1)?;
                }
            }
            count += 1;
            self.separator(close)?;
        }
        let schema = self.schema;
        for field in record.fields.iter().skip(count) {
            schema.write_default(field, &mut self.out);
        }
        Ok(())
    }

    /// Fields by name, in any order, up to `close`. An unknown one is skipped, for fields come and go.
    fn named_fields(&mut self, of: &'a str, record: &'a Record, depth: usize) -> Step {
        let base = self.out.len();
        let mut found = vec![None; record.fields.len()];
        while !self.eat('}')? {
            let (start, name) = self.name("field")?;
            match self.field(of, record, name, depth)? {
                Some((index, place)) => give(&mut found, index, place, start, name)?,
                None => {
                    self.warn(start, format!("skipped the unknown field {}", super::quote(name)));
                    self.skip_value(depth + 1)?;
                }
            }
            self.separator('}')?;
        }
        self.arrange(&record.fields, base, &found);
        Ok(())
    }

    /// The arguments of the target by name, in any order, up to the end of the file; commas may be left
    /// out. Returns how many there were that the target has.
    pub(super) fn arguments(&mut self, record: &'a Record, strangers: Strangers) -> Step<usize> {
        let base = self.out.len();
        let mut found = vec![None; record.fields.len()];
        let mut unknown = Vec::new();
        while self.current.token != Token::End {
            let (start, name) = self.name("argument")?;
            match self.field("", record, name, 0)? {
                Some((index, place)) => give(&mut found, index, place, start, name)?,
                None => {
                    unknown.push(Unknown { start, name, value: self.position() });
                    self.skip_value(1)?;
                }
            }
            self.eat(',')?;
        }
        self.settle(record, strangers, &unknown, &mut found)?;
        self.arrange(&record.fields, base, &found);
        Ok(found.iter().flatten().count())
    }

    /// The name before a value.
    fn name(&mut self, kind: &str) -> Step<(usize, &'a str)> {
        let start = self.current.start;
        let name = match self.current.token {
            Token::Name(name) | Token::Number(name) => name,
            _ => return Err(self.unexpected(&format!("the name of {}", with_article(kind)))),
        };
        self.advance()?;
        self.expect(':', &format!("`:` and the value of {}", super::quote(name)))?;
        Ok((start, name))
    }

    /// The value of the field of this name, if there is one: its index, and where the value is encoded.
    fn field(
        &mut self,
        of: &str,
        record: &'a Record,
        name: &str,
        depth: usize,
    ) -> Step<Option<(usize, Range<usize>)>> {
        let index_of =
            |name: &str| record.fields.iter().position(|field| plain_name(&field.name) == name);
        let variant = if of == record.name { "" } else { &record.name };
        let renamed = || index_of(self.schema.renamed(of, variant, name)?);
        let Some(index) = index_of(name).or_else(renamed) else { return Ok(None) };
        let value_at = self.out.len();
        self.value(record.fields[index].node, depth + 1)?;
        Ok(Some((index, value_at..self.out.len())))
    }

    /// Decides about unknown and missing arguments: one of each, of the same shape, is a rename. All
    /// else is another target's file, or one that must be changed with its target: with defaults in
    /// place of what it says, it would test nothing.
    fn settle(
        &mut self,
        record: &'a Record,
        strangers: Strangers,
        unknown: &[Unknown<'a>],
        found: &mut [Option<Range<usize>>],
    ) -> Step {
        let missing: Vec<usize> = (0..found.len()).filter(|&at| found[at].is_none()).collect();
        if let ([renamed], [index]) = (unknown, &missing[..])
            && let Some(place) = self.renamed(record, renamed, *index)
        {
            found[*index] = Some(place);
            return Ok(());
        }
        let needed = missing.iter().find(|&&index| record.fields[index].default.is_none());
        match (unknown.first(), needed) {
            (Some(first), _) if strangers == Strangers::Refused => {
                Err(Remark::new(first.start, no_such_argument(record, first.name)))
            }
            (None, Some(&index)) if strangers == Strangers::Refused => {
                let name = plain_name(&record.fields[index].name);
                let message = format!(
                    "the argument `{name}` is missing: add a line `{name}: ..`, or declare what it is \
                     then with #[input(default = ..)]"
                );
                Err(Remark::new(self.current.start, message))
            }
            _ => {
                for Unknown { start, name, .. } in unknown {
                    let name = super::quote(name);
                    self.warn(*start, format!("skipped the unknown argument {name}"));
                }
                Ok(())
            }
        }
    }

    /// Reads the value of an unknown argument as that of the one at `index`; where it is encoded, if it
    /// has the shape.
    fn renamed(
        &mut self,
        record: &'a Record,
        unknown: &Unknown<'a>,
        index: usize,
    ) -> Option<Range<usize>> {
        let (end, value_at) = (self.position(), self.out.len());
        self.go_to(unknown.value.clone());
        let is_read = self.value(record.fields[index].node, 1).is_ok();
        self.go_to(end);
        if !is_read {
            self.out.truncate(value_at);
            return None;
        }
        let (old, new) = (super::quote(unknown.name), plain_name(&record.fields[index].name));
        let message = format!("{old} is read as `{new}`, the only argument that is missing");
        self.warn(unknown.start, message);
        Some(value_at..self.out.len())
    }

    /// Brings the values encoded from `base` on, found at these places, into the order of
    /// declaration, and adds what is missing.
    fn arrange(&mut self, fields: &[Field], base: usize, found: &[Option<Range<usize>>]) {
        let mut end = base;
        let in_order = found.iter().all(|place| match place {
            Some(place) => std::mem::replace(&mut end, place.end) == place.start,
            None => false,
        });
        if in_order {
            return;
        }
        let written = self.out.split_off(base);
        for (field, place) in fields.iter().zip(found) {
            match place {
                Some(at) => self.out.extend_from_slice(&written[at.start - base..at.end - base]),
                None => self.schema.write_default(field, &mut self.out),
            }
        }
    }
}
