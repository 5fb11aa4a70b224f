//! Messages that repeat their input: `bad token {token}` says another word each time, and is one mistake.
//!
//! Whether a word is the input's or the message's own cannot be told from one message, for a fixed word
//! may be in an input by chance. Two messages show it: what they have in common is their own, and where
//! they differ each must say something of its own input.

use std::borrow::Cow;

use super::generalize::{generalize, is_word};

/// Most bytes of a message or an input that are looked at.
const MAX_READ: usize = 16 << 10;

/// Most bytes of a line of which the repetitions are taken out: it is to be read.
const MAX_LINE: usize = 512;

/// Most pieces of parts of messages that are compared each with each.
const MAX_PIECES: usize = 64;

/// What stands for a part of the input.
const ANYTHING: char = '*';

/// Whether two messages, each about an encoded input, differ in nothing but what they repeat of these:
/// their first lines, or all that they say, for the input may have ended the line.
#[must_use]
pub(super) fn differ_by_input(one: (&str, &[u8]), other: (&str, &[u8])) -> bool {
    let are_alike = |one, other| {
        let (one, other) = (Message::new(one), Message::new(other));
        are_alike((&one, &one.pieces), (&other, &other.pieces))
    };
    are_alike((first_line(one.0), one.1), (first_line(other.0), other.1)) || are_alike(one, other)
}

/// Whether parts of two messages differ in nothing but what each repeats of its input: between what they
/// begin and end with in common they say nothing else, or have a part in common on both sides of which
/// that holds.
fn are_alike(one: (&Message<'_>, &[&str]), other: (&Message<'_>, &[&str])) -> bool {
    let ((message, part), (other_message, other_part)) = (one, other);
    let (part, other_part) = without_common_ends(part, other_part);
    let is_all_input = message.is_repeated(part) && other_message.is_repeated(other_part);
    if is_all_input || generalize(&part.concat()) == generalize(&other_part.concat()) {
        return true;
    }
    let Some((at, other_at, len)) = longest_common(part, other_part) else { return false };
    let (before, after) = (&part[..at], &part[at + len..]);
    let (other_before, other_after) = (&other_part[..other_at], &other_part[other_at + len..]);
    are_alike((message, before), (other_message, other_before))
        && are_alike((message, after), (other_message, other_after))
}

/// What is left of two lists without what they begin and end with in common.
fn without_common_ends<'a, 'p>(
    one: &'a [&'p str],
    other: &'a [&'p str],
) -> (&'a [&'p str], &'a [&'p str]) {
    let same = |(one, other): &(&&str, &&str)| one == other;
    let begin = one.iter().zip(other).take_while(same).count();
    let (one, other) = (&one[begin..], &other[begin..]);
    let end = one.iter().rev().zip(other.iter().rev()).take_while(same).count();
    (&one[..one.len() - end], &other[..other.len() - end])
}

/// Where the longest run of pieces, by its bytes, begins in both, and how many pieces it has. It is not
/// looked for in long parts.
fn longest_common(one: &[&str], other: &[&str]) -> Option<(usize, usize, usize)> {
    if one.len().max(other.len()) > MAX_PIECES {
        return None;
    }
    let starts = (0..one.len()).flat_map(|at| (0..other.len()).map(move |other_at| (at, other_at)));
    let runs = starts.filter(|&(at, other_at)| one[at] == other[other_at]).map(|(at, other_at)| {
        let pairs = one[at..].iter().zip(&other[other_at..]);
        let same = pairs.take_while(|(piece, other)| piece == other);
        let (len, bytes) =
            same.fold((0, 0), |(len, bytes), (piece, _)| (len + 1, bytes + piece.len()));
        (bytes, (at, other_at, len))
    });
    // The first of equal ones.
    let longest = runs.reduce(|best, run| if run.0 > best.0 { run } else { best });
    longest.map(|(_, run)| run)
}

/// The first line of a message with `*` in the place of what it repeats of its input, and of its end if
/// the input may have ended it. A word that is in the input by chance is taken for a repetition.
#[must_use]
pub(super) fn without_input(message: &str, input: &[u8]) -> String {
    let line = first_line(message);
    let is_cut = line.len() > MAX_LINE || line.len() < message.len() && input.contains(&b'\n');
    let message = Message::new((&line[..line.floor_char_boundary(MAX_LINE)], input));
    let mut out = String::new();
    let mut pieces = &message.pieces[..];
    while let [first, rest @ ..] = pieces {
        let count = message.repeated(pieces);
        if count == 0 {
            out.push_str(first);
            pieces = rest;
        } else {
            if !out.ends_with(ANYTHING) {
                out.push(ANYTHING);
            }
            pieces = &pieces[count..];
        }
    }
    if is_cut && !out.ends_with(ANYTHING) {
        out.push(ANYTHING);
    }
    out
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or("")
}

/// A message in pieces, with its input.
struct Message<'a> {
    /// Words, and single characters between them, also escaped ones.
    pieces: Vec<&'a str>,
    input: &'a [u8],
}

impl<'a> Message<'a> {
    fn new((message, input): (&'a str, &'a [u8])) -> Self {
        let mut rest = &message[..message.floor_char_boundary(MAX_READ)];
        let mut pieces = Vec::new();
        while let Some(first) = rest.chars().next() {
            let len = match is_word(first) {
                true => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                false => escape(rest).map_or(first.len_utf8(), |(_, len)| len),
            };
            pieces.push(&rest[..len]);
            rest = &rest[len..];
        }
        Self { pieces, input: &input[..input.len().min(MAX_READ)] }
    }

    /// Whether these pieces, one after the other, are in the input, or there are none: as they are, or as
    /// what `Debug` has escaped.
    fn is_repeated(&self, pieces: &[&str]) -> bool {
        let is_in_input = |text: &str| {
            text.is_empty() || self.input.windows(text.len()).any(|part| part == text.as_bytes())
        };
        is_in_input(&pieces.concat())
            || pieces.iter().any(|piece| escape(piece).is_some())
                && is_in_input(&pieces.iter().map(|piece| plain(piece)).collect::<String>())
    }

    /// How many of the first of these pieces are in the input, beginning and ending with a word.
    fn repeated(&self, pieces: &[&str]) -> usize {
        let may_end = |piece: &str| piece.starts_with(is_word) || escape(piece).is_some();
        let begins = pieces.first().is_some_and(|piece| may_end(piece));
        let is_in_input = |count: &usize| self.is_repeated(&pieces[..*count]);
        let longest = (1..=pieces.len()).take_while(is_in_input).last().unwrap_or(0);
        let ends = pieces[..longest].iter().rposition(|piece| may_end(piece));
        if begins { ends.map_or(0, |last| last + 1) } else { 0 }
    }
}

/// The character that `text` begins with as an escape of `Debug`, and the bytes of that.
fn escape(text: &str) -> Option<(char, usize)> {
    let rest = text.strip_prefix('\\')?;
    let character = match rest.chars().next()? {
        '0' => '\0',
        't' => '\t',
        'r' => '\r',
        'n' => '\n',
        same @ ('"' | '\'' | '\\') => same,
        'u' => {
            let (digits, _) = rest.strip_prefix("u{")?.split_once('}')?;
            let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            return Some((character, "\\u{}".len() + digits.len()));
        }
        _ => return None,
    };
    Some((character, 2))
}

/// What a piece stands for.
fn plain(piece: &str) -> Cow<'_, str> {
    escape(piece).map_or(piece.into(), |(character, _)| String::from(character).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An input that is these strings, encoded one after the other.
    fn encoded(strings: &[&str]) -> Vec<u8> {
        let len = |text: &str| (text.len() as u32).to_le_bytes();
        strings.iter().flat_map(|text| [&len(text)[..], text.as_bytes()].concat()).collect()
    }

    fn are_one(one: (&str, &[&str]), other: (&str, &[&str])) -> bool {
        let inputs = [encoded(one.1), encoded(other.1)];
        let forwards = differ_by_input((one.0, &inputs[0]), (other.0, &inputs[1]));
        let backwards = differ_by_input((other.0, &inputs[1]), (one.0, &inputs[0]));
        assert_eq!(forwards, backwards, "{one:?} {other:?}");
        forwards
    }

    #[test]
    fn messages_that_repeat_their_inputs_are_one() {
        let bad = ("bad token foo: in a line", &["x foo y"][..]);
        assert!(are_one(bad, ("bad token f o: in a line", &["=f o:"])));
        assert!(are_one(bad, ("bad token : in a line", &["="])));
        assert!(are_one(bad, ("bad token \u{a7}1\u{e9}: in a line", &["\u{a7}1\u{e9}"])));
        // A word of the message is in the input by chance.
        assert!(are_one(bad, ("bad token in: in a line", &["token in a bad line"])));
        assert!(are_one(("too long: ab\ncd", &["ab\ncd"]), ("too long: xyz", &["xyz"])));
        assert!(are_one(("bad \n: no", &["\n"]), ("bad xyz: no", &["xyz"])));
        let many = "=".repeat(4000);
        assert!(are_one((&format!("bad {many}: no"), &[&many]), ("bad x: no", &["x"])));
        let two = ("foo is not before bar!", &["foo", "bar"][..]);
        assert!(are_one(two, ("a b is not before !", &["a b", ""])));
        assert!(are_one(("x is 17 bytes", &["x"]), ("yy is 3 bytes", &["yy"])));
    }

    #[test]
    fn what_debug_escapes_is_repeated_too() {
        let odd = ("\"a\\u{2028}\\n\\\"\" is bad", &["a\u{2028}\n\""][..]);
        assert!(are_one(odd, ("\"0\" is bad", &["0"])));
        assert!(are_one(odd, ("\"\\\\\\0\" is bad", &["\\\0"])));
        assert!(are_one(("C:\\new", &["C:\\new"]), ("D:\\tmp", &["D:\\tmp"])));
        assert!(!are_one(("\\u{2028}", &["a"]), ("\\n", &["a"])));
        assert_eq!(without_input(odd.0, &encoded(odd.1)), "\"*\" is bad");
        assert_eq!(without_input("\\u{110000} \\u{", b"110000"), "\\u{*} \\u{");
    }

    #[test]
    fn messages_that_say_different_things_are_two() {
        assert!(!are_one(("called u8 code", &["a"]), ("called u16 code", &["b"])));
        assert!(!are_one(("too long: a", &["a"]), ("too short: b", &["b"])));
        assert!(!are_one(("bad token foo", &["foo"]), ("bad token bar", &["foo"])));
        assert!(!are_one(("bad token", &["x"]), ("worse", &["x"])));
        assert!(!are_one(("", &["x"]), ("oh", &["x"])));
    }

    #[test]
    fn what_is_repeated_becomes_a_gap() {
        let gaps = |message: &str, input: &[&str]| without_input(message, &encoded(input));
        assert_eq!(gaps("bad token foo: in a line", &["x foo y"]), "bad token *: in a line");
        assert_eq!(gaps("bad token f o: no\n f o", &["f o:"]), "bad token *: no");
        assert_eq!(gaps("bad token \n: no", &["=\n"]), "bad token *");
        assert_eq!(gaps("foo bar", &["foo", "bar"]), "* *");
        assert_eq!(gaps("bad token: no", &["", ": "]), "bad token: no");
    }

    #[test]
    fn long_messages_and_inputs_are_cut() {
        let long = "word ".repeat(100_000);
        assert_eq!(without_input(&long, long.as_bytes()), "*");
        let other = "\u{e9}".repeat(100_000);
        assert!(!differ_by_input((&long, b""), (&other, b"")));
    }
}
