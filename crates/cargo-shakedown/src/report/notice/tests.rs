//! What serde cannot see: places taken apart, and paths that are not text.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::*;

#[test]
fn a_place_is_taken_apart_if_it_is_in_a_file() {
    let location =
        |file: &str| Some(Location { file: file.into(), line: 42, column: 9, path: None });
    assert_eq!(Location::parse("src/lib.rs:42:9"), location("src/lib.rs"));
    assert_eq!(Location::parse("C:/src/lib.rs:42:9"), location("C:/src/lib.rs"));
    for other in ["", "SIGSEGV", "src/lib.rs:42", "alloc::vec::Vec"] {
        assert_eq!(Location::parse(other), None, "{other}");
    }
}

#[test]
fn any_path_can_be_written() {
    let file = PathBuf::from(OsStr::from_bytes(b"/w/\xff"));
    let accept = Accept { file, line: "timeout".into() };
    let text = serde_json::to_string(&accept).unwrap();
    assert_eq!(text, "{\"file\":\"/w/\u{fffd}\",\"line\":\"timeout\"}");
}
