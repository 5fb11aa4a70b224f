//! Last words: when a signal or `exit` ends the process while an input runs, a replay says which
//! input it was, and a worker leaves a record of the fault and the stack.
//!
//! The handlers pass the signal on to the previous ones, so the standard library's message about a
//! stack overflow and the exit status stay as they were.
#![expect(unsafe_code, reason = "signal handlers")]

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use shakedown_core::QUERY_SIGNAL;
use shakedown_core::wire::page::FAULT_EXIT;

use crate::process::{fork, isolate, record};

/// Signals by which faulty code ends its process.
const FATAL: [i32; 7] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGILL,
    libc::SIGFPE,
    libc::SIGABRT,
    libc::SIGTRAP,
    libc::SIGSYS,
];

/// The status of a test binary with failed tests.
const FAILED_TESTS: i32 = 101;

/// Bytes of stack for the handlers, on the thread of the target.
const HANDLER_STACK_SIZE: usize = 256 << 10;

/// Maximum length of the text, in bytes.
const MAX_TEXT: usize = 1024;

struct Shared<T>(UnsafeCell<T>);

// SAFETY: see the uses: the text is only read up to the length that was published after it was
// written, and the actions are written once, before the handlers that read them are installed.
unsafe impl<T> Sync for Shared<T> {}

static TEXT: Shared<[u8; MAX_TEXT]> = Shared(UnsafeCell::new([0; MAX_TEXT]));
static TEXT_LEN: AtomicUsize = AtomicUsize::new(0);
static BEFORE: Shared<[MaybeUninit<libc::sigaction>; FATAL.len()]> =
    Shared(UnsafeCell::new([const { MaybeUninit::uninit() }; FATAL.len()]));

/// Sets the text to write if a fatal signal arrives from now on; an empty text writes nothing.
///
/// Meant for one thread at a time: a test binary replays its targets under a lock.
pub(crate) fn announce(text: &str) {
    install();
    let len = text.len().min(MAX_TEXT);
    TEXT_LEN.store(0, Ordering::SeqCst);
    // SAFETY: a handler that runs meanwhile reads nothing, for the length is 0.
    unsafe { (&mut *TEXT.0.get())[..len].copy_from_slice(&text.as_bytes()[..len]) };
    TEXT_LEN.store(len, Ordering::SeqCst);
}

/// Installs the handlers, once.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        fork::claim();
        install_handlers();
    });
}

/// Installs the handler for questions of the coordinator, in a worker.
pub(crate) fn install_query() {
    // SAFETY: as for the fatal signals below.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_query as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(QUERY_SIGNAL, &raw const action, std::ptr::null_mut());
    }
}

/// Gives the handlers on the calling thread a stack that is large enough to unwind on. That of the
/// standard library is only meant for one line about the stack that overflowed.
pub(crate) fn widen_stack() {
    // SAFETY: a fresh mapping, which is never unmapped, touches no memory of ours; its first page
    // only loses access. If the system has no memory, the handlers keep the stack that they have.
    unsafe {
        let page = libc::sysconf(libc::_SC_PAGESIZE) as usize;
        let stack = libc::mmap(
            std::ptr::null_mut(),
            page + HANDLER_STACK_SIZE,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        );
        if stack != libc::MAP_FAILED {
            libc::mprotect(stack, page, libc::PROT_NONE);
            let ss_sp = stack.wrapping_byte_add(page);
            let stack = libc::stack_t { ss_sp, ss_flags: 0, ss_size: HANDLER_STACK_SIZE };
            libc::sigaltstack(&raw const stack, std::ptr::null_mut());
        }
    }
}

fn install_handlers() {
    // SAFETY: registering a function with the right signature; a failure only means no last words.
    unsafe { libc::atexit(on_exit) };
    for (index, signal) in FATAL.into_iter().enumerate() {
        // SAFETY: `sigaction` is given a zeroed and then completed action, and space for the
        // previous one that is never freed; the handler makes async-signal-safe calls only.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_signal as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut action.sa_mask);
            let before = (&mut *BEFORE.0.get())[index].as_mut_ptr();
            libc::sigaction(signal, &raw const action, before);
        }
    }
}

/// How much of the text to write: none in a copy of the process, whose end does not count.
fn text_len() -> usize {
    match fork::is_copy() {
        true => 0,
        false => TEXT_LEN.load(Ordering::SeqCst),
    }
}

extern "C" fn on_signal(signal: i32, info: *const libc::siginfo_t, _context: *const libc::c_void) {
    // SAFETY: the kernel passes a valid `info` to handlers installed with `SA_SIGINFO`. Signals
    // that were sent have codes that are not positive, and no address.
    let (is_sent, address) = unsafe { ((*info).si_code <= 0, (*info).si_addr() as u64) };
    record::fault(signal as u64, if is_sent { 0 } else { address }, QUERY_SIGNAL as u64);
    let len = text_len();
    let index = FATAL.iter().position(|fatal| *fatal == signal).unwrap_or(0);
    // The standard library's own handler expects an invalid access that does not overflow the stack
    // to happen again when it returns, so it would swallow a signal that was sent.
    let is_swallowed = is_sent && matches!(signal, libc::SIGSEGV | libc::SIGBUS);
    // Returning runs a faulting instruction again, now under the previous action. A signal that was
    // sent, and a trap, after which the program would go on, are raised again, to be delivered on
    // return.
    let runs_again =
        !is_sent && matches!(signal, libc::SIGSEGV | libc::SIGBUS | libc::SIGILL | libc::SIGFPE);
    // SAFETY: `write`, `sigaction`, `signal` and `raise` are async-signal-safe; the text is
    // complete up to the published length; the previous action was stored before this handler was
    // installed.
    unsafe {
        libc::write(2, TEXT.0.get().cast(), len);
        if is_swallowed {
            libc::signal(signal, libc::SIG_DFL);
        } else {
            libc::sigaction(signal, (&*BEFORE.0.get())[index].as_ptr(), std::ptr::null_mut());
        }
        if !runs_again {
            libc::raise(signal);
        }
    }
}

/// The signal is sent to the process, and the system picks a thread. So it is passed on to the
/// thread of the target, or to the process that runs the target instead of this one.
extern "C" fn on_query(_signal: i32, _info: *const libc::siginfo_t, _context: *const libc::c_void) {
    // SAFETY: async-signal-safe, and the thread of the target lives as long as the worker does.
    unsafe {
        if let Some(child) = isolate::child() {
            libc::kill(child, QUERY_SIGNAL);
            return;
        }
        match record::thread() {
            Some(thread) if libc::pthread_equal(thread, libc::pthread_self()) == 0 => {
                libc::pthread_kill(thread, QUERY_SIGNAL);
            }
            _ => record::fault(QUERY_SIGNAL as u64, 0, QUERY_SIGNAL as u64),
        }
    }
}

/// Runs when the process calls `exit`.
extern "C" fn on_exit() {
    if record::is_exit_of_target() {
        record::fault(FAULT_EXIT, 0, QUERY_SIGNAL as u64);
    }
    let len = text_len();
    if len > 0 {
        // SAFETY: the text is complete up to the published length. A target that exits in a replay
        // has failed, whatever status it chose: a test run must not end green by it.
        unsafe {
            libc::write(2, TEXT.0.get().cast(), len);
            libc::_exit(FAILED_TESTS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signal_of_core_is_that_of_the_platform() {
        assert_eq!(QUERY_SIGNAL, libc::SIGUSR2);
    }
}
