//! When an entry counts as written.

use shakedown_core::literal::Callee;

use super::*;
use crate::build::Program;
use crate::campaign::EntryId;
use crate::store::file::content_name;
use crate::store::fixture::{bytes, in_temporary, raw};

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
    files.entries.save(EntryId(0), raw(b"good").into());
    files.entries.save(EntryId(1), raw(b"blocked").into());
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
}
