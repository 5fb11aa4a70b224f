//! The record that a dying worker leaves in the header of its memory: the signal, the stack, and
//! where a panic last began. The coordinator turns addresses into names; this code only stores
//! numbers, because it may run in a signal handler of a broken program.
#![expect(unsafe_code, reason = "keeps a pointer to shared memory")]

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use crate::process::{fork, unwind};
use shakedown_core::failure::is_standard_place;
use shakedown_core::wire::page::{MAX_FRAMES, Page, WORDS};

/// The header; null in a process that is not a worker.
static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(std::ptr::null_mut());

/// The thread that runs the target; 0 in a process that is not a worker.
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

/// The calling thread, as a number that no other running thread has.
pub(crate) fn current_thread() -> usize {
    // SAFETY: a call without preconditions.
    unsafe { libc::pthread_self() as usize }
}

/// The header; `None` in a copy of the worker, whose end is not recorded.
fn page() -> Option<Page<'static>> {
    let page = PAGE.load(Ordering::Acquire);
    let is_there = !page.is_null() && !fork::is_copy();
    // SAFETY: by the contract of `open` the page stays mapped; it is only touched as atomics.
    is_there.then(|| Page::new(unsafe { &*page.cast::<[AtomicU64; WORDS]>() }))
}

/// Whether to record an exit that the calling thread makes: only if the target made it.
pub(crate) fn is_exit_of_target() -> bool {
    page().is_some_and(|page| page.is_in_target() || is_elsewhere())
}

/// Whether this is not the thread that runs the target and the engine.
fn is_elsewhere() -> bool {
    current_thread() != THREAD.load(Ordering::Relaxed)
}

/// Records a fault and the stack of this thread. The first fault stays: a crash handler may abort,
/// and the crash is what counts. `query` is the signal by which the coordinator asks a
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

/// Records where a panic began, in case it ends the process. A panic that begins in the standard
/// library (because another one may not unwind) does not replace the record of the first.
pub(crate) fn panic_at(location: &str) {
    if let Some(page) = page().filter(|_| !is_standard_place(location)) {
        page.set_panic(location);
    }
}
