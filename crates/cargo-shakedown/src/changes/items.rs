//! A file of Rust code as its items: which names lead to each, and which names are in it. An item is
//! only looked into as far as it is easy to tell what it is; all else is loose, and counts for everything.

use std::collections::BTreeSet;

use super::tokens::{Token, tokens};

/// Attributes that have a function called, or a value used, by nothing but its name.
const PLAIN: [&str; 19] = [
    "allow",
    "cfg",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "fuzz",
    "ignore",
    "inline",
    "must_use",
    "non_exhaustive",
    "should_panic",
    "skip",
    "target_feature",
    "test",
    "track_caller",
    "warn",
];

/// What leads to an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reached<'c> {
    /// One of these names.
    By(BTreeSet<&'c str>),
    /// A value of a type with one of these names, if that is a type of ours: values of others are
    /// made without naming the type.
    ByType(BTreeSet<&'c str>),
    /// It is used without being named.
    Always,
}

/// An item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Item<'c> {
    pub(super) reached: Reached<'c>,
    /// Modules and implementations around it.
    pub(super) around: Vec<Token<'c>>,
    /// With its attributes.
    pub(super) tokens: Vec<Token<'c>>,
    /// The type that it makes, if it makes one.
    pub(super) makes: Option<&'c str>,
}

/// What is in a file.
#[derive(Debug, Default)]
pub(super) struct Items<'c> {
    pub(super) items: Vec<Item<'c>>,
    /// What is in no item.
    pub(super) loose: Vec<Token<'c>>,
    /// Names that are used outside of items.
    pub(super) roots: BTreeSet<&'c str>,
    /// Other names of names: the new one and the old.
    pub(super) aliases: Vec<(&'c str, &'c str)>,
    /// All words in attributes.
    pub(super) attributes: BTreeSet<&'c str>,
}

impl<'c> Items<'c> {
    /// What is in some code; nothing if that is not Rust.
    pub(super) fn of(code: &'c str) -> Option<Self> {
        let tokens = tokens(code)?;
        let attributes = attributes(&tokens).flat_map(words).collect();
        let mut items = Self { attributes, ..Self::default() };
        items.read(&tokens, &[]);
        Some(items)
    }

    /// Reads items that follow one another.
    fn read(&mut self, tokens: &[Token<'c>], around: &[Token<'c>]) {
        let mut rest = tokens;
        while !rest.is_empty() {
            let len = self.take(rest, around).max(1);
            rest = &rest[len..];
        }
    }

    /// Takes the first item; returns its length.
    fn take(&mut self, tokens: &[Token<'c>], around: &[Token<'c>]) -> usize {
        let (outer, start) = outer_attributes(tokens);
        let Some(Head { keyword, at }) = head(&tokens[start..]) else {
            return self.take_loose(tokens);
        };
        let (after, body) = (start + at + 1, &tokens[start + at + 1..]);
        let name = words(body).next();
        let by = |names: BTreeSet<&'c str>| Reached::By(names);
        let named = || name.filter(|name| *name != "_").map(|name| by([name].into()));
        let is_plain = outer.iter().all(|attribute| is_plain(attribute));
        let (reached, len) = match keyword {
            "fn" => {
                let reached = named().filter(|_| is_plain).unwrap_or(Reached::Always);
                (reached, to_block_or_semicolon(body))
            }
            "struct" | "union" => (named().unwrap_or(Reached::Always), to_block_or_semicolon(body)),
            "enum" | "trait" | "extern" => {
                let len = to_block_or_semicolon(body);
                (by(words(&body[..len]).collect()), len)
            }
            "type" | "const" | "static" => {
                let is_mutable = body.first() == Some(&Token::Word("mut"));
                let body_name = words(&body[usize::from(is_mutable)..]).next();
                let reached = body_name.filter(|name| *name != "_" && is_plain);
                let reached = reached.map(|name| by([name].into()));
                (reached.unwrap_or(Reached::Always), to_semicolon(body))
            }
            "macro_rules" | "macro" => {
                let name = words(body).next();
                self.loose.extend(name.map(Token::Word));
                let reached = name.map_or(Reached::Always, |name| by([name].into()));
                (reached, to_block_or_semicolon(body))
            }
            "impl" => {
                let len = to_block_or_semicolon(body);
                let Some(begin) = begin_of_block(&body[..len]) else {
                    return self.take_loose(tokens);
                };
                match implementing(&body[..begin]) {
                    Some(reached) => (reached, len),
                    None => {
                        let inner = [around, &tokens[..after + begin]].concat();
                        self.read(&body[begin + 1..len - 1], &inner);
                        return after + len;
                    }
                }
            }
            "mod" => {
                let len = to_block_or_semicolon(body);
                let Some(begin) = begin_of_block(&body[..len]) else {
                    self.note_loose(&tokens[..after + len]);
                    return after + len;
                };
                self.note_loose(&tokens[..after + begin]);
                let inner = [around, &body[..begin]].concat();
                self.read(&body[begin + 1..len - 1], &inner);
                return after + len;
            }
            "use" => {
                let len = to_semicolon(body);
                self.loose.extend(&tokens[..after + len]);
                for part in body[..len].windows(3) {
                    if let [Token::Word(old), Token::Word("as"), Token::Word(new)] = part {
                        self.aliases.push((new, old));
                    }
                }
                return after + len;
            }
            _ => return self.take_loose(tokens),
        };
        let tokens = tokens[..after + len].to_vec();
        // Another name of a type makes none.
        let makes = name.filter(|_| ["struct", "union", "enum"].contains(&keyword));
        self.items.push(Item { reached, around: around.to_vec(), tokens, makes });
        after + len
    }

    /// Takes something that is no item: a group as a whole.
    fn take_loose(&mut self, tokens: &[Token<'c>]) -> usize {
        let len = group(tokens);
        self.note_loose(&tokens[..len]);
        len
    }

    fn note_loose(&mut self, tokens: &[Token<'c>]) {
        self.loose.extend(tokens);
        self.roots.extend(words(tokens));
    }
}

/// The names in some code.
pub(super) fn words<'c>(tokens: &[Token<'c>]) -> impl Iterator<Item = &'c str> {
    tokens.iter().flat_map(|token| token.words())
}

/// What is in the brackets of each attribute, wherever it is.
pub(super) fn attributes<'t, 'c>(tokens: &'t [Token<'c>]) -> impl Iterator<Item = &'t [Token<'c>]> {
    (0..tokens.len()).filter_map(|at| {
        let rest = tokens[at..].strip_prefix(&[Token::Mark('#')])?;
        let rest = rest.strip_prefix(&[Token::Mark('!')]).unwrap_or(rest);
        (rest.first() == Some(&Token::Mark('['))).then(|| &rest[1..group(rest) - 1])
    })
}

/// The attributes before an item, and their length.
fn outer_attributes<'t, 'c>(tokens: &'t [Token<'c>]) -> (Vec<&'t [Token<'c>]>, usize) {
    let (mut all, mut at) = (Vec::new(), 0);
    while let [Token::Mark('#'), Token::Mark('['), ..] = tokens[at..] {
        let len = group(&tokens[at + 1..]);
        all.push(&tokens[at + 2..at + len]);
        at += 1 + len;
    }
    (all, at)
}

/// Whether an attribute leaves a function as it is: its path ends with one of those that do.
fn is_plain(attribute: &[Token<'_>]) -> bool {
    let is_in_path = |token: &&Token<'_>| matches!(token, Token::Word(_) | Token::Mark(':'));
    match attribute.iter().take_while(is_in_path).last() {
        Some(Token::Word(name)) => PLAIN.contains(name),
        _ => false,
    }
}

/// What an item begins with.
struct Head<'c> {
    keyword: &'c str,
    at: usize,
}

/// The keyword that says what comes, after those that say more of it.
fn head<'c>(tokens: &[Token<'c>]) -> Option<Head<'c>> {
    let mut at = 0;
    loop {
        let Token::Word(word) = *tokens.get(at)? else { return None };
        let next = tokens.get(at + 1);
        at += match (word, next) {
            ("pub", Some(Token::Mark('('))) => 1 + group(&tokens[at + 1..]),
            ("pub" | "default" | "async" | "unsafe" | "safe", Some(Token::Word(_))) => 1,
            ("const", Some(Token::Word("fn" | "unsafe" | "async" | "extern"))) => 1,
            ("extern", Some(Token::Word("fn"))) => 1,
            ("extern", Some(Token::Text(_))) if tokens.get(at + 2) == Some(&Token::Word("fn")) => 2,
            ("extern", Some(Token::Text(_) | Token::Mark('{'))) => {
                return Some(Head { keyword: word, at });
            }
            ("extern", _) => return None,
            ("unsafe", Some(Token::Text(_))) => return None,
            _ => return Some(Head { keyword: word, at }),
        };
    }
}

/// The length of what begins with a token: a group if it is the first half of a bracket.
fn group(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        if depth <= 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// Where the first block begins that is in no other bracket, if that is before a semicolon.
fn begin_of_block(tokens: &[Token<'_>]) -> Option<usize> {
    let mut at = 0;
    while at < tokens.len() && !matches!(tokens[at], Token::Mark('{' | ';')) {
        at += group(&tokens[at..]);
    }
    (tokens.get(at) == Some(&Token::Mark('{'))).then_some(at)
}

/// The length up to the end of the first block or to a semicolon, whatever comes first.
fn to_block_or_semicolon(tokens: &[Token<'_>]) -> usize {
    match begin_of_block(tokens) {
        Some(begin) => begin + group(&tokens[begin..]),
        None => to_semicolon(tokens),
    }
}

fn to_semicolon(tokens: &[Token<'_>]) -> usize {
    let mut at = 0;
    while at < tokens.len() && tokens[at] != Token::Mark(';') {
        at += group(&tokens[at..]);
    }
    (at + 1).min(tokens.len())
}

/// What leads to the implementation of a trait that begins like this: the type that it is for. Nothing
/// if it implements no trait.
fn implementing<'c>(header: &[Token<'c>]) -> Option<Reached<'c>> {
    let is_for = |at: &usize| {
        header[*at] == Token::Word("for") && header.get(at + 1) != Some(&Token::Mark('<'))
    };
    let at = (0..header.len()).find(is_for)?;
    let of_type = header[at + 1..].split(|token| *token == Token::Word("where")).next();
    // Those that the implementation itself names are any types at all.
    let generics: BTreeSet<&str> = match header.first() {
        Some(Token::Mark('<')) => words(&header[..at]).collect(),
        _ => BTreeSet::new(),
    };
    let names = words(of_type.unwrap_or_default()).filter(|name| !generics.contains(name));
    Some(Reached::ByType(names.collect()))
}
