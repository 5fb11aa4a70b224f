//! Memory errors that nothing notices but a sanitizer, in a build by a nightly compiler; and what is said
//! where there is none.

use std::path::Path;

use crate::drop_in::project;
use crate::project::Project;

const ERRORS: &str = r#"
/// Reads one byte behind a copy.
pub fn too_far(bytes: &[u8]) -> u8 {
    let copy = bytes.to_vec();
    unsafe { std::ptr::read_volatile(copy.as_ptr().add(copy.len())) } // too far
}

/// Reads a copy that is gone.
pub fn freed(bytes: &[u8]) -> u8 {
    let copy = bytes.to_vec();
    let pointer = copy.as_ptr();
    drop(copy);
    unsafe { std::ptr::read_volatile(pointer) } // freed
}

#[cfg(test)]
mod tests {
    #[shakedown::fuzz]
    fn memory(bytes: &[u8]) {
        match bytes {
            [b'f', ..] => drop(super::too_far(bytes)),
            [b'u', ..] => drop(super::freed(bytes)),
            [b'p', ..] => panic!("plain"),
            _ => {}
        }
    }
}
"#;

/// Whether rustup has a nightly toolchain.
fn has_nightly() -> bool {
    let home = || Some(std::env::home_dir()?.join(".rustup"));
    let root = std::env::var_os("RUSTUP_HOME").map(Into::into).or_else(home);
    let items = root.and_then(|root| std::fs::read_dir(root.join("toolchains")).ok());
    let is_one = |name: &str| name.starts_with("nightly");
    items.into_iter().flatten().flatten().any(|item| is_one(&item.file_name().to_string_lossy()))
}

#[test]
fn memory_errors_are_found_at_their_place_or_the_lack_of_a_nightly_is_told() {
    let project = Project::inline(ERRORS);
    let fuzz = [
        "fuzz",
        "--sanitizer",
        "address",
        "--execs",
        "3000",
        "--jobs",
        "1",
        "--seed",
        "1",
        "--json",
    ];
    if !has_nightly() {
        project.shakedown(&fuzz).exits(2).says("`rustup toolchain install nightly`");
        return;
    }
    let run = project.shakedown(&fuzz).exits(1);
    assert_eq!(run.kinds(), ["panic", "sanitizer", "sanitizer"], "{}", run.stdout);
    let line = |text: &str| ERRORS.lines().position(|line| line.ends_with(text)).expect("it") + 1;
    for (message, text) in [
        ("heap-buffer-overflow, READ of size 1", "// too far"),
        ("heap-use-after-free, READ of size 1", "// freed"),
    ] {
        let findings = run.of_type("finding");
        let finding = findings.iter().find(|finding| finding["message"] == message);
        let finding = finding.unwrap_or_else(|| panic!("{message}: {}", run.stdout));
        let commands = finding["reproduce"].as_array().expect("a list");
        assert_eq!(commands.len(), 1, "a plain test does not show it");
        project.paste(commands[0].as_str().expect("a command")).exits(1).says(message);
        let place = finding["place"].clone();
        let expected = format!("src/lib.rs:{}:", line(text));
        assert!(place.as_str().is_some_and(|place| place.starts_with(&expected)), "{place}");
    }
}

#[test]
fn a_target_for_a_drop_in_can_be_watched_too() {
    let source = "fuzz_target!(|data: &[u8]| if data.first() == Some(&b'f') { let copy = data.to_vec(); \
         drop(unsafe { std::ptr::read_volatile(copy.as_ptr().add(copy.len())) }); });";
    let project = project(&[("watched", source)]);
    let run =
        project.shakedown(&["cargo-fuzz", "run", "-s", "address", "watched", "--", "-runs=3000"]);
    match has_nightly() {
        true => {
            drop(run.exits(1).says("sanitizer in watched: heap-buffer-overflow, READ of size 1"))
        }
        false => drop(run.exits(2).says("`rustup toolchain install nightly`")),
    }
}

#[test]
fn without_a_nightly_nothing_is_built_or_installed() {
    let project = Project::inline(ERRORS);
    let nowhere = project.record().display().to_string();
    let mut command = project.command(env!("CARGO_BIN_EXE_cargo-shakedown"));
    command.args(["list", "--sanitizer", "address"]).env("RUSTUP_HOME", &nowhere);
    let run = crate::project::Running::new(command).finish().exits(2);
    run.says("a sanitizer needs a nightly compiler, and none is installed");
    assert!(!Path::new(&nowhere).join("toolchains").exists());
    for (name, reason) in [
        ("memory", "built for it, by `-Zbuild-std` and the component rust-src"),
        ("thread", "built for it, by `-Zbuild-std` and the component rust-src"),
        ("leak", "told without a sanitizer"),
        ("any", "the only one is `address`"),
    ] {
        project.shakedown(&["list", "--sanitizer", name]).exits(2).says(reason);
    }
}
