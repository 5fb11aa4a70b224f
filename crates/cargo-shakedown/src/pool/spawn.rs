//! Starting a process that inherits exactly the descriptors it is meant to, and that cannot
//! outlive its supervisor.
#![expect(unsafe_code, reason = "runs code between fork and exec")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// Starts `command` in a process group of its own with these descriptors inherited under the
/// numbers they have. The kernel kills the process when the calling thread ends, so that no worker
/// survives a coordinator that was killed.
///
/// # Errors
/// If the program cannot be started.
pub(super) fn spawn(command: &mut Command, inherited: &[BorrowedFd<'_>]) -> io::Result<Child> {
    let numbers: Vec<RawFd> = inherited.iter().map(AsRawFd::as_raw_fd).collect();
    command.process_group(0);
    // SAFETY: the closure runs in the child between fork and exec, where only async-signal-safe
    // functions may be called: `fcntl` and `prctl` are, and reading the vector allocates nothing.
    // The numbers are open descriptors, for they are borrowed until the child is started.
    unsafe {
        command.pre_exec(move || {
            for number in &numbers {
                if libc::fcntl(*number, libc::F_SETFD, 0) == -1 {
                    return Err(io::Error::last_os_error());
                }
            }
            #[cfg(target_os = "linux")]
            if libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) == -1 {
                return Err(io::Error::last_os_error());
            }
            Ok(())
        });
    }
    command.spawn()
}
