//! The record that a dying worker leaves in the header of its memory: the signal, the stack, and
//! where a panic last began. The coordinator makes names of the addresses; nothing here does more
//! than store numbers, because it may run in a signal handler of a broken program.
#![expect(unsafe_code, reason = "unwinds the stack and keeps a pointer to shared memory")]

use std::ffi::c_void;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use shakedown_core::failure::is_standard_place;
use shakedown_core::layout::{
    AT_EXECS, AT_FAULT, AT_FAULT_ADDRESS, AT_FRAME_COUNT, AT_FRAMES, AT_PANIC, AT_PANIC_EXECS,
    AT_PANIC_LEN, AT_PHASE, HEADER, MAX_FRAMES, MAX_PANIC, Phase,
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
    // SAFETY: a call without preconditions.
    THREAD.store(unsafe { libc::pthread_self() } as usize, Ordering::Relaxed);
    PAGE.store(page, Ordering::Release);
}

/// The thread that runs the target, in a worker.
pub(crate) fn thread() -> Option<libc::pthread_t> {
    let thread = THREAD.load(Ordering::Relaxed);
    (thread != 0).then_some(thread as libc::pthread_t)
}

fn page() -> Option<&'static [AtomicU64]> {
    let page = PAGE.load(Ordering::Acquire);
    // SAFETY: by the contract of `open` the page stays mapped; it is only touched as atomics.
    (!page.is_null()).then(|| unsafe { std::slice::from_raw_parts(page, HEADER / 8) })
}

/// Whether the target is running, as far as the record knows.
pub(crate) fn is_in_target() -> bool {
    page().is_some_and(|page| page[AT_PHASE / 8].load(Ordering::Relaxed) == Phase::Target as u64)
}

/// Records a fault and the stack of this thread. The first fault stays: a crash handler may abort,
/// and what it was called for is what counts. `query` is the signal by which the coordinator asks a
/// hanging worker where it is; a fault after that one replaces it.
///
/// As async-signal-safe as unwinding is: with glibc from 2.35 on it takes no lock; elsewhere a fault
/// within the loader can hang, which the coordinator notices.
pub(crate) fn fault(what: u64, address: u64, query: u64) {
    let Some(page) = page() else { return };
    let before = page[AT_FAULT / 8].load(Ordering::Relaxed);
    if before != 0 && before != query {
        return;
    }
    page[AT_FAULT_ADDRESS / 8].store(address, Ordering::Relaxed);
    let mut stack = Stack { page, count: 0 };
    // SAFETY: the callback matches the type that the unwinder expects, and `stack` outlives the
    // call.
    unsafe { _Unwind_Backtrace(on_frame, (&raw mut stack).cast()) };
    page[AT_FRAME_COUNT / 8].store(stack.count as u64, Ordering::Relaxed);
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

/// A number that is the same for the same stack of calls, in microseconds.
pub(crate) fn stack_hash() -> u64 {
    let mut hasher = DefaultHasher::new();
    // SAFETY: the callback matches the type that the unwinder expects, and `hasher` outlives the
    // call.
    unsafe { _Unwind_Backtrace(on_hashed_frame, (&raw mut hasher).cast()) };
    hasher.finish()
}

extern "C" fn on_hashed_frame(context: *mut Context, argument: *mut c_void) -> i32 {
    let mut before = 0;
    // SAFETY: the argument is the hasher of the running `_Unwind_Backtrace`, and the context is the
    // one that the unwinder has passed.
    unsafe {
        let hasher = &mut *argument.cast::<DefaultHasher>();
        _Unwind_GetIPInfo(context, &raw mut before).hash(hasher);
    }
    NO_REASON
}

struct Stack {
    page: &'static [AtomicU64],
    count: usize,
}

/// Type of the unwinder's state, which is opaque.
#[repr(C)]
struct Context {
    _private: [u8; 0],
}

/// Codes of the Itanium C++ ABI, level I: go on, and stop.
const NO_REASON: i32 = 0;
const END_OF_STACK: i32 = 5;

// Part of the platform's unwinder, which the standard library links.
unsafe extern "C" {
    fn _Unwind_Backtrace(
        callback: extern "C" fn(*mut Context, *mut c_void) -> i32,
        argument: *mut c_void,
    ) -> i32;
    fn _Unwind_GetIPInfo(context: *mut Context, before: *mut i32) -> usize;
}

extern "C" fn on_frame(context: *mut Context, argument: *mut c_void) -> i32 {
    // SAFETY: the argument is the `Stack` of the running `_Unwind_Backtrace`.
    let stack = unsafe { &mut *argument.cast::<Stack>() };
    if stack.count == MAX_FRAMES {
        return END_OF_STACK;
    }
    let mut before = 0;
    // SAFETY: the context is the one that the unwinder has passed.
    let address = unsafe { _Unwind_GetIPInfo(context, &raw mut before) };
    // A return address belongs to what follows the call; one less is in the call. The frame that a
    // signal interrupted is at its instruction already.
    let address = if before == 0 { address.wrapping_sub(1) } else { address };
    stack.page[AT_FRAMES / 8 + stack.count].store(address as u64, Ordering::Relaxed);
    stack.count += 1;
    NO_REASON
}
