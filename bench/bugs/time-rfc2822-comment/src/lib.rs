//! time=0.3.46: stack overflow: nested RFC 2822 comments (RUSTSEC-2026-0009).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

use time::{format_description::well_known::Rfc2822, OffsetDateTime};
pub fn target_str(s: &str) {
    let _ = OffsetDateTime::parse(s, &Rfc2822);
}
