//! JSON values: a recursive enum as any other. Objects are maps, and numbers what they are stored as.

use serde_json::{Map, Number, Value};
use shakedown_core::schema::{SeqStyle, TypeKey};

use crate::Input;
use crate::input::collections::{collect, encode_pair, sequence};
use crate::input::shapes::{choice, unit, wrapping};
use crate::input::{Corrupt, NodeId, Reader, Types, Writer};

impl<'a> Input<'a> for Value {
    fn schema(types: &mut Types) -> NodeId {
        let key = TypeKey { name: "serde_json::Value", place: (file!(), line!(), column!()) };
        types.recursive(key, |types| {
            let variants = vec![
                unit("Null"),
                wrapping("Bool", bool::schema(types)),
                wrapping("Number", Number::schema(types)),
                wrapping("String", String::schema(types)),
                wrapping("Array", Vec::<Self>::schema(types)),
                wrapping("Object", Map::schema(types)),
            ];
            choice("Value", variants)
        })
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        Ok(match reader.tag(6)? {
            0 => Self::Null,
            1 => Self::Bool(bool::decode(reader)?),
            2 => Self::Number(Number::decode(reader)?),
            3 => Self::String(String::decode(reader)?),
            4 => Self::Array(Vec::decode(reader)?),
            _ => Self::Object(Map::decode(reader)?),
        })
    }

    fn encode(&self, writer: &mut Writer) {
        let tag = match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Number(_) => 2,
            Self::String(_) => 3,
            Self::Array(_) => 4,
            Self::Object(_) => 5,
        };
        writer.tag(tag, 6);
        match self {
            Self::Null => {}
            Self::Bool(value) => value.encode(writer),
            Self::Number(value) => value.encode(writer),
            Self::String(value) => value.encode(writer),
            Self::Array(value) => value.encode(writer),
            Self::Object(value) => value.encode(writer),
        }
    }
}

/// An integer, or a finite float; any other float stands for null in JSON, and for zero here.
impl<'a> Input<'a> for Number {
    fn schema(types: &mut Types) -> NodeId {
        let variants = vec![
            wrapping("Unsigned", u64::schema(types)),
            wrapping("Signed", i64::schema(types)),
            wrapping("Float", f64::schema(types)),
        ];
        types.add(choice("Number", variants))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        Ok(match reader.tag(3)? {
            0 => u64::decode(reader)?.into(),
            1 => i64::decode(reader)?.into(),
            _ => Self::from_f64(f64::decode(reader)?).unwrap_or_else(|| 0.into()),
        })
    }

    fn encode(&self, writer: &mut Writer) {
        if let Some(number) = self.as_u64() {
            writer.tag(0, 3);
            number.encode(writer);
        } else if let Some(number) = self.as_i64() {
            writer.tag(1, 3);
            number.encode(writer);
        } else {
            writer.tag(2, 3);
            self.as_f64().unwrap_or_default().encode(writer);
        }
    }
}

impl<'a> Input<'a> for Map<String, Value> {
    fn schema(types: &mut Types) -> NodeId {
        sequence::<(String, Value)>(types, SeqStyle::Map)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        collect::<(String, Value), _>(reader)
    }

    fn encode(&self, writer: &mut Writer) {
        writer.count(self.len());
        self.iter().for_each(|pair| encode_pair(pair, writer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{decode, inputs_are_values, survives};

    #[test]
    fn every_kind_of_value_survives() {
        let text = r#"{"a": [null, true, 1, -1, 1.5, 18446744073709551615, "x"], "b": {}}"#;
        survives(&text.parse::<Value>().unwrap());
        inputs_are_values::<Value>();
    }

    #[test]
    fn what_is_not_finite_is_zero() {
        let nan: Number = decode(&[&[2][..], &f64::NAN.to_le_bytes()].concat());
        assert_eq!(nan, 0.into());
    }
}
