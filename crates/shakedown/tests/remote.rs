//! Types of other crates, by types of one's own that look like them.
#![deny(dead_code)]

#[allow(dead_code, reason = "each test uses its own part of this")]
mod common;

use common::{inputs_are_values, schema_of, survives};
use shakedown::Input;
use shakedown_core::literal;

/// Stands in for another crate, which knows nothing of inputs.
mod other {
    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct Point<T> {
        pub(super) x: T,
        pub(super) y: i32,
    }

    #[derive(Clone, Debug, PartialEq)]
    pub(super) enum Shape {
        Dot(Point<u8>),
        Circle { at: Point<u8>, radius: u32 },
        Nothing,
    }

    #[derive(Clone, Debug, PartialEq)]
    pub(super) struct Pair(pub(super) String, pub(super) Option<u8>);
}

#[derive(Input)]
#[input(remote = "other::Point<u8>")]
struct Point {
    x: u8,
    #[input(range = -9..=9)]
    y: i32,
}

#[derive(Input)]
#[input(remote = "other::Shape")]
enum Shape {
    Dot(#[input(with = Point)] other::Point<u8>),
    Circle {
        #[input(with = Point)]
        at: other::Point<u8>,
        radius: u32,
    },
    #[input(alias = "Empty")]
    Nothing,
}

#[derive(Input)]
#[input(remote = "other::Pair")]
struct Pair(String, Option<u8>);

#[derive(Clone, Debug, Input, PartialEq)]
struct Drawing {
    #[input(with = Shape)]
    shape: other::Shape,
    #[input(with = Pair)]
    pair: other::Pair,
}

#[test]
fn types_of_other_crates_are_fields() {
    let at = other::Point { x: 1, y: -9 };
    let pair = other::Pair("a".into(), Some(1));
    for shape in [
        other::Shape::Dot(at.clone()),
        other::Shape::Circle { at: at.clone(), radius: 7 },
        other::Shape::Nothing,
    ] {
        survives(&Drawing { shape, pair: pair.clone() });
    }
    inputs_are_values::<Drawing>();
}

#[test]
fn files_call_them_by_their_own_names() {
    let schema = schema_of::<Drawing>();
    let text = "shakedown v1\nvalue: Drawing { shape: Empty, pair: Pair(\"a\", None) }\n";
    let input = literal::parse(&schema, text).unwrap().input;
    let printed = literal::print(&schema, &input, &[]);
    assert_eq!(printed, text.replace("Empty", "Nothing"));
}
