//! Reading the text form: recursive descent over the tokens, led by the schema.
//!
//! Values are encoded as they are read. Nesting is bounded by [`MAX_DEPTH`], so no text can
//! exhaust the stack, and every token is looked at a bounded number of times.

use super::diagnostic::{Diagnostic, Parsed, Remark, quote};
use super::lex::{Lexer, Spanned, Token};
use super::number::{self, NumberError};
use super::{BYTE_ORDER_MARK, header, length_text};
use crate::schema::{Int, Len, MAX_DEPTH, Node, NodeId, Record, Schema, SeqStyle};
use crate::shape;

/// Reads a file in the text form.
///
/// # Errors
/// The first place that cannot be read as a value of its type: a wrong shape, an unknown variant,
/// a number or length out of bounds, a field given twice, nesting too deep, or a wrong header.
pub fn parse(schema: &Schema, text: &str) -> Result<Parsed, Diagnostic> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let start = header::skip(text)?;
    let result = Parser::new(schema, text, start).and_then(Parser::file);
    let (input, warnings) = result.map_err(|remark| remark.locate(text))?;
    // What the parser cannot see: limits on the whole input, and defaults that nest too deep.
    shape::check(schema, &input).map_err(|error| {
        Diagnostic::at(text, text.len(), format!("not an input of this target: {error}"))
    })?;
    Ok(Parsed { input, warnings: Remark::locate_all(warnings, text) })
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
    text: &'a str,
    lexer: Lexer<'a>,
    /// The token to be read next.
    pub(super) current: Spanned<'a>,
    pub(super) out: Vec<u8>,
    warnings: Vec<Remark>,
}

impl<'a> Parser<'a> {
    fn new(schema: &'a Schema, text: &'a str, start: usize) -> Step<Self> {
        let mut lexer = Lexer::new(text, start);
        let current = lexer.next()?;
        Ok(Self { schema, text, lexer, current, out: Vec::new(), warnings: Vec::new() })
    }

    fn file(mut self) -> Step<(Vec<u8>, Vec<Remark>)> {
        let schema = self.schema;
        if let Node::Record(arguments) = schema.node(schema.root()) {
            self.named_fields(arguments, None, 0)?;
        }
        Ok((self.out, self.warnings))
    }

    /// Reads a value of the node `id`, which is nested `depth` deep, and encodes it.
    pub(super) fn value(&mut self, id: NodeId, depth: usize) -> Step {
        self.check_depth(depth)?;
        while self.eat('&')? {}
        let schema = self.schema;
        match schema.node(id) {
            Node::Bool => self.bool(),
            Node::Int(int) => self.int(*int),
            Node::Float { width } => self.float(*width),
            Node::Char => self.char(),
            Node::Bytes(len) => self.bytes(*len),
            Node::Str(len) => self.str(*len),
            Node::Seq { element, len, style } => self.sequence(*element, *len, *style, depth),
            Node::Array { element, len } => self.array(*element, *len, depth),
            Node::Record(record) => self.record(record, depth),
            Node::Choice { name, variants } => self.choice(name, variants, depth),
        }
    }

    fn bool(&mut self) -> Step {
        let byte = match self.current.token {
            Token::Name("true") => 1,
            Token::Name("false") => 0,
            _ => return Err(self.unexpected("`true` or `false`")),
        };
        self.out.push(byte);
        self.advance()
    }

    fn int(&mut self, int: Int) -> Step {
        let start = self.current.start;
        let negative = self.eat('-')?;
        let magnitude = match self.current.token {
            Token::Number(text) => number::integer(text),
            Token::Char(c) if !negative => Ok(u32::from(c).into()),
            Token::Byte(byte) if !negative => Ok(byte.into()),
            _ => Err(NumberError::Form),
        };
        let zero = int.zero();
        let key = match magnitude {
            Ok(magnitude) if negative => zero.checked_sub(magnitude),
            Ok(magnitude) => zero.checked_add(magnitude),
            Err(NumberError::Range) => None,
            Err(NumberError::Form) => return Err(self.unexpected("an integer")),
        };
        let Some(key) = key.filter(|key| (int.min..=int.max).contains(key)) else {
            let (min, max) = (int.text(int.min), int.text(int.max));
            let source = quote(&self.text[start..self.current.end]);
            let message =
                format!("{source} is out of range: expected an integer from {min} to {max}");
            return Err(Remark::new(start, message));
        };
        let at = self.out.len();
        self.out.resize(at + usize::from(int.width), 0);
        int.store(key, &mut self.out[at..]);
        self.advance()
    }

    fn float(&mut self, width: u8) -> Step {
        let start = self.current.start;
        let negative = self.eat('-')?;
        let bits = match self.current.token {
            Token::Number(text) => {
                let bits = match number::float(text, width) {
                    Ok(bits) => bits,
                    Err(NumberError::Form) => return Err(self.unexpected("a float")),
                    Err(NumberError::Range) => {
                        let message = format!("{} is too large for a float", quote(text));
                        return Err(Remark::new(start, message));
                    }
                };
                self.advance()?;
                bits
            }
            Token::Name(_) => self.named_float(width)?,
            _ => return Err(self.unexpected("a float")),
        };
        let sign = u64::from(negative) << (8 * u32::from(width) - 1);
        self.out.extend_from_slice(&(bits ^ sign).to_le_bytes()[..usize::from(width)]);
        Ok(())
    }

    /// `f64::INFINITY`, `f64::from_bits(0x..)`; the bits, as a float of `width` bytes.
    fn named_float(&mut self, width: u8) -> Step<u64> {
        let first = self.current.clone();
        let path = self.path()?;
        let written = match path.qualifier {
            Some("f32") => 4,
            Some("f64") => 8,
            _ => width,
        };
        let bits = match path.name {
            "from_bits" => {
                self.expect('(', "`(`")?;
                let limit = u64::MAX >> (64 - 8 * u32::from(written));
                let bits = match self.current.token {
                    Token::Number(text) => number::integer(text).ok(),
                    _ => None,
                };
                let bits = bits.and_then(|bits| u64::try_from(bits).ok());
                let Some(bits) = bits.filter(|bits| *bits <= limit) else {
                    return Err(self.unexpected("the bits of a float"));
                };
                self.advance()?;
                self.expect(')', "`)`")?;
                Some(bits)
            }
            name => number::float_constant(name, written),
        };
        match bits {
            Some(bits) => Ok(number::resize_float(bits, written, width)),
            None => Err(self.unexpected_token(&first, "a float")),
        }
    }

    fn char(&mut self) -> Step {
        let c = match self.current.token {
            Token::Char(c) => c,
            Token::Byte(byte) => char::from(byte),
            _ => return Err(self.unexpected("a character such as `'a'`")),
        };
        self.out.extend_from_slice(&u32::from(c).to_le_bytes());
        self.advance()
    }

    fn str(&mut self, len: Len) -> Step {
        let token = self.take()?;
        let text = match &token.token {
            Token::Str(text) => text,
            Token::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => text,
                Err(_) => return Err(self.unexpected_token(&token, "a string of UTF-8")),
            },
            _ => return Err(self.unexpected_token(&token, "a string")),
        };
        self.counted(token.start, text.as_bytes(), len)
    }

    fn bytes(&mut self, len: Len) -> Step {
        let token = match self.current.token {
            Token::Str(_) | Token::Bytes(_) => self.take()?,
            Token::Symbol('[') | Token::Name("vec") => return self.byte_list(len),
            _ => return Err(self.unexpected("a byte string such as `b\"..\"`")),
        };
        match &token.token {
            Token::Str(text) => self.counted(token.start, text.as_bytes(), len),
            Token::Bytes(bytes) => self.counted(token.start, bytes, len),
            _ => unreachable!("only strings are taken"),
        }
    }

    /// Appends a string or bytes literal that stands at `start`.
    fn counted(&mut self, start: usize, content: &[u8], len: Len) -> Step {
        self.check_len(start, content.len(), len, "bytes")?;
        self.out.extend_from_slice(&(content.len() as u32).to_le_bytes());
        self.out.extend_from_slice(content);
        Ok(())
    }

    fn byte_list(&mut self, len: Len) -> Step {
        let byte = Int::full(false, 1);
        self.list(len, "bytes", |parser, _| parser.int(byte))
    }

    fn sequence(&mut self, element: NodeId, len: Len, style: SeqStyle, depth: usize) -> Step {
        let schema = self.schema;
        let pair = match schema.node(element) {
            Node::Record(record) if style == SeqStyle::Map && record.fields.len() == 2 => {
                Some(record)
            }
            _ => None,
        };
        // Decided by the first element.
        let mut tuples = None;
        self.list(len, "elements", |parser, close| match pair {
            Some(pair) if close == '}' => {
                let written_as_tuple = match tuples {
                    Some(known) => known,
                    None => *tuples.insert(parser.is_tuple_element(depth)?),
                };
                match written_as_tuple {
                    true => parser.value(element, depth + 1),
                    false => parser.pair(pair, depth + 1),
                }
            }
            _ => parser.value(element, depth + 1),
        })
    }

    /// Whether the element of a map that begins here is a tuple `(k, v)`, not `k: v` with a tuple
    /// as its key.
    fn is_tuple_element(&mut self, depth: usize) -> Step<bool> {
        if !self.at('(') {
            return Ok(false);
        }
        let here = (self.lexer.clone(), self.current.clone());
        self.skip_value(depth + 1)?;
        let is_key = self.at(':');
        (self.lexer, self.current) = here;
        Ok(!is_key)
    }

    /// `key: value`
    fn pair(&mut self, pair: &'a Record, depth: usize) -> Step {
        self.check_depth(depth)?;
        self.value(pair.fields[0].node, depth + 1)?;
        self.expect(':', "`:` and the value of this key")?;
        self.value(pair.fields[1].node, depth + 1)
    }

    /// A count and the elements of `[..]`, `vec![..]` or `{..}`; `element` reads one of them and is
    /// given the closing bracket.
    fn list(
        &mut self,
        len: Len,
        unit: &str,
        mut element: impl FnMut(&mut Self, char) -> Step,
    ) -> Step {
        let start = self.current.start;
        let close = self.open_list("`[`")?;
        let count_at = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        let mut count = 0;
        while !self.eat(close)? {
            if count == len.max as usize {
                let message = format!("too many {unit}: expected {}", length_text(len, unit));
                return Err(Remark::new(self.current.start, message));
            }
            element(self, close)?;
            count += 1;
            self.separator(close)?;
        }
        self.check_len(start, count, len, unit)?;
        self.out[count_at..count_at + 4].copy_from_slice(&(count as u32).to_le_bytes());
        Ok(())
    }

    fn array(&mut self, element: NodeId, len: u32, depth: usize) -> Step {
        let start = self.current.start;
        let close = self.open_list("`[`")?;
        let mut count = 0;
        while !self.eat(close)? {
            if count == len {
                let message = format!("too many elements: expected exactly {len}");
                return Err(Remark::new(self.current.start, message));
            }
            self.value(element, depth + 1)?;
            count += 1;
            self.separator(close)?;
        }
        self.check_len(start, count as usize, Len { min: len, max: len }, "elements")
    }

    /// Reads the opening bracket of a list and returns the closing one.
    fn open_list(&mut self, expected: &str) -> Step<char> {
        if self.current.token == Token::Name("vec") {
            self.advance()?;
            self.expect('!', "`!` after `vec`")?;
        }
        let close = match self.current.token {
            Token::Symbol('[') => ']',
            Token::Symbol('{') => '}',
            _ => return Err(self.unexpected(expected)),
        };
        self.advance()?;
        Ok(close)
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

    fn check_len(&self, start: usize, count: usize, len: Len, unit: &str) -> Step {
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
                format!("nested too deep: at most {MAX_DEPTH} levels"),
            )),
        }
    }

    pub(super) fn advance(&mut self) -> Step {
        self.take().map(drop)
    }

    fn take(&mut self) -> Step<Spanned<'a>> {
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

    fn unexpected_token(&self, token: &Spanned<'a>, expected: &str) -> Remark {
        let found = match token.token {
            Token::End => "the end of the file".into(),
            _ => quote(&self.text[token.start..token.end]),
        };
        Remark::new(token.start, format!("expected {expected}, found {found}"))
    }
}
