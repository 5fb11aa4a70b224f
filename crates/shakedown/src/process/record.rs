//! The record that a dying worker leaves in the header of its memory: the signal, the stack, and
//! where a panic last began. The coordinator makes names of the addresses; nothing here does more
//! than store numbers, because it may run in a signal handler of a broken program.
#![expect(unsafe_code, reason = "keeps a pointer to shared memory")]

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use crate::process::{fork, unwind};
use shakedown_core::failure::is_standard_place;
use shakedown_core::wire::page::{MAX_FRAMES, Page, WORDS};

/// The header; null in a process that is no worker.
static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(std::ptr::null_mut());

/// The thread that runs the target; 0 in a process that is no worker.
static THREAD: AtomicUsize = AtomicUsize::new(0);

/// Records into this header from now on; the target runs in the calling thread.
///
/// # Safety
/// It must be a mapped page that stays mapped until the process ends.
pub(crate) unsafe fn open(page: *mut AtomicU64) {
    THREAD.store(current_thread(), Ordering::Relaxed);
    PAGE.store(page, Ordering::Release);
}

/// The thread that runs the target, in a worker.
pub(crate) fn thread() -> Option<libc::pthread_t> {
    let thread = THREAD.load(Ordering::Relaxed);
    (thread != 0).then_some(thread as libc::pthread_t)
}

/// The calling thread, as a number that no other one has meanwhile.
pub(crate) fn current_thread() -> usize {
    // SAFETY: a call without preconditions.
    unsafe { libc::pthread_self() as usize }
}

/// The header; nothing in a copy of the worker, whose end is not what is recorded.
fn page() -> Option<Page<'static>> {
    let page = PAGE.load(Ordering::Acquire);
    let is_there = !page.is_null() && !fork::is_copy();
    // SAFETY: by the contract of `open` the page stays mapped; it is only touched as atomics.
    is_there.then(|| Page::new(unsafe { &*page.cast::<[AtomicU64; WORDS]>() }))
}

/// Whether an exit of the calling thread is to be recorded: it is not that of the engine itself.
pub(crate) fn is_exit_of_target() -> bool {
    page().is_some_and(|page| page.is_in_target() || is_elsewhere())
}

/// Whether this is another thread than that of the target, and of the engine.
fn is_elsewhere() -> bool {
    current_thread() != THREAD.load(Ordering::Relaxed)
}

/// Records a fault and the stack of this thread. The first fault stays: a crash handler may abort,
/// and what it was called for is what counts. `query` is the signal by which the coordinator asks a
/// hanging worker where it is; a fault after that one replaces it.
pub(crate) fn fault(what: u64, address: u64, query: u64) {
    let Some(page) = page().filter(|page| page.fault() == 0 || page.fault() == query) else {
        return;
    };
    let mut count = 0;
    unwind::walk(|frame| {
        if count == MAX_FRAMES {
            return ControlFlow::Break(());
        }
        page.set_frame(count, frame.address() as u64);
        count += 1;
        ControlFlow::Continue(())
    });
    page.set_fault(what, address, is_elsewhere(), count);
}

/// Records where a panic began, in case it ends the process. Those that the standard library begins
/// (for a panic that may not unwind) follow from another one, whose place says more.
pub(crate) fn panic_at(place: &str) {
    if let Some(page) = page().filter(|_| !is_standard_place(place)) {
        page.set_panic(place);
    }
}
