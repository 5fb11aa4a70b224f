//! What the tests of `Input` have in common: its promises, checked on given and on random values.

use std::fmt::Debug;

use shakedown::__private::{encoded, field, schema};
use shakedown::Input;
use shakedown::input::Reader;
use shakedown_core::mutate::Mutator;
use shakedown_core::rng::Rng;
use shakedown_core::schema::shape;
use shakedown_core::schema::{Node, Schema};

/// Mutations of the simplest value that are tried for each type.
const MUTATIONS: usize = 300;

/// The schema of a target with one argument.
pub(crate) fn schema_of<'a, T: Input<'a>>() -> Schema {
    schema(|types| vec![field("value", T::schema(types), None)]).expect("a sound schema")
}

/// The node of a type.
pub(crate) fn node_of<'a, T: Input<'a>>() -> Node {
    let schema = schema_of::<T>();
    schema.node(schema.arguments()[0].node).clone()
}

/// The encoding of a value.
pub(crate) fn encode<'a, T: Input<'a>>(value: &T) -> Vec<u8> {
    encoded(|writer| value.encode(writer))
}

/// Decodes all of `bytes`.
pub(crate) fn decode<'a, T: Input<'a>>(bytes: &'a [u8]) -> T {
    let mut reader = Reader::new(bytes);
    let value = T::decode(&mut reader).expect("bytes of the right shape");
    assert!(reader.rest().is_empty(), "everything is read");
    value
}

/// Checks that a value survives, and that its encoding has the shape of its type.
pub(crate) fn survives<T: for<'a> Input<'a> + PartialEq + Debug>(value: &T) {
    let bytes = encode(value);
    shape::check(&schema_of::<T>(), &bytes).expect("the shape of the type");
    assert_eq!(&decode::<T>(&bytes), value);
}

/// Checks that every input of the shape is a value, and that the value survives.
pub(crate) fn inputs_are_values<T: for<'a> Input<'a>>() {
    let schema = schema_of::<T>();
    let mut mutator = Mutator::new(Rng::new(7), Vec::new());
    let mut input = vec![0; 4096];
    let simplest = schema.simplest_input();
    input[..simplest.len()].copy_from_slice(&simplest);
    let mut len = simplest.len();
    for _ in 0..MUTATIONS {
        let name = std::any::type_name::<T>();
        let once = encode(&decode::<T>(&input[..len]));
        shape::check(&schema, &once).unwrap_or_else(|error| panic!("{name}: {error}"));
        // Not `once == input`: sets drop what they have twice.
        assert_eq!(encode(&decode::<T>(&once)), once, "{name}");
        len = mutator.mutate(&schema, &mut input, len, &[]);
    }
}
