//! What the `#[input(..)]` attributes of a field say.

use proc_macro2::{Ident, Span, TokenStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, LitStr, Meta, Path, Token, Type, parse_quote};

use super::alphabet;
use super::setting::Setting;
use super::values::{former_name, list, needed, path, pattern, range};
use crate::complaints::Complaints;
use crate::literal;

/// What the attributes say.
#[derive(Clone, Default)]
pub(crate) struct Attributes {
    /// The values of an integer.
    pub(super) range: Option<Expr>,
    /// The lengths of a string or sequence.
    pub(super) len: Option<Expr>,
    /// What a string or bytes may hold: the ends of runs of codes, and where that is said.
    pub(super) chars: Option<(Span, Vec<(u32, u32)>)>,
    /// What a string is as a whole: the code of the pattern, and where it is said.
    pub(super) regex: Option<(Span, TokenStream)>,
    /// The values that there may be.
    pub(super) one_of: Option<Vec<Expr>>,
    /// What is said of the elements, keys and values that there are.
    pub(super) parts: Vec<Part>,
    /// The value where a file has none.
    pub(super) default: Option<Expr>,
    /// What it was called before.
    pub(super) aliases: Vec<LitStr>,
    /// The module that does the work of the type.
    pub(super) with: Option<Path>,
    /// What makes the value from what files hold, and what does the reverse.
    pub(super) map: Option<Expr>,
    pub(super) unmap: Option<Expr>,
    /// The strategy that makes the value of bytes.
    pub(super) strategy: Option<Expr>,
    /// Which values are kept.
    pub(super) filter: Option<Expr>,
    /// Whether a list is sorted, has no element twice; where that is said.
    pub(super) sorted: Option<Span>,
    pub(super) unique: Option<Span>,
    /// Whether files have nothing of the field; where that is said.
    pub(super) skip: Option<Span>,
}

const KNOWN: &str = "`range = 0..=9`, `len = 0..=9`, `chars = \"a-z\"`, `ascii`, \
                     `regex = \"[a-z]+\"`, `one_of = [..]`, `items(..)`, `sorted`, `unique`, \
                     `filter = predicate`, `map = function`, `unmap = function`, `strategy = expr`, `default = expr`, \
                     `alias = \"old\"`, `skip` or `with = module`";

impl Attributes {
    /// Reads the `#[input(..)]` among `attributes`.
    pub(crate) fn parse(attributes: &[Attribute], complaints: &mut Complaints) -> Self {
        let mut parsed = Self::default();
        for attribute in attributes.iter().filter(|attribute| is_input(attribute)) {
            match &attribute.meta {
                Meta::List(list) => {
                    let options =
                        list.parse_args_with(Punctuated::<_, Token![,]>::parse_terminated);
                    for option in complaints.take(options).into_iter().flatten() {
                        parsed.set(option, complaints);
                    }
                }
                other => {
                    complaints.push(other, format!("expected options in parentheses: {KNOWN}"))
                }
            }
        }
        parsed.check_together(complaints);
        parsed
    }

    /// Notes what does not go together.
    pub(super) fn check_together(&self, complaints: &mut Complaints) {
        let refuse = |complaints: &mut Complaints, at: Option<&Expr>, message| {
            at.into_iter().for_each(|at| complaints.push(at, message));
        };
        if let Some((span, _)) = &self.regex
            && (self.len.is_some() || self.chars.is_some())
        {
            let message = "`regex` says how long a string is and what is in it";
            complaints.push_error(syn::Error::new(*span, message));
        }
        let is_made = self.with.is_some() || self.map.is_some();
        let strategy = self.strategy.as_ref();
        let message = "`strategy`, `map` and `with` each say how the value is made";
        refuse(complaints, strategy.filter(|_| is_made), message);
        let is_written = self.default.is_some() || self.one_of.is_some();
        let message =
            "a value of a `strategy` cannot be written: files hold the bytes it is made of";
        refuse(complaints, strategy.filter(|_| is_written), message);
        match (&self.map, &self.unmap) {
            (Some(map), _) if self.with.is_some() => {
                complaints.push(map, "`map` and `with` both say how the value is made");
            }
            (Some(_), unmap) => {
                let range = self.range.as_ref();
                refuse(complaints, range, "`map` takes any value: it can bring it into the range");
                let one_of = self.one_of.iter().flatten().next().filter(|_| unmap.is_none());
                refuse(complaints, one_of, "values of what `map` makes need `unmap`");
                let default = self.default.as_ref().filter(|_| unmap.is_none());
                refuse(complaints, default, "a default of what `map` makes needs `unmap`");
            }
            (None, unmap) => refuse(complaints, unmap.as_ref(), "`unmap` goes with `map`"),
        }
    }

    /// Notes what cannot be said of a value of this type, as far as its name tells: a number has no length.
    pub(crate) fn check_type(&self, ty: &Type, complaints: &mut Complaints) {
        // Of what makes a value, they are about the source.
        let is_made = self.map.is_some() || self.with.is_some() || self.strategy.is_some();
        let Type::Path(path) = literal::peel(ty) else { return };
        let Some(name) = path.path.get_ident().filter(|name| !is_made && is_scalar(name)) else {
            return;
        };
        let of_text = self.chars.as_ref().map(|(span, _)| ("chars` or `ascii", *span));
        let of_pattern = self.regex.as_ref().map(|(span, _)| ("regex", *span));
        let of_len = self.len.as_ref().map(|len| ("len", len.span()));
        for (attribute, span) in [of_len, of_text, of_pattern].into_iter().flatten() {
            let message =
                format!("`{attribute}` is about strings and lists, and this is a `{name}`");
            complaints.push_error(syn::Error::new(span, message));
        }
    }

    /// Whether files have nothing of the field, if that is said of one that can do without.
    pub(crate) fn is_skipped(&self) -> bool {
        self.skip.is_some()
    }

    /// Notes that an argument cannot be skipped.
    pub(crate) fn refuse_skip(&self, complaints: &mut Complaints) {
        if let Some(span) = self.skip {
            let message = "an argument cannot be skipped: make the value in the function";
            complaints.push_error(syn::Error::new(span, message));
        }
    }

    /// Notes what a setting says.
    pub(super) fn set(&mut self, setting: Setting, complaints: &mut Complaints) {
        let Setting { name, value, within } = setting;
        match (within, value) {
            (Some(within), _) => add_part(&mut self.parts, name, within, complaints),
            (None, Some(value)) => self.set_value(&name, value, complaints),
            (None, None) => self.set_word(&name, complaints),
        }
    }

    fn set_value(&mut self, name: &Ident, value: Expr, complaints: &mut Complaints) {
        match name.to_string().as_str() {
            "range" => set_once(&mut self.range, range(value, name), name, complaints),
            "len" => set_once(&mut self.len, range(value, name), name, complaints),
            "chars" => {
                let chars = alphabet::parse(&value).map(|runs| (value.span(), runs));
                set_once(&mut self.chars, chars, name, complaints);
            }
            "regex" => {
                let pattern = pattern(&value).map(|pattern| (value.span(), pattern));
                set_once(&mut self.regex, pattern, name, complaints);
            }
            "one_of" => set_once(&mut self.one_of, list(value), name, complaints),
            "default" => set_once(&mut self.default, Ok(value), name, complaints),
            "map" => set_once(&mut self.map, Ok(value), name, complaints),
            "unmap" => set_once(&mut self.unmap, Ok(value), name, complaints),
            "strategy" => {
                let value = needed("proptest", cfg!(feature = "proptest"), name).map(|()| value);
                set_once(&mut self.strategy, value, name, complaints);
            }
            "filter" => set_once(&mut self.filter, Ok(value), name, complaints),
            "alias" => self.aliases.extend(complaints.take(former_name(&value))),
            "with" => {
                let module = path(value, "`with` needs the path of a module");
                set_once(&mut self.with, module, name, complaints);
            }
            "ascii" | "sorted" | "unique" | "skip" => {
                complaints.push(value, format!("`{name}` takes no value"));
            }
            _ => complain_about_name(name, complaints),
        }
    }

    fn set_word(&mut self, name: &Ident, complaints: &mut Complaints) {
        match name.to_string().as_str() {
            "ascii" => {
                let ascii = Ok((name.span(), vec![alphabet::ASCII]));
                set_once(&mut self.chars, ascii, name, complaints);
            }
            "default" => {
                let of_type = parse_quote!(::core::default::Default::default());
                set_once(&mut self.default, Ok(of_type), name, complaints);
            }
            "sorted" => set_once(&mut self.sorted, Ok(name.span()), name, complaints),
            "unique" => set_once(&mut self.unique, Ok(name.span()), name, complaints),
            "skip" => set_once(&mut self.skip, Ok(name.span()), name, complaints),
            "range" | "len" | "chars" | "regex" | "one_of" | "map" | "unmap" | "strategy"
            | "filter" | "alias" | "with" => {
                complaints.push(name, format!("`{name}` needs a value: `{name} = ..`"));
            }
            _ => complain_about_name(name, complaints),
        }
    }
}

/// Notes that nothing of this name can be said so.
fn complain_about_name(name: &Ident, complaints: &mut Complaints) {
    let message = match name.to_string().as_str() {
        "items" | "keys" | "values" => {
            format!("`{name}` needs parentheses: `{name}(range = 0..=9)`")
        }
        _ => format!("unknown attribute `{name}`: expected {KNOWN}"),
    };
    complaints.push(name, message);
}

/// Whether a type of this name is a number, a character or a truth value.
fn is_scalar(name: &Ident) -> bool {
    let names = "u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char";
    names.split(' ').any(|scalar| name == scalar)
}

/// Whether an attribute is ours.
pub(crate) fn is_input(attribute: &Attribute) -> bool {
    attribute.path().is_ident("input")
}

/// Keeps the value of an option, unless it is wrong or there is one.
pub(crate) fn set_once<T>(
    slot: &mut Option<T>,
    value: syn::Result<T>,
    name: &Ident,
    complaints: &mut Complaints,
) {
    let Some(value) = complaints.take(value) else { return };
    match slot {
        Some(_) => complaints.push(name, format!("`{name}` is given twice")),
        None => *slot = Some(value),
    }
}

/// What is said of some of the values that a field holds.
#[derive(Clone)]
pub(crate) struct Part {
    /// The word for these values.
    pub(super) name: Ident,
    /// What is said of them.
    pub(super) attributes: Attributes,
}

impl Attributes {
    /// What is said of the items, if functions take care of them, at whatever depth.
    pub(super) fn items_with(&self) -> Option<&Self> {
        let items = self.parts.iter().find(|part| part.name == "items")?;
        let items = &items.attributes;
        (items.with.is_some() || items.items_with().is_some()).then_some(items)
    }
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
const LIMITS: [&str; 10] =
    ["range", "len", "chars", "ascii", "regex", "one_of", "with", "items", "keys", "values"];

/// Adds what is said of the values that `name` stands for.
fn add_part(parts: &mut Vec<Part>, name: Ident, within: Vec<Setting>, complaints: &mut Complaints) {
    if parts.iter().any(|part| part.name == name) {
        complaints.push(&name, format!("`{name}` is given twice"));
        return;
    }
    let mut attributes = Attributes::default();
    for setting in within {
        match LIMITS.iter().any(|limit| setting.name == limit) {
            // Of a map, nothing is made by two modules.
            _ if name != "items" && setting.name == "with" => {
                complaints
                    .push(&setting.name, format!("`with` can be said of `items`, not of `{name}`"));
            }
            true => attributes.set(setting, complaints),
            false => {
                let other = &setting.name;
                let message = format!(
                    "`{other}` cannot be said of `{name}`: there are `range`, `len`, `chars`, \
                     `ascii`, `regex`, `one_of`, `with` and `items`; for all else make a type of your own"
                );
                complaints.push(other, message);
            }
        }
    }
    attributes.check_together(complaints);
    parts.push(Part { name, attributes });
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn messages(attributes: &[Attribute]) -> Vec<String> {
        let mut complaints = Complaints::default();
        Attributes::parse(attributes, &mut complaints);
        complaints.messages()
    }

    #[test]
    fn good_attributes_are_understood() {
        let mut complaints = Complaints::default();
        let attributes: [Attribute; 3] = [
            parse_quote!(#[input(range = -1..=MAX, default = 3)]),
            parse_quote!(#[doc = "input"]),
            parse_quote!(#[input(len = 5, with = a::b,)]),
        ];
        let parsed = Attributes::parse(&attributes, &mut complaints);
        assert!(parsed.range.is_some() && parsed.len.is_some());
        assert!(parsed.default.is_some() && parsed.with.is_some());
        assert!(complaints.messages().is_empty());
    }

    #[test]
    fn all_mistakes_are_reported() {
        assert_eq!(
            messages(&[
                parse_quote!(#[input]),
                parse_quote!(#[input(rnage = 1..2, len = "5", with = 3, filter, skip = 1)]),
                parse_quote!(#[input(range = 1..2, range = 3..4)]),
                parse_quote!(#[input(len = 5..=2)]),
                parse_quote!(#[input(range = 3..3, one_of = [])]),
                parse_quote!(#[input("x")]),
            ]),
            [
                format!("expected options in parentheses: {KNOWN}").as_str(),
                &format!("unknown attribute `rnage`: expected {KNOWN}"),
                "`len` needs a range, such as `0..=9` or `1..`",
                "`with` needs the path of a module",
                "`filter` needs a value: `filter = ..`",
                "`skip` takes no value",
                "`range` is given twice",
                "`len` allows nothing: its range is empty",
                "`range` allows nothing: its range is empty",
                "`one_of` needs a list of values: `one_of = [1, 2]`",
                "expected an option: `name = value`",
            ]
        );
    }

    #[test]
    fn a_strategy_makes_the_value_alone() {
        let good: &[Attribute] = &[parse_quote!(#[input(strategy = any(), len = ..=64)])];
        let bad: &[Attribute] = &[parse_quote!(#[input(strategy = any(), map = f, default)])];
        if cfg!(feature = "proptest") {
            assert!(messages(good).is_empty());
            assert_eq!(messages(bad).len(), 3);
        } else {
            assert!(messages(good)[0].starts_with("this needs the feature `proptest`"));
        }
    }

    #[test]
    fn what_cannot_be_said_of_items_is_reported() {
        assert!(messages(&[parse_quote!(#[input(items(range = 1..2, items(ascii)))])]).is_empty());
        let messages = messages(&[
            parse_quote!(#[input(items = 3, keys(default), values(len = 3..2))]),
            parse_quote!(#[input(keys(ascii), keys(ascii), items(map = f))]),
        ]);
        let starts: Vec<_> = messages.iter().map(|text| text.split([':', ';']).next()).collect();
        assert_eq!(
            starts,
            [
                Some("`items` needs parentheses"),
                Some("`default` cannot be said of `keys`"),
                Some("`len` allows nothing"),
                Some("`keys` is given twice"),
                Some("`keys` is given twice"),
                Some("`map` cannot be said of `items`"),
            ]
        );
    }

    #[test]
    fn what_does_not_go_together_is_reported() {
        assert_eq!(messages(&[parse_quote!(#[input(unmap = f)])]), ["`unmap` goes with `map`"]);
        assert_eq!(
            messages(&[parse_quote!(#[input(map = f, range = 1..2, default = 1)])]),
            [
                "`map` takes any value: it can bring it into the range",
                "a default of what `map` makes needs `unmap`",
            ]
        );
        assert_eq!(
            messages(&[parse_quote!(#[input(map = f, with = m)])]),
            ["`map` and `with` both say how the value is made"]
        );
        assert!(messages(&[parse_quote!(#[input(map = f, unmap = g, default)])]).is_empty());
    }
}
