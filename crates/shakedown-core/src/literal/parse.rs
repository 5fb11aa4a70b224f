//! Reading the text form: recursive descent over the tokens, led by the schema.
//!
//! Values are encoded as they are read. Nesting is bounded by [`MAX_DEPTH`], so no text can
//! exhaust the stack, and every token is looked at a bounded number of times.

use super::diagnostic::{Diagnostic, Parsed, Remark, quote};
use super::header::skip_header;
use super::lex::{Lexer, Spanned, Token};
use super::print::print_value;
use super::{BYTE_ORDER_MARK, HEADER, length_text};
use crate::schema::shape;
use crate::schema::{Len, MAX_DEPTH, Node, NodeId, Schema, Values};

/// What becomes of a file whose arguments are not the target's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strangers {
    /// It is an error.
    Refused,
    /// What is unknown is skipped, what is missing has its default, and both are told.
    Skipped,
}

/// Reads a file in the text form.
///
/// # Errors
/// The first place that cannot be read as a value of its type: a wrong shape, an unknown variant,
/// a number or length out of bounds, a field given twice, nesting too deep, or a wrong header.
pub fn parse(schema: &Schema, text: &str) -> Result<Parsed, Diagnostic> {
    parse_file(schema, text, Strangers::Skipped)
}

/// As [`parse`], but `strangers` decides about arguments that the target does not have, and those
/// that the file does not.
pub(crate) fn parse_file(
    schema: &Schema,
    text: &str,
    strangers: Strangers,
) -> Result<Parsed, Diagnostic> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    parse_from(schema, text, skip_header(text, HEADER)?, strangers)
}

/// Reads the arguments in `text` from the byte `start` on; places in errors count from its beginning.
pub(crate) fn parse_from(
    schema: &Schema,
    text: &str,
    start: usize,
    strangers: Strangers,
) -> Result<Parsed, Diagnostic> {
    let parser = Parser::new(schema, text, start);
    let result = parser.and_then(|parser| parser.file(strangers));
    let Parser { out: input, mut warnings, given, .. } =
        result.map_err(|remark| remark.locate(text))?;
    // What the parser cannot see: limits on the whole input, and defaults that nest too deep.
    shape::check(schema, &input).map_err(|error| {
        Diagnostic::at(text, text.len(), format!("not an input of this target: {error}"))
    })?;
    // Arguments are judged when all of them are known.
    warnings.sort_by_key(|remark| remark.offset);
    Ok(Parsed { input, warnings: Remark::locate_all(warnings, text), given })
}

/// The result of every step; the error ends the parse.
pub(super) type Step<T = ()> = Result<T, Remark>;

/// A name with the path before it.
pub(super) struct Path<'a> {
    /// The segment before the name.
    pub(super) qualifier: Option<&'a str>,
    pub(super) name: &'a str,
    /// Where the path begins, in bytes.
    pub(super) start: usize,
}

pub(super) struct Parser<'a> {
    pub(super) schema: &'a Schema,
    pub(super) text: &'a str,
    pub(super) lexer: Lexer<'a>,
    /// The token to be read next.
    pub(super) current: Spanned<'a>,
    pub(super) out: Vec<u8>,
    warnings: Vec<Remark>,
    given: usize,
}

/// A place in the text to come back to.
#[derive(Clone)]
pub(super) struct Position<'a> {
    lexer: Lexer<'a>,
    current: Spanned<'a>,
}

impl<'a> Parser<'a> {
    fn new(schema: &'a Schema, text: &'a str, start: usize) -> Step<Self> {
        let mut lexer = Lexer::new(text, start);
        let current = lexer.next()?;
        Ok(Self { schema, text, lexer, current, out: Vec::new(), warnings: Vec::new(), given: 0 })
    }

    fn file(mut self, strangers: Strangers) -> Step<Self> {
        let schema = self.schema;
        if let Node::Record(arguments) = schema.node(schema.root()) {
            self.given = self.arguments(arguments, strangers)?;
        }
        Ok(self)
    }

    /// Where the parser stands.
    pub(super) fn position(&self) -> Position<'a> {
        Position { lexer: self.lexer.clone(), current: self.current.clone() }
    }

    /// Goes back, or on, to where it stood.
    pub(super) fn go_to(&mut self, position: Position<'a>) {
        Position { lexer: self.lexer, current: self.current } = position;
    }

    /// Reads a value of the node `id`, which is nested `depth` deep, and encodes it.
    pub(super) fn value(&mut self, id: NodeId, depth: usize) -> Step {
        self.check_depth(depth)?;
        while self.eat('&')? {}
        if self.retyped(id, depth)? {
            return Ok(());
        }
        let schema = self.schema;
        match schema.node(id) {
            Node::Bool => self.bool(),
            Node::Int(int) => self.int(*int),
            Node::Float { width } => self.float(*width),
            Node::Char => self.char(),
            Node::Bytes(bytes) => self.bytes(bytes),
            Node::Str(text) => self.str(text),
            Node::OneOf { node, values } => self.one_of(*node, values, depth),
            Node::Seq { element, len, style } => self.sequence(*element, *len, *style, depth),
            Node::Array { element, len } => self.array(*element, *len, depth),
            Node::Record(record) => self.record(record, depth),
            Node::Choice { name, variants, .. } => self.choice(name, variants, depth),
        }
    }

    /// A value of node `id`, if it is allowed.
    fn one_of(&mut self, id: NodeId, values: &Values, depth: usize) -> Step {
        let (start, at) = (self.current.start, self.out.len());
        if values.all().is_empty() {
            return Err(Remark::new(start, String::from("nested deeper than `depth` allows")));
        }
        self.value(id, depth)?;
        if values.check(&self.out[at..]) == Ok(self.out.len() - at) {
            return Ok(());
        }
        let allowed = values.all().iter().map(|value| print_value(self.schema, id, value));
        let allowed: Vec<String> = allowed.collect();
        let found = print_value(self.schema, id, &self.out[at..]);
        let message = format!("{found} is not one of {}", allowed.join(", "));
        Err(Remark::new(start, message))
    }

    /// Reads a path; the next token must be a name.
    pub(super) fn path(&mut self) -> Step<Path<'a>> {
        let start = self.current.start;
        let mut qualifier = None;
        loop {
            let Token::Name(name) = self.current.token else {
                return Err(self.unexpected("a name"));
            };
            self.advance()?;
            if self.current.token != Token::PathSeparator {
                return Ok(Path { qualifier, name, start });
            }
            self.advance()?;
            qualifier = Some(name);
        }
    }

    pub(super) fn check_len(&self, start: usize, count: usize, len: Len, unit: &str) -> Step {
        match len.contains(count) {
            true => Ok(()),
            false => {
                let expected = length_text(len, unit);
                let message = format!("expected {expected}, found {count}");
                Err(Remark::new(start, message))
            }
        }
    }

    pub(super) fn check_depth(&self, depth: usize) -> Step {
        match depth < MAX_DEPTH {
            true => Ok(()),
            false => Err(Remark::new(
                self.current.start,
                format!("nested too deeply: at most {MAX_DEPTH} levels"),
            )),
        }
    }

    pub(super) fn advance(&mut self) -> Step {
        self.take().map(drop)
    }

    pub(super) fn take(&mut self) -> Step<Spanned<'a>> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.current, next))
    }

    pub(super) fn at(&self, symbol: char) -> bool {
        self.current.token == Token::Symbol(symbol)
    }

    pub(super) fn eat(&mut self, symbol: char) -> Step<bool> {
        let found = self.at(symbol);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, symbol: char, expected: &str) -> Step {
        match self.eat(symbol)? {
            true => Ok(()),
            false => Err(self.unexpected(expected)),
        }
    }

    /// Reads the comma between two elements; it may be missing before the closing bracket.
    pub(super) fn separator(&mut self, close: char) -> Step {
        match self.at(close) || self.eat(',')? {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`,` or `{close}`"))),
        }
    }

    pub(super) fn warn(&mut self, offset: usize, message: String) {
        self.warnings.push(Remark::new(offset, message));
    }

    /// The error that the next token is not what was expected.
    pub(super) fn unexpected(&self, expected: &str) -> Remark {
        self.unexpected_token(&self.current, expected)
    }

    pub(super) fn unexpected_token(&self, token: &Spanned<'a>, expected: &str) -> Remark {
        let found = match token.token {
            Token::End => "the end of the file".into(),
            _ => quote(&self.text[token.start..token.end]),
        };
        Remark::new(token.start, format!("expected {expected}, found {found}"))
    }
}
