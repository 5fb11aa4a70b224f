//! The coordinator's side of the shared memory: anonymous files that workers map, and that are
//! read and written here with ordinary calls. No mapping, so no unsafe code, and nothing that a
//! worker does to them can hurt the coordinator.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use shakedown_core::QUERY_SIGNAL;
use shakedown_core::wire::RngState;
use shakedown_core::wire::page::{
    AT_EXECS, AT_FAULT, AT_FAULT_ADDRESS, AT_FAULT_ELSEWHERE, AT_FRAME_COUNT, AT_FRAMES,
    AT_INPUT_LEN, AT_INPUT_START, AT_MAGIC, AT_PANIC, AT_PANIC_EXECS, AT_PANIC_LEN, AT_PHASE,
    AT_PROCESS, AT_REJECTED, AT_REPEATED, AT_RNG_INC, AT_RNG_STATE, AT_WINDOW, AT_WINDOW_INC,
    AT_WINDOW_REJECTED, AT_WINDOW_REPEATED, AT_WINDOW_STATE, CALL_END, HEADER, Layout, MAGIC,
    MAX_FRAMES, MAX_PANIC, Phase,
};

fn anonymous(name: &str) -> io::Result<File> {
    Ok(File::from(memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?))
}

/// Gives a file its size. Nobody can make it smaller from then on, which would be the end of whoever
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

/// What a worker left in its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastWords {
    /// What it was doing.
    pub phase: Phase,
    /// Executions begun since the call began.
    pub execs: u64,
    /// How many of them the target rejected.
    pub rejected: u64,
    /// Executions begun beside those, of inputs that were executed again.
    pub repeated: u64,
    /// State of the generator at the start of the visit.
    pub rng: RngState,
    /// Where the window that was running begins: the executions before it, how many of them were
    /// rejected, how many repeated, and where the generator stood.
    window: [u64; 3],
    window_rng: RngState,
    /// Where the input being executed lies, from the start of the memory, and its length, in bytes.
    input: (u64, u64),
}

/// A window, as far as it was run. What came before it was looked at in all its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Executions of the call before it.
    pub execs: u64,
    /// The same and those of its own that have come to their end.
    pub end: u64,
    /// How many of them were rejected.
    pub rejected: u64,
    /// Where the generator stood.
    pub rng: RngState,
}

impl LastWords {
    /// The window that was running, if any execution of it has come to its end. The last one has if they
    /// were being repeated.
    #[must_use]
    pub fn window(&self) -> Option<Window> {
        let [execs, rejected, repeated] = self.window;
        let end = self.execs.saturating_sub(u64::from(self.repeated <= repeated));
        let window = Window { execs, end, rejected, rng: self.window_rng };
        (execs < end && rejected <= execs).then_some(window)
    }

    /// The same with counts that a call which allows this many executions can have: what has
    /// damaged the header must not count.
    #[must_use]
    pub fn within(self, max_execs: u64) -> Self {
        let execs = self.execs.min(max_execs);
        let rejected = self.rejected.min(execs);
        // Each is executed once more at most.
        Self { execs, rejected, repeated: self.repeated.min(max_execs), ..self }
    }

    /// All executions begun since the call began: as long as the number changes, nothing hangs.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.execs.wrapping_add(self.repeated)
    }
}

/// What a worker recorded of its end; see [`shakedown_core::wire::page`].
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
        size(&self.file, layout.total())?;
        self.file.write_all_at(&[0; HEADER], 0)?;
        self.file.write_all_at(&MAGIC.to_le_bytes(), AT_MAGIC as u64)
    }

    /// Prepares a call: its entries and donors, and a count of zero executions.
    ///
    /// # Errors
    /// If they do not fit, or the system refuses.
    pub fn prepare(&self, entries: &[&[u8]], donors: &[&[u8]]) -> io::Result<()> {
        let [entries, donors] = [entries, donors].map(|inputs| self.joined(inputs));
        let (entries, donors) = (entries?, donors?);
        // All that the header says of the call before, at once.
        let mut header = [0; CALL_END];
        let fields = [
            (AT_MAGIC, MAGIC),
            (AT_INPUT_START, self.layout.input() as u64),
            (AT_WINDOW, u64::MAX),
        ];
        for (at, value) in fields {
            header[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        self.file.write_all_at(&header, 0)?;
        self.file.write_all_at(&entries, self.layout.entry() as u64)?;
        if donors.is_empty() {
            return Ok(());
        }
        self.file.write_all_at(&donors, self.layout.donor() as u64)
    }

    /// Inputs as they lie in a region, each right behind the one before.
    fn joined<'i>(&self, inputs: &[&'i [u8]]) -> io::Result<Cow<'i, [u8]>> {
        let total: usize = inputs.iter().map(|input| input.len()).sum();
        let is_too_long = |input: &&[u8]| input.len() > self.layout.capacity;
        if inputs.iter().any(is_too_long) || total > self.layout.room() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("inputs of {total} bytes do not fit into the shared memory"),
            ));
        }
        Ok(match inputs {
            // It may be a large one.
            [input] => Cow::Borrowed(input),
            _ => Cow::Owned(inputs.concat()),
        })
    }

    /// Whether the entries are still what [`Self::prepare`] was given.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn entries_are(&self, entries: &[&[u8]]) -> io::Result<bool> {
        let now =
            self.region(self.layout.entry(), entries.iter().map(|entry| entry.len()).sum())?;
        let mut rest = now.as_slice();
        Ok(entries.iter().all(|entry| rest.split_off(..entry.len()) == Some(entry)))
    }

    /// What the worker left in the header. Not to be believed: the target can have written to it.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn last_words(&self) -> io::Result<LastWords> {
        let header = self.header::<CALL_END>()?;
        let get = |at| number(&header, at);
        Ok(LastWords {
            phase: Phase::from_number(get(AT_PHASE)),
            execs: get(AT_EXECS),
            rejected: get(AT_REJECTED),
            repeated: get(AT_REPEATED),
            rng: (get(AT_RNG_STATE), get(AT_RNG_INC)),
            window: [AT_WINDOW, AT_WINDOW_REJECTED, AT_WINDOW_REPEATED].map(get),
            window_rng: (get(AT_WINDOW_STATE), get(AT_WINDOW_INC)),
            input: (get(AT_INPUT_START), get(AT_INPUT_LEN)),
        })
    }

    /// What the worker recorded of its end. Garbage gives a record of nothing, or of garbage.
    #[must_use]
    pub fn record(&self) -> Record {
        let Ok(header) = self.header::<HEADER>() else { return Record::default() };
        let get = |at| number(&header, at);
        let mut record = Record::default();
        let fault = get(AT_FAULT);
        record.asked = fault == QUERY_SIGNAL as u64;
        if fault != 0 {
            record.address = get(AT_FAULT_ADDRESS);
            let count = get(AT_FRAME_COUNT).min(MAX_FRAMES as u64) as usize;
            record.frames = (0..count).map(|index| get(AT_FRAMES + 8 * index)).collect();
        }
        if get(AT_EXECS) != 0 && get(AT_EXECS) == get(AT_PANIC_EXECS) {
            let len = get(AT_PANIC_LEN).min(MAX_PANIC as u64) as usize;
            let text = std::str::from_utf8(&header[AT_PANIC..AT_PANIC + len]);
            record.panic = text.ok().map(str::to_owned);
        }
        record
    }

    /// Whether the worker has left a record of a signal or an exit.
    #[must_use]
    pub fn has_record(&self) -> bool {
        self.header::<{ AT_FAULT + 8 }>().is_ok_and(|header| number(&header, AT_FAULT) != 0)
    }

    /// The process that runs the target, if it is not the worker itself.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        let header = self.header::<{ AT_PROCESS + 8 }>().ok()?;
        u32::try_from(number(&header, AT_PROCESS)).ok().filter(|id| *id != 0)
    }

    /// Whether the recorded signal or exit was on another thread than that of the target.
    #[must_use]
    pub fn faulted_elsewhere(&self) -> bool {
        self.header::<{ AT_FAULT_ELSEWHERE + 8 }>().is_ok_and(|header| {
            number(&header, AT_FAULT) != 0 && number(&header, AT_FAULT_ELSEWHERE) == 1
        })
    }

    /// The input that was being executed when the worker left these words.
    ///
    /// # Errors
    /// If place or length are lies, or the system refuses.
    pub fn last_input(&self, words: &LastWords) -> io::Result<Vec<u8>> {
        let (start, len) = words.input;
        let region = self.layout.input() as u64..self.layout.snapshot() as u64;
        let is_within = start.checked_add(len).is_some_and(|end| end <= region.end);
        if start < region.start || !is_within || len > self.layout.capacity as u64 {
            return Err(lie(len));
        }
        self.region(start as usize, len as usize)
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
        self.region(self.layout.snapshot(), self.layout.counters)
    }

    fn region(&self, start: usize, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        self.file.read_exact_at(&mut bytes, start as u64)?;
        Ok(bytes)
    }

    /// The first bytes of the header, at one moment.
    fn header<const LEN: usize>(&self) -> io::Result<[u8; LEN]> {
        let mut bytes = [0; LEN];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }
}

fn number(header: &[u8], at: usize) -> u64 {
    header[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn lie(len: u64) -> io::Error {
    let text = format!("the worker speaks of an input of {len} bytes where there can be none");
    io::Error::new(io::ErrorKind::InvalidData, text)
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
        size(&file, counters.next_multiple_of(4096).max(4096))?;
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
    use shakedown_core::rng::Rng;

    use super::*;

    impl Memory {
        fn set(&self, at: usize, value: u64) -> io::Result<()> {
            self.file.write_all_at(&value.to_le_bytes(), at as u64)
        }
    }

    #[test]
    fn what_is_prepared_is_there() {
        let mut memory = Memory::new().unwrap();
        memory.format(Layout { capacity: 100, counters: 3 }).unwrap();
        memory.prepare(&[b"entry", b"another"], &[b"", b"donor"]).unwrap();
        assert!(memory.entries_are(&[b"entry", b"another"]).unwrap());
        assert!(memory.entries_are(&[b"entr", b"yanother"]).unwrap());
        assert!(!memory.entries_are(&[b"entry", b"Another"]).unwrap());
        assert_eq!(memory.region(memory.layout.donor(), 6).unwrap(), b"donor\0");
        assert_eq!(memory.last_words().unwrap().execs, 0);
        assert_eq!(memory.snapshot().unwrap(), [0; 3]);
        assert!(memory.prepare(&[&[0; 101]], &[]).is_err(), "more than an input may have");
        let room = memory.layout.room();
        assert!(memory.prepare(&vec![&[0; 100][..]; room / 100], &[]).is_ok());
        assert!(memory.prepare(&[], &vec![&[0; 100][..]; room / 100 + 1]).is_err());
    }

    #[test]
    fn garbage_in_the_header_is_an_error_not_a_panic() {
        let mut memory = Memory::new().unwrap();
        memory.format(Layout { capacity: 100, counters: 3 }).unwrap();
        memory.file.write_all_at(&[0xff; 4096], 0).unwrap();
        let words = memory.last_words().unwrap();
        assert_eq!(words.phase, Phase::Engine);
        assert!(memory.last_input(&words).is_err());
        assert!(memory.file.set_len(10).is_err(), "it can be cut");
        let empty = Memory::new().unwrap();
        assert!(empty.last_words().is_err());
        assert_eq!(empty.record(), Record::default());
    }

    #[test]
    fn the_last_input_lies_in_its_region() {
        let layout = Layout { capacity: 100, counters: 3 };
        let mut memory = Memory::new().unwrap();
        memory.format(layout).unwrap();
        memory.file.write_all_at(b"input", layout.input() as u64).unwrap();
        let last_input = |start: usize, len| {
            memory.set(AT_INPUT_START, start as u64).unwrap();
            memory.set(AT_INPUT_LEN, len).unwrap();
            memory.last_input(&memory.last_words().unwrap()).ok()
        };
        assert_eq!(last_input(layout.input(), 5), Some(b"input".to_vec()));
        assert_eq!(last_input(layout.input() + 2, 3), Some(b"put".to_vec()));
        assert_eq!(last_input(layout.snapshot() - 100, 100), Some(vec![0; 100]));
        assert_eq!(last_input(layout.input(), 101), None);
        assert_eq!(last_input(layout.entry(), 5), None);
        assert_eq!(last_input(layout.snapshot(), 1), None);
        assert_eq!(last_input(usize::MAX, 2), None);
    }

    #[test]
    fn whatever_is_in_the_header_what_is_read_keeps_its_bounds() {
        let layout = Layout { capacity: 100, counters: 3 };
        let mut memory = Memory::new().unwrap();
        memory.format(layout).unwrap();
        let mut rng = Rng::new(5);
        // Numbers that are nearly right, among those that are not.
        let regions = [layout.entry(), layout.donor(), layout.input(), layout.snapshot()];
        let [entry, donor, input, snapshot] = regions.map(|at| at as u64);
        let near = [0, 1, 2, 5, 100, 101, entry, donor, input, snapshot, u64::MAX, u64::MAX - 3];
        let (mut inputs, mut frames, mut panics, mut windows) = (0, 0, 0, 0);
        for _ in 0..20_000 {
            let fields = (AT_EXECS..=AT_REPEATED).chain(AT_WINDOW..CALL_END).step_by(8);
            for at in fields {
                let value = match rng.below(8) {
                    0 => rng.u64(),
                    _ => near[rng.below(near.len())],
                };
                memory.set(at, value).unwrap();
            }
            memory.set(AT_PANIC, rng.u64() & 0x7f7f_7f7f_7f7f_7f7f).unwrap();
            memory.set(AT_PANIC + 8, rng.u64()).unwrap();
            let words = memory.last_words().unwrap();
            let within = words.within(7);
            assert!(within.execs <= 7 && within.rejected <= within.execs);
            if let Some(window) = within.window() {
                assert!(window.execs < window.end && window.end <= within.execs);
                assert!(window.rejected <= window.execs);
                windows += 1;
            }
            if let Ok(input) = memory.last_input(&words) {
                assert!(input.len() <= layout.capacity);
                inputs += 1;
            }
            let record = memory.record();
            assert!(record.frames.len() <= MAX_FRAMES);
            assert!(record.panic.as_ref().is_none_or(|text| text.len() <= MAX_PANIC));
            frames += usize::from(!record.frames.is_empty());
            panics += usize::from(record.panic.is_some());
        }
        assert!(inputs > 100 && frames > 100 && panics > 100, "{inputs} {frames} {panics}");
        assert!(windows > 100, "{windows}");
    }

    #[test]
    fn of_a_window_all_has_come_to_its_end_but_the_last_unless_it_is_being_repeated() {
        let mut memory = Memory::new().unwrap();
        memory.format(Layout { capacity: 100, counters: 3 }).unwrap();
        let end = |execs, window, repeated, repeated_before| {
            let fields = [AT_EXECS, AT_WINDOW, AT_REPEATED, AT_WINDOW_REPEATED];
            let values = [execs, window, repeated, repeated_before];
            fields
                .into_iter()
                .zip(values)
                .try_for_each(|(at, value)| memory.set(at, value))
                .unwrap();
            memory.last_words().unwrap().window().map(|window| window.end)
        };
        assert_eq!(end(9, 4, 0, 0), Some(8));
        assert_eq!(end(5, 4, 0, 0), None, "its first execution");
        assert_eq!(end(9, 4, 3, 3), Some(8), "others were repeated");
        assert_eq!(end(9, 4, 4, 3), Some(9));
        assert_eq!(end(5, 4, 4, 3), Some(5));
        assert_eq!(end(9, u64::MAX, 0, 0), None, "there are no windows");
    }
}
