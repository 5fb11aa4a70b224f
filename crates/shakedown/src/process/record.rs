//! The record that a dying worker leaves in the header of its memory: the signal, the stack, and
//! where a panic last began. The coordinator makes names of the addresses; nothing here does more
//! than store numbers, because it may run in a signal handler of a broken program.
#![expect(unsafe_code, reason = "keeps a pointer to shared memory")]

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use crate::process::{fork, unwind};
use shakedown_core::failure::is_standard_place;
use shakedown_core::wire::page::{
    AT_EXECS, AT_FAULT, AT_FAULT_ADDRESS, AT_FAULT_ELSEWHERE, AT_FRAME_COUNT, AT_FRAMES, AT_PANIC,
    AT_PANIC_EXECS, AT_PANIC_LEN, AT_PHASE, HEADER, MAX_FRAMES, MAX_PANIC, Phase,
};

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
fn page() -> Option<&'static [AtomicU64]> {
    let page = PAGE.load(Ordering::Acquire);
    let is_there = !page.is_null() && !fork::is_copy();
    // SAFETY: by the contract of `open` the page stays mapped; it is only touched as atomics.
    is_there.then(|| unsafe { std::slice::from_raw_parts(page, HEADER / 8) })
}

/// Whether an exit of the calling thread is to be recorded: it is not that of the engine itself.
pub(crate) fn is_exit_of_target() -> bool {
    let is_in_target =
        |page: &[AtomicU64]| page[AT_PHASE / 8].load(Ordering::Relaxed) == Phase::Target as u64;
    page().is_some_and(|page| is_in_target(page) || is_elsewhere())
}

/// Whether this is another thread than that of the target, and of the engine.
fn is_elsewhere() -> bool {
    current_thread() != THREAD.load(Ordering::Relaxed)
}

/// Records a fault and the stack of this thread. The first fault stays: a crash handler may abort,
/// and what it was called for is what counts. `query` is the signal by which the coordinator asks a
/// hanging worker where it is; a fault after that one replaces it.
pub(crate) fn fault(what: u64, address: u64, query: u64) {
    let Some(page) = page() else { return };
    let before = page[AT_FAULT / 8].load(Ordering::Relaxed);
    if before != 0 && before != query {
        return;
    }
    page[AT_FAULT_ELSEWHERE / 8].store(u64::from(is_elsewhere()), Ordering::Relaxed);
    page[AT_FAULT_ADDRESS / 8].store(address, Ordering::Relaxed);
    let mut count = 0;
    unwind::walk(|frame| {
        if count == MAX_FRAMES {
            return ControlFlow::Break(());
        }
        page[AT_FRAMES / 8 + count].store(frame.address() as u64, Ordering::Relaxed);
        count += 1;
        ControlFlow::Continue(())
    });
    page[AT_FRAME_COUNT / 8].store(count as u64, Ordering::Relaxed);
    page[AT_FAULT / 8].store(what, Ordering::Release);
}

/// Records where a panic began, in case it ends the process. Those that the standard library begins
/// (for a panic that may not unwind) follow from another one, whose place says more.
pub(crate) fn panic_at(place: &str) {
    let Some(page) = page().filter(|_| !is_standard_place(place)) else { return };
    let bytes = &place.as_bytes()[..place.len().min(MAX_PANIC)];
    for (field, chunk) in page[AT_PANIC / 8..].iter().zip(bytes.chunks(8)) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        field.store(u64::from_ne_bytes(word), Ordering::Relaxed);
    }
    page[AT_PANIC_LEN / 8].store(bytes.len() as u64, Ordering::Relaxed);
    let execs = page[AT_EXECS / 8].load(Ordering::Relaxed);
    page[AT_PANIC_EXECS / 8].store(execs, Ordering::Relaxed);
}
