//! The formats in XML that CI systems read, as rules: which elements there are, and what is in each. They
//! say what the schemas of others say, which are too short to be kept.

use std::collections::BTreeSet;

use regex::Regex;
use roxmltree::{Document, Node, ParsingOptions};

/// An element: its name, its attributes, of which those with a `!` are needed, and its content, as a
/// regular expression over the names of its children, each with a space behind it. Text is `#text`.
type Rule = (&'static str, &'static str, &'static str);

/// JUnit's format as Jenkins takes it: `junit-10.xsd` of its plugin xUnit.
pub(crate) const JUNIT: &[Rule] = &[
    ("testsuites", "name time tests failures errors", "(testsuite )*"),
    (
        "testsuite",
        "name! tests! failures! errors! group time skipped timestamp hostname id package file log url",
        "((testsuite|properties|testcase|system-out|system-err) )*",
    ),
    ("properties", "", "(property )*"),
    ("property", "name! value!", ""),
    (
        "testcase",
        "name! time classname group",
        "((skipped|error|failure|rerunFailure|rerunError|flakyFailure|flakyError|system-out|system-err) )*",
    ),
    ("skipped", "type message", TEXT),
    ("error", "type message", TEXT),
    ("failure", "type message", TEXT),
    ("rerunFailure", "message type!", RERUN),
    ("rerunError", "message type!", RERUN),
    ("flakyFailure", "message type!", RERUN),
    ("flakyError", "message type!", RERUN),
    ("stackTrace", "", TEXT),
    ("system-out", "", TEXT),
    ("system-err", "", TEXT),
];

/// Cobertura's format: `coverage-04.dtd`.
pub(crate) const COBERTURA: &[Rule] = &[
    (
        "coverage",
        "line-rate! branch-rate! lines-covered! lines-valid! branches-covered! branches-valid! \
         complexity! version! timestamp!",
        "(sources )?packages ",
    ),
    ("sources", "", "(source )*"),
    ("source", "", TEXT),
    ("packages", "", "(package )*"),
    ("package", "name! line-rate! branch-rate! complexity!", "classes "),
    ("classes", "", "(class )*"),
    ("class", "name! filename! line-rate! branch-rate! complexity!", "methods lines "),
    ("methods", "", "(method )*"),
    ("method", "name! signature! line-rate! branch-rate! complexity!", "lines "),
    ("lines", "", "(line )*"),
    ("line", "number! hits! branch condition-coverage", "(conditions )*"),
    ("conditions", "", "(condition )*"),
    ("condition", "number! type! coverage!", ""),
];

const TEXT: &str = "(#text )?";

const RERUN: &str = "(#text )?(stackTrace )?(system-out )?(system-err )?";

/// Attributes that are no text: JUnit's times, and its counts.
const VALUES: [(&str, &str); 5] = [
    ("time", r"[0-9,]*(\.[0-9]*)?"),
    ("tests", "[0-9]+"),
    ("failures", "[0-9]+"),
    ("errors", "[0-9]+"),
    ("hits", "[0-9]+"),
];

/// A document that begins with this element, if it is as these rules say.
#[track_caller]
pub(crate) fn check<'d>(text: &'d str, root: &str, rules: &[Rule]) -> Document<'d> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options);
    let document = document.unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(document.root_element().tag_name().name(), root, "{text}");
    let errors: Vec<_> = document
        .descendants()
        .filter(Node::is_element)
        .filter_map(|node| Some(format!("<{}>: {}", node.tag_name().name(), error(node, rules)?)))
        .collect();
    assert!(errors.is_empty(), "{}\n{text}", errors.join("; "));
    document
}

/// What is wrong with an element, leaving out what is in its children.
fn error(node: Node<'_, '_>, rules: &[Rule]) -> Option<String> {
    let name = node.tag_name().name();
    let Some((_, attributes, content)) = rules.iter().find(|(known, ..)| *known == name) else {
        return Some("there is no such element".into());
    };
    let given: BTreeSet<&str> = node.attributes().map(|attribute| attribute.name()).collect();
    let known = attributes.split(' ').map(|name| name.trim_end_matches('!')).collect();
    if let Some(name) = given.difference(&known).next() {
        return Some(format!("there is no attribute {name}"));
    }
    let mut needed = attributes.split(' ').filter_map(|name| name.strip_suffix('!'));
    if let Some(name) = needed.find(|name| !given.contains(name)) {
        return Some(format!("the attribute {name} is missing"));
    }
    let is_wrong = |(name, pattern): &&(&str, &str)| {
        node.attribute(*name).is_some_and(|value| !is_match(pattern, value))
    };
    if let Some((name, pattern)) = VALUES.iter().find(is_wrong) {
        return Some(format!("{name} is not {pattern}"));
    }
    let found: String = node.children().filter_map(part).map(|part| part + " ").collect();
    (!is_match(content, &found)).then(|| format!("it has {found}and not {content}"))
}

fn part(node: Node<'_, '_>) -> Option<String> {
    match node.text() {
        _ if node.is_element() => Some(node.tag_name().name().into()),
        Some(text) if !text.trim().is_empty() => Some("#text".into()),
        _ => None,
    }
}

fn is_match(pattern: &str, text: &str) -> bool {
    Regex::new(&format!("^({pattern})$")).expect("a pattern").is_match(text)
}

#[test]
fn the_check_of_a_document_sees_what_is_wrong() {
    let fails = |inside: &str| {
        let text = format!("<testsuites>{inside}</testsuites>");
        std::panic::catch_unwind(|| drop(check(&text, "testsuites", JUNIT))).is_err()
    };
    let suite = |inside: &str| {
        format!(
            "<testsuite name='' tests='1' failures='0' errors='0' time='1,000.5'>{inside}</testsuite>"
        )
    };
    assert!(!fails("") && !fails(&suite("<testcase name='n'><failure>text</failure></testcase>")));
    for bad in ["text", "<testcase name='n'/>", "<testsuite/>", "<a/>", "<testsuite", "\u{1}"] {
        assert!(fails(bad), "{bad}");
    }
    for bad in
        ["<testcase/>", "<testcase name='n' x=''/>", "text", "<testcase name='n'>x</testcase>"]
    {
        assert!(fails(&suite(bad)), "{bad}");
    }
    assert!(fails(&suite("").replace("'1'", "'one'")));
}
