//! How much memory a worker may take: by default what the machine has for each, and how a limit is
//! enforced.

use std::path::Path;

use super::setup::Setup;

/// The limit of a worker, if the machine has enough for all, in bytes.
const USUAL: u64 = 2 << 30;

/// The least limit that is chosen for a worker, in bytes: making a backtrace of a large program
/// takes some.
const LEAST: u64 = 256 << 20;

/// Share of the memory that all workers together may take: so many fifths.
const FIFTHS: u64 = 4;

/// What a process can have resident beside its private memory, in bytes: its program, files that it
/// maps, the memory that it shares with us.
const BESIDE: u64 = 128 << 20;

/// The limits of one process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Limits {
    /// Most private memory, in bytes: an allocation beyond it fails, at its very place. None where
    /// a sanitizer reserves more than any machine has.
    pub(super) data: Option<u64>,
    /// Most resident memory, in bytes: the process is killed soon after. Where private memory is
    /// limited too, this is only a net, and must not be the first to strike.
    pub(super) resident: Option<u64>,
}

impl Limits {
    pub(super) fn of(setup: &Setup) -> Self {
        match setup.program.is_sanitized {
            true => Self { data: None, resident: setup.memory_limit },
            false => Self {
                data: setup.memory_limit,
                resident: setup.memory_limit.map(|limit| limit.saturating_add(BESIDE)),
            },
        }
    }
}

/// The limit of each of `jobs` workers where the user sets none, in bytes.
#[must_use]
pub fn default_memory_limit(jobs: usize) -> u64 {
    share(available(Path::new("/")), jobs)
}

/// The share of each of `jobs` workers in so many bytes.
fn share(available: Option<u64>, jobs: usize) -> u64 {
    let all = available.unwrap_or(u64::MAX) / 5 * FIFTHS;
    (all / jobs.max(1) as u64).clamp(LEAST, USUAL)
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
        assert_eq!(share(None, 8), USUAL);
        assert_eq!(share(Some(64 << 30), 2), USUAL);
        assert_eq!(share(Some(5 << 30), 4), 1 << 30);
        assert_eq!(share(Some(1 << 20), 64), LEAST);
        assert_eq!(share(Some(5 << 30), 0), USUAL);
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
