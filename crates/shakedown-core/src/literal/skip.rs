//! Stepping over a value of unknown type: that of a field that has been removed.

use super::lex::Token;
use super::parse::{Parser, Step};

impl Parser<'_> {
    /// Skips a literal of any type, nested `depth` deep. Within brackets anything goes, as long as
    /// the brackets match.
    pub(super) fn skip_value(&mut self, depth: usize) -> Step {
        while self.at('-') || self.at('&') {
            self.advance()?;
        }
        match self.current.token {
            Token::Name(_) => {
                self.path()?;
                self.eat('!')?;
                match closing(&self.current.token) {
                    Some(_) => self.skip_group(depth),
                    None => Ok(()),
                }
            }
            Token::Number(_)
            | Token::Str(_)
            | Token::Bytes(_)
            | Token::Char(_)
            | Token::Byte(_) => self.advance(),
            _ if closing(&self.current.token).is_some() => self.skip_group(depth),
            _ => Err(self.unexpected("a value")),
        }
    }

    /// Skips from an opening bracket to the one that closes it.
    fn skip_group(&mut self, depth: usize) -> Step {
        let mut open: Vec<char> = Vec::new();
        loop {
            if let Some(close) = closing(&self.current.token) {
                open.push(close);
                self.check_depth(depth + open.len())?;
            } else if let Token::Symbol(close @ (')' | ']' | '}')) = self.current.token {
                let expected = open.pop();
                if expected != Some(close) {
                    return Err(self.unexpected(&format!("`{}`", expected.unwrap_or(close))));
                }
            } else if self.current.token == Token::End {
                let expected = open.last().copied().unwrap_or(')');
                return Err(self.unexpected(&format!("`{expected}`")));
            }
            self.advance()?;
            if open.is_empty() {
                return Ok(());
            }
        }
    }
}

/// The bracket that closes this one.
fn closing(token: &Token<'_>) -> Option<char> {
    match token {
        Token::Symbol('(') => Some(')'),
        Token::Symbol('[') => Some(']'),
        Token::Symbol('{') => Some('}'),
        _ => None,
    }
}
