//! First targets.

/// A file of tests with a target of this name, for whatever package.
#[must_use]
pub(crate) fn first_test(package: &str, name: &str) -> String {
    let library = package.replace('-', "_");
    format!(
        "//! `cargo shakedown fuzz` searches for inputs that make a target fail; `cargo test` runs what it has\n\
         //! found.\n\n\
         #[shakedown::fuzz(seeds = [\"hello\"])]\n\
         fn {name}(text: &str) {{\n    \
         // Call your code with the input, and assert what must hold: `{library}::parse(text)`. Arguments\n    \
         // may be of many types, and of your own with `#[derive(shakedown::Input)]`.\n    \
         let _ = text;\n\
         }}\n"
    )
}

/// A program that is a target, written with the crate of another fuzzer.
#[must_use]
pub(crate) fn program(original: &str) -> String {
    const BODY: &str = "// Call your code with the data, and assert what must hold.";
    match original {
        "afl" => format!(
            "fn main() {{\n    afl::fuzz!(|data: &[u8]| {{\n        {BODY}\n        let _ = data;\n    \
             }});\n}}\n"
        ),
        "honggfuzz" => format!(
            "fn main() {{\n    loop {{\n        honggfuzz::fuzz!(|data: &[u8]| {{\n            {BODY}\n            \
             let _ = data;\n        }});\n    }}\n}}\n"
        ),
        _ => format!(
            "#![no_main]\n\nuse libfuzzer_sys::fuzz_target;\n\nfuzz_target!(|data: &[u8]| {{\n    {BODY}\n    \
             let _ = data;\n}});\n"
        ),
    }
}
