//! A message without its particulars, so that one mistake has one key for all inputs.
//!
//! What depends on the input is taken out: numbers, quoted text, paths, hashes, and lists, whose
//! length varies. Fixed words stay, because they distinguish two assertions at one place. One pass
//! over the first line, linear in its length: a target that prints its input must not slow down
//! minimization.

/// Most characters of a message that are looked at.
const MAX_READ: usize = 4096;

/// Most characters that are kept.
const MAX_KEPT: usize = 200;

/// Longest text within single quotes, in characters; they are apostrophes as often as not.
const MAX_QUOTED: usize = 64;

/// Shortest run of letters and digits taken for generated, in characters.
const MIN_LONG_RUN: usize = 24;

/// Shortest hexadecimal number without a prefix, in digits.
const MIN_HEX_RUN: usize = 8;

/// Code that the standard library quotes like data.
const QUOTED_CODE: [&str; 9] = [
    "left == right",
    "left != right",
    "left matches right",
    "Option::unwrap()",
    "Result::unwrap()",
    "Result::unwrap_err()",
    "None",
    "Some",
    "Err",
];

/// What the standard library says, in general, before it quotes a string that was sliced: as it is, so
/// that quotes in it end nothing, up to the end of the message, and cut to 256 bytes and `[...]`.
const BEFORE_STRINGS: [&str; 3] =
    ["byte index # is out of bounds of ", "it is inside '…' (…) of ", "when slicing "];

/// The first line of a message with what varies between inputs taken out: numbers and hashes
/// become `#`, quoted text `"…"`, paths `…`; a list `[…]`; and what stands in braces or
/// parentheses, if anything of it varies, `{…}` and `(…)`. At most 200 characters are kept.
pub(super) fn generalize(message: &str) -> String {
    let line = message.lines().next().unwrap_or("");
    let (read, is_cut) = match line.char_indices().nth(MAX_READ) {
        Some((end, _)) => (&line[..end], true),
        None => (line, false),
    };
    let mut general = General { rest: read, out: String::new(), open: Vec::new() };
    while general.take_next() {}
    if is_cut {
        general.close_all();
    }
    match general.out.char_indices().nth(MAX_KEPT) {
        Some((end, _)) => general.out[..end].to_owned(),
        None => general.out,
    }
}

/// A message on its way from particular to general.
struct General<'a> {
    rest: &'a str,
    out: String,
    /// Brackets that are not closed yet.
    open: Vec<Open>,
}

/// An opening bracket.
struct Open {
    close: char,
    /// End of it in the output.
    at: usize,
    /// Whether what follows it depends on the input.
    varies: bool,
}

impl General<'_> {
    /// Moves the next piece to the output; whether there was one.
    fn take_next(&mut self) -> bool {
        let Some(next) = self.rest.chars().next() else { return false };
        let is_word_start = !self.out.ends_with(is_word);
        match next {
            '"' | '`' => self.quoted(next),
            '\'' if is_word_start => self.single_quoted(),
            '[' | '{' | '(' => self.opened(next),
            ']' | '}' | ')' => self.closed(next),
            '-' | '+' if is_word_start && self.digit_follows() => {
                self.advance(1);
                self.word();
            }
            _ if is_word_start && (is_word(next) || "./".contains(next)) => self.word(),
            _ => self.keep(next.len_utf8()),
        }
        true
    }

    fn digit_follows(&self) -> bool {
        !self.out.ends_with('#') && self.rest[1..].starts_with(|c: char| c.is_ascii_digit())
    }

    /// Leaves out the next bytes.
    fn advance(&mut self, len: usize) {
        self.rest = &self.rest[len..];
    }

    /// Copies the next bytes.
    fn keep(&mut self, len: usize) {
        self.out.push_str(&self.rest[..len]);
        self.advance(len);
    }

    /// Writes `placeholder` in the place of what varies.
    fn replace(&mut self, len: usize, placeholder: &str) {
        self.advance(len);
        self.out.push_str(placeholder);
        if let Some(open) = self.open.last_mut() {
            open.varies = true;
        }
    }

    /// Text in double quotes or backticks; without an end in this line, all the rest of it.
    fn quoted(&mut self, quote: char) {
        let text = &self.rest[1..];
        let is_string = BEFORE_STRINGS.iter().any(|words| self.out.ends_with(words));
        let len = quotation(text, quote).filter(|_| !is_string).unwrap_or(text.len());
        let quoted = (len + 2).min(self.rest.len());
        match (quote, &text[..len]) {
            ('`', code) if QUOTED_CODE.contains(&code) => self.keep(quoted),
            ('`', _) => self.replace(quoted, "`…`"),
            _ => self.replace(quoted, "\"…\""),
        }
    }

    /// Text in single quotes, or an apostrophe.
    fn single_quoted(&mut self) {
        let text = &self.rest[1..];
        let near = text.char_indices().nth(MAX_QUOTED).map_or(text.len(), |(end, _)| end);
        match quotation(&text[..near], '\'') {
            // A single character that is its own quote: `'''`.
            Some(0) if text[1..].starts_with('\'') => self.replace(3, "'…'"),
            Some(len) if !text[len + 1..].starts_with(is_word) => self.replace(len + 2, "'…'"),
            _ => self.keep(1),
        }
    }

    fn opened(&mut self, bracket: char) {
        self.keep(1);
        let close = match bracket {
            '[' => ']',
            '{' => '}',
            _ => ')',
        };
        self.open.push(Open { close, at: self.out.len(), varies: false });
    }

    fn closed(&mut self, bracket: char) {
        self.advance(1);
        if let Some(open) = self.open.pop_if(|open| open.close == bracket) {
            let is_empty = self.out[open.at..].trim().is_empty();
            if bracket == ']' || is_empty || open.varies {
                self.collapse(&open);
            }
        }
        self.out.push(bracket);
    }

    /// Drops what follows an opening bracket.
    fn collapse(&mut self, open: &Open) {
        self.out.truncate(open.at);
        self.out.push('…');
        if let Some(outer) = self.open.last_mut() {
            outer.varies = true;
        }
    }

    /// Closes what the end of the part that was read has left open.
    fn close_all(&mut self) {
        if let Some(open) = self.open.drain(..).next() {
            self.out.truncate(open.at);
            self.out.push('…');
            self.out.push(open.close);
        }
    }

    /// A word, number or path.
    fn word(&mut self) {
        let path = piece(self.rest, |c| !c.is_whitespace() && !"\"'`,;()[]{}<>".contains(c));
        if is_path(path) {
            return self.replace(path.trim_end_matches(['.', ':']).len(), "…");
        }
        let word = piece(self.rest, is_word);
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            self.number(number(self.rest));
        } else if is_hex(word) || matches!(word, "NaN" | "inf") {
            self.number(word.len());
        } else if word.len() >= MIN_LONG_RUN && !word.contains('_') {
            self.replace(word.len(), "…");
        } else {
            self.keep(word.len().max(1));
        }
    }

    /// A number of this many bytes; several in a row become one.
    fn number(&mut self, len: usize) {
        let before = self.out.trim_end_matches([' ', ',']);
        if before.ends_with('#') && before.len() < self.out.len() {
            self.out.truncate(before.len() - 1);
        }
        self.replace(len, "#");
    }
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The characters at the start of `text` of which this holds.
fn piece(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !belongs(c)).unwrap_or(text.len())]
}

/// Bytes of the quotation at the start of `text`, whose opening quote is gone; nothing if it does
/// not end. A backslash takes the meaning of the quote that follows it.
fn quotation(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    text.find(|c| {
        let ends = c == quote && !is_escaped;
        is_escaped = c == '\\' && !is_escaped && quote != '`';
        ends
    })
}

/// Bytes of the number at the start of `text`: with a prefix, a fraction, an exponent, a suffix.
fn number(text: &str) -> usize {
    let mut len = piece(text, |c| c.is_ascii_alphanumeric() || c == '_').len();
    loop {
        let (number, rest) = text.split_at(len);
        let has_exponent = number.ends_with(['e', 'E']) && !number.starts_with("0x");
        let joins = rest.starts_with('.') || has_exponent && rest.starts_with(['-', '+']);
        let rest =
            rest.get(1..).filter(|rest| joins && rest.starts_with(|c: char| c.is_ascii_digit()));
        match rest {
            Some(rest) => len += 1 + piece(rest, |c| c.is_ascii_alphanumeric() || c == '_').len(),
            None => return len,
        }
    }
}

/// Whether it is a hexadecimal number that starts with a letter.
fn is_hex(word: &str) -> bool {
    word.len() >= MIN_HEX_RUN
        && word.bytes().all(|b| b.is_ascii_hexdigit())
        && word.bytes().any(|b| b.is_ascii_digit())
}

/// Whether it names a file or an address of the network, as far as one can see.
fn is_path(piece: &str) -> bool {
    let has_digit = || piece.contains(|c: char| c.is_ascii_digit());
    piece.contains('/')
        && piece.len() > 1
        && (piece.starts_with('/') || piece.contains("://") || has_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;
    use crate::testing::cases;

    #[track_caller]
    fn check(message: &str, expected: &str) {
        assert_eq!(generalize(message), expected);
    }

    #[test]
    fn numbers_of_all_kinds() {
        check("the len is 3 but the index is 17", "the len is # but the index is #");
        check("at 0x7f3a_00ff, -3 or +4u8", "at # or #");
        check("1.5e-7 and 2E+9 and NaN and -inf", "# and # and # and -#");
        check("bytes 0..2, 5-3", "bytes #..#-#");
        check("hash d2e1f0aa99 of deadbeef", "hash # of deadbeef");
        check("u8 code x86_64 é7", "u8 code x86_64 é7");
        check("version 1.2.3. Then", "version #. Then");
    }

    #[test]
    fn rows_of_numbers_are_of_any_length() {
        check("solved by 109 97 122", "solved by #");
        check("solved by 1, 2, 3, 4 in 5 steps", "solved by # in # steps");
        check("ratio 3/4", "ratio …");
    }

    #[test]
    fn quotations() {
        check(r#"bad token "a b" here"#, r#"bad token "…" here"#);
        check(r#"bad token "a \" b\\" here"#, r#"bad token "…" here"#);
        check("ends in the next line \"abc\ndef\"", "ends in the next line \"…\"");
        check("char 'x', char '\\'', char ''', '🦀'", "char '…', char '…', char '…', '…'");
        check("don't take the users' word", "don't take the users' word");
        check("'tis not a quotation", "'tis not a quotation");
        check("byte index 22 of `日本`", "byte index # of `…`");
    }

    #[test]
    fn strings_that_were_sliced_are_quoted_to_the_end() {
        // Messages of the standard library itself, so that other words in a later one are noticed.
        let message = |text: &str, begin: usize, end: usize| {
            let text = text.to_owned();
            let payload =
                std::panic::catch_unwind(|| text[begin..end].len()).expect_err("it panics");
            generalize(payload.downcast_ref::<String>().expect("it has a message"))
        };
        let long = "é`x \"(".repeat(99);
        let ranges = [(1, 2), (0, 1), (9999, 9999), (0, 9999), (3, 2)];
        let general = ranges.map(|(begin, end)| {
            let expected = message("é`", begin, end);
            for text in [&long[..], "é\n`", "é[...]"] {
                assert_eq!(message(text, begin, end), expected, "{text}");
            }
            expected
        });
        let apart: std::collections::BTreeSet<_> = general.iter().collect();
        assert_eq!(apart.len(), ranges.len(), "each is a mistake of its own: {general:?}");
        check(
            "start byte index 1 is not a char boundary; it is inside 'é' (bytes 0..2) of `é`x \"(`[...]",
            "start byte index # is not a char boundary; it is inside '…' (…) of `…`",
        );
        check(
            "end byte index 9999 is out of bounds of `é`x`",
            "end byte index # is out of bounds of `…`",
        );
        check("begin > end (3 > 2) when slicing `é`", "begin > end (…) when slicing `…`");
        // Words of other people may go on after what they quote.
        check("3 is out of bounds of `x`: too big", "# is out of bounds of `…`: too big");
    }

    #[test]
    fn phrases_of_the_standard_library_stay_apart() {
        for phrase in [
            "assertion `left == right` failed",
            "assertion `left != right` failed",
            "called `Option::unwrap()` on a `None` value",
        ] {
            check(phrase, phrase);
        }
        check(
            "called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }",
            "called `Result::unwrap()` on an `Err` value: ParseIntError { kind: InvalidDigit }",
        );
    }

    #[test]
    fn brackets_collapse_with_what_varies_in_them() {
        check("solved by [109, 97, 122]", "solved by […]");
        check("solved by [Some(3), None]", "solved by […]");
        check("solved by []", "solved by […]");
        check("Push(3) of {1: [2], 3: []}", "Push(…) of {…}");
        check("Resize { len: 10, fill: None }", "Resize {…}");
        check("Err(Overflow)", "Err(Overflow)");
        check("Err(Overflow { at: Stack })", "Err(Overflow { at: Stack })");
        check("unexpected ( or ] at 3", "unexpected ( or ] at #");
    }

    #[test]
    fn paths_and_long_runs() {
        check("cannot open /tmp/abcXYZ/f: denied", "cannot open …: denied");
        check("in src/v2/lib.rs:4:9.", "in ….");
        check("get http://a/b?c failed", "get … failed");
        check("read/write and/or I/O", "read/write and/or I/O");
        check(&format!("token {} ends", "aB".repeat(20)), "token … ends");
        check("a_name_that_somebody_has_written", "a_name_that_somebody_has_written");
    }

    #[test]
    fn long_messages_are_cut() {
        let list = format!("got {:?}", vec![7; 100_000]);
        check(&list, "got […]");
        assert_eq!(generalize(&"word ".repeat(1000)).len(), MAX_KEPT);
    }

    #[test]
    fn any_text_can_be_generalized() {
        // Code that std quotes, without an end to the quotation.
        assert_eq!(generalize("expected `None"), "expected `None");
        let marks = "ab1 9.-+/:\\\"'`([{}])_,é🦀\n".chars().map(String::from);
        let code = QUOTED_CODE.iter().chain(&BEFORE_STRINGS).map(|words| (*words).to_owned());
        let alphabet: Vec<String> = marks.chain(code).collect();
        let mut rng = Rng::new(1);
        for _ in 0..cases(20_000) {
            let len = rng.below(40);
            let text: String = (0..len).map(|_| &*alphabet[rng.below(alphabet.len())]).collect();
            assert!(generalize(&text).chars().count() <= MAX_KEPT);
        }
    }
}
