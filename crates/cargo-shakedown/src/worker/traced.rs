//! Threads of a worker that have asked to be traced. Their tracer is the thread that has started the
//! worker: a signal stops them until it says how to go on, and the process has not ended before it
//! has taken notice of the end of each.
#![expect(unsafe_code, reason = "lets go of a thread")]

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// Lets the threads of a child go on as if nobody traced them, and takes notice of those that have
/// ended. To be called by the thread that has started it.
pub(super) fn release(process: Pid) {
    for thread in threads(process) {
        let all = WaitIdOptions::from_bits_retain(libc::__WALL as u32);
        let mut wanted = all | WaitIdOptions::NOHANG | WaitIdOptions::STOPPED;
        // The end of the process itself is not for us to take.
        wanted.set(WaitIdOptions::EXITED, thread != process);
        // Threads that nobody traces are no children, and give an error.
        let status = waitid(WaitId::Pid(thread), wanted).ok().flatten();
        if let Some(signal) = status.and_then(|status| status.trapping_signal()) {
            detach(thread, signal);
        }
    }
}

/// The threads of a process, also of one that has ended and was not waited for.
fn threads(process: Pid) -> impl Iterator<Item = Pid> {
    let folder = std::fs::read_dir(format!("/proc/{}/task", process.as_raw_nonzero()));
    folder.into_iter().flatten().flatten().filter_map(|entry| {
        let number = entry.file_name().to_str()?.parse().ok()?;
        Pid::from_raw(number)
    })
}

/// Ends the trace of a thread that a signal has stopped, and passes the signal on to it.
fn detach(thread: Pid, signal: i32) {
    let thread = thread.as_raw_nonzero().get();
    // SAFETY: this request reads no memory of ours. If the thread is gone, it only fails.
    unsafe { libc::ptrace(libc::PTRACE_DETACH, thread, 0, libc::c_long::from(signal)) };
}
