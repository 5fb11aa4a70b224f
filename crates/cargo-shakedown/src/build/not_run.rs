//! What cargo does not test, or not with libtest, though its source has targets: it is named, for a
//! target that silently does not run is taken for one that finds nothing.
//!
//! The sources are read for that. No program knows: without `test` none is compiled, and without
//! libtest's harness the compiler leaves tests out of it.

use std::path::Path;

use cargo_metadata::{Package, Target};

use super::workspace::{OwnHarness, kind};

/// The libraries, programs and tests of a package that seem to have targets and cannot be run.
pub(super) fn in_package(package: &Package) -> Vec<String> {
    let own_harness = OwnHarness::read(package.manifest_path.as_std_path());
    let reason = |target: &Target| {
        let setting = match (target.test, own_harness.contains(target)) {
            (false, _) => "test = false",
            (true, true) => "harness = false",
            (true, false) => return None,
        };
        // Cargo tests examples and benchmarks only where it is told to.
        let is_tested = !target.is_example() && !target.is_bench() && !target.is_custom_build();
        let root = target.src_path.as_std_path();
        let has_targets = || has_targets(root, root.parent().unwrap_or(root));
        (is_tested && has_targets()).then(|| words(package, target, setting))
    };
    package.targets.iter().filter_map(reason).collect()
}

/// What is said of a program that does not build while others do.
pub(super) fn rotten(package: &Package, bin: &Target) -> String {
    format!("bin `{}` of package `{}`, for it does not build", bin.name, package.name)
}

/// What is said of a program that is built only with certain features.
pub(super) fn lacking(package: &Package, bin: &Target, missing: &[&str]) -> String {
    let (name, missing) = (&bin.name, missing.join(","));
    format!(
        "bin `{name}` of package `{}`, for it needs features that are not enabled: --features {missing}",
        package.name
    )
}

fn words(package: &Package, target: &Target, setting: &str) -> String {
    let (kind, name) = (kind(target), &target.name);
    let section = if kind == "lib" { "[lib]".to_owned() } else { format!("[[{kind}]]") };
    format!(
        "the targets in {kind} `{name}` of package `{}`, for its {section} in Cargo.toml has \
         `{setting}`; remove that, or move them",
        package.name
    )
}

/// Whether a function in this file, or in a module that it declares, has the attribute. The modules
/// are in `folder`.
fn has_targets(file: &Path, folder: &Path) -> bool {
    let source = if file.is_file() { std::fs::read_to_string(file) } else { return false };
    let source = source.unwrap_or_default();
    let is_there = |name: &str| {
        let inner = folder.join(name);
        let files = [inner.with_extension("rs"), inner.join("mod.rs")];
        files.iter().any(|file| has_targets(file, &inner))
    };
    source.lines().any(is_attribute) || source.lines().filter_map(module).any(is_there)
}

/// Whether a line begins with the attribute, under whatever name the library has there.
fn is_attribute(line: &str) -> bool {
    let name = line.trim_start().strip_prefix("#[").and_then(|rest| rest.split(['(', ']']).next());
    name.is_some_and(|path| path.rsplit("::").next().is_some_and(|last| last.trim() == "fuzz"))
}

/// The name of the module that a line declares to be in a file of its own.
fn module(line: &str) -> Option<&str> {
    let (before, name) = line.trim().strip_suffix(';')?.rsplit_once("mod ")?;
    let is_declaration = before.is_empty() || before.ends_with(' ') && !before.starts_with("//");
    is_declaration.then_some(name.trim().trim_start_matches("r#"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn targets_are_seen_in_the_modules_of_a_program_and_not_in_others() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, source: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, source).unwrap();
            path
        };
        let has = |path: &Path| has_targets(path, dir.path());
        let target = "    #[shakedown::fuzz(seeds = [1])]\n    fn f(_x: u8) {}\n";
        assert!(has(&write("inline.rs", &format!("mod tests {{\n{target}}}"))));
        assert!(has(&write("imported.rs", "use shakedown::fuzz;\n#[fuzz]\nfn f(_x: u8) {}")));
        assert!(!has(&write("comment.rs", "//! #[shakedown::fuzz]\n// mod deep;\nmod missing;")));
        assert!(!has(&write("other.rs", "#[test_fuzz::test_fuzz]\nfn f() {}\nuse deep::mod_x;")));
        write("deep/mod.rs", "#[cfg(test)] mod tests;");
        write("deep/tests.rs", target);
        assert!(has(&write("main.rs", "pub(crate) mod deep;\nfn main() {}")));
    }
}
