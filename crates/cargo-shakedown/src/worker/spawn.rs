//! Starting a process that inherits exactly the descriptors it is meant to, and that cannot
//! outlive its supervisor.
#![expect(unsafe_code, reason = "runs code between fork and exec")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// Starts `command` in a process group of its own with these descriptors inherited under the
/// numbers they have, and with at most `data` bytes of private memory. The kernel kills the process
/// when the calling thread ends, so that no worker survives a coordinator that was killed.
///
/// # Errors
/// If the program cannot be started.
pub(super) fn spawn(
    command: &mut Command,
    inherited: &[BorrowedFd<'_>],
    data: Option<u64>,
) -> io::Result<Child> {
    let numbers: Vec<RawFd> = inherited.iter().map(AsRawFd::as_raw_fd).collect();
    command.process_group(0);
    // SAFETY: the closure runs in the child between fork and exec, where only async-signal-safe
    // functions may be called: `fcntl`, `signal`, `prctl`, `getrlimit` and `setrlimit` are, and reading
    // the vector allocates nothing. The numbers are open descriptors, for they are borrowed until the
    // child is started.
    unsafe {
        command.pre_exec(move || {
            for number in &numbers {
                if libc::fcntl(*number, libc::F_SETFD, 0) == -1 {
                    return Err(io::Error::last_os_error());
                }
            }
            // A shell has these ignored in what it runs in the background, and so would the target.
            for signal in [libc::SIGINT, libc::SIGQUIT] {
                libc::signal(signal, libc::SIG_DFL);
            }
            #[cfg(target_os = "linux")]
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) == -1 {
                return Err(io::Error::last_os_error());
            }
            data.map_or(Ok(()), limit_data)
        });
    }
    command.spawn()
}

/// Limits the private memory of this process and of those that it starts: an allocation beyond it
/// fails. Async-signal-safe.
fn limit_data(bytes: u64) -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the calls read and write this one struct.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_DATA, &raw mut limit) == -1 {
            return Err(io::Error::last_os_error());
        }
        limit.rlim_cur = limit.rlim_cur.min(bytes as libc::rlim_t);
        if libc::setrlimit(libc::RLIMIT_DATA, &raw const limit) == -1 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}
