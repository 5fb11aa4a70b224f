//! Seeds: an expression for each argument.

use syn::Expr;

use super::signature::Argument;
use crate::complaints::Complaints;

/// Splits every seed into the values of the arguments; what does not fit is noted.
pub(crate) fn check<'s>(
    seeds: &'s [Expr],
    arguments: &[Argument],
    complaints: &mut Complaints,
) -> Vec<Vec<&'s Expr>> {
    let mut split = Vec::new();
    for seed in seeds {
        match (arguments.len(), seed) {
            (0 | 1, _) => split.push(vec![seed]),
            (count, Expr::Tuple(tuple)) if tuple.elems.len() == count => {
                split.push(tuple.elems.iter().collect());
            }
            (count, _) => {
                let names: Vec<&str> =
                    arguments.iter().map(|argument| argument.field.name.as_str()).collect();
                let names = names.join(", ");
                complaints
                    .push(seed, format!("a seed of this target has {count} values: `({names})`"));
            }
        }
    }
    split
}

#[cfg(test)]
mod tests {
    use super::super::signature::Signature;
    use super::*;
    use syn::{ItemFn, parse_quote};

    fn check_seeds(function: &ItemFn, seeds: &[Expr]) -> Result<Vec<usize>, Vec<String>> {
        let mut complaints = Complaints::default();
        let arguments = Signature::check(function, &mut complaints).arguments;
        let split = check(seeds, &arguments, &mut complaints);
        let messages = complaints.messages();
        match messages.is_empty() {
            true => Ok(split.iter().map(Vec::len).collect()),
            false => Err(messages),
        }
    }

    #[test]
    fn a_single_value_is_bare_even_if_it_is_a_tuple() {
        let function = parse_quote!(
            fn f(pair: (u8, u8)) {}
        );
        let seeds = [parse_quote!((1, 2)), parse_quote!(PAIR)];
        assert_eq!(check_seeds(&function, &seeds), Ok(vec![1, 1]));
    }

    #[test]
    fn several_values_are_a_tuple() {
        let function = parse_quote!(
            fn f(text: &str, strict: bool) {}
        );
        assert_eq!(check_seeds(&function, &[parse_quote!(("a", true))]), Ok(vec![2]));
        let wrong = [parse_quote!("a"), parse_quote!(("a", true, 1)), parse_quote!(PAIR)];
        let message = "a seed of this target has 2 values: `(text, strict)`".to_owned();
        assert_eq!(check_seeds(&function, &wrong), Err(vec![message; 3]));
    }
}
