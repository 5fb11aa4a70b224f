//! What a program is known to cover with the entries of a cache, so that the next campaign need
//! not run them all again.
//!
//! For each entry that passed the file has its name, its length, and the features that it owns:
//! those that no shorter entry shows. That is everything the campaign makes of a run of the entry,
//! and it grows with the program and the number of entries, not with their product. It holds for
//! one build: of any other program, of a damaged file, and of a version to come, nothing is known.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::file::{self, FileError};

/// Name of the file in the cache folder. It is hidden, so that it is no entry.
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

/// What is known of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The name of its file: a number of 16 hex digits.
    pub name: u64,
    /// Length of the encoded input in bytes.
    pub len: u32,
    /// The features that it owns, ascending.
    pub features: &'a [u32],
}

/// What is known of all entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// Name, length, and where the features end.
    entries: Vec<(u64, u32, u32)>,
    features: Vec<u32>,
}

impl Programs {
    /// The program in this file, which has so many counters; nothing if it cannot be read.
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

impl Records {
    /// Adds an entry.
    pub fn push(&mut self, record: Record<'_>) {
        self.features.extend_from_slice(record.features);
        self.entries.push((record.name, record.len, self.features.len() as u32));
    }

    /// The entries, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        let mut start = 0;
        self.entries.iter().map(move |&(name, len, end)| {
            let features = &self.features[start..end as usize];
            start = end as usize;
            Record { name, len, features }
        })
    }

    /// What the file in the folder `cache` says of this build; nothing if there is none, or it is
    /// of another build or damaged.
    #[must_use]
    pub fn load(cache: &Path, build: &Build) -> Self {
        fs::read(cache.join(COVERAGE_FILE))
            .ok()
            .and_then(|content| Self::parse(&content, build))
            .unwrap_or_default()
    }

    /// Writes the file, instead of any other.
    ///
    /// # Errors
    /// If it is not there afterwards.
    pub fn save(&self, cache: &Path, build: &Build) -> Result<(), FileError> {
        file::write(&cache.join(COVERAGE_FILE), &self.print(build))
    }

    fn print(&self, build: &Build) -> Vec<u8> {
        let mut out = Vec::with_capacity(128 + 12 * self.entries.len() + 2 * self.features.len());
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&build.hash);
        put(&mut out, build.counters);
        put(&mut out, self.entries.len() as u64);
        for Record { name, len, features } in self.iter() {
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

    fn parse(content: &[u8], build: &Build) -> Option<Self> {
        let (content, hash) = content.split_at_checked(content.len().checked_sub(HASH)?)?;
        let rest = content.strip_prefix(MAGIC)?.strip_prefix(&build.hash)?;
        if Sha256::digest(content).as_slice() != hash {
            return None;
        }
        let mut rest = rest;
        let mut records = Self::default();
        if take(&mut rest)? != build.counters {
            return None;
        }
        for _ in 0..take(&mut rest)? {
            let (name, after) = rest.split_first_chunk()?;
            rest = after;
            let len = u32::try_from(take(&mut rest)?).ok()?;
            let mut feature = 0u32;
            for _ in 0..take(&mut rest)? {
                feature = feature.checked_add(u32::try_from(take(&mut rest)?).ok()?)?;
                records.features.push(feature);
            }
            let end = u32::try_from(records.features.len()).ok()?;
            records.entries.push((u64::from_le_bytes(*name), len, end));
        }
        rest.is_empty().then_some(records)
    }
}

/// Appends a number: seven bits a byte, the lowest first, and a bit that tells whether more follow.
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
    use super::*;

    fn build(content: &str, counters: u64) -> Build {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        Programs::default().build(file.path(), counters).unwrap()
    }

    fn records() -> Records {
        let mut records = Records::default();
        records.push(Record { name: 0x0123_4567_89ab_cdef, len: 5, features: &[0, 1, 300] });
        records.push(Record { name: u64::MAX, len: u32::MAX, features: &[] });
        records.push(Record { name: 7, len: 0, features: &[u32::MAX - 1, u32::MAX] });
        records
    }

    #[test]
    fn what_was_written_is_read_for_the_same_build_only() {
        let dir = tempfile::tempdir().unwrap();
        let (records, ours) = (records(), build("program", 40));
        assert_eq!(Records::load(dir.path(), &ours), Records::default());
        records.save(dir.path(), &ours).unwrap();
        assert_eq!(Records::load(dir.path(), &build("program", 40)), records);
        assert_eq!(Records::load(dir.path(), &build("Program", 40)), Records::default());
        assert_eq!(Records::load(dir.path(), &build("program", 41)), Records::default());
    }

    #[test]
    fn a_damaged_file_says_nothing() {
        let (records, build) = (records(), build("program", 40));
        let good = records.print(&build);
        assert_eq!(Records::parse(&good, &build), Some(records));
        for at in 0..good.len() {
            assert_eq!(Records::parse(&good[..at], &build), None, "cut at {at}");
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(Records::parse(&bad, &build), None, "changed at {at}");
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
        assert_eq!(Records::parse(&sealed(&[0]), &build), Some(Records::default()));
        for tail in
            [&[][..], &[0, 0], &[1], &[0xff; 12], &[1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0x7f]]
        {
            assert_eq!(Records::parse(&sealed(tail), &build), None, "{tail:?}");
        }
    }
}
