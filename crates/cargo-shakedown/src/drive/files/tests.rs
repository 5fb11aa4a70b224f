//! When an entry counts as written.

use shakedown_core::literal::Callee;

use super::super::writer::NewEntry;
use super::*;
use crate::build::Program;
use crate::campaign::{EntryId, Input};
use crate::store::file::content_name;
use crate::store::fixture::{bytes, in_temporary, raw};
use crate::store::lineage::Lineage;

#[test]
fn an_entry_counts_as_written_once_it_is_in_its_file() {
    let (_dir, corpus) = in_temporary(bytes());
    let lock = corpus.lock().unwrap();
    let obstacle = corpus.locations().cache.join(content_name(b"blocked"));
    std::fs::create_dir(&obstacle).unwrap();
    let target = TargetName { package: "p".into(), target: "t".into(), label: "t".into() };
    let callee = Callee { path: "c::t".into(), parameters: vec![], is_fallible: false };
    let program = Program { package: "p".into(), ..Program::default() };
    let reproducer = Reproducer { program, target: "t".into(), callee };
    let inputs = Arc::new(Inputs::new(corpus, 1000));
    let mut files = Files::new(target, reproducer, inputs, None, lock);
    let entry = |id, content: &[u8], parent: &[u8]| {
        let parent = Some(Input::Bytes(raw(parent).into()));
        NewEntry { id: EntryId(id), input: raw(content).into(), parent }
    };
    files.entries.save(entry(0, b"good", b"seed"));
    files.entries.save(entry(1, b"blocked", b"good"));
    assert_eq!(files.entries.unwritten(), 2, "no file was reported yet");

    let saved = |files: &mut Files| {
        let (events, result) = files.save_rest();
        let entry = |event: &Event| match event {
            Event::Saved(entry, _) => entry.0,
            other => panic!("{other:?}"),
        };
        (events.iter().map(entry).collect::<Vec<_>>(), result.is_ok(), files.entries.unwritten())
    };
    assert_eq!(saved(&mut files), (vec![0], false, 1));
    std::fs::remove_dir(&obstacle).unwrap();
    assert_eq!(saved(&mut files), (vec![1], true, 0));
    let corpus = files.corpus();
    let number = |content: &[u8]| corpus.number_of(&raw(content));
    let mut lineage = Lineage::default();
    lineage.refresh(&corpus.locations().state);
    assert_eq!(lineage.parent(number(b"good")), Some(number(b"seed")));
    assert_eq!(lineage.parent(number(b"blocked")), Some(number(b"good")));
}
