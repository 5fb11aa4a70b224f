//! xml-rs=0.8.13: assertion after many ignored comments (netvl/xml-rs#225).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let p = xml::ParserConfig::new()
        .cdata_to_characters(true)
        .ignore_comments(true)
        .coalesce_characters(false)
        .create_reader(std::io::Cursor::new(s));
    for e in p.into_iter().take(10_000) {
        match e {
            Err(e) => {
                let _ = e.to_string();
                break;
            }
            Ok(e) => {
                let _ = e;
            }
        }
    }
}
