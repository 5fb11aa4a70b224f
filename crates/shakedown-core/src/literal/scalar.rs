//! Reading numbers, characters, strings and bytes.

use super::diagnostic::{Remark, quote};
use super::lex::Token;
use super::number::{self, NumberError};
use super::parse::{Parser, Step};
use crate::domain::{bytes, text};
use crate::schema::{Bytes, Int, Len, Text};

impl Parser<'_> {
    pub(super) fn bool(&mut self) -> Step {
        let byte = match self.current.token {
            Token::Name("true") => 1,
            Token::Name("false") => 0,
            _ => return Err(self.unexpected("`true` or `false`")),
        };
        self.out.push(byte);
        self.advance()
    }

    pub(super) fn int(&mut self, int: Int) -> Step {
        let start = self.current.start;
        let negative = self.eat('-')?;
        let magnitude = match self.current.token {
            Token::Number(text) => number::integer(text),
            Token::Char(c) if !negative => Ok(u32::from(c).into()),
            Token::Byte(byte) if !negative => Ok(byte.into()),
            _ => Err(NumberError::Form),
        };
        let key = match magnitude {
            Ok(magnitude) => number::key(int, negative, magnitude),
            Err(NumberError::Range) => None,
            Err(NumberError::Form) => return Err(self.unexpected("an integer")),
        };
        let Some(key) = key else {
            let source = quote(&self.text[start..self.current.end]);
            return Err(Remark::new(start, number::out_of_range(int, &source)));
        };
        let at = self.out.len();
        self.out.resize(at + usize::from(int.width), 0);
        int.store(key, &mut self.out[at..]);
        self.advance()
    }

    pub(super) fn float(&mut self, width: u8) -> Step {
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

    pub(super) fn char(&mut self) -> Step {
        let c = match self.current.token {
            Token::Char(c) => c,
            Token::Byte(byte) => char::from(byte),
            Token::Str(ref text) if text.chars().count() == 1 => text.chars().next().unwrap_or('0'),
            _ => return Err(self.unexpected("a character such as `'a'`")),
        };
        self.out.extend_from_slice(&u32::from(c).to_le_bytes());
        self.advance()
    }

    pub(super) fn str(&mut self, text: &Text) -> Step {
        let (token, mut one) = (self.take()?, [0; 4]);
        let content = match &token.token {
            Token::Str(content) => content.as_bytes(),
            Token::Char(char) => char.encode_utf8(&mut one).as_bytes(),
            Token::Bytes(content) if std::str::from_utf8(content).is_ok() => content,
            Token::Bytes(_) => return Err(self.unexpected_token(&token, "a string of UTF-8")),
            _ => return Err(self.unexpected_token(&token, "a string")),
        };
        self.counted(token.start, content, text.len)?;
        text::check(text, content).map_err(|reason| Remark::new(token.start, reason))
    }

    pub(super) fn bytes(&mut self, of: &Bytes) -> Step {
        let (start, from) = (self.current.start, self.out.len() + 4);
        self.any_bytes(of.len)?;
        bytes::check(of, &self.out[from..]).map_err(|reason| Remark::new(start, reason))
    }

    fn any_bytes(&mut self, len: Len) -> Step {
        if matches!(self.current.token, Token::Symbol('[') | Token::Name("vec")) {
            return self.byte_list(len);
        }
        let token = self.take()?;
        let content = match &token.token {
            Token::Str(text) => text.as_bytes(),
            Token::Bytes(bytes) => bytes,
            _ => return Err(self.unexpected_token(&token, "a byte string such as `b\"..\"`")),
        };
        self.counted(token.start, content, len)
    }

    /// Appends a string or bytes literal that stands at `start`.
    fn counted(&mut self, start: usize, content: &[u8], len: Len) -> Step {
        self.check_len(start, content.len(), len, "bytes")?;
        self.out.extend_from_slice(&(content.len() as u32).to_le_bytes());
        self.out.extend_from_slice(content);
        Ok(())
    }
}
