//! Which types have values that can be written as Rust literals, as far as their names tell. Tests in
//! plain Rust are made of them; for all others there is `shakedown::from_text`.

use syn::{GenericArgument, Ident, PathArguments, PathSegment, Type};

use crate::literal::peel;

/// What derived code notes of a field instead of a former name; see `schema/written.rs` of the core.
pub(crate) const MADE: &str = "";
pub(crate) const IN_MODULE: &str = "self";
pub(crate) const IN_CRATE: &str = "crate";
const TEXT: &str = "!";
const UNSURE: &str = "?";

/// Types whose literals are those of their shape.
const PLAIN: &[&str] = &[
    "bool",
    "char",
    "str",
    "String",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "Vec",
    "Option",
    "Result",
    "HashMap",
    "HashSet",
    "BTreeMap",
    "BTreeSet",
    "Duration",
    "Range",
    "RangeInclusive",
    "RangeFrom",
    "RangeTo",
    "RangeToInclusive",
    "RangeFull",
    "Ordering",
    "PhantomData",
    "IpAddr",
    "SocketAddr",
    "SocketAddrV4",
    "SocketAddrV6",
    "Bound",
    "Self",
];

/// Types around others, of which their shape says nothing.
const AROUND: &[&str] = &[
    "Box",
    "Rc",
    "Arc",
    "Cow",
    "VecDeque",
    "LinkedList",
    "BinaryHeap",
    "Wrapping",
    "Saturating",
    "Reverse",
    "SmallVec",
    "ArrayVec",
    "IndexMap",
    "IndexSet",
    "Either",
];

/// Those whose values can be made of what they hold, where they stand outermost in an argument.
const OUTERMOST: &[&str] = &[
    "Box",
    "Rc",
    "Arc",
    "VecDeque",
    "LinkedList",
    "BinaryHeap",
    "Wrapping",
    "Saturating",
    "Reverse",
    "Arbitrary",
    "CString",
    "Ipv4Addr",
    "Ipv6Addr",
];

/// Where a type stands.
pub(crate) struct Place<'p> {
    /// The type that is being defined, if it is one.
    pub(crate) of: Option<&'p Ident>,
    /// Its parameters, whose values are taken to be plain.
    pub(crate) parameters: Vec<&'p Ident>,
}

/// What is to be noted of a field or argument of this type, if anything.
pub(crate) fn note(ty: &Type, place: &Place<'_>) -> Option<&'static str> {
    let ty = peel(ty);
    let outermost = segment(ty).filter(|segment| place.of.is_none() && is_outermost(segment));
    let noted = match outermost {
        Some(segment) => worst(inner(segment).into_iter().map(|ty| grade(ty, place))),
        None => grade(ty, place),
    };
    [None, Some(UNSURE), Some(TEXT)][noted]
}

fn is_outermost(segment: &PathSegment) -> bool {
    let name = segment.ident.to_string();
    OUTERMOST.contains(&name.as_str()) || name.starts_with("NonZero")
}

/// 0 for plain, 1 for unsure, 2 for certainly none.
fn grade(ty: &Type, place: &Place<'_>) -> usize {
    match peel(ty) {
        Type::Array(array) => grade(&array.elem, place),
        Type::Slice(slice) => grade(&slice.elem, place),
        Type::Reference(reference) => grade(&reference.elem, place),
        Type::Tuple(tuple) => worst(tuple.elems.iter().map(|ty| grade(ty, place))),
        Type::Path(path) => match path.path.segments.last() {
            Some(segment) => of_segment(segment, place),
            None => 1,
        },
        _ => 1,
    }
}

fn of_segment(segment: &PathSegment, place: &Place<'_>) -> usize {
    let inner = inner(segment);
    let name = segment.ident.to_string();
    let own = || worst(inner.iter().map(|ty| grade(ty, place)));
    if AROUND.contains(&name.as_str()) {
        let is_text = inner.first().is_some_and(|ty| is_text(ty));
        let is_recursive = inner.iter().any(|ty| is_itself(ty, place));
        return if is_text || is_recursive { own() } else { 2 };
    }
    let is_plain = PLAIN.contains(&name.as_str())
        || place.parameters.contains(&&segment.ident)
        || place.of == Some(&segment.ident);
    own().max(usize::from(!is_plain))
}

fn worst(grades: impl Iterator<Item = usize>) -> usize {
    grades.max().unwrap_or(0)
}

/// Whether a type is that of a string or of bytes: what is around it can be made by `into`.
fn is_text(ty: &Type) -> bool {
    let is =
        |ty: &Type, name: &str| matches!(peel(ty), Type::Path(path) if path.path.is_ident(name));
    match peel(ty) {
        Type::Slice(slice) => is(&slice.elem, "u8"),
        ty => is(ty, "str"),
    }
}

/// Whether a type is the one that is being defined: printing puts it into its pointer.
fn is_itself(ty: &Type, place: &Place<'_>) -> bool {
    segment(ty).is_some_and(|segment| segment.ident == "Self" || place.of == Some(&segment.ident))
}

fn segment(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The types in the brackets after a name.
fn inner(segment: &PathSegment) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return Vec::new() };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn names_tell_what_a_literal_can_be() {
        let (own, parameter): (Ident, Ident) = (parse_quote!(Tree), parse_quote!(T));
        let place = Place { of: Some(&own), parameters: vec![&parameter] };
        let plain: [Type; 9] = [
            parse_quote!(u8),
            parse_quote!(&'a [u8]),
            parse_quote!(std::collections::HashMap<String, [Option<(u8, T)>; N]>),
            parse_quote!(Box<str>),
            parse_quote!(Cow<'a, [u8]>),
            parse_quote!(Option<Box<Tree>>),
            parse_quote!(Vec<Self>),
            parse_quote!(Rc<Self>),
            parse_quote!(PhantomData<T>),
        ];
        assert!(plain.iter().all(|ty| note(ty, &place).is_none()));
        let unsure: [Type; 4] = [
            parse_quote!(Uuid),
            parse_quote!(Vec<(u8, mine::Config)>),
            parse_quote!(NonZeroU8),
            parse_quote!([Instant; 2]),
        ];
        assert!(unsure.iter().all(|ty| note(ty, &place) == Some(UNSURE)));
        let text: [Type; 4] = [
            parse_quote!(Box<u8>),
            parse_quote!(Option<Rc<Other>>),
            parse_quote!(VecDeque<u8>),
            parse_quote!((u8, Wrapping<u8>)),
        ];
        assert!(text.iter().all(|ty| note(ty, &place) == Some(TEXT)));
    }

    #[test]
    fn what_stands_outermost_in_an_argument_can_be_made() {
        let place = Place { of: None, parameters: Vec::new() };
        let good: [Type; 4] = [
            parse_quote!(Box<u8>),
            parse_quote!(num::NonZeroU8),
            parse_quote!(VecDeque<Vec<u8>>),
            parse_quote!(CString),
        ];
        assert!(good.iter().all(|ty| note(ty, &place).is_none()));
        assert_eq!(note(&parse_quote!(Box<Mine>), &place), Some(UNSURE));
        assert_eq!(note(&parse_quote!(Box<Box<u8>>), &place), Some(TEXT));
        assert_eq!(note(&parse_quote!(Vec<Box<u8>>), &place), Some(TEXT));
    }
}
