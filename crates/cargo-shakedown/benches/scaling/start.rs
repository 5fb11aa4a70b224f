//! Starting from many files, of which everything is known or nothing.

use std::path::Path;
use std::time::Instant;

use cargo_shakedown::store::corpus::Corpus;
use cargo_shakedown::store::coverage::{Programs, Record, Records};
use cargo_shakedown::store::file::numbered;
use cargo_shakedown::store::inputs::Inputs;
use cargo_shakedown::store::paths::Locations;
use cargo_shakedown::store::survey::survey;
use shakedown_core::schema::{Field, Len, Node, Schema, Types};

use crate::world;

/// Makes so many files of a raw target, and prints how long it takes to know them again.
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
    let unknown = survey(&inputs, &[], &Records::default()).expect("the folder can be read");
    println!("- nothing is known, all are read: {:.3?}", started.elapsed());
    assert_eq!(unknown.unknown.len(), files);
    drop(unknown);

    let mut records = Records::default();
    for (number, (_, features)) in crate::known(files).iter().enumerate() {
        records.push(Record { name: name(number as u64), len: 36, features });
    }
    let started = Instant::now();
    records.save(folder.path(), &build).expect("the file can be written");
    println!("- coverage written: {:.3?}", started.elapsed());
    drop(records);

    let started = Instant::now();
    let records = Records::load(folder.path(), &build);
    let read = started.elapsed();
    let found = survey(&open(folder.path()), &[], &records).expect("the folder can be read");
    let listed = started.elapsed();
    assert_eq!((found.known.iter().count(), found.unknown.len()), (files, 0));
    let mut known = cargo_shakedown::campaign::Known::default();
    for Record { name, len, features } in found.known.iter() {
        let entry = cargo_shakedown::campaign::Stored { name, len };
        known.push(entry, features.iter().copied());
    }
    let search = world::search(1, &known);
    let ready = started.elapsed();
    assert_eq!(search.statistics().entries, files);
    println!(
        "- all is known: {ready:.3?} (coverage read {read:.3?}, files listed {:.3?}, search made \
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
    let locations = Locations { testdata: cache.join("none"), cache: cache.into() };
    Inputs::new(Corpus::open(locations, bytes(), 4096), 256 << 20)
}

/// The schema of a target with one argument of bytes.
fn bytes() -> Schema {
    let mut types = Types::new();
    let node = types.add(Node::Bytes(Len::ANY));
    let field = Field { name: "data".into(), node, default: None };
    types.finish(vec![field]).expect("a valid schema")
}
