//! Who killed a worker: the target, somebody from outside, or the engine itself.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use shakedown_core::failure::{Caller, Failure, Kind};
use shakedown_core::wire::page::{DeathRecord, MAX_FRAMES, Phase};

/// How far back the last words of a worker may say why it aborted, in lines: with a backtrace, that
/// is not in the last ones.
const LAST_LINES: usize = 200;

/// How the standard library begins to say that it ends the process for want of memory.
const FAILED_ALLOCATION: &str = "memory allocation of ";

/// The verdict on the end of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The target did it.
    Target(Failure),
    /// The target did it if it comes again: others send such signals, too, and memory may be short
    /// because of what ran before.
    Unclear(Failure),
    /// A signal from outside, or an orderly end: no finding. What happened.
    Outside(String),
    /// The engine's own code did it. What happened.
    Engine(String),
}

/// What is known of the end of a worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End<'a> {
    /// Its exit status.
    pub(crate) status: ExitStatus,
    /// What it was doing.
    pub(crate) phase: Phase,
    /// What it recorded in this call.
    pub(crate) record: &'a DeathRecord,
    /// Whether its stack shows that an allocation had failed; nothing if it is not known.
    pub(crate) is_allocation: Option<bool>,
    /// The end of its standard error.
    pub(crate) stderr: &'a str,
}

/// Judges the end of a worker.
#[must_use]
pub(crate) fn blame(end: &End<'_>) -> Blame {
    let End { status, phase, stderr, .. } = *end;
    if end.record.is_elsewhere && phase != Phase::Target {
        return Blame::Outside(left_behind(status, stderr));
    }
    let Some(signal) = status.signal() else { return exited(status.code(), phase, stderr) };
    let name = signal_name(signal);
    match (is_crash(signal), phase) {
        (true, Phase::Target) => Blame::Target(crash(signal, &name, end)),
        (false, Phase::Target) => Blame::Unclear(by_signal(signal, &name, stderr)),
        (_, Phase::Engine) if end.ran_out_of_memory() => Blame::Unclear(out_of_memory(stderr)),
        (false, _) => Blame::Outside(format!("terminated by {name}, which no crash sends")),
        (true, Phase::Idle) => Blame::Outside(describe(&format!("{name} while idle"), stderr)),
        (true, Phase::Engine) => {
            Blame::Engine(describe(&format!("{name} outside the target"), stderr))
        }
    }
}

/// What a thread did that the target has left behind.
fn left_behind(status: ExitStatus, stderr: &str) -> String {
    let how = match status.signal() {
        Some(signal) => format!("crashed by {}", signal_name(signal)),
        None => format!("ended the process with exit status {}", status.code().unwrap_or(-1)),
    };
    describe(&format!("a thread that the target left behind {how}"), stderr)
}

fn exited(code: Option<i32>, phase: Phase, stderr: &str) -> Blame {
    let code = code.unwrap_or(-1);
    match phase {
        Phase::Target => Blame::Target(Failure {
            kind: Kind::Exit,
            place: String::new(),
            message: format!("the target ended the process with exit status {code}"),
            caller: Caller::Unknown,
            backtrace: stderr.to_owned(),
        }),
        Phase::Idle => Blame::Outside(describe(&format!("exit status {code} while idle"), stderr)),
        Phase::Engine => {
            Blame::Engine(describe(&format!("exit status {code} outside the target"), stderr))
        }
    }
}

/// Whether a process was ended by a signal that faulty code does not cause.
pub(crate) fn is_from_outside(status: ExitStatus) -> bool {
    status.signal().is_some_and(|signal| !is_crash(signal))
}

impl End<'_> {
    /// Whether an allocation failed. What was said may be cut, or be from an execution before, so
    /// the stack decides where it is known.
    fn ran_out_of_memory(&self) -> bool {
        let was_said = || self.stderr.lines().any(|line| line.starts_with(FAILED_ALLOCATION));
        self.status.signal() == Some(libc::SIGABRT) && self.is_allocation.unwrap_or_else(was_said)
    }

    /// Whether the standard library aborted because the stack overflowed: it does so in the handler
    /// of another signal.
    fn overflowed_its_stack(&self) -> bool {
        let was_said = || self.stderr.contains("has overflowed its stack");
        self.status.signal() == Some(libc::SIGABRT)
            && match i32::try_from(self.record.fault) {
                Ok(libc::SIGSEGV | libc::SIGBUS) => {
                    was_said() || self.record.frames.len() == MAX_FRAMES
                }
                Ok(0) => was_said(),
                _ => false,
            }
    }
}

/// The failure behind an allocation that failed.
pub(crate) fn out_of_memory(stderr: &str) -> Failure {
    let is_it = |line: &&str| line.starts_with(FAILED_ALLOCATION) && line.ends_with("failed");
    let line = stderr.lines().rev().find(is_it);
    Failure {
        kind: Kind::OutOfMemory,
        place: String::new(),
        message: line.unwrap_or("memory allocation failed").trim().to_owned(),
        caller: Caller::Unknown,
        backtrace: stderr.to_owned(),
    }
}

/// The failure behind a signal that ended the process.
fn by_signal(signal: i32, name: &str, stderr: &str) -> Failure {
    Failure {
        kind: Kind::Signal,
        place: String::new(),
        message: format!("{name} ({})", meaning(signal)),
        caller: Caller::Unknown,
        backtrace: stderr.to_owned(),
    }
}

/// What happened, with the last words of the worker if there are any.
pub(crate) fn describe(what: &str, stderr: &str) -> String {
    match stderr.trim() {
        "" => what.to_owned(),
        text => format!("{what}; its last words were:\n{text}"),
    }
}

/// The finding behind a crash signal.
fn crash(signal: i32, name: &str, end: &End<'_>) -> Failure {
    let stderr = end.stderr;
    // What is further up was said in executions before.
    let said = |text: &str| {
        let line = stderr.lines().rev().take(LAST_LINES).find(|line| line.contains(text));
        line.map(str::to_owned)
    };
    let (kind, message) = if end.overflowed_its_stack() {
        (Kind::StackOverflow, "the stack overflowed".to_owned())
    } else if let Some(message) = sanitizer_message(stderr) {
        (Kind::Sanitizer, message)
    } else if let Some(line) = said("Sanitizer: ") {
        (Kind::Sanitizer, line.trim().to_owned())
    } else if end.ran_out_of_memory() {
        return out_of_memory(stderr);
    } else if signal == libc::SIGABRT {
        let reason = said("panicked at").or_else(|| said("aborting"));
        (Kind::Abort, reason.unwrap_or_else(|| format!("the process was aborted ({name})")))
    } else {
        return by_signal(signal, name, stderr);
    };
    Failure {
        kind,
        place: String::new(),
        message,
        caller: Caller::Unknown,
        backtrace: stderr.to_owned(),
    }
}

/// What AddressSanitizer has found, without what differs from process to process.
fn sanitizer_message(stderr: &str) -> Option<String> {
    const ERROR: &str = "ERROR: AddressSanitizer: ";
    // What is further up was said in executions before.
    let at = stderr.rfind(ERROR)?;
    let mut lines = stderr[at + ERROR.len()..].lines();
    let what = lines.next()?;
    let what = what.split(" on ").next().unwrap_or(what).split(": ").next().unwrap_or(what);
    let access = lines.next().and_then(|line| line.split(" at ").next()).map(str::trim);
    match access.filter(|access| access.starts_with("READ") || access.starts_with("WRITE")) {
        Some(access) => Some(format!("{what}, {access}")),
        None => Some(what.trim().to_owned()),
    }
}

/// Whether faulty code ends its process by this signal.
fn is_crash(signal: i32) -> bool {
    matches!(
        signal,
        libc::SIGSEGV
            | libc::SIGBUS
            | libc::SIGILL
            | libc::SIGFPE
            | libc::SIGABRT
            | libc::SIGTRAP
            | libc::SIGSYS
            | libc::SIGPIPE
            | libc::SIGXCPU
            | libc::SIGXFSZ
            | libc::SIGALRM
    )
}

fn signal_name(signal: i32) -> String {
    signal_hook::low_level::signal_name(signal).map_or(format!("signal {signal}"), str::to_owned)
}

fn meaning(signal: i32) -> &'static str {
    match signal {
        libc::SIGSEGV => "invalid memory reference",
        libc::SIGBUS => "access beyond the end of a mapped file, or misaligned",
        libc::SIGILL => "illegal instruction",
        libc::SIGFPE => "arithmetic error",
        libc::SIGTRAP => "breakpoint, or a trap of the compiler",
        libc::SIGSYS => "forbidden system call",
        libc::SIGPIPE => "write to a pipe that nobody reads",
        libc::SIGKILL => "sent by the target, or by the system for want of memory",
        _ => "a signal that ends the process",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(status: i32, phase: Phase, stderr: &str, record: &DeathRecord) -> Blame {
        let status = ExitStatus::from_raw(status);
        blame(&End { status, phase, record, is_allocation: None, stderr })
    }

    fn by_signal(signal: i32, phase: Phase, stderr: &str) -> Blame {
        judge(signal, phase, stderr, &DeathRecord::default())
    }

    fn by_exit(code: i32, phase: Phase) -> Blame {
        by_signal(code << 8, phase, "")
    }

    fn fault(signal: i32) -> DeathRecord {
        DeathRecord { fault: signal as u64, ..DeathRecord::default() }
    }

    #[track_caller]
    fn check_finding(blame: Blame, kind: Kind, message: &str) {
        match blame {
            Blame::Target(failure) => {
                assert_eq!((failure.kind, failure.message.as_str()), (kind, message));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_a_sanitizer_has_found_is_told_without_addresses() {
        let report = "=====\n==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x7b at pc 0x5 bp \
             0x1 sp 0x2\nREAD of size 1 at 0x7b thread T3\n    #0 0x5  (/x+0x5)\n";
        let said = |text: &str| sanitizer_message(text);
        assert_eq!(said(report), Some("heap-use-after-free, READ of size 1".into()));
        let double =
            "==7==ERROR: AddressSanitizer: attempting double-free on 0x60 in thread T1:\n    #0";
        assert_eq!(said(double), Some("attempting double-free".into()));
        let huge = "==7==ERROR: AddressSanitizer: requested allocation size 0xfff exceeds\n";
        assert_eq!(said(huge), Some("requested allocation size 0xfff exceeds".into()));
        assert_eq!(said("thread 'x' panicked"), None);
        let Blame::Target(failure) = by_signal(libc::SIGABRT, Phase::Target, report) else {
            panic!("it is the target's");
        };
        assert_eq!(failure.kind, Kind::Sanitizer);
    }

    #[test]
    fn crash_signals_in_the_target_are_findings() {
        let target = Phase::Target;
        check_finding(
            by_signal(libc::SIGSEGV, target, ""),
            Kind::Signal,
            "SIGSEGV (invalid memory reference)",
        );
        check_finding(
            by_signal(libc::SIGABRT, target, ""),
            Kind::Abort,
            "the process was aborted (SIGABRT)",
        );
        let overflow = "noise\nthread 'main' has overflowed its stack\nfatal runtime error\n";
        check_finding(
            by_signal(libc::SIGABRT, target, overflow),
            Kind::StackOverflow,
            "the stack overflowed",
        );
        check_finding(
            by_signal(libc::SIGABRT, target, "memory allocation of 99 bytes failed\n"),
            Kind::OutOfMemory,
            "memory allocation of 99 bytes failed",
        );
    }

    #[test]
    fn any_exit_during_an_execution_is_a_finding() {
        for code in [0, 1, 70, 77] {
            check_finding(
                by_exit(code, Phase::Target),
                Kind::Exit,
                &format!("the target ended the process with exit status {code}"),
            );
        }
    }

    #[test]
    fn what_is_said_counts_only_as_far_as_the_record_allows() {
        let overflow = "thread 'main' has overflowed its stack\n";
        let kind =
            |stderr: &str, record: DeathRecord| match judge(6, Phase::Target, stderr, &record) {
                Blame::Target(failure) => failure.kind,
                other => panic!("{other:?}"),
            };
        assert_eq!(kind(overflow, fault(libc::SIGSEGV)), Kind::StackOverflow);
        assert_eq!(kind(overflow, fault(libc::SIGABRT)), Kind::Abort, "said before");
        let deep = DeathRecord { frames: vec![1; MAX_FRAMES], ..fault(libc::SIGSEGV) };
        assert_eq!(kind("", deep), Kind::StackOverflow, "nothing can be said any more");
        assert_eq!(kind("", fault(libc::SIGSEGV)), Kind::Abort);
    }

    #[test]
    fn the_stack_tells_whether_an_allocation_failed() {
        let said = "memory allocation of 99 bytes failed\n";
        let record = fault(libc::SIGABRT);
        let status = ExitStatus::from_raw(libc::SIGABRT);
        let end = |is_allocation, stderr| {
            blame(&End { status, phase: Phase::Target, record: &record, is_allocation, stderr })
        };
        check_finding(end(Some(true), ""), Kind::OutOfMemory, "memory allocation failed");
        let long = format!("{said}{}", "  10: frame\n".repeat(LAST_LINES * 2));
        check_finding(end(Some(true), &long), Kind::OutOfMemory, said.trim());
        check_finding(end(None, &long), Kind::OutOfMemory, said.trim());
        let aborted = "the process was aborted (SIGABRT)";
        check_finding(end(Some(false), said), Kind::Abort, aborted);
    }

    #[test]
    fn what_others_can_do_is_the_target_s_only_if_it_comes_again() {
        for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGHUP, libc::SIGINT, libc::SIGUSR1, 40]
        {
            assert!(matches!(by_signal(signal, Phase::Target, ""), Blame::Unclear(_)));
            assert!(matches!(by_signal(signal, Phase::Engine, ""), Blame::Outside(_)));
        }
        let said = "memory allocation of 99 bytes failed\n";
        let short = by_signal(libc::SIGABRT, Phase::Engine, said);
        assert!(matches!(short, Blame::Unclear(failure) if failure.kind == Kind::OutOfMemory));
        assert!(matches!(by_exit(0, Phase::Idle), Blame::Outside(_)));
    }

    #[test]
    fn what_happens_outside_the_target_is_ours() {
        assert!(matches!(by_exit(70, Phase::Engine), Blame::Engine(_)));
        assert!(matches!(by_exit(0, Phase::Engine), Blame::Engine(_)));
        assert!(matches!(by_signal(libc::SIGSEGV, Phase::Engine, ""), Blame::Engine(_)));
    }

    #[test]
    fn threads_that_the_target_left_behind_are_no_error_of_ours() {
        let record = DeathRecord { is_elsewhere: true, ..DeathRecord::default() };
        let elsewhere = |status, phase| judge(status, phase, "", &record);
        let crashed = "a thread that the target left behind crashed by SIGSEGV";
        for phase in [Phase::Idle, Phase::Engine] {
            assert_eq!(elsewhere(libc::SIGSEGV, phase), Blame::Outside(crashed.into()));
        }
        assert!(matches!(elsewhere(1 << 8, Phase::Engine), Blame::Outside(_)));
        assert!(matches!(elsewhere(libc::SIGSEGV, Phase::Target), Blame::Target(_)));
    }
}
