//! The file of what a campaign has left to the next one with the same program: the entries of a
//! cache that passed, each with its name, its length, and the features that it owns.
//!
//! It says something of one build only, and nothing where it is damaged or of a version to come.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::file::{self, FileError};
use super::open;
use crate::campaign::{Remembered, StoredInput};

/// Name of the file in the cache folder. It is hidden, so that it is not taken for an entry.
pub(super) const COVERAGE_FILE: &str = ".coverage";

/// Begins the file; the number is the version of what follows.
const MAGIC: &[u8] = b"shakedown coverage 1\n";

/// Bytes of a SHA-256.
const HASH: usize = 32;

/// The programs of a campaign, each hashed once however many targets it has.
#[derive(Debug, Default)]
pub struct Programs {
    hashes: HashMap<PathBuf, Option<[u8; HASH]>>,
}

/// A program, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Build {
    hash: [u8; HASH],
    counters: u64,
}

impl Programs {
    /// The program in this file, which has this number of counters; nothing if it cannot be read.
    pub fn build(&mut self, program: &Path, counters: u64) -> Option<Build> {
        let hash = *self.hashes.entry(program.into()).or_insert_with(|| hash(program).ok());
        Some(Build { hash: hash?, counters })
    }
}

/// The hash of all of a file. Nothing less is never wrong: not every linker leaves a build id, and
/// times lie.
fn hash(program: &Path) -> io::Result<[u8; HASH]> {
    let mut file = File::open(program)?;
    let mut hasher = Sha256::new();
    let mut portion = vec![0; 1 << 18];
    loop {
        match file.read(&mut portion)? {
            0 => return Ok(hasher.finalize().into()),
            len => hasher.update(&portion[..len]),
        }
    }
}

/// What the file in the folder `cache` says of this build; nothing if there is none, or it is of
/// another build or damaged.
#[must_use]
pub fn load(cache: &Path, build: &Build) -> Remembered {
    let content = open::read(&cache.join(COVERAGE_FILE)).ok();
    content.and_then(|content| parse(&content, build)).unwrap_or_default()
}

/// Writes the file, instead of any other.
///
/// # Errors
/// If it is not there afterwards.
pub fn save(cache: &Path, build: &Build, entries: &Remembered) -> Result<(), FileError> {
    file::write(&cache.join(COVERAGE_FILE), &print(entries, build))
}

fn print(entries: &Remembered, build: &Build) -> Vec<u8> {
    let mut out = Vec::with_capacity(128 + 12 * entries.count() + 2 * entries.features());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&build.hash);
    put(&mut out, build.counters);
    put(&mut out, entries.count() as u64);
    for (StoredInput { name, len }, features) in entries.iter() {
        out.extend_from_slice(&name.to_le_bytes());
        put(&mut out, u64::from(len));
        put(&mut out, features.len() as u64);
        let mut last = 0;
        for &feature in features {
            put(&mut out, u64::from(feature - last));
            last = feature;
        }
    }
    let hash = Sha256::digest(&out);
    out.extend_from_slice(&hash);
    out
}

fn parse(content: &[u8], build: &Build) -> Option<Remembered> {
    let (content, hash) = content.split_at_checked(content.len().checked_sub(HASH)?)?;
    let mut rest = content.strip_prefix(MAGIC)?.strip_prefix(&build.hash)?;
    if Sha256::digest(content).as_slice() != hash || take(&mut rest)? != build.counters {
        return None;
    }
    let mut entries = Remembered::default();
    let mut features = Vec::new();
    for _ in 0..take(&mut rest)? {
        let (name, after) = rest.split_first_chunk()?;
        rest = after;
        let entry =
            StoredInput { name: u64::from_le_bytes(*name), len: take(&mut rest)?.try_into().ok()? };
        features.clear();
        let mut feature = 0u32;
        for _ in 0..take(&mut rest)? {
            feature = feature.checked_add(take(&mut rest)?.try_into().ok()?)?;
            features.push(feature);
        }
        entries.push(entry, &features);
    }
    rest.is_empty().then_some(entries)
}

/// Appends a number: seven bits a byte, the lowest first, and a bit that says whether more follow.
fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Takes off what [`put`] appended.
fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn build(content: &str, counters: u64) -> Build {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        Programs::default().build(file.path(), counters).unwrap()
    }

    fn entries() -> Remembered {
        let mut entries = Remembered::default();
        entries.push(StoredInput { name: 0x0123_4567_89ab_cdef, len: 5 }, &[0, 1, 300]);
        entries.push(StoredInput { name: u64::MAX, len: u32::MAX }, &[]);
        entries.push(StoredInput { name: 7, len: 0 }, &[u32::MAX - 1, u32::MAX]);
        entries
    }

    #[test]
    fn what_was_written_is_read_for_the_same_build_only() {
        let dir = tempfile::tempdir().unwrap();
        let (entries, ours) = (entries(), build("program", 40));
        assert_eq!(load(dir.path(), &ours), Remembered::default());
        save(dir.path(), &ours, &entries).unwrap();
        assert_eq!(load(dir.path(), &build("program", 40)), entries);
        assert_eq!(load(dir.path(), &build("Program", 40)), Remembered::default());
        assert_eq!(load(dir.path(), &build("program", 41)), Remembered::default());
    }

    #[test]
    fn a_damaged_file_says_nothing() {
        let (entries, build) = (entries(), build("program", 40));
        let good = print(&entries, &build);
        assert_eq!(parse(&good, &build), Some(entries));
        for at in 0..good.len() {
            assert_eq!(parse(&good[..at], &build), None, "cut at {at}");
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(parse(&bad, &build), None, "changed at {at}");
        }
    }

    #[test]
    fn lies_under_a_right_checksum_do_no_harm() {
        let build = build("program", 40);
        let sealed = |tail: &[u8]| {
            let mut content = [MAGIC, &build.hash, &[40], tail].concat();
            let hash = Sha256::digest(&content);
            content.extend_from_slice(&hash);
            content
        };
        assert_eq!(parse(&sealed(&[0]), &build), Some(Remembered::default()));
        for tail in
            [&[][..], &[0, 0], &[1], &[0xff; 12], &[1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x7f]]
        {
            assert_eq!(parse(&sealed(tail), &build), None, "{tail:?}");
        }
    }
}
