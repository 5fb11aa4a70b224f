//! What is different between two inputs, as people read them.

use serde_json::Value;
use similar::{Algorithm, ChangeTag, capture_diff_slices};

/// Most words of a text that are compared one by one; of longer texts, lines are.
const MAX_WORDS: usize = 1000;

/// The parts of two texts in order, each with a sign: `-` if only the first has it, `+` if only the
/// second, and a space if both have.
#[must_use]
pub(super) fn diff(before: &str, after: &str) -> Value {
    let split = match words(before).len().max(words(after).len()) <= MAX_WORDS {
        true => words,
        false => lines,
    };
    let (before, after) = (split(before), split(after));
    let mut parts: Vec<(&str, String)> = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, &before, &after) {
        for change in operation.iter_changes(&before, &after) {
            let sign = match change.tag() {
                ChangeTag::Equal => " ",
                ChangeTag::Delete => "-",
                ChangeTag::Insert => "+",
            };
            match parts.last_mut() {
                Some((last, text)) if *last == sign => *text += change.value(),
                _ => parts.push((sign, change.value().to_owned())),
            }
        }
    }
    parts.into_iter().map(|(sign, text)| serde_json::json!([sign, text])).collect()
}

/// Words and numbers, and all other characters one by one.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_other = |char: char| !char.is_alphanumeric();
        let end = if is_other(first) {
            first.len_utf8()
        } else {
            rest.find(is_other).unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
    words
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_literal_differs_in_its_words() {
        let parts = diff("n: 12\ntext: \"a-b\"", "n: 7\ntext: \"a-é-b\"");
        let expected = json!([
            [" ", "n: "],
            ["-", "12"],
            ["+", "7"],
            [" ", "\ntext: \"a-"],
            ["+", "é-"],
            [" ", "b\""]
        ]);
        assert_eq!(parts, expected);
        assert_eq!(diff("", ""), json!([]));
        assert_eq!(diff("same", "same"), json!([[" ", "same"]]));
    }

    #[test]
    fn nothing_is_lost_of_long_texts() {
        let text = |word: &str| format!("{word} ").repeat(MAX_WORDS) + "\nend";
        let (before, after) = (text("one"), text("two"));
        let parts = diff(&before, &after);
        let with = |wanted: &[&str]| -> String {
            let all = parts.as_array().unwrap().iter();
            let all = all.filter(|part| wanted.contains(&part[0].as_str().unwrap()));
            all.map(|part| part[1].as_str().unwrap()).collect()
        };
        assert_eq!((with(&[" ", "-"]), with(&[" ", "+"])), (before, after));
        assert_eq!(parts[2], json!([" ", "end"]));
    }
}
