//! The page itself: what is ours, in one piece that loads nothing, and how foreign text gets into it:
//! as JSON only, all of it visible, and none of it ever markup.

#[cfg(feature = "ui")]
use std::sync::LazyLock;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::report::visible;

const BODY: &str = include_str!("page/body.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPT: [&str; 6] = [
    include_str!("page/parts.js"),
    include_str!("page/views.js"),
    include_str!("page/corpus.js"),
    include_str!("page/source.js"),
    include_str!("page/blockers.js"),
    include_str!("page/page.js"),
];

/// What a page has in it from the beginning.
#[derive(Debug)]
pub(crate) struct Data {
    /// The state of a campaign, as [`State::since`](super::State::since) has it.
    pub state: Value,
    /// For each target its entries, as [`Shelf::entries`](super::Shelf::entries) has them.
    pub corpora: Vec<Value>,
    /// For each target its earlier campaigns, as [`Shelf::history`](super::Shelf::history) has them.
    pub histories: Vec<Value>,
    /// For each file of the source its name, text and coverage.
    pub sources: Vec<Value>,
    /// What stops the search, and what comes nearest to it.
    pub blockers: Vec<Value>,
}

/// The page of a finished campaign: everything is in it, and it asks nobody.
#[must_use]
pub(crate) fn file(data: Data) -> String {
    let Data { state, corpora, histories, sources, blockers } = data;
    let data = serde_json::json!({
        "state": state,
        "corpora": corpora,
        "histories": histories,
        "sources": sources,
        "blockers": blockers,
    });
    document(&policy("'none'"), &text(data))
}

/// The page that asks the server where it comes from, and what that server says may be done in it.
#[cfg(feature = "ui")]
pub(super) static LIVE: LazyLock<(String, String)> = LazyLock::new(|| {
    let policy = policy("'self'");
    let header = format!("{policy}; frame-ancestors 'none'");
    (document(&policy, "null"), header)
});

fn document(policy: &str, data: &str) -> String {
    let script = SCRIPT.concat();
    [
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n",
        "<meta http-equiv=\"Content-Security-Policy\" content=\"",
        policy,
        "\">\n<meta name=\"referrer\" content=\"no-referrer\">\n",
        "<meta name=\"viewport\" content=\"width=device-width\">\n",
        "<title>Shakedown</title>\n<style>",
        STYLE,
        "</style>\n",
        BODY,
        "<script type=\"application/json\" id=\"data\">",
        data,
        "</script>\n<script>",
        &script,
        "</script>\n",
    ]
    .concat()
}

/// What may be done in the page: its own script and style, and requests to `connect`.
fn policy(connect: &str) -> String {
    format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src {connect}; img-src data:; \
         base-uri 'none'; form-action 'none'",
        source_of(&SCRIPT.concat()),
        source_of(STYLE)
    )
}

/// The name of an element's content in a policy.
fn source_of(content: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(content)))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let digit = |at: usize| match at <= chunk.len() {
            true => char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]),
            false => '=',
        };
        [digit(0), digit(1), digit(2), digit(3)]
    };
    bytes.chunks(3).flat_map(group).collect()
}

/// A value as JSON that can stand in a page: every text is visible as it is, and nothing ends the
/// element around it. All that a page gets of a campaign goes through here.
pub(super) fn text(mut value: Value) -> String {
    show(&mut value);
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

/// Makes all texts in a value visible.
fn show(value: &mut Value) {
    match value {
        Value::String(text) => *text = visible(text),
        Value::Array(values) => values.iter_mut().for_each(show),
        Value::Object(fields) => fields.values_mut().for_each(show),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\u{202e}\u{7}<!-- & {{data}}";

    #[test]
    fn foreign_text_is_never_markup() {
        let data = Data {
            state: json!({ "findings": [{ "input": HOSTILE }] }),
            corpora: vec![json!([HOSTILE])],
            histories: Vec::new(),
            sources: vec![json!({ "file": HOSTILE, "text": HOSTILE })],
            blockers: vec![json!({ "nearest": { "input": HOSTILE } })],
        };
        let page = file(data);
        assert!(!page.contains("<img") && !page.contains("<!--") && !page.contains('\u{202e}'));
        assert_eq!(page.matches("</script>").count(), 2, "ours");
        let (_, data) = page.split_once("id=\"data\">").unwrap();
        let data: Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
        let shown = data["state"]["findings"][0]["input"].as_str().unwrap();
        assert_eq!(shown, visible(HOSTILE));
        assert!(shown.contains(r"\u{202e}\u{7}"), "{shown}");
    }

    #[test]
    fn the_page_loads_nothing_and_its_script_makes_no_markup() {
        let page = document(&policy("'none'"), "null");
        let loads = ["src=", "url(", "@import", "<link", "https:", " style=\"", " onclick="];
        loads.iter().for_each(|load| assert!(!page.contains(load), "{load}"));
        let script = SCRIPT.concat();
        let unsafe_ways =
            ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("];
        unsafe_ways.iter().for_each(|way| assert!(!script.contains(way), "{way}"));
    }

    #[test]
    fn digests_are_written_as_browsers_read_them() {
        let examples =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (bytes, text) in examples {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        let empty = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";
        assert_eq!(source_of(""), empty);
    }
}
