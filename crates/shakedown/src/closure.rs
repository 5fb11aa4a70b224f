//! Targets whose body is a closure that the program has made itself, as those of afl and honggfuzz are.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::mode::{FAILED, run_or_replay};
use crate::process::lent;
use crate::target::{Target, Verdict, raw_schema};

impl Target {
    /// A target that takes plain bytes, and whose body is a closure that the program has when it runs:
    /// see `run_closure`. It has nothing but a mark, the name of its program, and a folder.
    #[must_use]
    pub const fn of_closure(
        mark: &'static str,
        program: &'static str,
        manifest_dir: &'static str,
    ) -> Self {
        Self {
            mark,
            program: Some(program),
            manifest_dir,
            schema: || raw_schema("data"),
            call: |reader| Ok(lent::call(reader.lent()?)),
            seeds: Vec::new,
            dictionary: Vec::new,
            max_len: None,
            timeout: None,
            parameters: &[],
            is_fallible: false,
        }
    }

    /// The same for a program that has called a function, and not a macro which knows its place.
    #[must_use]
    pub fn of_this_program() -> &'static Self {
        static TARGET: OnceLock<Target> = OnceLock::new();
        TARGET.get_or_init(|| {
            let path = std::env::current_exe().unwrap_or_default();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Self::of_closure("\u{1}shakedown target\u{1}program::main;:0;", name.leak(), "")
        })
    }
}

/// As `run_program`, for a program whose own `main` has made the body of the target. It runs on the
/// thread that it was made for, whatever `$RUST_MIN_STACK` says.
pub fn run_closure(
    target: &'static Target,
    paths: &[PathBuf],
    body: &mut dyn FnMut(&[u8]) -> Verdict,
) -> i32 {
    let ended =
        catch_unwind(AssertUnwindSafe(|| lent::with(body, || run_or_replay(target, paths))));
    ended.map_or(FAILED, |()| 0)
}

/// The target of the program that calls this, at the place of the call. Its body is a closure, unless
/// the caller says another `call`.
#[doc(hidden)]
#[macro_export]
macro_rules! __closure_target {
    () => {
        $crate::__private::Target::of_closure(
            ::core::concat!(
                "\u{1}shakedown target\u{1}",
                ::core::module_path!(),
                ";",
                ::core::file!(),
                ":",
                ::core::line!(),
                ";"
            ),
            match ::core::option_env!("CARGO_BIN_NAME") {
                ::core::option::Option::None => ::core::module_path!(),
                ::core::option::Option::Some(name) => name,
            },
            ::core::env!("CARGO_MANIFEST_DIR"),
        )
    };
}

/// The body of a target whose argument is made of the bytes by `$make`.
#[doc(hidden)]
#[macro_export]
macro_rules! __closure_body {
    (|$bytes:ident| $make:expr; $data:ident: $type:ty; $body:expr) => {
        |$bytes: &[u8]| match $make {
            ::core::result::Result::Ok($data) => {
                let $data: $type = $data;
                (|| $body)();
                $crate::__private::Verdict::Passed
            }
            ::core::result::Result::Err(_) => $crate::__private::Verdict::Rejected,
        }
    };
}
