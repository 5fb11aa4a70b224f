//! Names near to a misspelt one, for error messages.

/// Most names in a suggestion.
const MAX_SHOWN: usize = 8;

/// Longest name that is compared; the comparison takes time in the product of the lengths.
const MAX_COMPARED: usize = 64;

/// Completes a message about the unknown `name`: the known names near to it, nearest first, else
/// all of them where they are few.
pub(super) fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let mut near: Vec<(usize, &str)> = known
        .iter()
        .map(|candidate| (distance(name, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= 1.max(candidate.chars().count() / 3))
        .collect();
    near.sort();
    match near.is_empty() {
        false => format!("did you mean {}?", list(near.iter().map(|(_, name)| *name))),
        true => format!("expected {}", list(known.iter().copied())),
    }
}

/// `` `a`, `b` or `c` ``
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.len() > MAX_SHOWN {
        let more = names.len() - MAX_SHOWN;
        names.truncate(MAX_SHOWN);
        names.push(format!("one of {more} others"));
    }
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "nothing".into(),
    }
}

/// Levenshtein distance without regard to case, in characters; huge for long names.
fn distance(a: &str, b: &str) -> usize {
    if a.len() > MAX_COMPARED || b.len() > MAX_COMPARED {
        return usize::MAX;
    }
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("Push", "push"), 0);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance(&"x".repeat(65), "x"), usize::MAX);
    }

    #[test]
    fn near_names_come_first_and_far_ones_not_at_all() {
        let text = |name| suggestion(name, ["Push", "Posh", "Resize"].into_iter());
        assert_eq!(text("Pusx"), "did you mean `Push`?");
        assert_eq!(text("Pxsh"), "did you mean `Posh` or `Push`?");
        assert_eq!(text("Quit"), "expected `Push`, `Posh` or `Resize`");
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..20).map(|i| format!("Long{i}Name")).collect();
        let text = suggestion("?", names.iter().map(String::as_str));
        assert!(text.ends_with("`Long7Name` or one of 12 others"), "{text}");
    }
}
