//! A parser of text: URLs.

pub fn target(data: &[u8]) {
    if let Ok(url) = std::str::from_utf8(data).unwrap_or_default().parse::<url::Url>() {
        let _ = (url.host(), url.port_or_known_default(), url.join("../x?y#z"));
    }
}
