//! Untouched packages as projects have them: members that inherit the dependency, with settings of all
//! kinds in their manifests, flags of their own, and programs that a plain build builds, too.

use crate::drop_in::untouched;
use crate::project::{Project, contents};

/// A member of a workspace that inherits the dependency, and one that only `cfg(fuzzing)` brings.
const MEMBER: &str = r#"
[package.metadata]
cargo-fuzz = true

[dependencies]
inline = { path = "../../.." }
libfuzzer-sys = { workspace = true, features = ["arbitrary-derive"] }

[target.'cfg(fuzzing)'.dependencies]
only-fuzzing = { path = "../only-fuzzing" }

[lints]
workspace = true
"#;

const ROOT: &str = r#"
[workspace]
members = ["member"]
exclude = ["only-fuzzing"]
resolver = "2"

[workspace.dependencies]
libfuzzer-sys = { path = "../../other", default-features = false }

[workspace.lints.rust]
unexpected_cfgs = { level = "forbid", check-cfg = ["cfg(fuzzing)", "cfg(special)"] }

[profile.release]
panic = "abort"
lto = "fat"
codegen-units = 1

[profile.dev]
panic = "abort"
"#;

/// A program for which a flag must be given, which brings an allocator and a hook, and whose failures are
/// seen only if panics unwind.
const SOURCE: &str = r#"#![cfg_attr(fuzzing, no_main)]
#[cfg(not(special))]
compile_error!("the flags of the user are gone");

use std::alloc::{GlobalAlloc, Layout, System};

struct Counting;

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        System.alloc(layout)
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        System.dealloc(pointer, layout)
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    assert!(std::env::var("SWITCH").is_ok());
    std::panic::set_hook(Box::new(|_| {}));
    let _ = std::panic::catch_unwind(|| panic!("caught"));
    inline::look(only_fuzzing::same(data));
});

#[cfg(not(fuzzing))]
fn main() {}
"#;

fn package() -> Project {
    let project = untouched(&[]).with_variable("SWITCH", "on");
    let own = project.read("Cargo.toml");
    let version = own.lines().find(|line| line.starts_with("version")).expect("it has one");
    let _ = std::fs::remove_dir_all(project.path("fuzz"));
    let named = |name: &str| {
        format!("[package]\nname = \"{name}\"\n{version}\nedition = \"2018\"\npublish = false\n")
    };
    project.write("tests/fuzz/Cargo.toml", ROOT);
    project.write("tests/fuzz/member/Cargo.toml", named("member-fuzz") + MEMBER);
    project.write("tests/fuzz/member/src/bin/set-up.rs", SOURCE);
    project.write("tests/fuzz/only-fuzzing/Cargo.toml", named("only-fuzzing") + "\n[workspace]\n");
    let same = "pub fn same(data: &[u8]) -> &[u8] { data }\n";
    project.write("tests/fuzz/only-fuzzing/src/lib.rs", same);
    project.write("tests/fuzz/.cargo/config.toml", "[build]\nrustflags = [\"--cfg=special\"]\n");
    project.write("tests/fuzz/Cargo.lock", project.read("Cargo.lock"));
    project
}

#[test]
fn a_package_of_many_settings_is_searched_as_it_is() {
    let project = package();
    let folder = project.path("tests/fuzz");
    let run = |words: &[&str]| {
        let mut command = project.command(env!("CARGO_BIN_EXE_cargo-shakedown"));
        command.arg("shakedown").args(words).current_dir(&folder);
        crate::project::Running::new(command).finish()
    };
    let mut lock = project.command(env!("CARGO"));
    lock.arg("generate-lockfile").current_dir(&folder);
    crate::project::Running::new(lock).finish().exits(0);
    let before = project.read("tests/fuzz/Cargo.lock");

    let fuzz = ["fuzz", "set-up", "--locked", "--seed=1", "--execs=100000", "--jobs=1", "--json"];
    let found = run(&fuzz).exits(1).says("Replacing libfuzzer-sys 0.4.7");
    let finding = &found.of_type("finding")[0];
    assert_eq!(finding["message"], "the bomb went off", "{}", found.stdout);
    assert_eq!(finding["status"], "reproducible", "{}", found.stdout);
    let artifacts = contents(&folder.join("member/artifacts/set-up"));
    assert_eq!(artifacts.len(), 1);
    assert_eq!(artifacts[0].1, b"boom");
    assert_eq!(project.read("tests/fuzz/Cargo.lock"), before);
}
