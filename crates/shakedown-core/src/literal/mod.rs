//! The text form of an input: one named argument a line, in Rust literal syntax.
//!
//! [`print()`] writes it and [`parse()`] reads it, tolerantly: types change over the years and people
//! edit the files. What a file leaves out takes its default and what the schema does not know is
//! skipped with a warning, but a value of a wrong shape is an error that says where.

mod code;
mod diagnostic;
mod escape;
mod fields;
mod header;
mod lex;
pub(crate) mod number;
mod parse;
mod print;
mod retyped;
mod scalar;
mod sequence;
mod skip;
mod suggest;
#[cfg(test)]
mod tests;

pub use code::{Callee, Parameter, SOURCE, TEXT, Taken, print_call, print_test};
pub use diagnostic::{Diagnostic, Parsed};
pub use header::HEADER;
pub use parse::parse;
pub(crate) use parse::{Strangers, parse_file, parse_from};
pub use print::{print, print_arguments, print_value};

pub(crate) use diagnostic::{Remark, quote};
pub(crate) use header::skip_header;

/// Byte order mark that some editors put before a text.
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

/// A name of the schema as it stands in a file: without path, generic arguments and `r#`.
pub(crate) fn plain_name(name: &str) -> &str {
    let path = name.split('<').next().unwrap_or(name);
    let last = path.rsplit("::").next().unwrap_or(path);
    last.strip_prefix("r#").unwrap_or(last)
}

/// Whether a name is a word of the language, which stands in code as `r#name`.
fn needs_raw(name: &str) -> bool {
    const WORDS: &str = " abstract as async await become box break const continue do dyn else enum \
                         extern false final fn for gen if impl in let loop macro match mod move \
                         mut override priv pub ref return static struct trait true try type typeof \
                         unsafe unsized use virtual where while yield ";
    WORDS.contains(&format!(" {name} "))
}

/// The bounds of a length in words, such as `2 to 5 bytes`.
pub(crate) fn length_text(len: crate::schema::Len, unit: &str) -> String {
    match (len.min, len.max) {
        (min, max) if min == max => format!("exactly {min} {unit}"),
        (min, u32::MAX) => format!("at least {min} {unit}"),
        (0, max) => format!("at most {max} {unit}"),
        (min, max) => format!("{min} to {max} {unit}"),
    }
}
