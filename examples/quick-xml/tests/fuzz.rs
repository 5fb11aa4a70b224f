//! quick-xml 0.23.0-alpha3 panics on elements such as `<!D>`, which begin like another kind:
//! <https://github.com/tafia/quick-xml/issues/344>, fixed in 0.23.0.

use quick_xml::Reader;
use quick_xml::events::Event;

#[shakedown::fuzz(seeds = [
    r#"<?xml version="1.0"?><a b="c">t<!-- x --></a>"#,
    "<!DOCTYPE html><p/>",
])]
fn documents_are_read_without_panic(xml: &str) {
    let mut reader = Reader::from_str(xml);
    let mut buffer = Vec::new();
    // Reading goes on after most errors; each event takes a byte at least, but for the last ones.
    for _ in 0..xml.len() + 4 {
        match reader.read_event(&mut buffer) {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                let _ = tag.attributes().find(Result::is_err);
            }
            Ok(Event::Eof) => break,
            Ok(_) | Err(_) => {}
        }
        buffer.clear();
    }
}
