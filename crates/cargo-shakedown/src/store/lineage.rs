//! Which entry each entry is a variation of: a line for each in the folder of the state, its own name
//! and that of its parent. A seed has the name that the engine would give it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::file::{as_number, numbered};
use super::open::{open_own, open_to_read};

/// Name of the file. It is hidden, so that it is not taken for an entry.
pub(super) const LINEAGE_FILE: &str = ".lineage";

/// Most bytes of the file: two million lines. What comes later has no known parent.
const MAX_LEN: u64 = 64 << 20;

/// Notes the parents of entries, each pair an entry and its parent.
///
/// # Errors
/// If that is not possible.
pub(crate) fn add(state: &Path, pairs: &[(u64, u64)]) -> io::Result<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    let mut file = open_own(&state.join(LINEAGE_FILE))?;
    if file.seek(SeekFrom::End(0))? > MAX_LEN {
        return Ok(());
    }
    let line =
        |(entry, parent): &(u64, u64)| format!("{} {}\n", numbered(*entry), numbered(*parent));
    file.write_all(pairs.iter().map(line).collect::<String>().as_bytes())
}

/// What is known of parents, read as far as it was written.
#[derive(Debug, Default)]
pub(crate) struct Lineage {
    parents: HashMap<u64, u64>,
    /// Bytes of the file that were read.
    read: u64,
}

impl Lineage {
    /// Reads what was written since the last time. Without the file, nothing is known; a line that is
    /// damaged is passed over.
    pub(crate) fn refresh(&mut self, state: &Path) {
        let path = state.join(LINEAGE_FILE);
        let is_shorter = path.metadata().map_or(0, |data| data.len()) < self.read;
        if is_shorter {
            *self = Self::default();
        }
        let news = open_to_read(&path).and_then(|file| news(file, self.read)).unwrap_or_default();
        // A line that is being written has no end yet.
        let end = news.rfind('\n').map_or(0, |at| at + 1);
        self.read += end as u64;
        self.parents.extend(news[..end].lines().filter_map(pair));
    }

    /// The parent of an entry, if it is known.
    #[must_use]
    pub(crate) fn parent(&self, entry: u64) -> Option<u64> {
        self.parents.get(&entry).copied()
    }
}

fn news(mut file: File, read: u64) -> io::Result<String> {
    file.seek(SeekFrom::Start(read))?;
    let mut news = Vec::new();
    file.take(2 * MAX_LEN).read_to_end(&mut news)?;
    // Bytes stay as many as they are.
    Ok(news.into_iter().map(|byte| if byte.is_ascii() { char::from(byte) } else { '?' }).collect())
}

fn pair(line: &str) -> Option<(u64, u64)> {
    let (entry, parent) = line.split_once(' ')?;
    Some((as_number(entry)?, as_number(parent)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_known_and_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut lineage = Lineage::default();
        lineage.refresh(folder.path());
        assert_eq!(lineage.parent(1), None);
        add(folder.path(), &[(1, 7), (2, 1)]).unwrap();
        lineage.refresh(folder.path());
        assert_eq!([1, 2, 3].map(|entry| lineage.parent(entry)), [Some(7), Some(1), None]);
        let read = lineage.read;
        add(folder.path(), &[(3, u64::MAX)]).unwrap();
        lineage.refresh(folder.path());
        assert_eq!((lineage.parent(3), lineage.read), (Some(u64::MAX), read + 34));
        std::fs::remove_file(folder.path().join(LINEAGE_FILE)).unwrap();
        lineage.refresh(folder.path());
        assert_eq!(lineage.parent(1), None, "it was removed");
    }

    #[test]
    fn lines_that_are_damaged_or_have_no_end_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let line = |entry, parent| format!("{} {}\n", numbered(entry), numbered(parent));
        let whole = format!("{}\u{e9} nonsense\n\n{}", line(1, 2), line(3, 4));
        let path = folder.path().join(LINEAGE_FILE);
        std::fs::write(&path, format!("{whole}{}", &line(5, 6)[..20])).unwrap();
        let mut lineage = Lineage::default();
        lineage.refresh(folder.path());
        assert_eq!([1, 3, 5].map(|entry| lineage.parent(entry)), [Some(2), Some(4), None]);
        std::fs::write(&path, format!("{whole}{}", line(5, 6))).unwrap();
        lineage.refresh(folder.path());
        assert_eq!(lineage.parent(5), Some(6), "it has an end now");
    }
}
