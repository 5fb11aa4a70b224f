//! Names of folders, made from names of the user's.

use super::sha256::sha256;

/// The folder in that of a package with a folder of inputs for each target.
pub const ROOT: &str = "testdata/fuzz";

/// The longest name made from a name of the user's, in bytes. File systems take 255; the rest is
/// for the marks that are added to names.
const MAX_NAME: usize = 200;

/// The name of the folders of a target: its id with `::` as `.`.
#[must_use]
pub fn folder_name(id: &str) -> String {
    safe_name(&id.replace("::", "."))
}

/// The folder of a target's seeds and findings, from that of its package.
#[must_use]
pub fn folder(id: &str) -> String {
    format!("{ROOT}/{}", folder_name(id))
}

/// The folders of a program that is a target, from that of its package, as `cargo fuzz` has them: its
/// corpus, and its findings.
#[must_use]
pub fn program_folders(name: &str) -> [String; 2] {
    ["corpus", "artifacts"].map(|folder| format!("{folder}/{name}"))
}

/// `name`, if it can be the name of a file that is not hidden, as paths of Rust items and names of
/// packages can; otherwise a similar name, made distinct by a hash.
#[must_use]
pub fn safe_name(name: &str) -> String {
    let safe = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '#');
    if name.chars().all(safe) && !name.starts_with('.') && (1..=MAX_NAME).contains(&name.len()) {
        return name.to_owned();
    }
    let mut like: String = name.chars().map(|c| if safe(c) { c } else { '_' }).collect();
    like.truncate(like.floor_char_boundary(MAX_NAME));
    format!("_{like}-{}", short_hash(name.as_bytes()))
}

/// The name of a seed that was written on request and has none of its own, by the content of its file.
/// It has fewer digits than that of a finding.
#[must_use]
pub fn written_seed_name(content: &[u8]) -> String {
    format!("seed-{}", short_hash(content))
}

/// The first 8 hex digits of a SHA-256.
#[must_use]
pub fn short_hash(bytes: &[u8]) -> String {
    sha256(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_items_stay_as_they_are() {
        assert_eq!(folder_name("größe::r#match::trip"), "größe.r#match.trip");
        assert_eq!(folder("parse::tests::trip"), "testdata/fuzz/parse.tests.trip");
    }

    #[test]
    fn folders_of_programs_are_those_of_cargo_fuzz() {
        assert_eq!(program_folders("fuzz-url"), ["corpus/fuzz-url", "artifacts/fuzz-url"]);
    }

    /// Folders that exist must be found by every later version.
    #[test]
    fn a_long_name_is_cut_and_keeps_its_hash() {
        let longest = "x".repeat(200);
        assert_eq!(folder_name(&longest), longest);
        let id = format!("tests::{}", "x".repeat(200));
        assert_eq!(folder_name(&id), format!("_tests.{}-cdcda21b", "x".repeat(194)));
        let umlauts = "ä".repeat(101);
        assert!(folder_name(&umlauts).starts_with(&format!("_{}-", "ä".repeat(100))));
    }

    #[test]
    fn no_name_leaves_its_folder_or_hides() {
        let long = "x::".repeat(300);
        for bad in ["", ".", "..", "../up", "a/b", "a\\b", "a\0b", ".hidden", &long] {
            let name = folder_name(bad);
            assert!(!name.contains(['/', '\\', '\0']), "{name}");
            assert!(!name.starts_with('.') && name.len() <= 255, "{name}");
        }
        assert_ne!(folder_name("a/b"), folder_name("a?b"));
    }
}
