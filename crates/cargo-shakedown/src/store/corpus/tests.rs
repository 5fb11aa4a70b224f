//! Reading good and bad folders, and writing into them from several threads.

use std::fs;

use super::*;
use crate::store::fixture::{NO_SEEDS, all_files, bytes, in_temporary, pair, raw, typed};

fn names(entries: &[Stored]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

#[test]
fn seeds_are_read_in_order_and_notes_are_not_inputs() {
    let (_dir, corpus) = in_temporary(bytes());
    let testdata = &corpus.locations().testdata;
    fs::create_dir_all(testdata.join("nested")).unwrap();
    for name in ["b", "a", "README", "README.txt", ".gitignore", "nested/inner"] {
        fs::write(testdata.join(name), name).unwrap();
    }
    let seeds = corpus.load_seeds().unwrap();
    assert_eq!(names(&seeds.entries), ["a", "b"]);
    assert_eq!(seeds.entries[0].input, raw(b"a"));
    assert_eq!(seeds.entries[0].path, testdata.join("a"));
    assert_eq!(seeds.entries[0].origin, Origin::Testdata);
    assert_eq!(seeds.warnings, [""; 0]);
}

#[test]
fn missing_folders_are_empty() {
    let (dir, corpus) = in_temporary(pair());
    assert_eq!(corpus.load_seeds().unwrap().entries, []);
    assert_eq!(corpus.load_cache(NO_SEEDS).unwrap().entries, []);
    assert_eq!(all_files(dir.path()), [""; 0]);
}

/// Contents that are no input of [`pair`]: empty, truncated, foreign, of other types, binary.
const BAD: [(&str, &[u8]); 5] = [
    ("1-empty", b""),
    ("2-truncated", b"shakedown v1\nn: 1\nok: tr"),
    ("3-foreign", b"GIF89a"),
    ("4-mistyped", b"shakedown v1\nn: 1\nok: 2\n"),
    ("5-binary", b"\xff\xfe\0"),
];

#[test]
fn every_bad_seed_is_named_with_the_place() {
    let (_dir, corpus) = in_temporary(pair());
    let testdata = &corpus.locations().testdata;
    fs::create_dir_all(testdata).unwrap();
    for (name, content) in BAD {
        fs::write(testdata.join(name), content).unwrap();
    }
    fs::write(testdata.join("good"), "shakedown v1\nn: 1\nok: true\n").unwrap();
    let message = corpus.load_seeds().unwrap_err().to_string();
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines.len(), BAD.len(), "{message}");
    for ((name, _), line) in BAD.iter().zip(lines) {
        let place = format!("{}:", testdata.join(name).display());
        let rest = line.strip_prefix(&place).unwrap_or_else(|| panic!("{line}"));
        let parts: Vec<&str> = rest.splitn(3, ':').collect();
        assert!(parts[0].parse::<u32>().is_ok() && parts[1].parse::<u32>().is_ok(), "{line}");
    }
    assert!(message.contains("4-mistyped:3:"), "{message}");
}

#[test]
fn bad_entries_are_parked_and_the_others_loaded() {
    let (_dir, corpus) = in_temporary(pair());
    let cache = &corpus.locations().cache;
    let name = corpus.add_entry(&typed(7, true)).unwrap();
    for (name, content) in BAD {
        fs::write(cache.join(name), content).unwrap();
    }
    let cached = corpus.load_cache(NO_SEEDS).unwrap();
    assert_eq!(names(&cached.entries), [name]);
    assert_eq!(cached.entries[0].input, typed(7, true));
    assert_eq!(cached.entries[0].origin, Origin::Cache);
    assert_eq!(cached.bad.len(), BAD.len());
    assert_eq!(all_files(cache).len(), BAD.len() + 1, "nothing is deleted");
}

#[test]
fn warnings_of_seeds_name_the_file() {
    let (_dir, corpus) = in_temporary(pair());
    let seed = corpus.locations().testdata.join("old");
    file::write(&seed, b"shakedown v1\nok: true\nnumber: 1\n").unwrap();
    let seeds = corpus.load_seeds().unwrap();
    assert_eq!(seeds.entries[0].input, typed(1, true));
    assert_eq!(seeds.warnings.len(), 1);
    let start = format!("{}:3:", seed.display());
    assert!(seeds.warnings[0].starts_with(&start), "{:?}", seeds.warnings);
}

#[test]
fn other_seeds_are_read_where_they_are_and_what_is_none_is_told_once() {
    let (dir, corpus) = in_temporary(pair());
    let at = |name: &str| dir.path().join(name);
    let seed = b"shakedown v1\nn: 1\nok: true\n";
    for (name, content) in
        [("more/a", &seed[..]), ("more/deep/b", seed), ("more/x", b"no"), ("y", b"no")]
    {
        file::write(&at(name), content).unwrap();
    }
    file::write(&at("more/README.md"), b"notes").unwrap();
    let locations = Locations { seeds: vec![at("more"), at("y")], ..corpus.locations().clone() };
    let corpus = Corpus { locations, ..corpus };
    let seeds = corpus.load_seeds().unwrap();
    let paths: Vec<_> = seeds.entries.iter().map(|seed| seed.path.clone()).collect();
    assert_eq!(paths, [at("more/a"), at("more/deep/b")]);
    assert!(seeds.entries.iter().all(|seed| !seed.is_finding()));
    assert_eq!(seeds.warnings.len(), 1);
    assert!(seeds.warnings[0].ends_with("(and 1 more file)"), "{:?}", seeds.warnings);
    let locations = Locations { seeds: vec![at("gone")], ..corpus.locations().clone() };
    assert!(Corpus { locations, ..corpus }.load_seeds().unwrap_err().to_string().contains("gone"));
}

#[test]
fn an_entry_that_equals_a_seed_or_another_entry_is_dropped() {
    let (_dir, corpus) = in_temporary(pair());
    let cache = &corpus.locations().cache;
    let seed = typed(1, true);
    let dropped = corpus.add_entry(&seed).unwrap();
    let kept = corpus.add_entry(&typed(2, true)).unwrap();
    let twin = b"shakedown v1\n// by hand\nn: 2\nok: true\n";
    file::write(&cache.join("zz-twin"), twin).unwrap();
    let cached = corpus.load_cache([&*seed]).unwrap();
    assert_eq!(names(&cached.entries), [kept]);
    let mut duplicates = cached.duplicates;
    duplicates.sort();
    assert_eq!(duplicates, [cache.join(dropped), cache.join("zz-twin")]);
}

#[test]
fn an_overlong_input_is_skipped_in_the_cache_and_loaded_from_testdata() {
    let (_dir, corpus) = in_temporary(bytes());
    let corpus = Corpus { max_len: 20, ..corpus };
    let (testdata, cache) = (&corpus.locations().testdata, &corpus.locations().cache);
    for (name, len) in [("at-the-limit", 16), ("over", 17), ("far-over", 1000)] {
        file::write(&testdata.join(name), &vec![b'x'; len]).unwrap();
        file::write(&cache.join(name), &vec![b'x'; len]).unwrap();
    }
    let cached = corpus.load_cache(NO_SEEDS).unwrap();
    assert_eq!(names(&cached.entries), ["at-the-limit"]);
    assert_eq!(cached.oversized, [cache.join("far-over"), cache.join("over")]);
    let seeds = corpus.load_seeds().unwrap();
    assert_eq!(seeds.entries.len(), 3);
    assert_eq!(seeds.warnings.len(), 2);
    assert!(seeds.warnings[1].contains("over: longer than an input may be (21 > 20 bytes)"));
}

#[test]
fn an_unreadable_folder_is_an_error_that_names_it() {
    let (_dir, corpus) = in_temporary(bytes());
    let Locations { testdata, cache, .. } = corpus.locations();
    file::write(testdata, b"a file where a folder should be").unwrap();
    file::write(cache, b"another").unwrap();
    let start = |path: &std::path::Path| format!("cannot read the folder {}: ", path.display());
    assert!(corpus.load_seeds().unwrap_err().to_string().starts_with(&start(testdata)));
    assert!(corpus.load_cache(NO_SEEDS).unwrap_err().to_string().starts_with(&start(cache)));
    assert!(corpus.add_entry(&raw(b"x")).is_err());
}

#[cfg(unix)]
#[test]
fn a_link_to_nowhere_is_a_bad_seed() {
    let (_dir, corpus) = in_temporary(bytes());
    let testdata = &corpus.locations().testdata;
    fs::create_dir_all(testdata).unwrap();
    std::os::unix::fs::symlink("nowhere", testdata.join("lost")).unwrap();
    let message = corpus.load_seeds().unwrap_err().to_string();
    assert!(message.starts_with("cannot read /") && message.contains("lost: "), "{message}");
}

#[test]
fn an_entry_comes_back_as_it_was_and_its_name_is_its_content() {
    let (_dir, corpus) = in_temporary(bytes());
    for data in [&b""[..], b"\0", b"shakedown v1\n", b"\xff\xfe\n\r", &[9; 5000]] {
        let name = corpus.add_entry(&raw(data)).unwrap();
        let content = fs::read(corpus.locations().cache.join(&name)).unwrap();
        assert_eq!(name, content_name(&content));
        let cached = corpus.load_cache(NO_SEEDS).unwrap();
        assert_eq!(cached.entries.last().map(|entry| entry.input.as_slice()), Some(&*raw(data)));
        assert!(file::remove(&corpus.locations().cache.join(name)).unwrap());
    }
    assert_eq!(corpus.load_cache(NO_SEEDS).unwrap().entries, []);
}

#[test]
fn threads_that_add_the_same_entries_agree() {
    let (_dir, corpus) = in_temporary(pair());
    let add_all = || (0..20).map(|n| corpus.add_entry(&typed(n, true)).unwrap()).collect();
    let named: [Vec<String>; 2] = std::thread::scope(|scope| {
        [scope.spawn(add_all), scope.spawn(add_all)].map(|thread| thread.join().unwrap())
    });
    assert_eq!(named[0], named[1]);
    assert_eq!(all_files(&corpus.locations().cache).len(), 20);
    assert_eq!(corpus.load_cache(NO_SEEDS).unwrap().entries.len(), 20);
}

/// Any order of adding and removing leaves what a set would hold.
#[test]
fn the_cache_is_a_set_of_inputs() {
    let (_dir, corpus) = in_temporary(bytes());
    let mut rng = shakedown_core::rng::Rng::new(7);
    let mut model = std::collections::BTreeMap::new();
    for _ in 0..200 {
        let data: Vec<u8> = (0..rng.below(3)).map(|_| rng.below(3) as u8 * 127).collect();
        if rng.one_in(3) {
            let name = content_name(&data);
            let path = corpus.locations().cache.join(&name);
            assert_eq!(file::remove(&path).unwrap(), model.remove(&name).is_some());
        } else {
            model.insert(corpus.add_entry(&raw(&data)).unwrap(), raw(&data));
        }
    }
    let cached = corpus.load_cache(NO_SEEDS).unwrap().entries.into_iter();
    assert!(cached.map(|entry| (entry.name, entry.input)).eq(model));
}
