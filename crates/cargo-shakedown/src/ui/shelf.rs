//! The corpus of a target, for the page: its files, and which of them comes from which.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
#[cfg(feature = "ui")]
use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::diff::diff;
#[cfg(feature = "ui")]
use crate::coverage::Nearest;
use crate::report::shown_lines;
#[cfg(any(feature = "ui", test))]
use crate::report::visible;
use crate::store::corpus::{BadFile, Corpus, Origin};
use crate::store::exchange::{Listing, Printed, open, print_input};
use crate::store::file::{as_number, numbered};
use crate::store::history::{self, Run};
use crate::store::lineage::Lineage;

/// Most ancestors of an entry that are shown.
#[cfg(any(feature = "ui", test))]
const MAX_STEPS: usize = 100;

/// Most files that one search looks into, and most bytes of text: on a slow machine some tenths of a
/// second.
#[cfg(any(feature = "ui", test))]
const MAX_LOOKED: usize = 4000;
#[cfg(any(feature = "ui", test))]
const MAX_BYTES: usize = 4 << 20;

/// Gives entries of a corpus, and how earlier campaigns went. Any thread may use it.
#[derive(Debug)]
pub(crate) struct Shelf {
    corpus: Corpus,
    earlier: Vec<Run>,
    /// Inputs to start from that are in no file of the corpus, each with what it is called, by the number
    /// that the engine would give it.
    others: BTreeMap<u64, (String, Vec<u8>)>,
    looked: Mutex<Looked>,
}

/// What was seen at the last look.
#[derive(Debug, Default)]
struct Looked {
    listing: Listing,
    lineage: Lineage,
    /// Seeds and findings by the number that the engine would give them.
    known: HashMap<u64, (PathBuf, Origin)>,
    /// Entries that others have named, in the same way, once one of them was looked for.
    renamed: Option<HashMap<u64, (PathBuf, Origin)>>,
}

/// Some files, of so many in all. Others need not wait until they are read.
struct Part {
    total: usize,
    files: Vec<(PathBuf, Origin)>,
}

impl Shelf {
    /// The entries of a corpus, and the campaigns that it has come from so far. Campaigns also start
    /// from `others`, which are in no file of it, each with what it is called.
    #[must_use]
    pub(crate) fn new(corpus: Corpus, others: Vec<(String, Vec<u8>)>) -> Self {
        let earlier = history::load(&corpus.locations().state);
        let others = others.into_iter().map(|other| (corpus.number_of(&other.1), other)).collect();
        Self { corpus, earlier, others, looked: Mutex::default() }
    }

    /// Earlier campaigns, the oldest first.
    pub(crate) fn history(&self) -> Value {
        json!({ "runs": self.earlier })
    }

    /// How many inputs there are in files.
    #[cfg(feature = "ui")]
    pub(crate) fn count(&self) -> usize {
        let mut looked = self.looked();
        // Whoever asks for them later is told what cannot be read.
        let _ = looked.refresh(&self.corpus);
        looked.listing.total()
    }

    /// Some entries, as the page shows them, from this one on. Which there are is looked up for the
    /// first of them, so that whoever goes on sees none twice.
    pub(crate) fn entries(&self, from: usize, count: usize) -> Value {
        let Part { total, files } = match self.part(from, count) {
            Ok(part) => part,
            Err(error) => return json!({ "error": error }),
        };
        let next = from + files.len();
        let read = files.into_iter().filter_map(|(path, origin)| open(&self.corpus, &path, origin));
        self.given(from, next, total, read.collect())
    }

    /// As `entries`, but of all files from this one on only those in whose name or text this is
    /// found. One search looks into so many files at most, and says where the next one goes on.
    #[cfg(any(feature = "ui", test))]
    pub(crate) fn found(&self, find: &str, from: usize, count: usize) -> Value {
        let Part { total, files } = match self.part(from, MAX_LOOKED) {
            Ok(part) => part,
            Err(error) => return json!({ "error": error }),
        };
        let (mut next, mut bytes, mut found) = (from, 0, Vec::new());
        for (path, origin) in files {
            if found.len() == count || bytes >= MAX_BYTES {
                break;
            }
            next += 1;
            let Some(file) = open(&self.corpus, &path, origin) else { continue };
            let (name, text) = match &file {
                Ok(printed) => (printed.file.name.clone(), visible(&printed.text)),
                Err(bad) => (bad.place(), bad.message()),
            };
            bytes += text.len();
            if name.contains(find) || text.contains(find) {
                found.push(file);
            }
        }
        self.given(from, next, total, found)
    }

    /// Some files from this one on.
    fn part(&self, from: usize, count: usize) -> Result<Part, String> {
        let mut looked = self.looked();
        if from == 0 || looked.listing.is_empty() {
            looked.refresh(&self.corpus)?;
        }
        let files = looked.listing.part(&self.corpus, from, count);
        Ok(Part { total: looked.listing.total(), files })
    }

    /// What is given of these files, among all of which others follow from `next` on.
    fn given(
        &self,
        from: usize,
        next: usize,
        total: usize,
        files: Vec<Result<Printed, BadFile>>,
    ) -> Value {
        let mut looked = self.looked();
        looked.lineage.refresh(&self.corpus.locations().state);
        let parent = |name: &str| looked.lineage.parent(as_number(name)?);
        let parents: Vec<_> = files
            .iter()
            .map(|file| file.as_ref().ok().and_then(|printed| parent(&printed.file.name)))
            .collect();
        drop(looked);
        let files = files.into_iter().zip(parents).map(|(file, parent)| {
            let mut value = self.value(file);
            value["parent"] = parent.map(numbered).into();
            value
        });
        let next = Some(next).filter(|next| *next < total);
        let files: Vec<_> = files.collect();
        json!({ "total": total, "from": from, "next": next, "files": files })
    }

    /// So many entries, each with what tells it from the one that it comes from, for a page that cannot
    /// ask.
    pub(crate) fn whole(&self, count: usize) -> Value {
        let mut all = self.entries(0, count);
        for file in all["files"].as_array_mut().into_iter().flatten() {
            let parent = file["parent"].as_str().and_then(as_number);
            if let Some(before) = parent.and_then(|parent| self.find(parent)) {
                file["diff"] = difference(&before, file);
            }
        }
        let others = self.others.values().take(count);
        all["others"] = others.map(|(name, input)| self.other(name, input)).collect();
        all
    }

    /// An entry, what it comes from, what that comes from, and so on, each with what tells it from the
    /// next. The last one is a seed, or an entry of which nothing more is known, or gone.
    #[cfg(any(feature = "ui", test))]
    pub(crate) fn lineage(&self, entry: u64) -> Value {
        self.looked().lineage.refresh(&self.corpus.locations().state);
        let mut steps: Vec<Value> = Vec::new();
        let mut next = Some(entry);
        while let Some(number) = next.filter(|_| steps.len() < MAX_STEPS) {
            let step = self.find(number);
            let step = step.unwrap_or_else(|| json!({ "kind": "gone", "name": numbered(number) }));
            if let Some(last) = steps.last_mut() {
                last["diff"] = difference(&step, last);
            }
            next = match step["kind"].as_str() {
                Some("entry" | "bad" | "gone") => self.looked().lineage.parent(number),
                _ => None,
            };
            steps.push(step);
        }
        json!({ "steps": steps, "is_cut": next.is_some() })
    }

    /// An input by the number that the engine would give it, as one that comes near a place.
    #[cfg(feature = "ui")]
    pub(super) fn nearest(&self, number: u64) -> Option<Nearest> {
        let found = self.find(number)?;
        let text = |field: &str| found[field].as_str().map(Arc::from);
        let len = found["len"].as_u64()? as usize;
        Some(Nearest { len, name: text("name")?, text: text("text")?, number })
    }

    /// The input that the engine would give this number: an entry, or something that campaigns start
    /// from.
    fn find(&self, number: u64) -> Option<Value> {
        let entry = self.corpus.locations().cache.join(numbered(number));
        if entry.is_file() {
            return open(&self.corpus, &entry, Origin::Cache).map(|file| self.value(file));
        }
        if let Some((name, input)) = self.others.get(&number) {
            return Some(self.other(name, input));
        }
        let (path, origin) = self.looked().find(&self.corpus, number)?;
        open(&self.corpus, &path, origin).map(|file| self.value(file))
    }

    fn looked(&self) -> MutexGuard<'_, Looked> {
        // A panic in between leaves what was seen before.
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
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
        json!({ "kind": kind, "name": file.name, "len": len, "text": shown(&text), "id": self.id(&file.input) })
    }

    fn other(&self, name: &str, input: &[u8]) -> Value {
        let text = shown(&print_input(self.corpus.schema(), input));
        let len = self.corpus.schema().content_len(input.len());
        json!({ "kind": "seed", "name": name, "len": len, "text": text, "id": self.id(input) })
    }

    /// What `parent` names an input by.
    fn id(&self, input: &[u8]) -> String {
        numbered(self.corpus.number_of(input))
    }
}

impl Looked {
    fn refresh(&mut self, corpus: &Corpus) -> Result<(), String> {
        self.listing.refresh(corpus).map_err(|error| error.to_string())?;
        self.known = numbered_files(corpus, self.listing.known().iter().cloned());
        self.renamed = None;
        Ok(())
    }

    /// The file of a seed, a finding, or an entry that has another name.
    fn find(&mut self, corpus: &Corpus, number: u64) -> Option<(PathBuf, Origin)> {
        if self.listing.is_empty() {
            self.refresh(corpus).ok()?;
        }
        let Self { listing, known, renamed, .. } = self;
        let files = || {
            let entries = listing.part(corpus, listing.known().len(), usize::MAX).into_iter();
            let name = |path: &Path| path.file_name()?.to_str().and_then(as_number);
            numbered_files(corpus, entries.filter(|(path, _)| name(path).is_none()))
        };
        let found = known.get(&number).or_else(|| renamed.get_or_insert_with(files).get(&number));
        found.cloned()
    }
}

/// These files by the numbers that the engine would give to what is in them.
fn numbered_files(
    corpus: &Corpus,
    files: impl Iterator<Item = (PathBuf, Origin)>,
) -> HashMap<u64, (PathBuf, Origin)> {
    let numbers = |(path, origin): (PathBuf, Origin)| {
        let read = open(corpus, &path, origin).and_then(Result::ok);
        let file = move |number| (number, (path.clone(), origin));
        let inputs = read.into_iter().flat_map(|printed| {
            printed.file.inputs().map(|input| corpus.number_of(input)).collect::<Vec<_>>()
        });
        inputs.map(file).collect::<Vec<_>>()
    };
    files.flat_map(numbers).collect()
}

/// A text as far as it is shown.
fn shown(text: &str) -> String {
    shown_lines(text).join("\n")
}

/// What tells a file from the one that it comes from.
fn difference(before: &Value, file: &Value) -> Value {
    match (before["text"].as_str(), file["text"].as_str()) {
        (Some(old), Some(new)) if before["kind"] != "bad" && file["kind"] != "bad" => {
            diff(old, new)
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use shakedown_core::corpus_file::encode;

    use super::*;
    use crate::store::fixture::{bytes, in_temporary, pair, raw, typed};
    use crate::store::lineage;

    #[test]
    fn entries_have_their_values_and_what_holds_none_says_so() {
        let (_dir, corpus) = in_temporary(pair());
        corpus.add_entry(&typed(4, true)).unwrap();
        std::fs::create_dir_all(&corpus.locations().testdata).unwrap();
        std::fs::write(corpus.locations().testdata.join("bad"), "GIF").unwrap();
        let all = Shelf::new(corpus, Vec::new()).entries(0, 10);
        assert_eq!((&all["total"], &all["files"][0]["kind"]), (&json!(2), &json!("bad")), "{all}");
        let entry = &all["files"][1];
        assert_eq!((&entry["kind"], &entry["text"]), (&json!("entry"), &json!("n: 4\nok: true")));
        assert_eq!((&entry["parent"], &entry["id"]), (&Value::Null, &entry["name"]));
    }

    #[test]
    fn an_entry_is_followed_back_to_the_seed_in_the_attribute() {
        let (_dir, corpus) = in_temporary(pair());
        let inputs = [typed(1, false), typed(1, true), typed(7, true), typed(9, true)];
        let [seed, child, gone, last] = inputs.each_ref().map(|input| corpus.number_of(input));
        [1, 3].iter().for_each(|at: &usize| drop(corpus.add_entry(&inputs[*at]).unwrap()));
        let state = corpus.locations().state.clone();
        lineage::add(&state, &[(child, seed), (last, gone), (gone, child)]).unwrap();
        let shelf = Shelf::new(corpus, vec![("seed 1".into(), inputs[0].clone())]);
        let lineage = shelf.lineage(last);
        let steps = lineage["steps"].as_array().unwrap();
        let kinds: Vec<_> = steps.iter().map(|step| step["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["entry", "gone", "entry", "seed"], "{lineage}");
        assert_eq!(steps[3]["name"], "seed 1");
        let parts = json!([[" ", "n: 1\nok: "], ["-", "false"], ["+", "true"]]);
        assert_eq!((&steps[2]["diff"], &steps[0]["diff"]), (&parts, &Value::Null));

        let whole = shelf.whole(10);
        let of_child = |file: &&Value| file["name"] == numbered(child);
        let file = whole["files"].as_array().unwrap().iter().find(of_child).unwrap();
        assert_eq!((&file["diff"], &file["parent"]), (&parts, &whole["others"][0]["id"]));
    }

    #[test]
    fn an_entry_that_others_have_named_is_found() {
        let (_dir, corpus) = in_temporary(pair());
        let [old, new] = [typed(1, false), typed(2, false)];
        let (named, cache) = (corpus.add_entry(&old).unwrap(), corpus.locations().cache.clone());
        std::fs::rename(cache.join(named), cache.join("mine")).unwrap();
        corpus.add_entry(&new).unwrap();
        let [old, new] = [old, new].map(|input| corpus.number_of(&input));
        lineage::add(&corpus.locations().state, &[(new, old)]).unwrap();
        let shelf = Shelf::new(corpus, Vec::new());
        assert_eq!(shelf.lineage(new)["steps"][1]["name"], "mine");
    }

    #[test]
    fn a_circle_of_parents_has_an_end() {
        let (_dir, corpus) = in_temporary(pair());
        corpus.lock().unwrap();
        lineage::add(&corpus.locations().state, &[(1, 2), (2, 1)]).unwrap();
        let lineage = Shelf::new(corpus, Vec::new()).lineage(1);
        assert_eq!(lineage["steps"].as_array().map(Vec::len), Some(MAX_STEPS));
        assert_eq!(lineage["is_cut"], true);
    }

    #[test]
    fn what_is_looked_for_is_found_wherever_it_is() {
        let (_dir, corpus) = in_temporary(pair());
        // Nothing waits until they are safe on the disk.
        let cache = corpus.locations().cache.clone();
        std::fs::create_dir_all(&cache).unwrap();
        let names: Vec<_> = (0..MAX_LOOKED + 400).map(|n| format!("entry-{n:05}")).collect();
        for (n, name) in names.iter().enumerate() {
            let input = typed(n as u16, n % 1000 == 7);
            std::fs::write(cache.join(name), encode(corpus.schema(), &input, &[])).unwrap();
        }
        let shelf = Shelf::new(corpus, Vec::new());
        let search = |find: &str, count: usize| {
            let (mut next, mut asked, mut found) = (Some(0), 0, Vec::new());
            while let Some(from) = next {
                let part = shelf.found(find, from, count);
                assert_eq!(part["total"], names.len(), "{part}");
                let files = part["files"].as_array().unwrap().iter();
                found.extend(files.map(|file| file["name"].as_str().unwrap().to_owned()));
                (next, asked) = (part["next"].as_u64().map(|next| next as usize), asked + 1);
            }
            found.sort_unstable();
            (found, asked)
        };
        let expected = |wanted: &dyn Fn(usize) -> bool| {
            let expected = (0..names.len()).filter(|n| wanted(*n));
            expected.map(|n| names[n].clone()).collect::<Vec<_>>()
        };
        assert_eq!(search("ok: true", 100), (expected(&|n| n % 1000 == 7), 2));
        assert_eq!(search("ok: true", 2), (expected(&|n| n % 1000 == 7), 3));
        assert_eq!(search("n: 77\n", 100), (expected(&|n| n == 77), 2));
        assert_eq!(search("y-04321", 100), (expected(&|n| n == 4321), 2));
        assert_eq!(search("of none", 100), (Vec::new(), 2));
    }

    #[test]
    fn a_search_is_over_after_so_much_text() {
        let (_dir, corpus) = in_temporary(bytes());
        let long = |last| [&vec![b'x'; MAX_BYTES / 5][..], &[last]].concat();
        let inputs: Vec<_> = (0..9).map(|n| raw(&long(n))).collect();
        corpus.add_entries(inputs.iter().map(Vec::as_slice)).into_iter().for_each(|added| {
            added.unwrap();
        });
        let shelf = Shelf::new(corpus, Vec::new());
        let part = shelf.found("of none", 0, 100);
        assert_eq!((&part["next"], &part["files"]), (&json!(5), &json!([])));
    }

    #[test]
    fn whoever_goes_on_sees_no_entry_twice() {
        let (_dir, corpus) = in_temporary(pair());
        let add = |numbers: std::ops::Range<u16>| {
            numbers.for_each(|n| drop(corpus.add_entry(&typed(n, true)).unwrap()));
        };
        add(0..4);
        let shelf = Shelf::new(corpus.clone(), Vec::new());
        let names = |from| {
            let part = shelf.entries(from, 2);
            let files = part["files"].as_array().unwrap().iter();
            files.map(|file| file["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let first = names(0);
        add(4..6);
        let rest = names(2);
        assert!(rest.len() == 2 && rest.iter().all(|name| !first.contains(name)));
        assert_eq!(shelf.entries(0, 2)["total"], 6);
    }
}
