//! Starting from many files, all of which are remembered or none.

use std::path::Path;
use std::time::Instant;

use cargo_shakedown::internals::{
    Corpus, Inputs, Locations, Programs, Remembered, StoredInput, load, numbered, save, survey,
};
use shakedown_core::schema::{Bytes, Field, Node, Schema, Types};

use crate::world;

/// Makes this many files of a raw target, and prints how long it takes to start from them.
pub(crate) fn measure(files: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for number in 0..files as u64 {
        let content = format!("{number:032}");
        std::fs::write(folder.path().join(numbered(name(number))), content).expect("a file");
    }
    let program = std::env::current_exe().expect("this program has a file");
    let started = Instant::now();
    let build = Programs::default().build(&program, world::COUNTERS as u64).expect("it is there");
    let size = std::fs::metadata(&program).map_or(0, |data| data.len() >> 20);
    println!("start with {files} files:");
    println!("- hash of a program of {size} MiB: {:.3?}", started.elapsed());

    let inputs = open(folder.path());
    let started = Instant::now();
    let found = survey(&inputs, &[], &Remembered::default()).expect("the folder can be read");
    println!("- none is remembered, all are read: {:.3?}", started.elapsed());
    assert_eq!(found.others.len(), files);
    drop(found);

    let mut remembered = Remembered::default();
    for (entry, features) in crate::remembered(files).iter() {
        remembered.push(StoredInput { name: name(entry.name), len: 36 }, features);
    }
    let started = Instant::now();
    save(folder.path(), &build, &remembered).expect("the file can be written");
    println!("- coverage written: {:.3?}", started.elapsed());
    drop(remembered);

    let started = Instant::now();
    let remembered = load(folder.path(), &build);
    let read = started.elapsed();
    let found = survey(&open(folder.path()), &[], &remembered).expect("the folder can be read");
    let listed = started.elapsed();
    assert_eq!((found.remembered.count(), found.others.len()), (files, 0));
    let search = world::search(1, &found.remembered);
    let ready = started.elapsed();
    assert_eq!(search.statistics().entries, files);
    println!(
        "- all are remembered: {ready:.3?} (coverage read {read:.3?}, files listed {:.3?}, search made \
         {:.3?})\n",
        listed - read,
        ready - listed
    );
}

/// A name as a hash would give it.
fn name(number: u64) -> u64 {
    (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn open(cache: &Path) -> Inputs {
    let locations = Locations {
        testdata: cache.join("none"),
        cache: cache.into(),
        ..Locations::new(cache, "none", cache, "none")
    };
    Inputs::new(Corpus::open(locations, bytes(), 4096), 256 << 20)
}

/// The schema of a target with one argument of bytes.
fn bytes() -> Schema {
    let mut types = Types::new();
    let node = types.add(Node::Bytes(Bytes::ANY));
    let field = Field { name: "data".into(), node, default: None };
    types.finish(vec![field]).expect("a valid schema")
}
