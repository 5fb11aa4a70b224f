//! The worker's side of the shared memory: its own memory, of which it may write a part, and the
//! coverage map, which it only reads.
//!
//! Unsafe code lives here so that the rest sees slices and atomics. The contract that makes the
//! slices sound is in [`shakedown_core::wire::layout`]: during a call the memory belongs to the
//! worker, and slices are only made while a call is served. The header is different, the
//! coordinator looks at it at any time, so it is only touched through atomics.
#![expect(unsafe_code, reason = "maps memory that another process writes")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::atomic::AtomicU64;

use shakedown_core::wire::layout::Layout;
use shakedown_core::wire::page::{Page, WORDS};

use crate::process::record;

/// One mapping of a whole file. It stays until the process ends, because handlers of signals and of
/// `exit` use it.
struct Mapping {
    base: *mut u8,
    len: usize,
}

impl Mapping {
    fn new(file: &File, len: usize, protection: i32) -> io::Result<Self> {
        if (file.metadata()?.len() as usize) < len {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the memory is too small"));
        }
        // SAFETY: a fresh mapping at an address that the kernel chooses touches no memory of ours.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                protection,
                libc::MAP_SHARED | libc::MAP_NORESERVE,
                file.as_raw_fd(),
                0,
            )
        };
        match base == libc::MAP_FAILED {
            true => Err(io::Error::last_os_error()),
            false => Ok(Self { base: base.cast(), len }),
        }
    }

    /// Makes the pages between these offsets read-only, so a target that writes there crashes. If
    /// the offsets are not multiples of the system's page size, this does nothing.
    fn protect(&self, from: usize, to: usize) {
        // SAFETY: the range lies within the mapping, and nothing writes to it. If the system
        // refuses, the coordinator still notices a write when the call has ended.
        unsafe { libc::mprotect(self.base.add(from).cast(), to - from, libc::PROT_READ) };
    }

    fn atomics(&self, at: usize, count: usize) -> &[AtomicU64] {
        assert!(at.is_multiple_of(8) && at + count * 8 <= self.len, "within the mapping");
        // SAFETY: the range lies within the mapping (checked), which lives as long as `self`; the
        // start is aligned because mappings begin on pages and `at` is a multiple of 8; all access
        // on our side is through these atomics.
        unsafe { std::slice::from_raw_parts(self.base.add(at).cast(), count) }
    }
}

/// The memory of this worker.
pub(crate) struct Memory {
    mapping: Mapping,
    layout: Layout,
}

/// The regions of the memory, as slices.
pub(crate) struct Regions<'a> {
    /// The entries of the call. This process cannot write to them.
    pub(crate) entries: &'a [u8],
    /// The donors of the call. This process cannot write to them.
    pub(crate) donors: &'a [u8],
    /// Where inputs are made and executed.
    pub(crate) input: &'a mut [u8],
    /// Where coverage is reported.
    pub(crate) snapshot: &'a mut [u8],
    /// What is known of the entries. This process cannot write to it.
    pub(crate) hints: &'a [u8],
    /// The header.
    pub(crate) page: Page<'a>,
}

impl Memory {
    /// Maps the memory behind `file`.
    pub(crate) fn attach(file: &File, layout: Layout) -> io::Result<Self> {
        let mapping = Mapping::new(file, layout.total(), libc::PROT_READ | libc::PROT_WRITE)?;
        let memory = Self { mapping, layout };
        if !memory.page().is_formatted() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the memory is not ours"));
        }
        memory.mapping.protect(layout.entries(), layout.input());
        // SAFETY: the header is mapped and page-aligned, and mappings are never undone.
        unsafe { record::open(memory.mapping.base.cast()) };
        Ok(memory)
    }

    /// The header.
    pub(crate) fn page(&self) -> Page<'_> {
        Page::new(self.mapping.atomics(0, WORDS).try_into().expect("as many as asked for"))
    }

    /// All regions.
    pub(crate) fn regions(&mut self) -> Regions<'_> {
        let layout = self.layout;
        let (capacity, cells) = (layout.capacity, layout.cells());
        let (base, room) = (self.mapping.base, layout.room());
        // SAFETY: the five ranges lie within the mapping, whose size is `layout.total()`, do not
        // overlap each other or the header, and are borrowed for as long as `self` is, mutably.
        // The coordinator keeps away from them during a call.
        unsafe {
            Regions {
                entries: std::slice::from_raw_parts(base.add(layout.entries()), room),
                donors: std::slice::from_raw_parts(base.add(layout.donors()), room),
                input: std::slice::from_raw_parts_mut(base.add(layout.input()), capacity),
                snapshot: std::slice::from_raw_parts_mut(base.add(layout.snapshot()), cells),
                hints: std::slice::from_raw_parts(base.add(layout.hints()), room),
                page: Page::new(&*base.cast()),
            }
        }
    }
}

/// The coverage map that all workers of the target share: for every counter the set of buckets
/// seen. Written by the coordinator alone, at any time, so no reference to its bytes is made: it is
/// handed out as atomics, which the pass over the counters reads as vectors.
pub(crate) struct SeenMap {
    mapping: Mapping,
}

impl SeenMap {
    /// Maps the map behind `file`, for this many counters and cells.
    pub(crate) fn attach(file: &File, cells: usize) -> io::Result<Self> {
        let len = cells.next_multiple_of(8).max(8);
        Ok(Self { mapping: Mapping::new(file, len, libc::PROT_READ)? })
    }

    /// The map, eight counters a word, the first in the lowest byte.
    pub(crate) fn words(&self) -> &[AtomicU64] {
        self.mapping.atomics(0, self.mapping.len / 8)
    }
}
