//! What the bytes of an executable say: the marks that the attribute leaves in it, one with the path
//! of each target, and the runtime of a sanitizer.

use std::collections::BTreeSet;

use shakedown_core::TARGET_MARK;

/// Longest path of a target in bytes that is looked for behind a mark.
const MAX_PATH: usize = 4096;

/// Whether the code of AddressSanitizer or one of its kin is in an executable: they map the whole
/// address space to a shadow of it.
pub(super) fn is_sanitized(bytes: &[u8]) -> bool {
    let names = ["__asan_init", "__hwasan_init", "__msan_init", "__tsan_init"];
    names.iter().any(|name| memchr::memmem::find(bytes, name.as_bytes()).is_some())
}

/// The paths behind the marks in an executable: crate, modules and name of a function.
pub(super) fn marked_paths(bytes: &[u8]) -> BTreeSet<&str> {
    memchr::memmem::find_iter(bytes, TARGET_MARK)
        .filter_map(|at| {
            let rest = &bytes[at + TARGET_MARK.len()..];
            let rest = &rest[..rest.len().min(MAX_PATH)];
            let path = std::str::from_utf8(&rest[..memchr::memchr(b';', rest)?]).ok()?;
            is_path(path).then_some(path)
        })
        .collect()
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

    fn set<'a>(items: &[&'a str]) -> BTreeSet<&'a str> {
        items.iter().copied().collect()
    }

    #[test]
    fn marks_are_found_anywhere_and_others_passed_over() {
        let mut bytes = vec![0xff, 0, 1];
        for rest in ["a::b;", "noise", "c::tests::d;x", "a::b;", "not a path;", "", ";", "e::;"] {
            bytes.extend(TARGET_MARK.as_bytes());
            bytes.extend(rest.as_bytes());
        }
        bytes.extend(TARGET_MARK.as_bytes());
        assert_eq!(marked_paths(&bytes), set(&["a::b", "c::tests::d"]));
        assert_eq!(marked_paths(&bytes[..10]), set(&[]));
    }

    #[test]
    fn ids_are_not_sought_far_from_their_mark() {
        let bytes = [TARGET_MARK.as_bytes(), &[b'a'; MAX_PATH], b";"].concat();
        assert_eq!(marked_paths(&bytes), set(&[]));
    }

    #[test]
    fn sanitizers_are_seen() {
        assert!(is_sanitized(b"\0__asan_init\0"));
        assert!(is_sanitized(b"__tsan_init_v2"));
        assert!(!is_sanitized(b"__sanitizer_cov_8bit_counters_init"));
    }
}
