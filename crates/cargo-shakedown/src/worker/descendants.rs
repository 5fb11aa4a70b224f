//! Processes as the system lists them: who is whose child, and whether one is still the same.

use std::collections::HashMap;

use rustix::process::{Pid, getpid};

/// Processes that were seen below another, each with when it was started: the system gives the number of
/// one that has ended to others.
#[derive(Debug)]
pub(super) struct Descendants {
    seen: HashMap<Pid, u64>,
    since: u64,
}

impl Descendants {
    /// Those that are started from now on.
    pub(super) fn from_now() -> Self {
        let own = Process::all().find(|process| process.id == getpid());
        Self { seen: HashMap::new(), since: own.map_or(0, |own| own.started) }
    }

    /// Takes in all that are below this process and those seen before, and forgets those that have
    /// ended.
    pub(super) fn look(&mut self, root: Option<Pid>) {
        let all: Vec<_> = Process::all().collect();
        let started: HashMap<_, _> =
            all.iter().map(|process| (process.id, process.started)).collect();
        self.seen.retain(|id, known| started.get(id) == Some(known));
        let mut count = usize::MAX;
        while count != self.seen.len() {
            count = self.seen.len();
            for process in all.iter().filter(|process| process.started >= self.since) {
                if Some(process.parent) == root || self.seen.contains_key(&process.parent) {
                    self.seen.insert(process.id, process.started);
                }
            }
        }
    }

    /// Those that were there at the last look.
    pub(super) fn iter(&self) -> impl Iterator<Item = Pid> {
        self.seen.keys().copied()
    }
}

/// What the system says of a process.
struct Process {
    id: Pid,
    parent: Pid,
    /// In the system's own unit of time.
    started: u64,
}

impl Process {
    fn all() -> impl Iterator<Item = Self> {
        let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        all.filter_map(|entry| {
            let id = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
            let stat = std::fs::read(entry.path().join("stat")).ok()?;
            let parent = Pid::from_raw(parent(&stat)?)?;
            Some(Self { id, parent, started: field(&stat, START_FIELD)?.parse().ok()? })
        })
    }
}

/// The number of a field in the `stat` file of a process, after its name: its parent.
const PARENT_FIELD: usize = 1;

/// When it was started.
const START_FIELD: usize = 19;

/// The parent in the `stat` file of a process.
pub(super) fn parent(stat: &[u8]) -> Option<i32> {
    field(stat, PARENT_FIELD)?.parse().ok()
}

/// A field of the `stat` file of a process. The name before them may hold anything.
fn field(stat: &[u8], number: usize) -> Option<&str> {
    let name_end = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(&stat[name_end + 1..]).ok()?;
    rest.split_whitespace().nth(number)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use rustix::process::{Signal, kill_process};

    use super::*;

    #[test]
    fn a_name_does_not_hide_the_parent() {
        assert_eq!(parent(b"7 (a) S 3 (\xff) R 42 7 7"), Some(42));
        assert_eq!(parent(b"7 (sh) S 3 7"), Some(3));
        assert_eq!(parent(b"garbage"), None);
    }

    #[test]
    fn what_was_seen_once_is_known_when_its_parent_is_gone() {
        let script = "setsid env -i sleep 1000 & echo $!; read line";
        let mut shell = Command::new("sh")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let root = Pid::from_child(&shell);
        let mut id = String::new();
        let output = shell.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut id).unwrap();
        let daemon = Pid::from_raw(id.trim().parse().unwrap()).unwrap();
        let mut seen = Descendants::from_now();
        seen.look(Some(root));
        shell.kill().unwrap();
        shell.wait().unwrap();
        seen.look(None);
        assert_eq!(seen.iter().collect::<Vec<_>>(), [daemon]);
        kill_process(daemon, Signal::KILL).unwrap();
    }
}
