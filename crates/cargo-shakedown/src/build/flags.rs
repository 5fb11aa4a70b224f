//! Which crates are instrumented, and with which compiler flags.
//!
//! The decision is made from one crate's rustc arguments alone, so that it can be tested without
//! compiling anything. [`super::wrapper`] applies it.

use std::ffi::{OsStr, OsString};
use std::hash::Hasher;

/// Flags of every instrumented crate: counters at each edge, their addresses, and comparisons, which
/// are only told while the runtime opens a gate.
///
/// The last but one keeps comparisons of constant-size memory as calls of `memcmp` and `bcmp`, which the
/// runtime defines and records. The last one keeps the calls apart by which an assertion fails that is
/// inlined at several places: else none of them has a line.
pub(crate) const INSTRUMENTATION: [&str; 8] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=3",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-sanitizer-coverage-gated-trace-callbacks",
    "-Cllvm-args=-max-loads-per-memcmp=0",
    "-Cllvm-args=-enable-tail-merge=0",
];

/// Flags by which an instrumented crate can tell that it is being fuzzed.
const FUZZING: [&str; 2] = ["--cfg=fuzzing", "--check-cfg=cfg(fuzzing)"];

/// Flags of the runtime: it defines the callbacks of the instrumentation.
const RUNTIME: [&str; 2] = ["--cfg=shakedown_coverage", "--check-cfg=cfg(shakedown_coverage)"];

/// Flags of the engine's own libraries, over those of the profile: the checks that find bugs in the
/// user's code would double the cost of an execution here, and find nothing of theirs.
const ENGINE: [&str; 3] = ["-Copt-level=3", "-Cdebug-assertions=off", "-Coverflow-checks=off"];

/// Libraries that are part of the engine, or called by it where it must not be observed.
const ENGINE_LIBRARIES: [&str; 7] =
    ["shakedown", "shakedown_core", "shakedown_main", "libfuzzer_sys", "afl", "honggfuzz", "libc"];

/// Flag of every crate of a runtime that is built apart, so that none of its libraries is taken for one
/// that the user has as well.
const APART: &str = "-Cmetadata=shakedown-runtime";

/// What the wrapper does to one call of rustc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A query, or code for the host: compiled as asked.
    Plain,
    /// A library of the engine that knows nothing of coverage.
    Engine,
    /// The library `shakedown`, which defines the callbacks.
    Runtime,
    /// A crate to observe. `linked`: the outcome is an executable or a shared library.
    Observed { linked: bool },
}

/// The arguments to append to a call of rustc with `rustc_args`.
///
/// `stubs` is the archive of [`super::stubs`]. The callbacks in it are used where the runtime is
/// not linked, because it is searched last. A `blind` build is the same but for instrumentation.
#[must_use]
pub(crate) fn extra_arguments(
    rustc_args: &[OsString],
    stubs: &OsStr,
    blind: bool,
) -> Vec<OsString> {
    match role(rustc_args) {
        Role::Plain => Vec::new(),
        Role::Engine => ENGINE.map(OsString::from).to_vec(),
        Role::Runtime if blind => ENGINE.map(OsString::from).to_vec(),
        Role::Observed { .. } if blind => FUZZING.map(OsString::from).to_vec(),
        Role::Runtime => RUNTIME.iter().chain(&ENGINE).map(OsString::from).collect(),
        Role::Observed { linked } => {
            let mut extra: Vec<_> =
                INSTRUMENTATION.iter().chain(&FUZZING).map(OsString::from).collect();
            if linked {
                let mut argument = OsString::from("-Clink-arg=");
                argument.push(stubs);
                extra.push(argument);
            }
            extra
        }
    }
}

/// The arguments to append where a sanitizer is to watch the program: in all that is linked into it, the
/// engine included, or what one part allocates would be unknown to the other.
#[must_use]
pub(crate) fn sanitizer_arguments(rustc_args: &[OsString], sanitizer: &str) -> Vec<OsString> {
    match role(rustc_args) {
        Role::Plain => Vec::new(),
        Role::Engine | Role::Runtime | Role::Observed { .. } => {
            vec![format!("-Zsanitizer={sanitizer}").into()]
        }
    }
}

/// The arguments to append for a runtime that is built apart, or used.
///
/// `libraries` says how: it is empty for a crate of the runtime itself; else it is what
/// [`super::stand_in`] makes of it.
#[must_use]
pub(crate) fn runtime_arguments(rustc_args: &[OsString], libraries: &str) -> Vec<OsString> {
    let mut lines = libraries.lines();
    match (role(rustc_args), lines.next()) {
        (Role::Plain, _) => Vec::new(),
        (_, None) => vec![APART.into()],
        (_, Some(users)) => {
            let libraries: Vec<&str> = lines.collect();
            let name = values(rustc_args, "--crate-name").next();
            let is_user = users.split(' ').any(|user| Some(user) == name);
            let named = libraries.iter().filter(|_| is_user);
            let external = named.map(|library| format!("--extern={library}"));
            // They lie beside what they depend on themselves.
            let file = libraries.first().and_then(|library| Some(library.split_once('=')?.1));
            let folder = file.and_then(|file| std::path::Path::new(file).parent());
            let folder = folder.map(|folder| format!("-Ldependency={}", folder.display()));
            external.chain(folder).map(OsString::from).collect()
        }
    }
}

/// A name for this set of flags, so that what was built with another set is never reused.
#[must_use]
pub(crate) fn digest() -> String {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.write(env!("CARGO_PKG_VERSION").as_bytes());
    hash.write_u32(shakedown_core::wire::PROTOCOL);
    hash.write(super::stubs::SOURCE.as_bytes());
    let lists: [&[&str]; 5] = [&INSTRUMENTATION, &FUZZING, &RUNTIME, &ENGINE, &ENGINE_LIBRARIES];
    for flag in lists.concat() {
        hash.write(flag.as_bytes());
        hash.write_u8(0);
    }
    format!("{:016x}", hash.finish())
}

/// A name for these contents, taken together.
#[must_use]
pub(super) fn content_digest(contents: &[Vec<u8>]) -> String {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    contents.iter().for_each(|content| hash.write(content));
    format!("{:016x}", hash.finish())
}

/// FNV-1a: unlike the standard hasher its result is the same in every release.
struct Fnv(u64);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn role(args: &[OsString]) -> Role {
    let is_test = args.iter().any(|arg| arg == "--test");
    // Cargo is always given `--target`, so a crate without it is a build script, a procedural
    // macro, or a dependency of one.
    let (Some(name), Some(_)) =
        (values(args, "--crate-name").next(), values(args, "--target").next())
    else {
        return Role::Plain;
    };
    let kinds: Vec<&str> =
        values(args, "--crate-type").flat_map(|kinds| kinds.split(',')).collect();
    let linked = is_test
        || kinds.is_empty()
        || kinds.iter().any(|kind| matches!(*kind, "bin" | "cdylib" | "dylib"));
    let is_engine = ENGINE_LIBRARIES.contains(&name)
        && !is_test
        && kinds.iter().any(|kind| matches!(*kind, "lib" | "rlib"));
    match (is_engine, name) {
        (true, "shakedown") => Role::Runtime,
        (true, _) => Role::Engine,
        (false, _) => Role::Observed { linked },
    }
}

/// The values of an option that is written `--option value` or `--option=value`.
fn values<'a>(args: &'a [OsString], option: &'a str) -> impl Iterator<Item = &'a str> {
    args.iter().enumerate().filter_map(move |(index, arg)| {
        match arg.to_str()?.strip_prefix(option)? {
            "" => args.get(index + 1)?.to_str(),
            rest => rest.strip_prefix('='),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The role of a call written as in a shell, without quotes.
    fn check(line: &str) -> Role {
        role(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    const OBSERVED: Role = Role::Observed { linked: false };
    const LINKED: Role = Role::Observed { linked: true };

    #[test]
    fn queries_are_plain() {
        assert_eq!(check("rustc -vV"), Role::Plain);
        assert_eq!(
            check("rustc - --crate-name ___ --print=file-names --crate-type bin"),
            Role::Plain
        );
    }

    #[test]
    fn code_for_the_host_is_plain() {
        assert_eq!(check("rustc --crate-name build_script_build --crate-type bin"), Role::Plain);
        assert_eq!(check("rustc --crate-name m --crate-type proc-macro src/lib.rs"), Role::Plain);
        assert_eq!(check("rustc --crate-name syn --crate-type lib"), Role::Plain);
    }

    #[test]
    fn libraries_of_the_engine_are_not_observed() {
        let lib = "--crate-type lib --target t";
        assert_eq!(check(&format!("rustc --crate-name shakedown {lib}")), Role::Runtime);
        assert_eq!(check(&format!("rustc --crate-name shakedown_core {lib}")), Role::Engine);
        assert_eq!(check(&format!("rustc --crate-name libc {lib}")), Role::Engine);
    }

    #[test]
    fn tests_of_the_engine_are_observed() {
        assert_eq!(check("rustc --crate-name shakedown --test --target t"), LINKED);
        assert_eq!(check("rustc --crate-name shakedown_core --test --target=t"), LINKED);
        assert_eq!(check("rustc --crate-name shakedown --crate-type bin --target t"), LINKED);
    }

    #[test]
    fn stubs_go_where_something_is_linked() {
        assert_eq!(check("rustc --crate-name a --crate-type lib --target t"), OBSERVED);
        assert_eq!(check("rustc --crate-name a --crate-type=staticlib --target t"), OBSERVED);
        assert_eq!(check("rustc --crate-name a --crate-type bin --target t"), LINKED);
        assert_eq!(check("rustc --crate-name a --crate-type rlib,cdylib --target t"), LINKED);
        assert_eq!(
            check("rustc --crate-name a --crate-type rlib --crate-type dylib --target t"),
            LINKED
        );
        assert_eq!(check("wrapper rustc --crate-name a --test --target t"), LINKED);
    }

    #[test]
    fn flags_are_appended_for_observed_crates_only() {
        let args = ["rustc", "--crate-name", "a", "--test", "--target", "t"].map(OsString::from);
        let extra = extra_arguments(&args, OsStr::new("/with space/stubs.rlib"), false);
        assert_eq!(extra.last(), Some(&OsString::from("-Clink-arg=/with space/stubs.rlib")));
        assert!(extra.contains(&OsString::from("--cfg=fuzzing")));
        assert_eq!(extra_arguments(&args[..1], OsStr::new("s"), false), Vec::<OsString>::new());
    }

    #[test]
    fn a_blind_build_is_for_fuzzing_but_not_instrumented() {
        let args = ["rustc", "--crate-name", "a", "--test", "--target", "t"].map(OsString::from);
        assert_eq!(extra_arguments(&args, OsStr::new("s"), true), FUZZING);
        let args = "rustc --crate-name shakedown --crate-type lib --target t".split(' ');
        let args: Vec<OsString> = args.map(OsString::from).collect();
        assert_eq!(
            extra_arguments(&args, OsStr::new("s"), false),
            [&RUNTIME[..], &ENGINE].concat()
        );
        assert_eq!(extra_arguments(&args, OsStr::new("s"), true), ENGINE);
    }

    #[test]
    fn a_sanitizer_watches_all_but_the_code_of_the_host() {
        let check = |line: &str| {
            let args: Vec<_> = line.split(' ').map(OsString::from).collect();
            sanitizer_arguments(&args, "address")
        };
        for name in ["a", "shakedown", "libc"] {
            let line = format!("rustc --crate-name {name} --crate-type lib --target t");
            assert_eq!(check(&line), ["-Zsanitizer=address"]);
        }
        assert!(check("rustc --crate-name build_script_build --crate-type bin").is_empty());
    }

    #[test]
    fn a_runtime_that_is_built_apart_goes_to_its_user_and_its_folder_to_all() {
        let check = |line: &str, libraries: &str| {
            let args: Vec<_> = line.split(' ').map(OsString::from).collect();
            let extra = runtime_arguments(&args, libraries);
            extra.into_iter().map(|arg| arg.into_string().unwrap()).collect::<Vec<_>>()
        };
        let lib = "rustc --crate-name libfuzzer_sys --crate-type lib --target t";
        let bin = "rustc --crate-name b --crate-type bin --target t";
        let libraries = "libfuzzer_sys\nshakedown=/r/deps/libshakedown-1.rlib";
        let folder = "-Ldependency=/r/deps";
        assert_eq!(
            check(lib, libraries),
            ["--extern=shakedown=/r/deps/libshakedown-1.rlib", folder]
        );
        assert_eq!(check(&lib.replace("libfuzzer_sys", "afl"), libraries), [folder]);
        let two = libraries.replace("libfuzzer_sys\n", "afl libfuzzer_sys\n");
        assert_eq!(check(&lib.replace("libfuzzer_sys", "afl"), &two).len(), 2);
        assert_eq!(check(bin, libraries), [folder]);
        assert_eq!(check(bin, ""), [APART]);
        assert!(check("rustc --crate-name build_script_build --crate-type bin", "").is_empty());
    }

    #[test]
    fn other_options_with_the_same_beginning_are_not_taken_for_it() {
        let args = ["--target-dir=x", "--target=t"].map(OsString::from);
        assert_eq!(values(&args, "--target").collect::<Vec<_>>(), ["t"]);
    }
}
