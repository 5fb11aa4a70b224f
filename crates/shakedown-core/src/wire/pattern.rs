//! A pattern on the wire: its parts, each after those that it is made of. So no depth of nesting, which
//! a damaged worker may claim, costs stack.

use super::frame::{Cursor, Malformed, Wire, tagged};
use crate::schema::{Expression, MAX_LEVELS, Pattern};

/// What ends the parts.
const END: u8 = 4;

impl Wire for Pattern {
    fn put(&self, out: &mut Vec<u8>) {
        put_parts(self.expression(), out);
        out.push(END);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let mut parts = Parts(Vec::new());
        loop {
            match input.tag()? {
                END => break,
                tag => parts.add(tag, input)?,
            }
        }
        let [(whole, _)] = <[_; 1]>::try_from(parts.0).map_err(|_| Malformed)?;
        Self::new(whole).ok_or(Malformed)
    }
}

fn put_parts(expression: &Expression, out: &mut Vec<u8>) {
    match expression {
        Expression::One(alphabet) => tagged(out, 0, alphabet),
        Expression::All(parts) => {
            parts.iter().for_each(|part| put_parts(part, out));
            tagged(out, 1, &(parts.len() as u32));
        }
        Expression::Any(parts) => {
            parts.iter().for_each(|part| put_parts(part, out));
            tagged(out, 2, &(parts.len() as u32));
        }
        Expression::Repeat { of, min, max } => {
            put_parts(of, out);
            tagged(out, 3, min);
            max.put(out);
        }
    }
}

/// The parts that belong to none yet, each with its levels.
struct Parts(Vec<(Expression, usize)>);

impl Parts {
    fn add(&mut self, tag: u8, input: &mut Cursor<'_>) -> Result<(), Malformed> {
        let (expression, levels) = match tag {
            0 => (Expression::One(Wire::get(input)?), 0),
            1 | 2 => {
                let (parts, levels) = self.take(u32::get(input)? as usize)?;
                (if tag == 1 { Expression::All(parts) } else { Expression::Any(parts) }, levels)
            }
            3 => {
                let (mut parts, levels) = self.take(1)?;
                let of = Box::new(parts.pop().ok_or(Malformed)?);
                let (min, max) = (Wire::get(input)?, Wire::get(input)?);
                (Expression::Repeat { of, min, max }, levels)
            }
            _ => return Err(Malformed),
        };
        self.0.push((expression, levels + 1));
        if levels < MAX_LEVELS { Ok(()) } else { Err(Malformed) }
    }

    /// The last parts, and their levels.
    fn take(&mut self, count: usize) -> Result<(Vec<Expression>, usize), Malformed> {
        let from = self.0.len().checked_sub(count).ok_or(Malformed)?;
        let (parts, levels): (Vec<_>, Vec<_>) = self.0.drain(from..).unzip();
        Ok((parts, levels.into_iter().max().unwrap_or(0)))
    }
}
