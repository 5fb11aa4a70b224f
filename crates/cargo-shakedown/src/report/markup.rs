//! Text as content of HTML and XML.

use super::visible;

/// A text that is nothing but text wherever it stands in an element, or between quotes in a tag. What
/// would act on a screen is written out, as in all of our output; the two characters that are left and
/// may not be in XML 1.0 become U+FFFD.
#[must_use]
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in visible(text).chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// A text as the value of an attribute of XML, where a line break would be read as a space.
#[must_use]
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text).replace('\n', "&#10;").replace('\t', "&#9;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup_or_acts() {
        let text = "</a> & 'b' \"c\"\u{202e}\u{0}\u{1b}\u{ffff}\tü";
        let shown = "&lt;/a&gt; &amp; &#39;b&#39; &quot;c&quot;\\u{202e}\\u{0}\\u{1b}\u{fffd}\tü";
        assert_eq!(escaped(text), shown);
        assert_eq!(quoted("a\nb\tc"), "\"a&#10;b&#9;c\"");
    }
}
