//! A message without what it repeats of the input, so that one mistake has one key for all inputs.
//!
//! `bad token {token}: ..` says another word each time. What begins and ends like a word and stands in
//! the input, too, is the input's. A fixed word of the message may stand in an input by chance: then
//! that input has a key of its own, which costs a second look, but hides nothing.

use super::generalize::is_word;

/// Most bytes of a message that are looked at: a key has fewer.
const MAX_READ: usize = 512;

/// Most bytes of an input that are looked at, so that a failure costs no more than milliseconds.
const MAX_INPUT: usize = 16 << 10;

/// So many characters in a row that are no words are more than a message has of its own: what it
/// repeats may have no words either.
const MIN_RUN: usize = 3;

/// The first line of a message without what it repeats of an encoded input; nothing if it repeats none
/// of it. Punctuation next to such a part goes with it, for it may belong to either.
#[must_use]
pub fn without_input(message: &str, input: &[u8]) -> Option<String> {
    let input = &input[..input.len().min(MAX_INPUT)];
    let mut rest = &message[..message.floor_char_boundary(MAX_READ)];
    let mut out = String::new();
    let mut is_echo = false;
    while let Some(next) = rest.chars().next().filter(|next| *next != '\n') {
        let begins = !out.ends_with(is_word) && !next.is_whitespace();
        let len = if begins { echoed(rest, input) } else { 0 };
        let run = rest.chars().take_while(|c| is_between(*c)).count();
        if len == 0 && run < MIN_RUN {
            out.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        }
        is_echo = true;
        out.truncate(out.trim_end_matches(is_between).len());
        out.push(' ');
        rest = rest[len..].trim_start_matches(is_between);
    }
    is_echo.then(|| out.trim().to_owned())
}

/// Bytes at the start of a text that also stand in the input, up to the end of a word.
fn echoed(text: &str, input: &[u8]) -> usize {
    let mut len = 0;
    let mut from = 0;
    for (at, next) in text.char_indices() {
        let end = at + next.len_utf8();
        // What stands in the input no earlier than the shorter text does.
        let found = input[from..].windows(end).position(|part| part == &text.as_bytes()[..end]);
        let Some(found) = found else { break };
        from += found;
        let follows = text[end..].chars().next();
        if !is_word(next) || !follows.is_some_and(is_word) {
            len = end;
        }
    }
    // Punctuation alone is in many an input.
    if text[..len].contains(is_word) { len } else { 0 }
}

/// Whether a character may belong to the message or to what it repeats.
fn is_between(c: char) -> bool {
    !is_word(c) && !"\n\"'`()[]{}".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message about an input that is these strings, encoded one after the other.
    #[track_caller]
    fn check(message: &str, input: &[&str], expected: Option<&str>) {
        let len = |text: &str| (text.len() as u32).to_le_bytes();
        let encoded: Vec<u8> =
            input.iter().flat_map(|text| [&len(text)[..], text.as_bytes()].concat()).collect();
        assert_eq!(without_input(message, &encoded).as_deref(), expected, "{message}");
    }

    #[test]
    fn what_a_message_repeats_is_taken_out() {
        let general = Some("bad token in a line");
        check("bad token foo: in a line", &["x foo y"], general);
        check("bad token f: in a line", &["=f"], general);
        check("bad token f o: in a line", &["f o:"], general);
        check("bad token §1é: in a line", &["§1é"], general);
        check("bad token long-er word, in a line", &["=", "word long-er"], general);
        check("bad token : in a line", &["="], general);
        check("bad token  /: in a line", &["= /"], general);
        check("too long: ab\ncd", &["ab\ncd"], Some("too long"));
        check("too long: ab\n left: ab", &["ab"], Some("too long"));
        check("ab is bad", &["ab"], Some("is bad"));
    }

    #[test]
    fn what_is_said_stays() {
        check("bad token", &["foo"], None);
        check("bad token", &["oke", "ba"], None);
        check("bad token: no", &[": ", "!"], None);
        check("it failed\n  left: 1\n right: 2", &["x"], None);
        check("", &["a"], None);
        check("a", &[], None);
    }

    #[test]
    fn long_messages_and_inputs_are_cut() {
        let long = "word ".repeat(100_000);
        assert_eq!(without_input(&long, long.as_bytes()).as_deref(), Some(""));
        let other = "é".repeat(100_000);
        assert_eq!(without_input(&other, long.as_bytes()), None);
    }
}
