//! The `corpus` subcommands over small corpora.

use std::fs;
use std::path::PathBuf;

use shakedown_core::failure::Kind;

use super::*;
use crate::store::corpus::Origin;
use crate::store::file::write;
use crate::store::fixture::{NO_SEEDS, all_files, bytes, in_temporary, pair, raw, typed};

/// A corpus with a seed, a finding that is a sequence, a fallback finding, an entry, one of the
/// seed's, one of the sequence's, and a bad file in each folder.
fn mixed() -> (tempfile::TempDir, Corpus) {
    let (dir, corpus) = in_temporary(pair());
    let at = corpus.locations();
    write(&at.testdata.join("one"), b"shakedown v1\nn: 1\nok: true\n").unwrap();
    write(&at.testdata.join("bad-seed"), b"GIF").unwrap();
    corpus
        .add_finding(Kind::Panic, &typed(2, true), &[typed(5, true)], &["finding".into()])
        .unwrap();
    write(&at.fallback_findings().join("x"), b"shakedown v1\nn: 3\nok: true\n").unwrap();
    for n in [1, 4, 5] {
        corpus.add_entry(&typed(n, true)).unwrap();
    }
    write(&at.cache.join("bad-entry"), b"GIF").unwrap();
    write(&at.cache.join("0123456789abcdef"), b"").unwrap();
    (dir, corpus)
}

fn inputs(files: &[Printed]) -> Vec<&[u8]> {
    files.iter().map(|printed| printed.file.input.as_slice()).collect()
}

fn file_names(bad: &[BadFile]) -> Vec<String> {
    let name = |bad: &BadFile| bad.path.file_name().unwrap().to_string_lossy().into_owned();
    bad.iter().map(name).collect()
}

#[test]
fn stats_count_each_file_once() {
    let (_dir, corpus) = mixed();
    let stats = stats(&corpus).unwrap();
    let files = [stats.seeds, stats.findings, stats.entries].map(|tally| tally.files);
    assert_eq!(files, [1, 2, 1]);
    assert_eq!(stats.seeds.bytes, 27);
    assert_eq!((stats.duplicates, stats.oversized), (2, 0));
    let (largest, size) = stats.largest.unwrap();
    assert!(fs::read_to_string(&largest).unwrap().contains("// finding"));
    assert_eq!(fs::metadata(&largest).unwrap().len(), size);
    assert_eq!(file_names(&stats.bad), ["bad-seed", "0123456789abcdef", "bad-entry"]);
}

#[test]
fn stats_of_nothing_are_zero() {
    let (_dir, corpus) = in_temporary(bytes());
    let stats = stats(&corpus).unwrap();
    assert_eq!([stats.seeds, stats.findings, stats.entries], [Tally::default(); 3]);
    assert!(stats.largest.is_none() && stats.bad.is_empty());
}

#[test]
fn show_takes_seeds_first_and_keeps_to_the_limit() {
    let (_dir, corpus) = mixed();
    let some = show(&corpus, "", 3).unwrap();
    assert_eq!(inputs(&some.files), [typed(1, true), typed(2, true), typed(3, true)]);
    assert_eq!((some.more, some.bad.len()), (1, 3));
    assert_eq!(show(&corpus, "", 100).unwrap().files.len(), 4);
    let one = show(&corpus, "on", 10).unwrap();
    assert_eq!((inputs(&one.files), one.more), (vec![&*typed(1, true)], 0));
    assert_eq!(one.files[0].text, "n: 1\nok: true\n");
}

#[test]
fn any_file_can_be_shown() {
    let (dir, corpus) = in_temporary(pair());
    let path = dir.path().join("mine");
    fs::write(&path, "shakedown v1\nn: 9\nok: true\n").unwrap();
    assert_eq!(show_file(&corpus, &path).unwrap().text, "n: 9\nok: true\n");
    let missing = show_file(&corpus, &dir.path().join("missing")).unwrap_err().to_string();
    assert!(missing.starts_with("cannot read /"), "{missing}");
}

/// Makes files below a folder called `source`, with their paths as content.
fn source(dir: &tempfile::TempDir, files: &[&str]) -> PathBuf {
    let source = dir.path().join("source");
    files.iter().for_each(|file| write(&source.join(file), file.as_bytes()).unwrap());
    source
}

fn import_all(corpus: &Corpus, sources: &[PathBuf]) -> Imported {
    let lock = corpus.lock().unwrap();
    import(corpus, &lock, sources, |_| Ok::<_, FileError>(true)).unwrap()
}

fn cached(corpus: &Corpus) -> Vec<String> {
    let cached = corpus.load_cache(NO_SEEDS).unwrap().entries;
    let mut text: Vec<_> =
        cached.iter().map(|entry| String::from_utf8(entry.input[4..].to_vec()).unwrap()).collect();
    text.sort();
    text
}

#[test]
fn a_folder_of_libfuzzer_is_imported_with_those_in_it() {
    let (dir, corpus) = in_temporary(bytes());
    let files = ["0a4d55a8", "crash-1", "nested/b6fc.md", "README.md", ".hidden", ".git/x"];
    let imported = import_all(&corpus, &[source(&dir, &files)]);
    assert_eq!(imported.added.len(), 3);
    assert_eq!(cached(&corpus), ["0a4d55a8", "crash-1", "nested/b6fc.md"]);
}

#[test]
fn of_the_output_of_afl_only_the_queues_are_imported() {
    let (dir, corpus) = in_temporary(bytes());
    let files = [
        "main/queue/id:000000,time:0,execs:0,orig:seed",
        "main/queue/.state/deterministic_done/id:000000",
        "main/crashes/README.txt",
        "main/crashes/id:000000,sig:06",
        "main/fuzzer_stats",
        "main/fuzz_bitmap",
        "main/.cur_input",
        "second/queue/id:000001,src:000000,op:havoc",
    ];
    import_all(&corpus, &[source(&dir, &files)]);
    assert_eq!(cached(&corpus), [files[0], files[7]]);
}

#[test]
fn what_is_known_is_not_imported_again() {
    let (dir, corpus) = in_temporary(bytes());
    write(&corpus.locations().testdata.join("seed"), b"seed").unwrap();
    corpus.add_entry(&raw(b"entry")).unwrap();
    let source = source(&dir, &["new"]);
    for (name, content) in [("a", "seed"), ("b", "entry"), ("c", "new"), ("long", &"x".repeat(99))]
    {
        fs::write(source.join(name), content).unwrap();
    }
    let corpus = Corpus::open(corpus.locations().clone(), bytes(), 50);
    let imported = import_all(&corpus, std::slice::from_ref(&source));
    assert_eq!((imported.added.len(), imported.duplicates), (1, 3));
    assert_eq!(imported.oversized, [source.join("long")]);
    assert_eq!(cached(&corpus), ["entry", "new"]);
}

#[test]
fn files_that_hold_no_input_are_named_and_a_named_file_is_always_tried() {
    let (dir, corpus) = in_temporary(pair());
    let source = source(&dir, &["raw", "nested/raw2"]);
    let named = dir.path().join("README");
    fs::write(&named, "shakedown v1\nn: 1\nok: true\n").unwrap();
    let imported = import_all(&corpus, &[source, named]);
    assert_eq!(file_names(&imported.bad), ["raw", "raw2"]);
    assert_eq!(imported.added.len(), 1);
    assert_eq!(corpus.load_cache(NO_SEEDS).unwrap().entries[0].input, typed(1, true));
}

#[test]
fn what_is_not_taken_of_a_file_is_reported() {
    let (dir, corpus) = in_temporary(pair());
    let file = dir.path().join("other");
    fs::write(&file, "shakedown v1\nnumber: 1\nok: true\n").unwrap();
    let foreign = dir.path().join("foreign");
    fs::write(&foreign, "shakedown v1\nops: [Push(1)]\n").unwrap();
    let imported = import_all(&corpus, &[file.clone(), foreign]);
    assert_eq!((imported.added.len(), file_names(&imported.bad)), (1, vec!["foreign".to_owned()]));
    let [(path, remarks)] = &imported.odd[..] else { panic!("one odd file") };
    assert_eq!(
        (path, remarks[0].message.as_str()),
        (&file, "`number` is read as `n`, the only argument that is missing")
    );
}

#[test]
fn a_missing_source_is_an_error() {
    let (dir, corpus) = in_temporary(pair());
    let lock = corpus.lock().unwrap();
    let error = import(&corpus, &lock, &[dir.path().join("missing")], |_| Ok::<_, FileError>(true))
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("cannot read /") && error.contains("missing: "), "{error}");
}

#[test]
fn an_export_can_be_imported_and_repeated() {
    let (dir, corpus) = mixed();
    let out = dir.path().join("out");
    let first = export(&corpus, &[], &out).unwrap();
    assert_eq!((first.written, first.unchanged, first.bad.len()), (5, 0, 3));
    corpus.add_entry(&typed(6, false)).unwrap();
    let attribute = [typed(6, false), typed(77, true)];
    let second = export(&corpus, &attribute, &out).unwrap();
    assert_eq!((second.written, second.unchanged), (2, 5));
    let (_elsewhere, other) = in_temporary(pair());
    assert_eq!(import_all(&other, &[out]).added.len(), 7);
}

#[test]
fn an_export_does_not_mix_with_other_files() {
    let (dir, corpus) = mixed();
    let out = source(&dir, &["0123456789abcdef", "thesis.tex"]);
    let error = export(&corpus, &[], &out).unwrap_err().to_string();
    assert!(error.contains("is not empty and holds `thesis.tex`"), "{error}");
    assert_eq!(all_files(&out).len(), 2);
    let error = export(&corpus, &[], dir.path()).unwrap_err().to_string();
    assert!(error.contains("holds `cache`"), "{error}");
}

#[test]
fn clean_removes_entries_and_bad_files_when_asked() {
    let (_dir, corpus) = mixed();
    let at = corpus.locations().clone();
    write(&at.cache.join("by-hand"), b"shakedown v1\nn: 7\nok: true\n").unwrap();
    write(&at.cache.join(".coverage"), b"of entries that are gone soon").unwrap();
    let testdata = all_files(&at.testdata);
    let lock = corpus.lock().unwrap();
    let before = all_files(&at.cache);
    let entries = cleanable(&corpus, false).unwrap();
    assert_eq!((entries.files.len(), entries.bytes), (3, 3 * 27));
    let bad = ["0123456789abcdef", "bad-entry"];
    assert_eq!(entries.kept, [bad[0], bad[1], "by-hand"].map(|name| at.cache.join(name)));
    assert_eq!(all_files(&at.cache), before, "until they are removed");
    clean(&corpus, &lock, &entries).unwrap();
    let rest = cleanable(&corpus, true).unwrap();
    assert_eq!(rest.files, bad.map(|name| at.cache.join(name)));
    clean(&corpus, &lock, &rest).unwrap();
    assert_eq!(all_files(&at.cache), [".lock", "by-hand", "findings/x"]);
    assert_eq!(all_files(&at.testdata), testdata);
}

#[test]
fn browsing_reads_what_is_asked_for_with_the_newest_entries_first() {
    let (_dir, corpus) = mixed();
    let cache = &corpus.locations().cache;
    for (seconds, name) in (1..).zip(all_files(cache)) {
        let file = fs::File::options().append(true).open(cache.join(name)).unwrap();
        let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        file.set_modified(time).unwrap();
    }
    let mut listing = Listing::default();
    listing.refresh(&corpus).unwrap();
    let part = |listing: &Listing, from, count| listing.part(&corpus, from, count);
    let all = part(&listing, 0, 100);
    assert_eq!((listing.total(), all.len()), (9, 9));
    let (names, origins): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let outside = [Origin::Testdata, Origin::Testdata, Origin::Testdata, Origin::Findings];
    assert_eq!(origins[..4], outside);
    assert!(origins[4..].iter().all(|origin| *origin == Origin::Cache), "{origins:?}");
    let mut newest: Vec<_> = all_files(cache).iter().map(|name| cache.join(name)).collect();
    newest.retain(|path| path.parent() == Some(cache));
    newest.reverse();
    assert_eq!(names[4..], newest);
    let some = part(&listing, 2, 3).into_iter().map(|(path, _)| path);
    assert_eq!(some.collect::<Vec<_>>(), names[2..5]);
    assert!(part(&listing, 9, 3).is_empty());
    let broken = names.iter().filter(|path| open(&corpus, path, Origin::Cache).is_none());
    assert_eq!(broken.count(), 0);

    // What has come since is found, in its place, and what has gone is gone.
    fs::remove_file(&names[4]).unwrap();
    let new = corpus.add_entry(&typed(77, true)).unwrap();
    listing.refresh(&corpus).unwrap();
    let again: Vec<_> = part(&listing, 0, 100).into_iter().map(|(path, _)| path).collect();
    assert_eq!(again[..4], names[..4]);
    assert_eq!((&again[4], &again[5..]), (&cache.join(new), &names[5..]));
}
