//! What the bytes of an executable say: the marks that the attribute leaves in it, one with the path
//! of each target, and the runtime of a sanitizer.

use std::collections::BTreeMap;

use shakedown_core::TARGET_MARK;
use shakedown_core::testdata::seed_patterns;

/// Longest path of a target, longest place, and longest list of patterns, in bytes that is looked for
/// behind a mark.
const MAX_TEXT: usize = 4096;

/// Whether the code of AddressSanitizer or one of its kin is in an executable: they map the whole
/// address space to a shadow of it.
pub(super) fn is_sanitized(bytes: &[u8]) -> bool {
    let names = ["__asan_init", "__hwasan_init", "__msan_init", "__tsan_init"];
    names.iter().any(|name| memchr::memmem::find(bytes, name.as_bytes()).is_some())
}

/// Whether the code that shows the argument of a target is in an executable: it has the name of its
/// variable.
pub(super) fn shows_values(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"RUST_LIBFUZZER_DEBUG_PATH").is_some()
}

/// What a mark says of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marked<'b> {
    /// Its place in the source.
    pub place: &'b str,
    /// The patterns of the files that are seeds.
    pub seed_files: Vec<&'b str>,
}

/// What is behind the marks in an executable, by the paths of functions (crate, modules and name).
pub(super) fn marked_paths(bytes: &[u8]) -> BTreeMap<&str, Marked<'_>> {
    memchr::memmem::find_iter(bytes, TARGET_MARK)
        .filter_map(|at| {
            let (path, rest) = text(&bytes[at + TARGET_MARK.len()..])?;
            let (place, rest) = text(rest)?;
            let seed_files = text(rest).into_iter().flat_map(|(lines, _)| seed_patterns(lines));
            let marked = || Marked { place, seed_files: seed_files.collect() };
            is_path(path).then(|| (path, marked()))
        })
        .collect()
}

/// The text up to the next `;`, and what follows.
fn text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = memchr::memchr(b';', &bytes[..bytes.len().min(MAX_TEXT)])?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 1..]))
}

/// Whether this is a path: the code that handles marks leaves others in the binary as well.
fn is_path(path: &str) -> bool {
    path.split("::").all(|segment| {
        !segment.is_empty()
            && segment.chars().all(|char| char.is_alphanumeric() || "_#".contains(char))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_anywhere_and_others_passed_over() {
        let mut bytes = vec![0xff, 0, 1];
        for rest in [
            "a::b;a.rs:1;;",
            "noise",
            "c::tests::d;ö d.rs:2;x",
            "e;e.rs:3;a/*\nb/**;x",
            "a::b;a.rs:1;;",
            "not a path;x;",
            "",
            ";;",
            "e::;x;",
            "cut;off",
        ] {
            bytes.extend(TARGET_MARK.as_bytes());
            bytes.extend(rest.as_bytes());
        }
        bytes.extend(TARGET_MARK.as_bytes());
        let marked =
            |place, seed_files: &[&'static str]| Marked { place, seed_files: seed_files.into() };
        let found = [
            ("a::b", marked("a.rs:1", &[])),
            ("c::tests::d", marked("ö d.rs:2", &[])),
            ("e", marked("e.rs:3", &["a/*", "b/**"])),
        ];
        assert_eq!(marked_paths(&bytes), found.into());
        assert_eq!(marked_paths(&bytes[..10]), [].into());
    }

    #[test]
    fn ids_are_not_sought_far_from_their_mark() {
        let bytes = [TARGET_MARK.as_bytes(), &[b'a'; MAX_TEXT], b";x;"].concat();
        assert_eq!(marked_paths(&bytes), [].into());
    }

    #[test]
    fn sanitizers_are_seen() {
        assert!(is_sanitized(b"\0__asan_init\0"));
        assert!(is_sanitized(b"__tsan_init_v2"));
        assert!(!is_sanitized(b"__sanitizer_cov_8bit_counters_init"));
    }
}
