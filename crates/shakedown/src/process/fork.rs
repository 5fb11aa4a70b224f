//! Telling the process that serves calls, or replays, from copies of it that the target has made by
//! `fork`. A copy that returns from the target ends at once: it must neither serve calls nor
//! continue with the tests. It leaves no records either: the engine does not investigate what
//! happens to it.
#![expect(unsafe_code, reason = "marks a page that the kernel wipes in copies of the process")]

use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

const ORIGINAL: usize = 1;
const COPY: usize = 0;

/// Says whether this is the original; null in a process that never claimed to be one.
static MARK: AtomicPtr<AtomicUsize> = AtomicPtr::new(ptr::null_mut());

/// The mark, where the kernel has no such pages.
static PLAIN: AtomicUsize = AtomicUsize::new(COPY);

/// Makes this process the original. Copies that are made of it from now on are not.
pub(crate) fn claim() {
    let mut mark = MARK.load(Ordering::Relaxed);
    if mark.is_null() {
        mark = wiped_page().unwrap_or_else(|| {
            // SAFETY: the function has the right signature, and only stores to an atomic.
            unsafe { libc::pthread_atfork(None, None, Some(unmark)) };
            ptr::from_ref(&PLAIN).cast_mut()
        });
        MARK.store(mark, Ordering::Relaxed);
    }
    // SAFETY: both kinds of mark live until the process ends, and are only touched as atomics.
    unsafe { &*mark }.store(ORIGINAL, Ordering::Relaxed);
}

/// Whether this process is a copy of the one that claimed to be the original.
#[inline]
pub(crate) fn is_copy() -> bool {
    let mark = MARK.load(Ordering::Relaxed);
    // SAFETY: as above.
    !mark.is_null() && unsafe { &*mark }.load(Ordering::Relaxed) == COPY
}

/// Ends a copy, leaving everything as it is: no handlers of `exit` run, no buffers are written.
#[cold]
pub(crate) fn end_copy() -> ! {
    // SAFETY: a call without preconditions.
    unsafe { libc::_exit(0) }
}

extern "C" fn unmark() {
    PLAIN.store(COPY, Ordering::Relaxed);
}

/// A page that is full of zeros in every copy of the process, however it was made.
#[cfg(target_os = "linux")]
fn wiped_page() -> Option<*mut AtomicUsize> {
    // The kernel rounds this up to a page.
    let len = size_of::<AtomicUsize>();
    // SAFETY: a fresh mapping at an address that the kernel chooses touches no memory of ours, and
    // the advice is about that mapping alone.
    unsafe {
        let page = libc::mmap(
            ptr::null_mut(),
            len,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        let is_wiped =
            page != libc::MAP_FAILED && libc::madvise(page, len, libc::MADV_WIPEONFORK) == 0;
        is_wiped.then(|| page.cast())
    }
}

#[cfg(not(target_os = "linux"))]
fn wiped_page() -> Option<*mut AtomicUsize> {
    None
}
