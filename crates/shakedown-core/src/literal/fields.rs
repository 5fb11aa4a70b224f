//! Reading structs, tuples and enum variants, tolerant to fields that came or went.

use super::diagnostic::Remark;
use super::lex::Token;
use super::parse::{Parser, Step};
use super::plain_name;
use super::suggest::suggestion;
use crate::schema::{Field, FieldStyle, Record, tag_width};
use std::ops::Range;

impl<'a> Parser<'a> {
    /// A struct or a tuple. Another name than expected is taken for a rename.
    pub(super) fn record(&mut self, record: &'a Record, depth: usize) -> Step {
        let expected = plain_name(&record.name);
        if expected.is_empty() {
            return self.payload(record, depth);
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
        self.payload(record, depth)
    }

    /// A variant of the enum `name`: its tag and its fields.
    pub(super) fn choice(&mut self, name: &str, variants: &'a [Record], depth: usize) -> Step {
        if !matches!(self.current.token, Token::Name(_)) {
            return Err(self.unexpected(&format!("a variant of `{}`", plain_name(name))));
        }
        let path = self.path()?;
        let Some(tag) = variants.iter().position(|v| plain_name(&v.name) == path.name) else {
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
        self.payload(&variants[tag], depth)
    }

    /// The fields of a struct, tuple or variant, whose name has been read.
    fn payload(&mut self, record: &'a Record, depth: usize) -> Step {
        let name = plain_name(&record.name);
        match record.style {
            FieldStyle::Named => {
                self.expect('{', &format!("the named fields of `{name}` in `{{..}}`"))?;
                self.named_fields(record, Some('}'), depth).map(drop)
            }
            FieldStyle::Unit if !name.is_empty() => {
                if self.at('(') || self.at('{') {
                    return Err(self.unexpected(&format!("`{name}` without fields")));
                }
                Ok(())
            }
            FieldStyle::Unit | FieldStyle::Tuple => {
                let expected = match name.is_empty() {
                    true => "a tuple in `(..)`".into(),
                    false => format!("the fields of `{name}` in `(..)`"),
                };
                self.expect('(', &expected)?;
                self.positional_fields(record, depth)
            }
        }
    }

    /// Fields by position, up to the closing parenthesis. Missing ones at the end take their
    /// defaults, further ones are skipped.
    fn positional_fields(&mut self, record: &'a Record, depth: usize) -> Step {
        let mut count = 0;
        while !self.eat(')')? {
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
            self.separator(')')?;
        }
        let schema = self.schema;
        for field in record.fields.iter().skip(count) {
            schema.write_default(field, &mut self.out);
        }
        Ok(())
    }

    /// Fields by name, in any order, up to `close`; without one, the arguments of the target up to
    /// the end of the file, where commas may be left out. Returns how many there were that the record
    /// has.
    pub(super) fn named_fields(
        &mut self,
        record: &'a Record,
        close: Option<char>,
        depth: usize,
    ) -> Step<usize> {
        let base = self.out.len();
        let mut found: Vec<Option<Range<usize>>> = vec![None; record.fields.len()];
        let (kind, expected) = match close {
            Some(_) => ("field", "the name of a field"),
            None => ("argument", "the name of an argument"),
        };
        while !self.ends_fields(close)? {
            let start = self.current.start;
            let name = match self.current.token {
                Token::Name(name) | Token::Number(name) => name,
                _ => return Err(self.unexpected(expected)),
            };
            self.advance()?;
            self.expect(':', &format!("`:` and the value of {}", super::quote(name)))?;
            match record.fields.iter().position(|field| plain_name(&field.name) == name) {
                Some(index) if found[index].is_some() => {
                    return Err(Remark::new(start, format!("`{name}` is given twice")));
                }
                Some(index) => {
                    let value_at = self.out.len();
                    self.value(record.fields[index].node, depth + 1)?;
                    found[index] = Some(value_at..self.out.len());
                }
                None => {
                    self.warn(start, format!("skipped the unknown {kind} {}", super::quote(name)));
                    self.skip_value(depth + 1)?;
                }
            }
            match close {
                Some(close) => self.separator(close)?,
                None => drop(self.eat(',')?),
            }
        }
        self.arrange(&record.fields, base, &found);
        Ok(found.iter().flatten().count())
    }

    fn ends_fields(&mut self, close: Option<char>) -> Step<bool> {
        match close {
            Some(close) => self.eat(close),
            None => Ok(self.current.token == Token::End),
        }
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
