//! The coordinator's side of the shared memory: anonymous files that workers map, and that are
//! read and written here with ordinary calls. No mapping, so no unsafe code, and nothing that a
//! worker does to them can hurt the coordinator.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use shakedown_core::features::cells;
use shakedown_core::wire::layout::Layout;
use shakedown_core::wire::page::{self, LastWords, PageCopy};

use crate::campaign::Visit;

fn anonymous(name: &str) -> io::Result<File> {
    Ok(File::from(memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?))
}

/// Gives a file its size. It cannot be made smaller from then on, which would end every process that
/// has mapped it.
fn size(file: &File, bytes: usize) -> io::Result<()> {
    file.set_len(bytes as u64)?;
    Ok(fcntl_add_seals(file, SealFlags::SHRINK)?)
}

/// The memory of one worker; outlives the process.
#[derive(Debug)]
pub struct Memory {
    file: File,
    layout: Layout,
}

/// What the coordinator writes for a call: inputs, each region in the order of the call's visits.
#[derive(Clone, Debug, Default)]
pub struct CallInputs<'i> {
    /// The entries.
    pub entries: Vec<&'i [u8]>,
    /// The donors.
    pub donors: Vec<&'i [u8]>,
    /// The hints.
    pub hints: Vec<&'i [u8]>,
}

impl<'i> CallInputs<'i> {
    /// One input, to be run by itself.
    #[must_use]
    pub fn one(input: &'i [u8]) -> Self {
        Self { entries: vec![input], ..Self::default() }
    }

    /// What these visits are made of.
    #[must_use]
    pub fn of(visits: &'i [Visit]) -> Self {
        Self {
            entries: visits.iter().map(|visit| &*visit.entry).collect(),
            donors: visits.iter().map(|visit| &*visit.donor).collect(),
            hints: visits.iter().map(|visit| &*visit.hints).collect(),
        }
    }
}

impl Memory {
    /// Empty memory, to be sized by [`Self::format`] once the worker has said what it needs.
    ///
    /// # Errors
    /// If the system has no more files or memory.
    pub fn new() -> io::Result<Self> {
        let file = anonymous("shakedown-worker")?;
        Ok(Self { file, layout: Layout { capacity: 0, counters: 0 } })
    }

    /// The file behind it, to be inherited by the worker.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Gives it this layout and an empty header.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn format(&mut self, layout: Layout) -> io::Result<()> {
        self.layout = layout;
        size(&self.file, layout.total())?;
        self.file.write_all_at(&[0; page::SIZE], 0)?;
        self.file.write_all_at(&PageCopy::before_call(), 0)
    }

    /// Prepares a call: its inputs, and a count of zero executions.
    ///
    /// # Errors
    /// If they do not fit, or the system refuses.
    pub fn prepare(&self, inputs: &CallInputs<'_>) -> io::Result<()> {
        let CallInputs { entries, donors, hints } = inputs;
        let is_too_long = |input: &&[u8]| input.len() > self.layout.capacity;
        if entries.iter().chain(donors).any(is_too_long) {
            return Err(too_big(self.layout.capacity));
        }
        self.file.write_all_at(&PageCopy::before_call(), 0)?;
        self.fill(self.layout.entries(), entries)?;
        self.fill(self.layout.donors(), donors)?;
        self.fill(self.layout.hints(), hints)
    }

    /// Writes the content of a region: pieces, each right behind the one before.
    fn fill(&self, region: usize, pieces: &[&[u8]]) -> io::Result<()> {
        let total: usize = pieces.iter().map(|piece| piece.len()).sum();
        if total > self.layout.room() {
            return Err(too_big(self.layout.room()));
        }
        match pieces {
            _ if total == 0 => Ok(()),
            // It may be a large one.
            [piece] => self.file.write_all_at(piece, region as u64),
            _ => self.file.write_all_at(&pieces.concat(), region as u64),
        }
    }

    /// Whether the entries are still what [`Self::prepare`] was given.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn entries_are(&self, entries: &[&[u8]]) -> io::Result<bool> {
        let now =
            self.region(self.layout.entries(), entries.iter().map(|entry| entry.len()).sum())?;
        let mut rest = now.as_slice();
        Ok(entries.iter().all(|entry| rest.split_off(..entry.len()) == Some(entry)))
    }

    /// Asks for what the call in progress has come to so far.
    ///
    /// # Errors
    /// If the system refuses.
    pub(super) fn ask_to_stop(&self) -> io::Result<()> {
        let (at, word) = PageCopy::to_stop();
        self.file.write_all_at(&word, at as u64)
    }

    /// The header as it is now. Not to be believed: the target can have written to it.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn page(&self) -> io::Result<PageCopy> {
        let mut bytes = [0; page::SIZE];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(PageCopy::new(bytes))
    }

    /// What the header says of the call.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn last_words(&self) -> io::Result<LastWords> {
        self.page().map(|page| page.last_words())
    }

    /// The first `len` bytes of the input region.
    ///
    /// # Errors
    /// If there are fewer, or the system refuses.
    pub fn input(&self, len: u64) -> io::Result<Vec<u8>> {
        if len > self.layout.capacity as u64 {
            return Err(lie(len));
        }
        self.region(self.layout.input(), len as usize)
    }

    /// The snapshot region: one bucket byte a counter.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn snapshot(&self) -> io::Result<Vec<u8>> {
        self.region(self.layout.snapshot(), self.layout.cells())
    }

    fn region(&self, start: usize, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        self.file.read_exact_at(&mut bytes, start as u64)?;
        Ok(bytes)
    }
}

fn too_big(room: usize) -> io::Error {
    let text = format!("inputs do not fit into the {room} bytes of shared memory for them");
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

fn lie(len: u64) -> io::Error {
    let text = format!("the worker claims an input of {len} bytes, which does not fit");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// The coverage map that all workers of a target share.
#[derive(Debug)]
pub struct CoverageMap {
    file: File,
}

impl CoverageMap {
    /// A map that shows nothing as seen, of a program with this many counters.
    ///
    /// # Errors
    /// If the system has no more files or memory.
    pub fn new(counters: usize) -> io::Result<Self> {
        let file = anonymous("shakedown-coverage")?;
        size(&file, cells(counters).next_multiple_of(4096).max(4096))?;
        Ok(Self { file })
    }

    /// The file behind it, to be inherited by the workers.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Shows these buckets of these counters as seen.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn publish(&self, bytes: &[(usize, u8)]) -> io::Result<()> {
        bytes.iter().try_for_each(|&(at, buckets)| self.file.write_all_at(&[buckets], at as u64))
    }
}

#[cfg(test)]
mod tests {
    use shakedown_core::wire::page::{DeathRecord, Phase};

    use super::*;

    #[test]
    fn what_is_prepared_is_there() {
        let mut memory = Memory::new().unwrap();
        memory.format(Layout { capacity: 100, counters: 3 }).unwrap();
        let inputs = CallInputs {
            entries: vec![b"entry", b"another"],
            donors: vec![b"", b"donor"],
            hints: vec![b"hint", b"s"],
        };
        memory.prepare(&inputs).unwrap();
        assert!(memory.entries_are(&[b"entry", b"another"]).unwrap());
        assert!(memory.entries_are(&[b"entr", b"yanother"]).unwrap());
        assert!(!memory.entries_are(&[b"entry", b"Another"]).unwrap());
        assert_eq!(memory.region(memory.layout.donors(), 6).unwrap(), b"donor\0");
        assert_eq!(memory.region(memory.layout.hints(), 6).unwrap(), b"hints\0");
        assert_eq!(memory.last_words().unwrap().execs, 0);
        assert!(memory.snapshot().unwrap().iter().all(|bits| *bits == 0));
        let is_refused = |inputs: CallInputs<'_>| memory.prepare(&inputs).is_err();
        assert!(is_refused(CallInputs::one(&[0; 101])), "more than an input may have");
        let full = vec![&[0; 100][..]; memory.layout.room() / 100];
        let over = [&full[..], &full[..1]].concat();
        assert!(!is_refused(CallInputs { entries: full.clone(), donors: full, hints: vec![] }));
        assert!(is_refused(CallInputs { donors: over.clone(), ..CallInputs::default() }));
        assert!(is_refused(CallInputs { hints: over, ..CallInputs::default() }));
    }

    #[test]
    fn garbage_in_the_header_is_an_error_not_a_panic() {
        let mut memory = Memory::new().unwrap();
        memory.format(Layout { capacity: 100, counters: 3 }).unwrap();
        memory.file.write_all_at(&[0xff; page::SIZE], 0).unwrap();
        let words = memory.last_words().unwrap();
        assert_eq!(words.phase, Phase::Engine);
        assert!(memory.input(words.input_len).is_err());
        assert!(memory.file.set_len(10).is_err(), "it can be cut");
        let empty = Memory::new().unwrap();
        assert!(empty.page().is_err());
        memory.format(Layout { capacity: 100, counters: 3 }).unwrap();
        assert_eq!(memory.page().unwrap().record(), DeathRecord::default());
    }

    #[test]
    fn an_input_is_no_longer_than_its_region() {
        let layout = Layout { capacity: 100, counters: 3 };
        let mut memory = Memory::new().unwrap();
        memory.format(layout).unwrap();
        memory.file.write_all_at(b"input", layout.input() as u64).unwrap();
        assert_eq!(memory.input(5).unwrap(), b"input");
        assert_eq!(memory.input(100).unwrap().len(), 100);
        assert!(memory.input(101).is_err() && memory.input(u64::MAX).is_err());
    }
}
