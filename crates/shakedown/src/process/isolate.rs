//! An execution in a process of its own: a copy of the worker runs the target, leaves the result in
//! memory that both share, and ends. If it ends in any other way, the worker ends in the same way.
//! So the coordinator need not know which of them it was: the record, the input and the standard
//! error output are where they always are.
#![expect(unsafe_code, reason = "forks, and shares memory with the copy")]

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use shakedown_core::wire::MAX_FRAME;
use shakedown_core::wire::page::Page;

use crate::process::fork;

/// The copy that runs the target; 0 for none.
static CHILD: AtomicI32 = AtomicI32::new(0);

/// The process that runs the target now, if it is not this one.
pub(crate) fn child() -> Option<libc::pid_t> {
    Some(CHILD.load(Ordering::Relaxed)).filter(|child| *child != 0)
}

/// Where the copies leave their results: a length, the coverage counters, and a message. Only pages
/// that are written to take memory.
pub(crate) struct Isolation {
    area: *mut u8,
    counters: usize,
}

/// Offset of the counters, after the length.
const AT_COUNTERS: usize = 8;

impl Isolation {
    /// For a program with this many counters.
    ///
    /// # Errors
    /// If the system has no more memory.
    pub(crate) fn new(counters: usize) -> io::Result<Self> {
        // SAFETY: a fresh mapping at an address that the kernel chooses touches no memory of ours.
        let area = unsafe {
            libc::mmap(
                ptr::null_mut(),
                AT_COUNTERS + counters + MAX_FRAME,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        match area == libc::MAP_FAILED {
            true => Err(io::Error::last_os_error()),
            false => Ok(Self { area: area.cast(), counters }),
        }
    }

    /// Runs `work` in a copy of this process. It may fill the slice, one byte a counter, and
    /// returns a message, which must not be empty; both are returned here. If the copy does not
    /// finish its work, this function does not return.
    ///
    /// # Errors
    /// If there can be no copy.
    pub(crate) fn run(
        &mut self,
        page: Page<'_>,
        work: impl FnOnce(&mut [u8]) -> Vec<u8>,
    ) -> io::Result<(&[u8], &[u8])> {
        self.len().store(0, Ordering::Relaxed);
        // SAFETY: the copy has only this thread, and continues as an ordinary program would. It
        // needs no lock that another thread may have held at the fork: in a worker the others are
        // parked (the main thread waits for the test), and the C library keeps its allocator usable
        // after a fork.
        let (parent, child) = unsafe { (libc::getpid(), libc::fork()) };
        match child {
            -1 => return Err(io::Error::last_os_error()),
            0 => self.work(parent, work),
            _ => {}
        }
        CHILD.store(child, Ordering::Relaxed);
        page.set_process(child as u64);
        let status = wait(child)?;
        page.set_process(0);
        CHILD.store(0, Ordering::Relaxed);
        let len = self.len().load(Ordering::Acquire) as usize;
        if len == 0 {
            end_likewise(status);
        }
        // SAFETY: the area has room for the counters and a message, and the copy, the only other
        // process that maps it, has ended. Copies of the copy end without touching it.
        Ok(unsafe {
            let counters = self.area.add(AT_COUNTERS);
            let message = counters.add(self.counters);
            (
                std::slice::from_raw_parts(counters, self.counters),
                std::slice::from_raw_parts(message, len.min(MAX_FRAME)),
            )
        })
    }

    /// What the copy does.
    fn work(&mut self, parent: libc::pid_t, work: impl FnOnce(&mut [u8]) -> Vec<u8>) -> ! {
        fork::claim();
        #[cfg(target_os = "linux")]
        // SAFETY: calls without preconditions.
        unsafe {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            if libc::getppid() != parent {
                libc::_exit(0);
            }
        }
        let _ = parent;
        // SAFETY: the parent does not touch the area before this process has ended.
        let counters =
            unsafe { std::slice::from_raw_parts_mut(self.area.add(AT_COUNTERS), self.counters) };
        match catch_unwind(AssertUnwindSafe(|| work(counters))) {
            Ok(message) if message.len() <= MAX_FRAME => {
                // SAFETY: there is room for the message, and no other process touches it now.
                unsafe {
                    let start = self.area.add(AT_COUNTERS + self.counters);
                    ptr::copy_nonoverlapping(message.as_ptr(), start, message.len());
                }
                self.len().store(message.len() as u64, Ordering::Release);
                // SAFETY: a call without preconditions.
                unsafe { libc::_exit(0) }
            }
            _ => std::process::abort(),
        }
    }

    fn len(&self) -> &AtomicU64 {
        // SAFETY: the area is aligned to a page, and its first eight bytes are only touched as an
        // atomic.
        unsafe { &*self.area.cast::<AtomicU64>() }
    }
}

/// Waits for the end of a child; its status.
fn wait(child: libc::pid_t) -> io::Result<i32> {
    let mut status = 0;
    loop {
        // SAFETY: the status is written to a variable that outlives the call.
        if unsafe { libc::waitpid(child, &raw mut status, 0) } == child {
            if !libc::WIFSTOPPED(status) {
                return Ok(status);
            }
            // It has asked to be traced. It goes on as if nobody did, with the signal that stopped it.
            // SAFETY: this request reads no memory of ours.
            unsafe { libc::ptrace(libc::PTRACE_DETACH, child, 0, libc::WSTOPSIG(status)) };
            continue;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Ends this process as a child has ended.
fn end_likewise(status: i32) -> ! {
    if !libc::WIFSIGNALED(status) {
        // SAFETY: a call without preconditions. What `exit` would do has been done by the child.
        unsafe { libc::_exit(libc::WEXITSTATUS(status)) }
    }
    let signal = libc::WTERMSIG(status);
    // SAFETY: the action and the set are initialized before they are passed to the system.
    unsafe {
        // If there is to be a core file, the child has left it already.
        let limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const limit);
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = libc::SIG_DFL;
        libc::sigaction(signal, &raw const action, ptr::null_mut());
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, ptr::null_mut());
        libc::raise(signal);
        // Not reached: the signal ended the child, so it ends this process too.
        libc::abort()
    }
}
