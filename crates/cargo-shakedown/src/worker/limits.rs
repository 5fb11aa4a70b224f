//! The limits under which a target runs: what the user says, what holds where nothing is said, and
//! how a limit of memory is enforced.

use std::path::Path;
use std::time::Duration;

use shakedown_core::testdata::DEFAULT_TIMEOUT;

/// The memory limit of a worker, if the machine has enough for all, in bytes.
const DEFAULT_MEMORY: u64 = 2 << 30;

/// The least memory limit that is chosen for a worker, in bytes: making a backtrace of a large
/// program takes some.
const MIN_DEFAULT_MEMORY: u64 = 256 << 20;

/// The share of the machine's memory that all workers together may take: numerator, denominator.
const MAX_SHARE: (u64, u64) = (4, 5);

/// What a process can have resident besides its private memory, in bytes: its program, files that it
/// maps, the memory that it shares with us.
const SHARED_ALLOWANCE: u64 = 128 << 20;

/// The least memory limit that can be asked for, in bytes: the program, the test harness, and debug
/// information for a backtrace.
pub(crate) const MIN_MEMORY: u64 = 32 << 20;

/// What the engine itself needs of a stack, in bytes.
pub(crate) const MIN_STACK_SIZE: u64 = 512 << 10;

/// The limits of a worker and of its executions. By default there are none but those that the target
/// sets itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Longest execution, if it is not to be what the target says.
    pub timeout: Option<Duration>,
    /// Most memory of a worker, in bytes.
    pub memory: Option<u64>,
    /// Whether that is what holds where nobody says anything.
    pub is_default_memory: bool,
    /// Longest input that mutation makes, in bytes, if it is not to be what the target says.
    pub max_len: Option<u64>,
    /// Stack of the thread on which the target runs, in bytes, if it is not to be that of any test.
    pub stack_size: Option<u64>,
    /// Run every input in a process of its own.
    pub isolate: bool,
}

impl Limits {
    /// Longest execution.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout.unwrap_or(DEFAULT_TIMEOUT)
    }
}

/// How the memory limit of one process is enforced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct MemoryLimits {
    /// Most private memory, in bytes: an allocation beyond it fails where it is made. None where a
    /// sanitizer reserves more than any machine has.
    pub(super) private: Option<u64>,
    /// Most resident memory, in bytes: the process is killed soon after. Where private memory is
    /// limited too, this is only a net, and must not be the first to strike.
    pub(super) resident: Option<u64>,
}

impl MemoryLimits {
    /// Those of a worker that may take `memory` bytes.
    pub(super) fn new(memory: Option<u64>, is_sanitized: bool) -> Self {
        if is_sanitized {
            return Self { private: None, resident: memory };
        }
        let resident = memory.map(|limit| limit.saturating_add(SHARED_ALLOWANCE));
        Self { private: memory, resident }
    }
}

/// The limit of each of `jobs` workers where the user sets none, in bytes.
#[must_use]
pub(crate) fn default_memory_limit(jobs: usize) -> u64 {
    share(available(Path::new("/")), jobs)
}

/// The limit of each of `jobs` workers where this many bytes are available.
fn share(available: Option<u64>, jobs: usize) -> u64 {
    let (numerator, denominator) = MAX_SHARE;
    let all = available.unwrap_or(u64::MAX) / denominator * numerator;
    (all / jobs.max(1) as u64).clamp(MIN_DEFAULT_MEMORY, DEFAULT_MEMORY)
}

/// The memory that this process and its children may take, in bytes: that of the machine, or less
/// where a control group says so. `root` is the root of the file system.
fn available(root: &Path) -> Option<u64> {
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let machine = read(&root.join("proc/meminfo")).and_then(|text| total(&text));
    let group = read(&root.join("proc/self/cgroup")).and_then(|text| own_group(&text));
    let groups = root.join("sys/fs/cgroup");
    // The path is that of the machine; within a container the mount may begin further down, so that
    // only the topmost folder is there.
    let own = groups.join(group.unwrap_or_default());
    let limits = own
        .ancestors()
        .take_while(|folder| folder.starts_with(&groups))
        .filter_map(|folder| read(&folder.join("memory.max"))?.trim().parse().ok());
    limits.chain(machine).min()
}

/// The size of the memory in `/proc/meminfo`, in bytes.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// The path of the control group of version 2 in `/proc/self/cgroup`, relative to its mount.
fn own_group(cgroup: &str) -> Option<String> {
    let path = cgroup.lines().find_map(|line| line.strip_prefix("0::/"))?;
    // A group outside of our view is shown by a path that climbs.
    (!path.contains("..")).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_share_what_there_is() {
        assert_eq!(share(None, 8), DEFAULT_MEMORY);
        assert_eq!(share(Some(64 << 30), 2), DEFAULT_MEMORY);
        assert_eq!(share(Some(5 << 30), 4), 1 << 30);
        assert_eq!(share(Some(1 << 20), 64), MIN_DEFAULT_MEMORY);
        assert_eq!(share(Some(5 << 30), 0), DEFAULT_MEMORY);
    }

    #[test]
    fn the_tightest_group_counts() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        assert_eq!(available(root.path()), None);
        write("proc/meminfo", "MemTotal:       16 kB\nMemFree: 1 kB\n");
        assert_eq!(available(root.path()), Some(16384));
        write("proc/self/cgroup", "1:name=x:/\n0::/user/session\n");
        write("sys/fs/cgroup/user/session/memory.max", "max\n");
        assert_eq!(available(root.path()), Some(16384));
        write("sys/fs/cgroup/user/memory.max", "9000\n");
        assert_eq!(available(root.path()), Some(9000));
        write("sys/fs/cgroup/memory.max", "8000\n");
        assert_eq!(available(root.path()), Some(8000));
        write("sys/fs/cgroup/user/session/memory.max", "12\n");
        assert_eq!(available(root.path()), Some(12));
        write("proc/self/cgroup", "0::/../elsewhere\n");
        assert_eq!(available(root.path()), Some(8000));
    }
}
