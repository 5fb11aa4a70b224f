//! regex=1.10.0 (regex-syntax=0.8.0): unwrap on None in character class set operations (rust-lang/regex (commit d5144b2)).

use arbitrary::{Arbitrary, Unstructured};
#[derive(Arbitrary, Debug)]
pub struct FuzzCase<'a> {
    pub pattern: &'a str,
    pub haystack: &'a str,
    pub case_insensitive: bool,
    pub multi_line: bool,
    pub dot_matches_new_line: bool,
    pub swap_greed: bool,
    pub ignore_whitespace: bool,
    pub unicode: bool,
    pub octal: bool,
}
pub fn target(data: &[u8]) {
    let u = Unstructured::new(data);
    if let Ok(c) = FuzzCase::arbitrary_take_rest(u) {
        target_case(&c);
    }
}
pub fn target_case(case: &FuzzCase) {
    if case.pattern.len() > 16 * 1024 || case.haystack.len() > 16 * 1024 {
        return;
    }
    let Ok(re) = regex::RegexBuilder::new(case.pattern)
        .case_insensitive(case.case_insensitive)
        .multi_line(case.multi_line)
        .dot_matches_new_line(case.dot_matches_new_line)
        .swap_greed(case.swap_greed)
        .ignore_whitespace(case.ignore_whitespace)
        .unicode(case.unicode)
        .octal(case.octal)
        .size_limit(1 << 18)
        .build()
    else {
        return;
    };
    re.is_match(case.haystack);
}
