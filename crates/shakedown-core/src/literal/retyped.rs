//! Reading what a value looked like before its type was changed: wrapped, unwrapped, made optional,
//! repeated. Each reading is told, and none guesses: the value is the same, or the default of what says
//! nothing.

use super::diagnostic::quote;
use super::lex::Token;
use super::parse::{Parser, Step};
use crate::schema::{FieldStyle, Node, NodeId, Record, SeqStyle, tag_width};

/// What a value was.
enum Form {
    /// A value that is optional now.
    Plain,
    /// `Some(..)` or `Newtype(..)` around what is left.
    Wrapped,
    /// `None`, which is nothing else now.
    Nothing,
    /// The only field of what is a newtype now.
    Field(NodeId),
    /// The only element of what is a list now.
    Element(NodeId),
}

impl<'a> Parser<'a> {
    /// Reads a value in a form that it had before. False if it has the form of today.
    pub(super) fn retyped(&mut self, id: NodeId, depth: usize) -> Step<bool> {
        let Some(form) = self.former_form(id)? else { return Ok(false) };
        let start = self.current.start;
        let found = quote(&self.text[start..self.current.end]);
        match form {
            Form::Plain => {
                self.warn(start, format!("{found} is read as `Some(..)` of it"));
                self.some_of(id, depth)?;
            }
            Form::Wrapped => {
                self.warn(start, format!("{found} is read as what is in it"));
                self.path()?;
                self.expect('(', "`(`")?;
                self.value(id, depth + 1)?;
                self.eat(',')?;
                self.expect(')', "`)`")?;
            }
            Form::Nothing => {
                self.warn(start, String::from("`None` is read as the default"));
                self.path()?;
                self.schema.write_simplest(id, &mut self.out);
            }
            Form::Field(field) => {
                self.warn(start, format!("{found} is read as the only field"));
                self.value(field, depth + 1)?;
            }
            Form::Element(element) => {
                self.warn(start, format!("{found} is read as the only element"));
                self.out.extend_from_slice(&1u32.to_le_bytes());
                self.value(element, depth + 1)?;
            }
        }
        Ok(true)
    }

    /// The former form that a value has, if it has not that of today.
    fn former_form(&mut self, id: NodeId) -> Step<Option<Form>> {
        let schema = self.schema;
        if schema.value_node(id) != id {
            return Ok(None);
        }
        let name = self.name_ahead()?;
        Ok(match (schema.node(id), name) {
            (Node::Choice { name, variants, .. }, ahead) if is_option(name, variants) => {
                (!matches!(ahead, Some(("None" | "Some", _)))).then_some(Form::Plain)
            }
            (node, Some((name @ ("None" | "Some"), _))) if !has_name(node, name) => {
                Some(if name == "Some" { Form::Wrapped } else { Form::Nothing })
            }
            (Node::Record(record), None) if self.is_without(record) => {
                Some(Form::Field(record.fields[0].node))
            }
            (Node::Seq { element, len, style: SeqStyle::List }, None) if len.contains(1) => {
                (!self.at('[') && !self.at('{') && !self.at('(')).then_some(Form::Element(*element))
            }
            (Node::Int(_) | Node::Bool | Node::Char | Node::Str(_), Some((_, true))) => {
                Some(Form::Wrapped)
            }
            _ => None,
        })
    }

    /// Whether the value of a newtype stands there without the type.
    fn is_without(&self, record: &Record) -> bool {
        record.style == FieldStyle::Tuple
            && record.fields.len() == 1
            && !record.name.is_empty()
            && !self.at('(')
            && !self.at('{')
    }

    /// The last name of a path that comes next, and whether a parenthesis follows it.
    fn name_ahead(&mut self) -> Step<Option<(&'a str, bool)>> {
        if !matches!(self.current.token, Token::Name(_)) {
            return Ok(None);
        }
        let here = self.position();
        let path = self.path()?;
        let is_open = self.at('(');
        self.go_to(here);
        Ok(Some((path.name, is_open)))
    }

    /// A value of an `Option`, written without `Some`.
    fn some_of(&mut self, id: NodeId, depth: usize) -> Step {
        let Node::Choice { variants, .. } = self.schema.node(id) else { return Ok(()) };
        let held = |variant: &Record| variant.fields.first().map(|field| field.node);
        let some = variants.iter().enumerate().find_map(|(tag, v)| Some((tag, held(v)?)));
        let Some((tag, node)) = some else { return Ok(()) };
        self.out.extend_from_slice(&(tag as u16).to_le_bytes()[..tag_width(variants.len())]);
        self.value(node, depth + 1)
    }

    /// The fields of a struct or variant, in the parentheses or braces that it had in the file.
    pub(super) fn former_payload(&mut self, record: &'a Record, depth: usize) -> Step<bool> {
        let name = super::plain_name(&record.name);
        let start = self.current.start;
        match record.style {
            FieldStyle::Named if self.eat('(')? => {
                self.warn(start, format!("the fields of `{name}` are read in their order"));
                self.positional_fields(record, depth)?;
            }
            FieldStyle::Tuple if !name.is_empty() && self.eat('{')? => {
                self.warn(start, format!("the fields of `{name}` are read in their order"));
                self.fields_in_order(record, '}', depth)?;
            }
            FieldStyle::Unit if !name.is_empty() && (self.at('(') || self.at('{')) => {
                self.warn(start, format!("skipped the fields of `{name}`, which has none"));
                self.skip_value(depth + 1)?;
            }
            FieldStyle::Named | FieldStyle::Tuple
                if !name.is_empty() && !self.at('(') && !self.at('{') =>
            {
                self.warn(start, format!("the fields of `{name}` are read as their defaults"));
                let schema = self.schema;
                record.fields.iter().for_each(|field| schema.write_default(field, &mut self.out));
            }
            FieldStyle::Named | FieldStyle::Tuple | FieldStyle::Unit => return Ok(false),
        }
        Ok(true)
    }
}

fn is_option(name: &str, variants: &[Record]) -> bool {
    name == "Option" && variants.len() == 2
}

/// Whether a struct, or a variant of an enum, has a name.
fn has_name(node: &Node, name: &str) -> bool {
    node.records().iter().any(|record| super::plain_name(&record.name) == name)
}
