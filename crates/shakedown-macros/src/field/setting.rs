//! One setting in the parentheses of an attribute.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Token, parenthesized, token};

/// `name = value`, `name(setting, ..)`, or just a name: never right, but later there is more to say about
/// it.
pub(crate) struct Setting {
    /// What is set.
    pub(crate) name: Ident,
    /// What it is set to.
    pub(crate) value: Option<Expr>,
    /// What is in parentheses after its name.
    pub(crate) within: Option<Vec<Setting>>,
}

/// What may have parentheses.
const GROUPS: [&str; 3] = ["items", "keys", "values"];

impl Parse for Setting {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected an option: `name = value`"));
        }
        let name = input.call(Ident::parse_any)?;
        if input.peek(token::Paren) && GROUPS.iter().any(|group| name == group) {
            let list;
            parenthesized!(list in input);
            let within = Punctuated::<Self, Token![,]>::parse_terminated(&list)?;
            return Ok(Self { name, value: None, within: Some(within.into_iter().collect()) });
        }
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Self { name, value, within: None })
    }
}
