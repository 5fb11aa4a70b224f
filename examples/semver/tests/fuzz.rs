//! semver 0.11.0 panics on a requirement with a number that does not fit 64 bits:
//! <https://github.com/dtolnay/semver/issues/227>, fixed in 1.0.0.

use semver::VersionReq;

#[shakedown::fuzz(seeds = [">=1.2.3, <2", "^0.3", "1.2.3-beta.1"])]
fn requirements_parse_without_panic(text: &str) {
    let _ = VersionReq::parse(text);
}
