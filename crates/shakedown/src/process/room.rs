//! Memory for the engine's own work. The limit under which a worker runs is the target's: where that
//! has taken all of it and panics, there must be some left to tell of it.
#![expect(unsafe_code, reason = "changes a limit of the process")]

/// Does work without the limit of private memory.
pub(crate) fn beyond_the_limit<T>(work: impl FnOnce() -> T) -> T {
    let _lifted = Lifted::new();
    work()
}

/// A limit that is lifted until this is dropped.
struct Lifted(Option<libc::rlimit>);

impl Lifted {
    fn new() -> Self {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the call writes to this one struct.
        let is_known = unsafe { libc::getrlimit(libc::RLIMIT_DATA, &raw mut limit) } == 0;
        let before = Some(limit).filter(|limit| is_known && limit.rlim_cur < limit.rlim_max);
        if before.is_some() {
            set(libc::rlimit { rlim_cur: limit.rlim_max, ..limit });
        }
        Self(before)
    }
}

impl Drop for Lifted {
    fn drop(&mut self) {
        if let Some(limit) = self.0 {
            set(limit);
        }
    }
}

fn set(limit: libc::rlimit) {
    // SAFETY: the call reads this one struct. If it fails, the limit stays as it is.
    unsafe { libc::setrlimit(libc::RLIMIT_DATA, &raw const limit) };
}
