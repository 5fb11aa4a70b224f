//! The coordinator's side of the shared memory: anonymous files that workers map, and that are
//! read and written here with ordinary calls. No mapping, so no unsafe code, and nothing that a
//! worker does to them can hurt the coordinator.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::Signal;
use shakedown_core::layout::{
    AT_EXECS, AT_FAULT, AT_FAULT_ADDRESS, AT_FRAME_COUNT, AT_FRAMES, AT_INPUT_LEN, AT_MAGIC,
    AT_PANIC, AT_PANIC_EXECS, AT_PANIC_LEN, AT_PHASE, AT_REJECTED, AT_RNG_INC, AT_RNG_STATE,
    Layout, MAGIC, MAX_FRAMES, MAX_PANIC, Phase,
};
use shakedown_core::message::RngState;

fn anonymous(name: &str) -> io::Result<File> {
    Ok(File::from(memfd_create(name, MemfdFlags::CLOEXEC)?))
}

/// The memory of one worker; outlives the process.
#[derive(Debug)]
pub struct Memory {
    file: File,
    layout: Layout,
}

/// What a worker left in its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastWords {
    /// What it was doing.
    pub phase: Phase,
    /// Executions begun since the call began.
    pub execs: u64,
    /// How many of them the target rejected.
    pub rejected: u64,
    /// State of the generator at the start of the batch.
    pub rng: RngState,
    /// Length of the input being executed, in bytes.
    input_len: u64,
}

/// What a worker recorded of its end; see [`shakedown_core::layout`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Addresses on the stack when a signal arrived or `exit` was called, innermost first; empty if
    /// neither was seen.
    pub frames: Vec<u64>,
    /// The memory address that a faulting instruction asked for.
    pub address: u64,
    /// Where a panic began in the last execution, as `file:line:column`.
    pub panic: Option<String>,
    /// Whether the worker was asked where it is: the stack is that of any moment.
    pub asked: bool,
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
        self.file.set_len(layout.total() as u64)?;
        self.file.write_all_at(&[0; shakedown_core::layout::HEADER], 0)?;
        self.file.write_all_at(&MAGIC.to_le_bytes(), AT_MAGIC as u64)
    }

    /// Prepares a call: its entry and donor, and a count of zero executions.
    ///
    /// # Errors
    /// If they do not fit, or the system refuses.
    pub fn prepare(&self, entry: &[u8], donor: &[u8]) -> io::Result<()> {
        if entry.len().max(donor.len()) > self.layout.capacity {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("an input of {} bytes does not fit into the shared memory", entry.len()),
            ));
        }
        self.set(AT_EXECS, 0)?;
        self.set(AT_REJECTED, 0)?;
        self.set(AT_FAULT, 0)?;
        self.set(AT_PANIC_EXECS, 0)?;
        self.file.write_all_at(entry, self.layout.entry() as u64)?;
        self.file.write_all_at(donor, self.layout.donor() as u64)
    }

    /// Whether the entry is still what [`Self::prepare`] was given.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn entry_is(&self, entry: &[u8]) -> io::Result<bool> {
        let mut now = vec![0; entry.len()];
        self.file.read_exact_at(&mut now, self.layout.entry() as u64)?;
        Ok(now == entry)
    }

    /// What the worker left in the header.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn last_words(&self) -> io::Result<LastWords> {
        Ok(LastWords {
            phase: Phase::from_number(self.get(AT_PHASE)?),
            execs: self.get(AT_EXECS)?,
            rejected: self.get(AT_REJECTED)?,
            rng: (self.get(AT_RNG_STATE)?, self.get(AT_RNG_INC)?),
            input_len: self.get(AT_INPUT_LEN)?,
        })
    }

    /// What the worker recorded of its end. Garbage gives an empty record.
    #[must_use]
    pub fn record(&self) -> Record {
        self.read_record().unwrap_or_default()
    }

    fn read_record(&self) -> io::Result<Record> {
        let mut record = Record::default();
        let fault = self.get(AT_FAULT)?;
        record.asked = fault == Signal::USR2.as_raw() as u64;
        if fault != 0 {
            record.address = self.get(AT_FAULT_ADDRESS)?;
            let count = (self.get(AT_FRAME_COUNT)? as usize).min(MAX_FRAMES);
            let frames = (0..count).map(|index| self.get(AT_FRAMES + 8 * index));
            record.frames = frames.collect::<io::Result<_>>()?;
        }
        let execs = self.get(AT_EXECS)?;
        if execs != 0 && execs == self.get(AT_PANIC_EXECS)? {
            let len = (self.get(AT_PANIC_LEN)? as usize).min(MAX_PANIC);
            record.panic = String::from_utf8(self.region(AT_PANIC, len)?).ok();
        }
        Ok(record)
    }

    /// Whether the worker has left a record of a signal or an exit.
    #[must_use]
    pub fn has_record(&self) -> bool {
        self.get(AT_FAULT).is_ok_and(|fault| fault != 0)
    }

    /// The input that was being executed when the worker left these words.
    ///
    /// # Errors
    /// If the length is a lie, or the system refuses.
    pub fn last_input(&self, words: &LastWords) -> io::Result<Vec<u8>> {
        self.input(words.input_len)
    }

    /// The first `len` bytes of the input region.
    ///
    /// # Errors
    /// If there are fewer, or the system refuses.
    pub fn input(&self, len: u64) -> io::Result<Vec<u8>> {
        if len > self.layout.capacity as u64 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("the worker speaks of an input of {len} bytes"),
            ));
        }
        self.region(self.layout.input(), len as usize)
    }

    /// The snapshot region: one bucket byte a counter.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn snapshot(&self) -> io::Result<Vec<u8>> {
        self.region(self.layout.snapshot(), self.layout.counters)
    }

    fn region(&self, start: usize, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        self.file.read_exact_at(&mut bytes, start as u64)?;
        Ok(bytes)
    }

    fn get(&self, at: usize) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes, at as u64)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn set(&self, at: usize, value: u64) -> io::Result<()> {
        self.file.write_all_at(&value.to_le_bytes(), at as u64)
    }
}

/// The coverage map that all workers of a target share.
#[derive(Debug)]
pub struct CoverageMap {
    file: File,
}

impl CoverageMap {
    /// A map that shows nothing as seen, of this many counters.
    ///
    /// # Errors
    /// If the system has no more files or memory.
    pub fn new(counters: usize) -> io::Result<Self> {
        let file = anonymous("shakedown-coverage")?;
        file.set_len(counters.next_multiple_of(4096).max(4096) as u64)?;
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
    use super::*;

    #[test]
    fn what_is_prepared_is_there() {
        let mut memory = Memory::new().unwrap();
        memory.format(Layout { capacity: 100, counters: 3 }).unwrap();
        memory.prepare(b"entry", b"").unwrap();
        assert!(memory.entry_is(b"entry").unwrap());
        assert!(!memory.entry_is(b"Entry").unwrap());
        assert_eq!(memory.last_words().unwrap().execs, 0);
        assert_eq!(memory.snapshot().unwrap(), [0; 3]);
        assert!(memory.prepare(&[0; 101], b"").is_err());
    }

    #[test]
    fn garbage_in_the_header_is_an_error_not_a_panic() {
        let mut memory = Memory::new().unwrap();
        memory.format(Layout { capacity: 100, counters: 3 }).unwrap();
        memory.file.write_all_at(&[0xff; 4096], 0).unwrap();
        let words = memory.last_words().unwrap();
        assert_eq!(words.phase, Phase::Engine);
        assert!(memory.last_input(&words).is_err());
        memory.file.set_len(10).unwrap();
        assert!(memory.last_words().is_err());
    }
}
