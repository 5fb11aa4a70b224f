//! A compiler and matcher of regular expressions.

pub fn target(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (pattern, haystack) = text.split_once('\n').unwrap_or((text, "aab foo-12 Bar"));
    let built = regex::RegexBuilder::new(pattern).size_limit(1 << 18).nest_limit(50).build();
    if let Ok(pattern) = built {
        for captures in pattern.captures_iter(haystack).take(100) {
            let _ = captures.get(1);
        }
    }
}
