//! The corpus of a target, for the page.

use serde_json::{Value, json};

use crate::report::shown_lines;
use crate::store::corpus::{BadFile, Corpus, Origin};
use crate::store::exchange::{Printed, browse};
use crate::store::history::{self, Run};

/// Gives entries of a corpus, and how earlier campaigns went. Any thread may use it.
#[derive(Debug)]
pub(crate) struct Shelf {
    corpus: Corpus,
    earlier: Vec<Run>,
}

impl Shelf {
    /// The entries of a corpus, and the campaigns that it has come from so far.
    #[must_use]
    pub(crate) fn new(corpus: Corpus) -> Self {
        let earlier = history::load(&corpus.locations().state);
        Self { corpus, earlier }
    }

    /// Earlier campaigns, the oldest first.
    pub(crate) fn history(&self) -> Value {
        json!({ "runs": self.earlier })
    }

    /// Some entries, as the page shows them, from this one on.
    pub(crate) fn entries(&self, from: usize, count: usize) -> Value {
        let browsed = match browse(&self.corpus, from, count) {
            Ok(browsed) => browsed,
            Err(error) => return json!({ "error": error.to_string() }),
        };
        let files: Vec<_> = browsed.files.into_iter().map(|file| self.value(file)).collect();
        json!({ "total": browsed.total, "from": from, "files": files })
    }

    fn value(&self, file: Result<Printed, BadFile>) -> Value {
        let Printed { file, text } = match file {
            Ok(printed) => printed,
            Err(bad) => return json!({ "kind": "bad", "name": bad.place(), "text": bad.message() }),
        };
        let kind = match file.origin {
            _ if file.is_finding() => "finding",
            Origin::Testdata => "seed",
            Origin::Cache | Origin::Findings | Origin::Elsewhere => "entry",
        };
        let encoded = file.inputs().map(Vec::len);
        let len: usize = encoded.map(|len| self.corpus.schema().content_len(len)).sum();
        json!({ "kind": kind, "name": file.name, "len": len, "text": shown_lines(&text).join("\n") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{in_temporary, pair, typed};

    #[test]
    fn entries_have_their_values_and_what_holds_none_says_so() {
        let (_dir, corpus) = in_temporary(pair());
        corpus.add_entry(&typed(4, true)).unwrap();
        std::fs::create_dir_all(&corpus.locations().testdata).unwrap();
        std::fs::write(corpus.locations().testdata.join("bad"), "GIF").unwrap();
        let all = Shelf::new(corpus).entries(0, 10);
        assert_eq!((&all["total"], &all["files"][0]["kind"]), (&json!(2), &json!("bad")), "{all}");
        let entry = &all["files"][1];
        assert_eq!((&entry["kind"], &entry["text"]), (&json!("entry"), &json!("n: 4\nok: true")));
    }
}
