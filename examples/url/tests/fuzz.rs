//! The current url: a URL survives being written and read again, whatever it was joined from. Not
//! so in url 2.5.8, where file URLs with a drive letter lose their host when they are read again:
//! <https://github.com/servo/rust-url/issues/1101>.
//!
//! A target of two arguments; its seeds are text files, with both by name, in
//! `testdata/fuzz/joined_urls_round_trip/`.

use url::Url;

#[shakedown::fuzz(dict = ["http:", "file:", "data:", "xn--", "[::1]", "%2e", "//", "..", "@"])]
fn joined_urls_round_trip(base: &str, reference: &str) {
    let Ok(base) = Url::parse(base) else { shakedown::reject() };
    let Ok(joined) = base.join(reference) else { return };
    for url in [base, joined] {
        assert_eq!(Url::parse(url.as_str()).as_ref(), Ok(&url));
    }
}
