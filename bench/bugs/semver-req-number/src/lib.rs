//! semver=0.11.0: unwrap on a number that does not fit u64 (dtolnay/semver#227).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let _ = semver::VersionReq::parse(s);
}
