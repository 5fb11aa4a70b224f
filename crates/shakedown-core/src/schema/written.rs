//! What derived code says of types whose values cannot be written as Rust literals everywhere: some of
//! their fields are made by a function, or are private, or of a type that its shape does not tell.
//!
//! It travels with the former names, for it is about fields, too: as one that no field can have had.

use super::Schema;

/// Instead of a former name of a type: none of its values is a literal, for some of it is made.
const MADE: &str = "";

/// The same: only in its module, for it has private fields.
const IN_MODULE: &str = "self";

/// The same: only in its crate.
const IN_CRATE: &str = "crate";

/// Instead of a former name of a field: its value is none.
const TEXT: &str = "!";

/// The same: it is none, unless it is of types that are derived.
const UNSURE: &str = "?";

/// How the value of a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// As its shape says.
    Literal,
    /// As its shape says, if that is of derived types.
    LiteralIfDerived,
    /// As the text of a file, which is read again.
    Text,
}

impl Schema {
    /// Whether a value of the type `of` can be written as a literal in `module`, as far as its own fields
    /// go.
    #[must_use]
    pub fn is_literal_in(&self, of: &str, module: &str) -> bool {
        let own = of.rsplit_once("::").map_or("", |(own, _)| own);
        let own_crate = own.split("::").next().unwrap_or_default();
        let is_within = |outer: &str| {
            module.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        let mut notes = self.aliases.iter().filter(|note| note.of == of && note.new.is_empty());
        notes.all(|note| match note.old.as_str() {
            MADE => false,
            IN_MODULE => is_within(own),
            IN_CRATE => is_within(own_crate),
            _ => true,
        })
    }

    /// How a field of the type `of` is written, or of its `variant`, or an argument where both are
    /// empty.
    #[must_use]
    pub fn written(&self, of: &str, variant: &str, field: &str) -> Written {
        let is_its =
            |note: &&super::Alias| note.of == of && note.variant == variant && note.new == field;
        let notes = self.aliases.iter().filter(is_its);
        notes.fold(Written::Literal, |written, note| match note.old.as_str() {
            TEXT => Written::Text,
            UNSURE => Written::LiteralIfDerived,
            _ => written,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Types;
    use super::*;

    #[test]
    fn notes_are_about_types_and_fields() {
        let mut types = Types::new();
        types.alias("c::m::Made", "", MADE, "");
        types.alias("c::m::Private", "", IN_MODULE, "");
        types.alias("c::m::Own", "", IN_CRATE, "");
        types.alias("c::m::Own", "V", UNSURE, "f");
        types.alias("c::m::Own", "V", "old", "f");
        types.alias("", "", TEXT, "argument");
        let schema = types.finish(vec![]).unwrap();
        let modules = ["c::m", "c::m::tests", "c::mm", "c", "d::m"];
        let is_literal = |of: &str| modules.map(|module| schema.is_literal_in(of, module));
        assert_eq!(is_literal("c::m::Made"), [false; 5]);
        assert_eq!(is_literal("c::m::Private"), [true, true, false, false, false]);
        assert_eq!(is_literal("c::m::Own"), [true, true, true, true, false]);
        assert_eq!(is_literal("c::m::Other"), [true; 5]);
        assert_eq!(schema.written("c::m::Own", "V", "f"), Written::LiteralIfDerived);
        assert_eq!(schema.written("c::m::Own", "W", "f"), Written::Literal);
        assert_eq!(schema.written("", "", "argument"), Written::Text);
        assert_eq!(schema.renamed("c::m::Own", "V", "old"), Some("f"), "it is a former name still");
    }
}
