//! Short ways to write the nodes of structs, tuples and enums.

use shakedown_core::schema::{Field, FieldStyle, Node, NodeId, Record, Weights};

/// A field, with the encoded value that stands in where it is missing.
#[must_use]
pub fn field(name: &str, node: NodeId, default: Option<Vec<u8>>) -> Field {
    Field { name: name.into(), node, default }
}

/// A struct or variant with named fields.
#[must_use]
pub fn named(name: &str, fields: Vec<Field>) -> Record {
    Record { name: name.into(), style: FieldStyle::Named, fields }
}

/// A tuple struct or variant; a plain tuple if `name` is empty.
#[must_use]
pub fn tuple(name: &str, fields: Vec<Field>) -> Record {
    Record { name: name.into(), style: FieldStyle::Tuple, fields }
}

/// A struct or variant without fields.
#[must_use]
pub fn unit(name: &str) -> Record {
    Record { name: name.into(), style: FieldStyle::Unit, fields: Vec::new() }
}

/// An enum.
#[must_use]
pub fn choice(name: &str, variants: Vec<Record>) -> Node {
    Node::Choice { name: name.into(), variants, weights: Weights::EVEN }
}

/// An enum whose variants are not drawn equally often.
#[must_use]
pub fn weighted_choice(name: &str, variants: Vec<Record>, weights: Vec<u32>) -> Node {
    Node::Choice { name: name.into(), variants, weights: Weights::new(weights) }
}

/// The only field of a variant such as `Some(..)`.
pub(crate) fn wrapping(name: &str, node: NodeId) -> Record {
    tuple(name, vec![field("0", node, None)])
}

/// Implements [`Input`](crate::Input) for a struct of another library: its name, its fields with
/// their types (and for integers, a range), how to take a value apart and how to make one.
macro_rules! foreign_struct {
    (
        [$($generics:tt)*] $type:ty, $name:literal
        { $($field:ident: $inner:ty $(= $range:expr)?),* },
        |$this:pat_param| $parts:expr,
        $make:expr
    ) => {
        impl<'a, $($generics)*> $crate::Input<'a> for $type {
            fn schema(types: &mut $crate::input::Types) -> $crate::input::NodeId {
                let fields = vec![$({
                    let node = <$inner as $crate::Input<'a>>::schema(types);
                    let name = stringify!($field);
                    $(let node = $crate::input::limits::limit_range::<$inner>(
                        types, name, node, $range,
                    );)?
                    $crate::input::shapes::field(name, node, None)
                }),*];
                let record = $crate::input::shapes::named($name, fields);
                types.add(shakedown_core::schema::Node::Record(record))
            }

            #[inline]
            fn decode(
                reader: &mut $crate::input::Reader<'a>,
            ) -> Result<Self, $crate::input::Corrupt> {
                $(let $field = <$inner as $crate::Input<'a>>::decode(reader)?;)*
                Ok($make)
            }

            fn encode(&self, writer: &mut $crate::input::Writer) {
                let $this = self;
                let ($($field,)*) = $parts;
                $(<$inner as $crate::Input<'a>>::encode(&$field, writer);)*
            }
        }
    };
}

/// Implements [`Input`](crate::Input) for an enum of another library whose variants hold nothing.
macro_rules! foreign_enum {
    ($type:ty, $name:literal { $($variant:ident),* $(,)? }) => {
        impl<'a> $crate::Input<'a> for $type {
            fn schema(types: &mut $crate::input::Types) -> $crate::input::NodeId {
                let variants = vec![$($crate::input::shapes::unit(stringify!($variant))),*];
                types.add($crate::input::shapes::choice($name, variants))
            }

            #[inline]
            fn decode(
                reader: &mut $crate::input::Reader<'a>,
            ) -> Result<Self, $crate::input::Corrupt> {
                let variants = [$(Self::$variant),*];
                Ok(variants[reader.tag(variants.len())?])
            }

            fn encode(&self, writer: &mut $crate::input::Writer) {
                let variants = [$(Self::$variant),*];
                let tag = variants.iter().position(|variant| variant == self);
                writer.tag(tag.expect("all variants are listed"), variants.len());
            }
        }
    };
}

pub(crate) use {foreign_enum, foreign_struct};
