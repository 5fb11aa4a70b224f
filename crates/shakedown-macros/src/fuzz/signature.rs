//! What a function must look like to be a target, and how its arguments are passed.

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericArgument, Ident, ItemFn, Pat, PatType, PathArguments, ReturnType,
    Safety, Type, TypeReference, Visibility, parse_quote_spanned,
};

use crate::complaints::Complaints;
use crate::field::{Attributes, Field};
use crate::literal::peel;

/// A function that may be a target.
pub(crate) struct Signature {
    /// Its name.
    pub(crate) name: Ident,
    /// Who may see it.
    pub(crate) visibility: Visibility,
    /// Its arguments.
    pub(crate) arguments: Vec<Argument>,
    /// What it returns.
    pub(crate) output: ReturnType,
    /// Attributes that go on the module: `#[cfg]`.
    pub(crate) conditions: Vec<Attribute>,
    /// Attributes that go on the test: `#[ignore]`.
    pub(crate) test_attributes: Vec<Attribute>,
}

/// One argument.
pub(crate) struct Argument {
    /// The value that is decoded for it.
    pub(crate) field: Field,
    /// How it reaches the function.
    pub(crate) passing: Passing,
}

/// How an argument reaches the function.
pub(crate) enum Passing {
    /// The decoded value itself. `&str` and `&[u8]` are such values.
    Owned,
    /// A reference to the decoded value.
    Lent {
        /// Whether it may be changed.
        mutable: bool,
        /// The type behind the reference.
        pointee: Box<Type>,
    },
}

impl Signature {
    /// Reads a function; what does not fit is noted.
    pub(crate) fn check(function: &ItemFn, complaints: &mut Complaints) -> Self {
        check_qualifiers(function, complaints);
        check_attributes(&function.attrs, complaints);
        let inputs = &function.sig.inputs;
        if inputs.is_empty() {
            let help = "a fuzz target needs an argument for the fuzzer to vary";
            complaints.push(&function.sig.ident, help);
        }
        let mut arguments: Vec<Argument> = Vec::new();
        for (index, input) in inputs.iter().enumerate() {
            match input {
                FnArg::Receiver(receiver) => complaints
                    .push(receiver, "a fuzz target cannot be a method: move it out of the `impl`"),
                FnArg::Typed(input) => arguments.push(argument(index, input, complaints)),
            }
        }
        rename_duplicates(&mut arguments);
        let with_name = |name: &'static str| {
            let chosen = function.attrs.iter().filter(move |a| a.path().is_ident(name));
            chosen.cloned().collect::<Vec<_>>()
        };
        Self {
            name: function.sig.ident.clone(),
            visibility: function.vis.clone(),
            arguments,
            output: function.sig.output.clone(),
            conditions: with_name("cfg"),
            test_attributes: with_name("ignore"),
        }
    }
}

fn check_qualifiers(function: &ItemFn, complaints: &mut Complaints) {
    let signature = &function.sig;
    if let Some(keyword) = &signature.constness {
        complaints.push(keyword, "a fuzz target cannot be `const`");
    }
    if let Some(keyword) = &signature.asyncness {
        let help = "a fuzz target cannot be `async`: block on the future inside it";
        complaints.push(keyword, help);
    }
    if let Safety::Unsafe(keyword) = &signature.safety {
        complaints.push(keyword, "a fuzz target cannot be `unsafe`: it is called with any input");
    }
    if let Some(abi) = &signature.abi {
        complaints.push(abi, "a fuzz target must use Rust's own calling convention");
    }
    if let Some(variadic) = &signature.variadic {
        complaints.push(variadic, "a fuzz target must have a fixed number of arguments");
    }
    let generics = &signature.generics;
    if !generics.params.is_empty() {
        let help = "a fuzz target cannot be generic: choose types, and leave out lifetimes";
        complaints.push(generics, help);
    }
}

fn check_attributes(attributes: &[Attribute], complaints: &mut Complaints) {
    for attribute in attributes {
        let last = attribute.path().segments.last().map(|segment| segment.ident.to_string());
        match last.as_deref() {
            Some("test") => complaints
                .push(attribute, "`#[fuzz]` already makes the test: remove this attribute"),
            Some("should_panic") => complaints.push(
                attribute,
                "a panic of a fuzz target is a finding: catch the expected ones inside it",
            ),
            _ => {}
        }
    }
}

fn argument(index: usize, input: &PatType, complaints: &mut Complaints) -> Argument {
    let name = match &*input.pat {
        Pat::Ident(pattern) => syn::ext::IdentExt::unraw(&pattern.ident).to_string(),
        _ => format!("arg{index}"),
    };
    complain_about_type(&input.ty, complaints);
    let (ty, passing) = passing(&input.ty);
    let attributes = Attributes::parse(&input.attrs, complaints);
    attributes.refuse_skip(complaints);
    attributes.check_type(&ty, complaints);
    Argument { field: Field { name, ty, attributes }, passing }
}

/// Names of arguments are those of their lines in files, so they must differ.
fn rename_duplicates(arguments: &mut [Argument]) {
    for index in 1..arguments.len() {
        let (before, rest) = arguments.split_at_mut(index);
        while before.iter().any(|argument| argument.field.name == rest[0].field.name) {
            rest[0].field.name.push('_');
        }
    }
}

/// The type to decode for an argument of type `ty`, and how to pass it.
fn passing(ty: &Type) -> (Type, Passing) {
    let Type::Reference(reference) = peel(ty) else {
        return (ty.clone(), Passing::Owned);
    };
    let TypeReference { mutability, elem, .. } = reference;
    let pointee = peel(elem);
    let mutable = mutability.is_some();
    let span = pointee.span();
    let owner = match pointee {
        _ if is_ident(pointee, "str") => {
            parse_quote_spanned!(span=> ::shakedown::__private::String)
        }
        Type::Slice(slice) => {
            let element = &slice.elem;
            parse_quote_spanned!(span=> ::shakedown::__private::Vec<#element>)
        }
        _ => pointee.clone(),
    };
    let of_bytes = matches!(pointee, Type::Slice(slice) if is_ident(peel(&slice.elem), "u8"));
    match !mutable && (of_bytes || is_ident(pointee, "str")) {
        true => (ty.clone(), Passing::Owned),
        false => (owner, Passing::Lent { mutable, pointee: Box::new(pointee.clone()) }),
    }
}

fn is_ident(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.qself.is_none() && path.path.is_ident(name))
}

/// Notes what no input can be, wherever in a type it stands.
fn complain_about_type(ty: &Type, complaints: &mut Complaints) {
    match ty {
        Type::Group(group) => complain_about_type(&group.elem, complaints),
        Type::Paren(paren) => complain_about_type(&paren.elem, complaints),
        Type::Array(array) => complain_about_type(&array.elem, complaints),
        Type::Slice(slice) => complain_about_type(&slice.elem, complaints),
        Type::Tuple(tuple) => {
            tuple.elems.iter().for_each(|element| complain_about_type(element, complaints));
        }
        Type::Reference(reference) => {
            complain_about_lifetime(reference.lifetime.as_ref(), complaints);
            complain_about_type(&reference.elem, complaints);
        }
        Type::Path(path) => {
            let last = path.path.segments.last().map(|segment| &segment.arguments);
            if let Some(PathArguments::AngleBracketed(arguments)) = last {
                for argument in &arguments.args {
                    match argument {
                        GenericArgument::Type(ty) => complain_about_type(ty, complaints),
                        GenericArgument::Lifetime(lifetime) => {
                            complain_about_lifetime(Some(lifetime), complaints);
                        }
                        _ => {}
                    }
                }
            }
        }
        Type::ImplTrait(tokens) => complain_about_kind(tokens, "an `impl Trait`", complaints),
        Type::TraitObject(tokens) => complain_about_kind(tokens, "a trait object", complaints),
        Type::FnPtr(tokens) => complain_about_kind(tokens, "a function", complaints),
        Type::Ptr(tokens) => complain_about_kind(tokens, "a raw pointer", complaints),
        _ => {}
    }
}

fn complain_about_kind(tokens: impl ToTokens, kind: &str, complaints: &mut Complaints) {
    complaints.push(tokens, format!("{kind} cannot be made from an input: name a concrete type"));
}

fn complain_about_lifetime(lifetime: Option<&syn::Lifetime>, complaints: &mut Complaints) {
    if let Some(lifetime) = lifetime.filter(|lifetime| lifetime.ident == "static") {
        let help = "an input does not live for `'static`: leave the lifetime out";
        complaints.push(lifetime, help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;
    use syn::parse_quote;

    fn check(function: ItemFn) -> (Signature, Vec<String>) {
        let mut complaints = Complaints::default();
        let signature = Signature::check(&function, &mut complaints);
        (signature, complaints.messages())
    }

    #[test]
    fn references_are_borrowed_from_the_input_or_lent() {
        let (signature, messages) = check(parse_quote! {
            fn f(a: &str, b: &'_ [u8], c: &[u32], d: &mut Config, e: &mut str, f: u8, g: &(str)) {}
        });
        assert!(messages.is_empty(), "{messages:?}");
        let passed: Vec<(String, &str)> = signature
            .arguments
            .iter()
            .map(|argument| {
                let ty = &argument.field.ty;
                let passing = match &argument.passing {
                    Passing::Owned => "owned",
                    Passing::Lent { mutable: false, .. } => "lent",
                    Passing::Lent { mutable: true, .. } => "lent mutably",
                };
                (quote!(#ty).to_string(), passing)
            })
            .collect();
        let expected = [
            ("& str", "owned"),
            ("& '_ [u8]", "owned"),
            (":: shakedown :: __private :: Vec < u32 >", "lent"),
            ("Config", "lent mutably"),
            (":: shakedown :: __private :: String", "lent mutably"),
            ("u8", "owned"),
            ("& (str)", "owned"),
        ];
        assert_eq!(passed, expected.map(|(ty, passing)| (ty.to_owned(), passing)));
    }

    #[test]
    fn patterns_get_names_that_differ() {
        let (signature, _) = check(parse_quote! {
            fn f(_: u8, arg0: u8, mut a: u8, r#type: u8, (b, c): (u8, u8)) {}
        });
        let names: Vec<&str> =
            signature.arguments.iter().map(|argument| argument.field.name.as_str()).collect();
        assert_eq!(names, ["arg0", "arg0_", "a", "type", "arg4"]);
    }

    #[test]
    fn all_mistakes_are_reported() {
        let (_, messages) = check(parse_quote! {
            #[test]
            #[should_panic]
            const async unsafe extern "C" fn f<T>(self, a: impl Fn(), b: &'static str,
                c: Vec<Box<dyn Fn()>>, d: *const u8) {}
        });
        assert_eq!(messages.len(), 12, "{messages:#?}");
        let (_, messages) = check(parse_quote!(
            fn f() {}
        ));
        assert_eq!(messages, ["a fuzz target needs an argument for the fuzzer to vary"]);
    }
}
