//! tinytemplate=1.2.1: slice with begin > end on \"{#}\" (bheisler/TinyTemplate#22).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let mut t = tinytemplate::TinyTemplate::new();
    let _ = t.add_template("t", s);
}
