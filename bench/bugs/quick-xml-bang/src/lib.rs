//! quick-xml=0.23.0-alpha3: unreachable!() on an odd \"<!\" element (tafia/quick-xml#344).

pub fn target(data: &[u8]) {
    if let Ok(s) = std::str::from_utf8(data) {
        target_str(s);
    }
}

pub fn target_str(s: &str) {
    let mut r = quick_xml::Reader::from_str(s);
    let mut buf = Vec::new();
    for _ in 0..s.len() + 4 {
        match r.read_event(&mut buf) {
            Ok(quick_xml::events::Event::Eof) => break,
            Ok(quick_xml::events::Event::Start(e)) | Ok(quick_xml::events::Event::Empty(e)) => {
                for a in e.attributes() {
                    if a.is_err() {
                        break;
                    }
                }
            }
            Ok(_) => {}
            Err(_) => {}
        }
        buf.clear();
    }
}
