//! The schema on the wire, and how the target is called.

use super::frame::{Cursor, Malformed, Wire, tagged};
use crate::literal::{Callee, Parameter, Taken};
use crate::schema::{
    Alias, Alphabet, Bytes, Field, FieldStyle, Int, Len, Node, NodeId, Record, Schema, SeqStyle,
    Text, Values, Weights,
};

impl Wire for NodeId {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self(Wire::get(input)?))
    }
}

impl Wire for Len {
    fn put(&self, out: &mut Vec<u8>) {
        self.min.put(out);
        self.max.put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self { min: Wire::get(input)?, max: Wire::get(input)? })
    }
}

impl Wire for Alphabet {
    fn put(&self, out: &mut Vec<u8>) {
        self.runs().to_vec().put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let runs: Vec<(u32, u32)> = Wire::get(input)?;
        let alphabet = Self::new(runs.iter().map(|(first, last)| *first..=*last));
        // The same alphabet has one form only.
        if alphabet.runs() == runs { Ok(alphabet) } else { Err(Malformed) }
    }
}

impl Wire for Bytes {
    fn put(&self, out: &mut Vec<u8>) {
        self.len.put(out);
        self.alphabet.put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self { len: Wire::get(input)?, alphabet: Wire::get(input)? })
    }
}

impl Wire for Text {
    fn put(&self, out: &mut Vec<u8>) {
        self.len.put(out);
        self.alphabet.put(out);
        self.pattern.put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let (len, alphabet) = (Wire::get(input)?, Wire::get(input)?);
        Ok(Self { len, alphabet, pattern: Wire::get(input)? })
    }
}

impl Wire for Field {
    fn put(&self, out: &mut Vec<u8>) {
        self.name.put(out);
        self.node.put(out);
        self.default.put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self { name: Wire::get(input)?, node: Wire::get(input)?, default: Wire::get(input)? })
    }
}

impl Wire for Alias {
    fn put(&self, out: &mut Vec<u8>) {
        [&self.of, &self.variant, &self.old, &self.new].into_iter().for_each(|name| name.put(out));
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let (of, variant) = (Wire::get(input)?, Wire::get(input)?);
        Ok(Self { of, variant, old: Wire::get(input)?, new: Wire::get(input)? })
    }
}

impl Wire for FieldStyle {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Self::Named => 0,
            Self::Tuple => 1,
            Self::Unit => 2,
        });
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        [Self::Named, Self::Tuple, Self::Unit]
            .get(usize::from(input.tag()?))
            .copied()
            .ok_or(Malformed)
    }
}

impl Wire for SeqStyle {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(match self {
            Self::List => 0,
            Self::Set => 1,
            Self::Map => 2,
        });
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        [Self::List, Self::Set, Self::Map].get(usize::from(input.tag()?)).copied().ok_or(Malformed)
    }
}

impl Wire for Record {
    fn put(&self, out: &mut Vec<u8>) {
        self.name.put(out);
        self.style.put(out);
        self.fields.put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self { name: Wire::get(input)?, style: Wire::get(input)?, fields: Wire::get(input)? })
    }
}

impl Wire for Callee {
    fn put(&self, out: &mut Vec<u8>) {
        self.path.put(out);
        self.parameters.put(out);
        self.is_fallible.put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let path = Wire::get(input)?;
        Ok(Self { path, parameters: Wire::get(input)?, is_fallible: Wire::get(input)? })
    }
}

impl Wire for Parameter {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(self.taken as u8);
        self.ty.put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let all = [Taken::Owned, Taken::Borrowed, Taken::Lent, Taken::LentMut, Taken::Made];
        let taken = *all.get(usize::from(input.tag()?)).ok_or(Malformed)?;
        Ok(Self { taken, ty: Wire::get(input)? })
    }
}

impl Wire for Int {
    fn put(&self, out: &mut Vec<u8>) {
        self.signed.put(out);
        self.width.put(out);
        self.min.put(out);
        self.max.put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            signed: Wire::get(input)?,
            width: Wire::get(input)?,
            min: Wire::get(input)?,
            max: Wire::get(input)?,
        })
    }
}

impl Wire for Node {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bool => out.push(0),
            Self::Int(int) => tagged(out, 1, int),
            Self::Float { width } => tagged(out, 2, width),
            Self::Char => out.push(3),
            Self::Bytes(bytes) => tagged(out, 4, bytes),
            Self::Str(text) => tagged(out, 5, text),
            Self::Seq { element, len, style } => {
                tagged(out, 6, element);
                len.put(out);
                style.put(out);
            }
            Self::Array { element, len } => {
                tagged(out, 7, element);
                len.put(out);
            }
            Self::Record(record) => tagged(out, 8, record),
            Self::OneOf { node, values } => {
                tagged(out, 10, node);
                values.all().to_vec().put(out);
            }
            Self::Choice { name, variants, weights } => {
                tagged(out, 9, name);
                variants.put(out);
                weights.each().to_vec().put(out);
            }
        }
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(match input.tag()? {
            0 => Self::Bool,
            1 => Self::Int(Wire::get(input)?),
            2 => Self::Float { width: Wire::get(input)? },
            3 => Self::Char,
            4 => Self::Bytes(Wire::get(input)?),
            5 => Self::Str(Wire::get(input)?),
            6 => Self::Seq {
                element: Wire::get(input)?,
                len: Wire::get(input)?,
                style: Wire::get(input)?,
            },
            7 => Self::Array { element: Wire::get(input)?, len: Wire::get(input)? },
            8 => Self::Record(Wire::get(input)?),
            9 => Self::Choice {
                name: Wire::get(input)?,
                variants: Wire::get(input)?,
                weights: Weights::new(Wire::get(input)?),
            },
            10 => Self::OneOf { node: Wire::get(input)?, values: Values::new(Vec::get(input)?) },
            _ => return Err(Malformed),
        })
    }
}

impl Wire for Schema {
    fn put(&self, out: &mut Vec<u8>) {
        self.root().put(out);
        (self.nodes().len() as u32).put(out);
        self.nodes().iter().for_each(|node| node.put(out));
        self.aliases().to_vec().put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let root = Wire::get(input)?;
        let schema = Self::new(Wire::get(input)?, root).map_err(|_| Malformed)?;
        Ok(schema.with_aliases(Vec::get(input)?))
    }
}
