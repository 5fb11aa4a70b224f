//! The macros of `shakedown`: each parses, validates and expands; complaints are gathered, and
//! point at what the user wrote.

mod complaints;
mod derive;
mod duration;
mod field;
mod fuzz;
mod literal;

use proc_macro::TokenStream;

/// Makes a function a fuzz target.
///
/// The function stays as it is. Beside it comes a module of its name, with a test named `fuzz`:
/// `cargo test` replays the target's known inputs by it, and `cargo shakedown fuzz` searches for
/// new ones.
///
/// ```
/// #[shakedown::fuzz(seeds = [("http://a/?q", true), ("", false)], timeout = "2s")]
/// fn queries_are_kept(text: &str, strict: bool) -> Result<(), String> {
///     match text.split_once('?') {
///         Some((_, query)) if strict && query.contains('?') => Err(query.to_owned()),
///         _ => Ok(()),
///     }
/// }
/// # fn main() {}
/// ```
///
/// # Arguments
///
/// Each is of a type with [`Input`](trait@Input). `&str` and `&[u8]` borrow from the input; for
/// other references, `&T`, `&mut T`, `&[T]`, `&mut [T]`, the test owns a value and lends it. The
/// attributes of fields, such as `#[input(range = 0..=100)]`, may stand on arguments too.
///
/// A target fails by a panic, by anything that ends its process, by taking too long, and by an
/// `Err` if it returns `Result<(), E>`. It calls [`reject`](fn@reject) where an input is of no
/// interest.
///
/// # Options
///
/// | option | meaning |
/// | --- | --- |
/// | `seeds = [..]` | inputs to start from; bare for a single argument, else tuples |
/// | `timeout = "10s"` | the longest execution: `500ms`, `10s`, `5m`, `2h` |
/// | `max_len = 4096` | most bytes of an input; a constant expression |
/// | `dict = ["GIF89a", b"\xff\xd8"]` | tokens that inputs may contain |
/// | `dict = "fuzz/gif.dict"` | the same from a file in the format of AFL and libFuzzer, by its path from the package's folder |
///
/// In seeds, `"..."` and `b"..."` become whatever string or bytes type the argument has; anything
/// else is an expression of the argument's type:
///
/// ```
/// #[shakedown::fuzz(seeds = [b"GIF89a", b""], dict = ["GIF87a"])]
/// fn headers_are_short(bytes: Vec<u8>) {
///     assert!(header(&bytes).len() <= 6);
/// }
/// # fn header(bytes: &[u8]) -> &[u8] { &bytes[..bytes.len().min(6)] }
/// # fn main() {}
/// ```
#[proc_macro_attribute]
pub fn fuzz(options: TokenStream, function: TokenStream) -> TokenStream {
    fuzz::expand(options.into(), function.into()).into()
}

/// Implements [`Input`](trait@Input) for a struct or an enum.
///
/// Every field needs the trait itself, or names a module by `#[input(with = module)]`. Fields may
/// borrow (`&'a str`), and types may contain themselves in a `Box`, a `Vec` and the like.
#[proc_macro_derive(Input, attributes(input))]
pub fn derive_input(item: TokenStream) -> TokenStream {
    derive::expand(item.into()).into()
}
