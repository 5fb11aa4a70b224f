//! Dictionaries in the format that AFL and libFuzzer share: words that the target's language is
//! made of, one a line.

use crate::literal::Diagnostic;

/// The words of a dictionary, in order: lines `"word"`, `name="word"` or `name@level="word"`, with
/// the escapes `\\`, `\"` and `\xNN`. Blank lines, lines that begin with `#`, and empty words are
/// skipped; names and levels have no meaning.
///
/// The text need not be UTF-8, since other tools write bytes as they are.
///
/// # Errors
/// The first line of another form.
pub fn parse(text: impl AsRef<[u8]>) -> Result<Vec<Vec<u8>>, Diagnostic> {
    let text = text.as_ref();
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let mut words = Vec::new();
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let entry = line.trim_ascii();
        if entry.is_empty() || entry.starts_with(b"#") {
            continue;
        }
        let word = word(entry).map_err(|(offset, message)| {
            let at = line.len() - line.trim_ascii_start().len() + offset;
            let column = String::from_utf8_lossy(&line[..at]).chars().count() + 1;
            Diagnostic { line: index + 1, column, message: message.into() }
        })?;
        if !word.is_empty() {
            words.push(word);
        }
    }
    Ok(words)
}

/// What is wrong in a line, and the offset there.
type Fault = (usize, &'static str);

/// The word of one line without the space around it. Quotes within it may lack their backslash, as
/// in other tools: the last one ends the word.
fn word(entry: &[u8]) -> Result<Vec<u8>, Fault> {
    const FORM: &str = "expected `\"word\"` or `name=\"word\"`";
    let open = entry.iter().position(|byte| *byte == b'"').ok_or((0, FORM))?;
    let name = entry[..open].trim_ascii_end();
    if !name.is_empty() && !name.ends_with(b"=") {
        return Err((0, FORM));
    }
    match entry[open + 1..].split_last() {
        Some((b'"', content)) => {
            unescape(content).map_err(|(offset, message)| (open + 1 + offset, message))
        }
        _ => Err((open, "expected a closing `\"` at the end of the line")),
    }
}

fn unescape(content: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut word = Vec::with_capacity(content.len());
    let mut at = 0;
    while at < content.len() {
        let (byte, length) = match &content[at..] {
            [b'\\', byte @ (b'\\' | b'"'), ..] => (*byte, 2),
            [b'\\', b'x', high, low, ..] => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                match digit(*high).zip(digit(*low)) {
                    Some((high, low)) => ((high * 16 + low) as u8, 4),
                    None => return Err((at, "expected two hexadecimal digits after `\\x`")),
                }
            }
            [b'\\', ..] => return Err((at, "expected `\\\\`, `\\\"` or `\\xNN`")),
            [byte, ..] => (*byte, 1),
            [] => break,
        };
        word.push(byte);
        at += length;
    }
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn every_kind_of_line() {
        let text = b"\xef\xbb\xbf# keywords\r\n\r\n  \"a b\"  \r\nkw1=\"\\x00\\xfF\\\\\\\"\"\nkw2@3 = \"#\"\n\"\"\nq=\"a\"b\"\n\"\xff\"";
        let words: [&[u8]; 5] = [b"a b", b"\0\xff\\\"", b"#", b"a\"b", b"\xff"];
        assert_eq!(parse(text).unwrap(), words);
        assert_eq!(parse("").unwrap(), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn other_lines_are_errors_at_their_place() {
        let error = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(error("\n  word"), "2:3: expected `\"word\"` or `name=\"word\"`");
        assert_eq!(error("name \"word\""), "1:1: expected `\"word\"` or `name=\"word\"`");
        assert_eq!(error("é=\"word"), "1:3: expected a closing `\"` at the end of the line");
        assert_eq!(error("\""), "1:1: expected a closing `\"` at the end of the line");
        assert_eq!(error("\"word\" # no"), "1:1: expected a closing `\"` at the end of the line");
        assert_eq!(error("a=\"b\\n\""), "1:5: expected `\\\\`, `\\\"` or `\\xNN`");
        assert_eq!(error("\"\\xg0\""), "1:2: expected two hexadecimal digits after `\\x`");
        assert_eq!(error("\"\\x4\""), "1:2: expected `\\\\`, `\\\"` or `\\xNN`");
    }

    #[test]
    fn any_word_can_be_written() {
        let mut rng = Rng::new(1);
        for _ in 0..200 {
            let word: Vec<u8> = (0..1 + rng.below(9)).map(|_| rng.u32() as u8).collect();
            let escaped: String = word.iter().map(|byte| format!("\\x{byte:02x}")).collect();
            assert_eq!(parse(format!("w=\"{escaped}\"\n")).unwrap(), [word]);
        }
    }
}
