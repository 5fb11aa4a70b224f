//! A target that writes in most of its executions: output, logs and files cost more than most code
//! under test.

/// Executions after which a process is judged.
const MIN_EXECS: u64 = 1000;

/// Writes that the engine may need for a call, at most.
const MAX_WRITES_OF_A_CALL: u64 = 4;

/// What a process has run, until it was judged.
#[derive(Debug, Default)]
pub(super) struct Chatter {
    execs: u64,
    calls: u64,
    is_judged: bool,
}

impl Chatter {
    /// Counts a call with its executions.
    pub(super) fn count(&mut self, execs: u64) {
        self.execs += execs;
        self.calls += 1;
    }

    /// Whether the target writes too often, by the number of all writes of the process. True at most
    /// once.
    pub(super) fn is_too_much(&mut self, writes: impl FnOnce() -> Option<u64>) -> bool {
        let is_due = self.execs >= MIN_EXECS && !self.is_judged;
        self.is_judged |= is_due;
        let most = self.execs / 2 + self.calls * MAX_WRITES_OF_A_CALL;
        is_due && writes().is_some_and(|writes| writes > most)
    }
}

/// The number of writes that a process has made so far, to whatever; nothing if that is not known.
pub(super) fn writes(process: u32) -> Option<u64> {
    let io = std::fs::read_to_string(format!("/proc/{process}/io")).ok()?;
    io.lines().find_map(|line| line.strip_prefix("syscw: "))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_process_is_judged_once_and_not_for_the_writes_of_the_engine() {
        let after = |calls: u64, execs: u64| {
            let mut chatter = Chatter::default();
            (0..calls).for_each(|_| chatter.count(execs / calls));
            chatter
        };
        assert!(!after(1, 999).is_too_much(|| Some(999)), "too early");
        assert!(after(10, 1000).is_too_much(|| Some(1000)));
        assert!(!after(10, 1000).is_too_much(|| Some(400)));
        assert!(!after(10, 1000).is_too_much(|| None));
        assert!(!after(1000, 1000).is_too_much(|| Some(4000)), "answers");
        let mut chatter = after(10, 1000);
        assert!(chatter.is_too_much(|| Some(1000)) && !chatter.is_too_much(|| Some(1000)));
    }

    #[test]
    fn every_write_counts() {
        let own = || writes(std::process::id()).expect("the system counts");
        let before = own();
        let mut file = tempfile::tempfile().expect("a file");
        (0..100).for_each(|_| file.write_all(b"x").expect("it can be written"));
        assert!(own() >= before + 100);
    }
}
