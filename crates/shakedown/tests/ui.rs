//! What the macros say about mistakes: every one at the words that caused it, all at once. Only our
//! own messages are pinned; what the compiler adds to its own differs between versions.

#[test]
fn mistakes_are_reported_where_they_are() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
