//! A stored value, and what each edit of its type makes of it: the table in `docs/formats.md`.

#[allow(dead_code, reason = "each test uses its own part of this")]
mod common;

use std::fmt::Debug;

use common::{decode, schema_of};
use shakedown::Input;
use shakedown_core::literal;

/// What an earlier version has written.
const STORED: &str = r#"shakedown v1
value: Order {
    id: 7,
    total: 300,
    price: 2.5,
    name: "ab",
    letter: 'x',
    paid: true,
    tags: [1, 2],
    array: [5, 6],
    pair: (3, "c"),
    some: Some(4),
    none: None,
    sent: Sent { days: 5, to: "d" },
    held: Held(8, 9),
    open: Open,
    size: Size(9),
    point: Point { x: 1, y: 2 },
    map: {1: "e"},
}
"#;

/// The stored value as one of another type: what it is then, and what is told besides the fields that
/// the type does not have.
fn read<T: for<'a> Input<'a> + Debug>() -> Result<(String, Vec<String>), String> {
    let parsed = literal::parse(&schema_of::<T>(), STORED).map_err(|error| error.message)?;
    let told = parsed.warnings.into_iter().map(|warning| warning.message);
    let told = told.filter(|message| !message.starts_with("skipped the unknown field `"));
    Ok((format!("{:?}", decode::<T>(&parsed.input)), told.collect()))
}

/// For each edit the types after it, and what becomes of the value: with nothing told, with one thing
/// told, or an error.
macro_rules! edits {
    ($($name:ident: { $($types:tt)* } => $outcome:tt;)*) => {$(
        #[test]
        fn $name() {
            #[allow(unused_imports)]
            use std::collections::*;
            edits!(@types $($types)*);
            edits!(@check read::<Order>(), $outcome);
        }
    )*};
    (@types $($(#[$meta:meta])* $kind:ident $name:ident $body:tt $(;)?)*) => {
        $(edits!(@type $(#[$meta])* $kind $name $body);)*
    };
    (@type $(#[$meta:meta])* struct $name:ident ($($body:tt)*)) => {
        #[allow(dead_code)]
        #[derive(Debug, Input)]
        $(#[$meta])* struct $name($($body)*);
    };
    (@type $(#[$meta:meta])* $kind:ident $name:ident $body:tt) => {
        #[allow(dead_code)]
        #[derive(Debug, Input)]
        $(#[$meta])* $kind $name $body
    };
    (@check $read:expr, ($value:literal)) => {
        assert_eq!($read, Ok((format!("Order {{ {} }}", $value), Vec::new())))
    };
    (@check $read:expr, ($value:literal, $told:literal)) => {
        assert_eq!($read, Ok((format!("Order {{ {} }}", $value), vec![$told.to_owned()])))
    };
    (@check $read:expr, [$error:literal]) => {
        assert_eq!($read, Err($error.to_owned()))
    };
}

edits! {
    // Fields.
    nothing_changes: { struct Order { id: u8 } } => ("id: 7");
    a_field_is_added: { struct Order { id: u8, new: u16 } } => ("id: 7, new: 0");
    a_field_with_a_default_is_added:
        { struct Order { id: u8, #[input(default = 5)] new: u16 } } => ("id: 7, new: 5");
    fields_are_reordered: { struct Order { paid: bool, id: u8 } } => ("paid: true, id: 7");
    a_field_is_renamed: { struct Order { number: u8 } } => ("number: 0");
    a_field_is_renamed_with_an_alias:
        { struct Order { #[input(alias = "no", alias = "id")] number: u8 } } => ("number: 7");
    a_field_is_skipped: { struct Order { id: u8, #[input(skip)] paid: bool } } =>
        ("id: 7, paid: false");
    fields_move_into_a_struct: { struct Inner { id: u8 } struct Order { inner: Inner } } =>
        ("inner: Inner { id: 0 }");
    a_struct_is_renamed: { struct Place { x: u8 } struct Order { point: Place } } =>
        ("point: Place { x: 1 }", "`Point` is read as `Place`");

    // Scalars.
    an_integer_is_widened: { struct Order { id: u64 } } => ("id: 7");
    an_integer_gets_a_sign: { struct Order { id: i16 } } => ("id: 7");
    an_integer_is_narrowed_and_fits: { struct Order { total: i16 } } => ("total: 300");
    an_integer_is_narrowed_and_does_not_fit: { struct Order { total: u8 } } =>
        ["`300` is out of range: expected an integer from 0 to 255"];
    a_range_is_set_that_it_is_in: { struct Order { #[input(range = 1..=7)] id: u8 } } => ("id: 7");
    a_range_is_set_that_it_is_not_in: { struct Order { #[input(range = 8..)] id: u8 } } =>
        ["`7` is out of range: expected an integer from 8 to 255"];
    an_integer_becomes_a_float: { struct Order { id: f32 } } => ("id: 7.0");
    a_float_is_narrowed: { struct Order { price: f32 } } => ("price: 2.5");
    a_float_becomes_an_integer: { struct Order { price: u32 } } => ["expected an integer, found `2.5`"];
    a_character_becomes_a_string: { struct Order { letter: String } } => ("letter: \"x\"");
    a_string_of_several_becomes_a_character: { struct Order { name: char } } =>
        ["expected a character such as `'a'`, found `\"ab\"`"];
    a_string_becomes_bytes: { struct Order { name: Vec<u8> } } => ("name: [97, 98]");
    a_number_becomes_a_string: { struct Order { id: String } } => ["expected a string, found `7`"];

    // Options, lists and newtypes.
    a_value_becomes_optional: { struct Order { id: Option<u8> } } =>
        ("id: Some(7)", "`7` is read as `Some(..)` of it");
    a_struct_becomes_optional: { struct Point { x: u8 } struct Order { point: Option<Point> } } =>
        ("point: Some(Point { x: 1 })", "`Point` is read as `Some(..)` of it");
    some_value_is_no_longer_optional: { struct Order { some: u8 } } =>
        ("some: 4", "`Some` is read as what is in it");
    no_value_is_no_longer_optional: { struct Order { none: u8 } } =>
        ("none: 0", "`None` is read as the default");
    a_value_becomes_a_list: { struct Order { id: Vec<u16> } } =>
        ("id: [7]", "`7` is read as the only element");
    a_list_becomes_a_value: { struct Order { tags: u8 } } => ["expected an integer, found `[`"];
    a_list_becomes_a_set: { struct Order { tags: BTreeSet<u8> } } => ("tags: {1, 2}");
    a_list_becomes_an_array: { struct Order { tags: [u8; 2] } } => ("tags: [1, 2]");
    a_list_becomes_a_shorter_array: { struct Order { tags: [u8; 1] } } =>
        ["too many bytes: expected exactly 1 bytes"];
    an_array_becomes_a_list: { struct Order { array: VecDeque<u16> } } => ("array: [5, 6]");
    an_array_becomes_a_tuple: { struct Order { array: (u8, u16) } } => ("array: (5, 6)");
    a_tuple_grows: { struct Order { pair: (u8, String, bool) } } => ("pair: (3, \"c\", false)");
    a_tuple_shrinks: { struct Order { pair: (u8,) } } =>
        ("pair: (3,)", "skipped the unknown field 1 of a tuple");
    a_map_gets_other_types: { struct Order { map: HashMap<u64, Vec<u8>> } } => ("map: {1: [101]}");
    a_value_becomes_a_newtype: { struct Id(u8); struct Order { id: Id } } =>
        ("id: Id(7)", "`7` is read as the only field");
    a_newtype_becomes_a_value: { struct Order { size: u16 } } =>
        ("size: 9", "`Size` is read as what is in it");
    a_newtype_is_renamed: { struct Width(u8); struct Order { size: Width } } =>
        ("size: Width(9)", "`Size` is read as `Width`");
    a_value_is_boxed: { struct Order { id: Box<u8>, tags: Box<[u8]> } } => ("id: 7, tags: [1, 2]");

    // Structs.
    a_struct_becomes_a_tuple_struct: { struct Point(u8, u8); struct Order { point: Point } } =>
        ("point: Point(1, 2)", "the fields of `Point` are read in their order");
    a_tuple_struct_becomes_a_struct: { struct Size { of: u8 } struct Order { size: Size } } =>
        ("size: Size { of: 9 }", "the fields of `Size` are read in their order");
    a_struct_loses_its_fields: { struct Point {} struct Order { point: Point } } => ("point: Point");

    // Variants.
    variants_are_moved_and_added:
        { enum Kind { New(u8), Sent { days: u8 }, Open } struct Order { open: Kind, sent: Kind } } =>
        ("open: Open, sent: Sent { days: 5 }");
    a_variant_is_removed: { enum Kind { Closed } struct Order { open: Kind } } =>
        ["`Kind` has no variant `Open`: expected `Closed`"];
    a_variant_is_renamed_with_an_alias:
        { enum Kind { #[input(alias = "Open")] Waiting } struct Order { open: Kind } } =>
        ("open: Waiting");
    a_field_of_a_variant_is_renamed_with_an_alias:
        { enum Kind { Sent { #[input(alias = "days")] age: u8 } } struct Order { sent: Kind } } =>
        ("sent: Sent { age: 5 }");
    a_variant_gets_fields: { enum Kind { Open(u8, bool) } struct Order { open: Kind } } =>
        ("open: Open(0, false)", "the fields of `Open` are read as their defaults");
    a_variant_loses_its_fields: { enum Kind { Sent } struct Order { sent: Kind } } =>
        ("sent: Sent", "skipped the fields of `Sent`, which has none");
    the_fields_of_a_variant_get_names:
        { enum Kind { Held { by: u8, at: u8 } } struct Order { held: Kind } } =>
        ("held: Held { by: 8, at: 9 }", "the fields of `Held` are read in their order");
    an_enum_becomes_optional: { enum Kind { Open } struct Order { open: Option<Kind> } } =>
        ("open: Some(Open)", "`Open` is read as `Some(..)` of it");
}

#[test]
fn an_argument_is_renamed_with_an_alias() {
    let schema = shakedown::__private::schema(|types| {
        types.alias("", "", "text", "input");
        let fields = [("input", u8::schema(types)), ("other", u8::schema(types))];
        fields.map(|(name, node)| shakedown::__private::field(name, node, None)).into()
    });
    let parsed = literal::parse(&schema.unwrap(), "shakedown v1\nother: 2\ntext: 1\n").unwrap();
    assert_eq!((parsed.input, parsed.warnings), (vec![1, 2], vec![]));
}
