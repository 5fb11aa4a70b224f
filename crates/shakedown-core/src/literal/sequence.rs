//! Reading lists, sets, maps and arrays.

use super::diagnostic::Remark;
use super::length_text;
use super::lex::Token;
use super::parse::{Parser, Step};
use crate::schema::{Int, Len, NodeId, Record, SeqStyle};

impl<'a> Parser<'a> {
    pub(super) fn byte_list(&mut self, len: Len) -> Step {
        let byte = Int::full(false, 1);
        self.list(len, "bytes", |parser, _| parser.int(byte))
    }

    pub(super) fn sequence(
        &mut self,
        element: NodeId,
        len: Len,
        style: SeqStyle,
        depth: usize,
    ) -> Step {
        let schema = self.schema;
        let pair = schema.node(element).pair().filter(|_| style == SeqStyle::Map);
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

    pub(super) fn array(&mut self, element: NodeId, len: u32, depth: usize) -> Step {
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
            // What was a tuple.
            Token::Symbol('(') => ')',
            _ => return Err(self.unexpected(expected)),
        };
        self.advance()?;
        Ok(close)
    }
}
