//! `items(..)`, `keys(..)` and `values(..)`: what is said of the values that a field holds.

use proc_macro2::{Ident, Span};

use super::attributes::Attributes;
use super::setting::Setting;
use crate::complaints::Complaints;

/// What is said of some of the values that a field holds.
#[derive(Clone)]
pub(crate) struct Part {
    /// The word for these values.
    pub(super) name: Ident,
    /// What is said of them.
    pub(super) attributes: Attributes,
}

impl Part {
    /// The trait of what has such values, and what they are called there.
    pub(super) fn kind(&self) -> (Ident, Ident) {
        let (of, kind) = match self.name.to_string().as_str() {
            "items" => ("Items", "Item"),
            "keys" => ("Pairs", "Key"),
            _ => ("Pairs", "Value"),
        };
        let span = self.name.span().resolved_at(Span::mixed_site());
        (Ident::new(of, span), Ident::new(kind, span))
    }
}

/// What can be said of values that are held: what their shape can hold, and nothing that is done to
/// them when they are read.
const LIMITS: [&str; 9] =
    ["range", "len", "chars", "ascii", "regex", "one_of", "items", "keys", "values"];

/// Adds what is said of the values that `name` stands for.
pub(super) fn add(
    parts: &mut Vec<Part>,
    name: Ident,
    within: Vec<Setting>,
    complaints: &mut Complaints,
) {
    if parts.iter().any(|part| part.name == name) {
        complaints.push(&name, format!("`{name}` is given twice"));
        return;
    }
    let mut attributes = Attributes::default();
    for setting in within {
        match LIMITS.iter().any(|limit| setting.name == limit) {
            true => attributes.set(setting, complaints),
            false => {
                let other = &setting.name;
                let message = format!(
                    "`{other}` cannot be said of `{name}`: there are `range`, `len`, `chars`, \
                     `ascii`, `regex`, `one_of` and `items`; for all else make a type of your own"
                );
                complaints.push(other, message);
            }
        }
    }
    attributes.check_together(complaints);
    parts.push(Part { name, attributes });
}
