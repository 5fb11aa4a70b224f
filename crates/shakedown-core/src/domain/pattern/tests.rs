//! What is made of patterns, held against a search that tries every way.

use std::collections::BTreeSet;

use super::*;
use crate::domain::edit::Buffer;
use crate::domain::tests::with_sources;
use crate::domain::{Alphabet, Len};
use crate::testing::{cases, random_pattern};

fn one(first: char, last: char) -> Expression {
    Expression::One(Alphabet::new([first.into()..=last.into()]))
}

fn word(text: &str) -> Expression {
    Expression::All(text.chars().map(|char| one(char, char)).collect())
}

fn repeat(of: Expression, min: u32, max: Option<u32>) -> Expression {
    Expression::Repeat { of: Box::new(of), min, max }
}

/// `(get|put) [a-z]{1,3}(,[a-z]{1,3})*`
fn request() -> Pattern {
    let name = || repeat(one('a', 'z'), 1, Some(3));
    let more = Expression::All(vec![one(',', ','), name()]);
    let verb = Expression::Any(vec![word("put"), word("get")]);
    let all = vec![verb, one(' ', ' '), name(), repeat(more, 0, None)];
    Pattern::new(Expression::All(all)).unwrap()
}

/// Where the matches of an expression end that begin at `from`, by trying every way.
fn ends(expression: &Expression, text: &[char], from: usize) -> BTreeSet<usize> {
    match expression {
        Expression::One(alphabet) => {
            let char = text.get(from).filter(|char| alphabet.contains(u32::from(**char)));
            char.map(|_| from + 1).into_iter().collect()
        }
        Expression::All(parts) => parts.iter().fold(BTreeSet::from([from]), |froms, part| {
            froms.into_iter().flat_map(|from| ends(part, text, from)).collect()
        }),
        Expression::Any(parts) => parts.iter().flat_map(|part| ends(part, text, from)).collect(),
        Expression::Repeat { of, min, max } => {
            let (mut all, mut froms) = (BTreeSet::new(), BTreeSet::from([from]));
            for count in 0..=max.unwrap_or(min + text.len() as u32) {
                if count >= *min && !froms.iter().fold(false, |new, at| all.insert(*at) | new) {
                    break;
                }
                froms = froms.into_iter().flat_map(|from| ends(of, text, from)).collect();
            }
            all
        }
    }
}

fn belongs(pattern: &Pattern, text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    ends(pattern.expression(), &chars, 0).contains(&chars.len())
}

fn drawn(pattern: &Pattern, count: usize, rng: &mut Rng) -> String {
    let mut out = Vec::new();
    draw(pattern, count, &mut out, rng);
    String::from_utf8(out).unwrap()
}

#[test]
fn what_is_drawn_belongs_to_the_pattern() {
    for seed in 0..cases(2000) {
        let rng = &mut Rng::new(seed);
        let pattern = random_pattern(rng);
        let count = rng.below(20);
        let text = drawn(&pattern, count, rng);
        assert!(belongs(&pattern, &text), "{pattern:?} has {text:?}");
        assert!(belongs(&pattern, pattern.simplest()), "{pattern:?}");
        assert!(pattern.simplest().len() <= text.len(), "{pattern:?}: {text:?} is shorter");
    }
}

#[test]
fn a_text_is_checked_as_by_trying_every_way() {
    let mut counts = [0; 2];
    for seed in 0..cases(4000) {
        let rng = &mut Rng::new(seed);
        let pattern = random_pattern(rng);
        let mut chars: Vec<char> = drawn(&pattern, 8, rng).chars().collect();
        for _ in 0..rng.below(3) {
            let at = rng.below(chars.len() + 1);
            match rng.one_in(2) {
                true => chars.insert(at, ['a', 'c', '0', 'α', ' '][rng.below(5)]),
                false => drop(chars.drain(at.saturating_sub(1)..at)),
            }
        }
        let text: String = chars.into_iter().collect();
        let expected = belongs(&pattern, &text);
        assert_eq!(check(&pattern, &text).is_ok(), expected, "{pattern:?} and {text:?}");
        counts[usize::from(expected)] += 1;
    }
    assert!(cfg!(miri) || counts.iter().all(|count| *count > 500), "{counts:?}");
}

/// What a change makes of a text, with a token, a donor, and room for 30 bytes more.
fn changed(pattern: &Pattern, text: &str, seed: u64) -> Option<String> {
    let dictionary = crate::mutate::sources::Dictionary::new([b"zz".to_vec()]);
    with_sources(seed, |sources| {
        let mut buf = [&(text.len() as u32).to_le_bytes(), text.as_bytes(), &[0; 30]].concat();
        let len = buf.len() - 30;
        let mut input = Buffer::new(&mut buf, len);
        let mut content = Content::new(&mut input, 4..len, Len::ANY, true);
        let mut sources =
            Sources { dictionary: &dictionary, donor: b"put c,d", ..reborrowed(sources) };
        let grow = |content: &mut Content, _: &mut Sources| content.insert(0, b"x");
        let is_changed = change(pattern, &mut content, &mut sources, grow);
        let new = std::str::from_utf8(content.bytes()).unwrap().to_owned();
        assert_eq!(is_changed, new != text, "{pattern:?} and {text:?}");
        is_changed.then_some(new)
    })
}

fn reborrowed<'s>(sources: &'s mut Sources<'_>) -> Sources<'s> {
    Sources {
        rng: sources.rng,
        dictionary: sources.dictionary,
        hints: sources.hints,
        donor: sources.donor,
        scratch: sources.scratch,
        before: sources.before,
        draws: sources.draws,
        used: sources.used,
    }
}

#[test]
fn what_is_changed_belongs_to_the_pattern() {
    let mut count = 0;
    for seed in 0..cases(4000) {
        let rng = &mut Rng::new(seed);
        let pattern = random_pattern(rng);
        let mut text = drawn(&pattern, 10, rng);
        for step in 0..4 {
            if let Some(new) = changed(&pattern, &text, seed ^ step << 32) {
                assert!(check(&pattern, &new).is_ok(), "{pattern:?}: {text:?} became {new:?}");
                (text, count) = (new, count + 1);
            }
        }
    }
    assert!(cfg!(miri) || count > 8000, "{count} changes");
}

#[test]
#[cfg_attr(miri, ignore = "needs all of its cases")]
fn a_text_changes_in_every_way() {
    let of = |text| (0..4000).filter_map(|seed| changed(&request(), text, seed)).collect();
    let made: BTreeSet<String> = of("get a,b");
    // Without a part, with one again, with other characters, with the token, with a piece of the
    // donor, with another choice.
    for text in ["get a", "get b", "get a,b,b", "get a,z", "get zz,b", "get a,b,d", "put a,b"] {
        assert!(made.contains(text), "{text} is not in {made:?}");
    }
    assert!(made.len() > 500);
}

#[test]
fn the_simplest_text_is_the_shortest_of_the_simplest_characters() {
    assert_eq!(request().simplest(), "get a");
    let late = Expression::Any(vec![word("zz"), word("é"), word("ba"), word("0"), word("ω")]);
    assert_eq!(Pattern::new(late).unwrap().simplest(), "0");
}

/// The simplest text that `simplify` finds of those that hold `part`.
fn simplified(pattern: &Pattern, text: &str, part: &str) -> String {
    let value = [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let mut best = text.to_owned();
    let mut ask = |value: &[u8]| {
        let text = std::str::from_utf8(&value[4..]).unwrap();
        assert!(belongs(pattern, text), "{text:?}");
        let is_simpler = (text.len(), text) < (best.len(), &*best);
        let taken = is_simpler && text.contains(part);
        if taken {
            best = text.to_owned();
        }
        Ok(taken)
    };
    let mut trial = Trial::new(value, &mut ask);
    for way in [Way::Runs, Way::Items, Way::Runs] {
        simplify(pattern, way, &mut trial).unwrap();
    }
    best
}

#[test]
fn a_text_is_simplified_within_its_pattern() {
    let request = request();
    assert_eq!(simplified(&request, "put abc,x,def,gh", "x"), "get x");
    assert_eq!(simplified(&request, "put abc,xy,def,gh", ","), "get a,a");
    assert_eq!(simplified(&request, "put bcd,efg", ""), "get a");
    assert_eq!(simplified(&request, "get abc,def,ghi,jkl", "def,"), "get def,a");
}

#[test]
fn what_describes_nothing_or_too_much_is_no_pattern() {
    let none = Expression::One(Alphabet::new([]));
    assert!(Pattern::new(none).is_none());
    assert!(Pattern::new(Expression::Any(vec![])).is_none());
    assert!(Pattern::new(repeat(one('a', 'b'), 3, Some(2))).is_none());
    assert!(Pattern::new(repeat(repeat(one('a', 'b'), 40, None), 40, None)).is_none());
    let large = Pattern::new(repeat(repeat(one('a', 'b'), 0, Some(1)), 0, Some(1000))).unwrap();
    assert!(check(&large, &"ab".repeat(500)).is_ok() && check(&large, &"a".repeat(1001)).is_err());
}
