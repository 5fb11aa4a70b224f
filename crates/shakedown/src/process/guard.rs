//! Memory for the borrowed strings and byte slices of an input while the target runs. Each ends at
//! a guard page, so unsafe code that reads or writes past the end crashes there, for the price of
//! one copy.
//!
//! Under AddressSanitizer, which also sees what lies before the start, each is an allocation of the
//! exact size instead.
#![expect(unsafe_code, reason = "lends memory that ends at a guard page")]

use std::cell::{Cell, RefCell};
use std::io;
use std::ptr;

use shakedown_core::codec::Lender;

/// How many borrowed values of one input are guarded; all others borrow from the input.
const SLOTS: usize = 4;

/// Maximum length of a guarded value: reserved memory counts against the limit of the worker.
const MAX_SLOT_LEN: usize = 1 << 20;

/// Memory for the borrowed values of one input at a time.
#[derive(Debug)]
pub(crate) enum Guard {
    /// Pages that guard.
    Pages(Pages),
    /// Allocations that a sanitizer guards.
    Exact(Exact),
}

impl Guard {
    /// A guard for inputs of up to `capacity` bytes.
    ///
    /// # Errors
    /// If the system has no more memory.
    pub(crate) fn new(capacity: usize) -> io::Result<Self> {
        match has_address_sanitizer() {
            true => Ok(Self::Exact(Exact::default())),
            false => Pages::new(capacity).map(Self::Pages),
        }
    }

    /// Makes room for the next input.
    #[inline]
    pub(crate) fn clear(&mut self) {
        match self {
            Self::Pages(pages) => pages.clear(),
            Self::Exact(exact) => exact.clear(),
        }
    }
}

impl Lender for Guard {
    #[inline]
    fn lend(&self, bytes: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Pages(pages) => pages.lend(bytes),
            Self::Exact(exact) => Some(exact.lend(bytes)),
        }
    }
}

/// One mapping of [`SLOTS`] slots: pages that take memory only when they are written to, and a page
/// without access after each slot.
#[derive(Debug)]
pub(crate) struct Pages {
    base: *mut u8,
    /// Bytes of a slot.
    room: usize,
    /// Bytes of the page behind it.
    page: usize,
    /// The end of the slot to lend next; the end of the mapping if all are lent.
    next_end: Cell<*mut u8>,
}

impl Pages {
    fn new(capacity: usize) -> io::Result<Self> {
        // SAFETY: a call without preconditions.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        let room = capacity.min(MAX_SLOT_LEN).next_multiple_of(page);
        // SAFETY: a fresh mapping at an address that the kernel chooses touches no memory of ours.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                SLOTS * (room + page),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let pages = Self { base: base.cast(), room, page, next_end: Cell::new(ptr::null_mut()) };
        pages.clear();
        for slot in 0..SLOTS {
            // SAFETY: the page lies within the mapping, and nothing was lent yet.
            if unsafe { libc::mprotect(pages.end(slot).cast(), page, libc::PROT_NONE) } == -1 {
                return Err(io::Error::last_os_error());
            }
        }
        Ok(pages)
    }

    /// The end of a slot, where the page without access begins.
    #[inline]
    fn end(&self, slot: usize) -> *mut u8 {
        self.base.wrapping_add(slot * (self.room + self.page) + self.room)
    }

    /// Makes room for the next input.
    #[inline]
    fn clear(&self) {
        self.next_end.set(self.end(0));
    }

    #[inline]
    fn lend(&self, bytes: &[u8]) -> Option<&[u8]> {
        let end = self.next_end.get();
        if end == self.end(SLOTS) || bytes.len() > self.room {
            return None;
        }
        self.next_end.set(end.wrapping_add(self.room + self.page));
        let start = end.wrapping_sub(bytes.len());
        // SAFETY: the slot ends at `end`, and has room for the bytes. It has not been lent since
        // the last clearing, when nothing was borrowed, so nothing refers to it while it is
        // written.
        unsafe {
            copy(bytes, start);
            Some(std::slice::from_raw_parts(start, bytes.len()))
        }
    }
}

/// Copies `bytes`. A `memcpy` branches by the length, which changes from one execution to the next,
/// so the branches are mispredicted. Usual lengths are copied without: as four pieces that overlap.
///
/// # Safety
/// There must be memory for them at `to`, and nothing else may use it.
#[inline]
unsafe fn copy(bytes: &[u8], to: *mut u8) {
    /// Bytes of a vector register on every machine.
    const PIECE: usize = 16;
    let (from, len) = (bytes.as_ptr(), bytes.len());
    // SAFETY: each piece begins at most `len - PIECE` from the start, so it lies within the bytes;
    // the rest is by the contract of this function.
    unsafe {
        if let PIECE..=64 = len {
            let last = len - PIECE;
            let offsets = [0, PIECE.min(last), last.saturating_sub(PIECE), last];
            let pieces = offsets.map(|at| from.add(at).cast::<[u8; PIECE]>().read());
            for (at, piece) in offsets.into_iter().zip(pieces) {
                to.add(at).cast::<[u8; PIECE]>().write(piece);
            }
        } else {
            ptr::copy_nonoverlapping(from, to, len);
        }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and nothing borrows from it any more.
        unsafe { libc::munmap(self.base.cast(), SLOTS * (self.room + self.page)) };
    }
}

/// Allocations of the exact size.
#[derive(Debug, Default)]
pub(crate) struct Exact {
    /// Each from `Box::into_raw`, and only used through this pointer.
    lent: RefCell<Vec<*mut [u8]>>,
}

impl Exact {
    fn lend(&self, bytes: &[u8]) -> &[u8] {
        let copy = Box::into_raw(Box::<[u8]>::from(bytes));
        self.lent.borrow_mut().push(copy);
        // SAFETY: the allocation lives until the next clearing, when nothing may be borrowed.
        unsafe { &*copy }
    }

    fn clear(&mut self) {
        for copy in self.lent.get_mut().drain(..) {
            // SAFETY: it is from `Box::into_raw`, is freed once, and nothing borrows it any more.
            drop(unsafe { Box::from_raw(copy) });
        }
    }
}

impl Drop for Exact {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Whether the program was built with AddressSanitizer, which makes one of its functions part of
/// the program. A weak symbol finds it, since its names are not exported. It is not `__asan_init`:
/// the command takes that name in a program for a sign that it is sanitized.
fn has_address_sanitizer() -> bool {
    let address: usize;
    // SAFETY: reads a word that the linker has made: zero if the function does not exist.
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    unsafe {
        std::arch::asm!(
            ".weak __asan_region_is_poisoned",
            "mov {}, qword ptr [rip + __asan_region_is_poisoned@GOTPCREL]",
            out(reg) address,
            options(nomem, nostack, preserves_flags)
        );
    }
    // SAFETY: as above.
    #[cfg(all(target_os = "linux", target_arch = "aarch64"))]
    unsafe {
        std::arch::asm!(
            ".weak __asan_region_is_poisoned",
            "adrp {0}, :got:__asan_region_is_poisoned",
            "ldr {0}, [{0}, :got_lo12:__asan_region_is_poisoned]",
            out(reg) address,
            options(nomem, nostack, preserves_flags)
        );
    }
    #[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
    {
        address = 0;
    }
    address != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_ends_at_a_page_border_and_holds_what_was_lent() {
        let pages = Pages::new(5000).unwrap();
        for _ in 0..2 {
            let texts = [&b"abc"[..], &[7; 5000], b"", b"d"];
            let lent = texts.map(|text| pages.lend(text).expect("there is room"));
            assert_eq!(lent, texts);
            for bytes in lent {
                assert!((bytes.as_ptr() as usize + bytes.len()).is_multiple_of(pages.page));
            }
            assert_eq!(pages.lend(b"e"), None);
            pages.clear();
        }
        assert_eq!(pages.lend(&vec![0; pages.room + 1]), None);
    }

    #[test]
    fn copies_of_every_length_are_whole() {
        let bytes: Vec<u8> = (1..=200).collect();
        for len in 0..=bytes.len() {
            let mut copied = [0; 256];
            // SAFETY: there is more room than there are bytes.
            unsafe { copy(&bytes[..len], copied[20..].as_mut_ptr()) };
            assert_eq!(copied[20..20 + len], bytes[..len]);
            assert_eq!(copied.iter().filter(|byte| **byte != 0).count(), len);
        }
    }

    #[test]
    fn exact_copies_live_until_they_are_cleared() {
        let mut exact = Exact::default();
        let lent: Vec<&[u8]> = (0..100).map(|byte| exact.lend(&[byte; 3])).collect();
        assert!(lent.iter().zip(0..).all(|(bytes, byte)| **bytes == [byte; 3]));
        exact.clear();
        assert!(exact.lent.get_mut().is_empty());
    }
}
