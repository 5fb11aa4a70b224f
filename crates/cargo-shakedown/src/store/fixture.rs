//! What the tests of the store, and of what uses it, share: schemas, inputs, and folders.

use std::path::Path;

use shakedown_core::schema::{Bytes, Field, Int, Node, NodeId, Schema, Types};
use tempfile::TempDir;

use super::corpus::Corpus;
use super::paths::Locations;

/// For a cache that no seed is to be compared with.
pub(super) const NO_SEEDS: [&[u8]; 0] = [];

/// A corpus without files, and the folder that it would be in: `testdata` and `cache` below.
pub(crate) fn in_temporary(schema: Schema) -> (TempDir, Corpus) {
    let dir = tempfile::tempdir().unwrap();
    let locations = Locations::new(dir.path(), "package", &dir.path().join("cache"), "parse");
    let corpus = Corpus::open(locations, schema, 1 << 20);
    (dir, corpus)
}

/// The schema of a target with one argument of bytes.
pub(crate) fn bytes() -> Schema {
    schema(|types| vec![("data", types.add(Node::Bytes(Bytes::ANY)))])
}

/// The schema of a target that takes `n: u16, ok: bool`.
pub(crate) fn pair() -> Schema {
    schema(|types| {
        vec![("n", types.add(Node::Int(Int::full(false, 2)))), ("ok", types.add(Node::Bool))]
    })
}

fn schema(arguments: impl FnOnce(&mut Types) -> Vec<(&'static str, NodeId)>) -> Schema {
    let mut types = Types::new();
    let arguments = arguments(&mut types);
    let field = |(name, node): (&str, _)| Field { name: name.into(), node, default: None };
    types.finish(arguments.into_iter().map(field).collect()).unwrap()
}

/// The encoded input for [`bytes`].
pub(crate) fn raw(data: &[u8]) -> Vec<u8> {
    [&(data.len() as u32).to_le_bytes(), data].concat()
}

/// The encoded input for [`pair`].
pub(crate) fn typed(n: u16, ok: bool) -> Vec<u8> {
    [&n.to_le_bytes()[..], &[u8::from(ok)]].concat()
}

/// The paths of all files below `dir`, relative to it, sorted.
pub(super) fn all_files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for item in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let name = item.file_name().into_string().unwrap();
        match item.file_type().unwrap().is_dir() {
            true => found.extend(all_files(&item.path()).iter().map(|f| format!("{name}/{f}"))),
            false => found.push(name),
        }
    }
    found.sort();
    found
}
