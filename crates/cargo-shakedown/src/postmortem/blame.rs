//! Who killed a worker: the target, somebody from outside, or the engine itself.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use shakedown_core::failure::{Failure, Kind};
use shakedown_core::wire::page::Phase;

/// How far back the last words of a worker may say why it died, in lines: with a backtrace, that is
/// not in the last ones.
const LAST_LINES: usize = 200;

/// The verdict on the end of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The target did it.
    Target(Failure),
    /// A signal from outside, or an orderly end: no finding. What happened.
    Outside(String),
    /// The engine's own code did it. What happened.
    Engine(String),
}

/// Judges the end of a worker by its exit status, by what it was doing, by whether it ended on
/// another thread than that of the target and the engine, and by the end of its standard error.
#[must_use]
pub(crate) fn blame(status: ExitStatus, phase: Phase, elsewhere: bool, stderr: &str) -> Blame {
    if elsewhere && phase != Phase::Target {
        let how = match status.signal() {
            Some(signal) => format!("crashed by {}", signal_name(signal)),
            None => format!("ended the process with exit status {}", status.code().unwrap_or(-1)),
        };
        let what = format!("a thread that the target left behind {how}");
        return Blame::Outside(describe(&what, stderr));
    }
    if let Some(signal) = status.signal() {
        let name = signal_name(signal);
        return match (is_crash(signal), phase) {
            (true, Phase::Target) => Blame::Target(crash(signal, &name, stderr)),
            (true, Phase::Idle) => Blame::Outside(describe(&format!("{name} while idle"), stderr)),
            (true, Phase::Engine) if ran_out_of_memory(stderr) => {
                Blame::Outside(describe("it ran out of memory outside the target", stderr))
            }
            (true, Phase::Engine) => {
                Blame::Engine(describe(&format!("{name} outside the target"), stderr))
            }
            (false, _) => Blame::Outside(format!("terminated by {name}, which no crash sends")),
        };
    }
    let code = status.code().unwrap_or(-1);
    match (phase, code) {
        (Phase::Target, _) => Blame::Target(Failure {
            kind: Kind::Exit,
            place: String::new(),
            message: format!("the target ended the process with exit status {code}"),
            general: String::new(),
            backtrace: stderr.to_owned(),
        }),
        (Phase::Idle, _) => {
            Blame::Outside(describe(&format!("exit status {code} while idle"), stderr))
        }
        (Phase::Engine, _) => {
            Blame::Engine(describe(&format!("exit status {code} outside the target"), stderr))
        }
    }
}

/// Whether a process was ended by a signal that faulty code does not cause.
pub(crate) fn is_from_outside(status: ExitStatus) -> bool {
    status.signal().is_some_and(|signal| !is_crash(signal))
}

/// Whether an allocation failed. What the target left behind may leave no room for the engine's.
fn ran_out_of_memory(stderr: &str) -> bool {
    let last = stderr.lines().rev().take(LAST_LINES);
    last.into_iter().any(|line| line.starts_with("memory allocation of "))
}

/// What happened, with the last words of the worker if there are any.
pub(crate) fn describe(what: &str, stderr: &str) -> String {
    match stderr.trim() {
        "" => what.to_owned(),
        text => format!("{what}; its last words were:\n{text}"),
    }
}

/// The finding behind a crash signal.
fn crash(signal: i32, name: &str, stderr: &str) -> Failure {
    // What is further up was said in executions before.
    let said = |text: &str| {
        let line = stderr.lines().rev().take(LAST_LINES).find(|line| line.contains(text));
        line.map(str::to_owned)
    };
    let (kind, message) = if said("has overflowed its stack").is_some() {
        (Kind::StackOverflow, "the stack overflowed".to_owned())
    } else if let Some(line) = said("ERROR: AddressSanitizer").or_else(|| said("Sanitizer: ")) {
        (Kind::Sanitizer, line.trim().to_owned())
    } else if let Some(line) = said("memory allocation of ") {
        (Kind::OutOfMemory, line.trim().to_owned())
    } else if signal == libc::SIGABRT {
        let reason = said("panicked at").or_else(|| said("aborting"));
        (Kind::Abort, reason.unwrap_or_else(|| format!("the process was aborted ({name})")))
    } else {
        (Kind::Signal, format!("{name} ({})", meaning(signal)))
    };
    let (place, general) = (String::new(), String::new());
    Failure { kind, place, message, general, backtrace: stderr.to_owned() }
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
        _ => "a signal that ends the process",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_signal(signal: i32, phase: Phase, stderr: &str) -> Blame {
        blame(ExitStatus::from_raw(signal), phase, false, stderr)
    }

    fn by_exit(code: i32, phase: Phase) -> Blame {
        blame(ExitStatus::from_raw(code << 8), phase, false, "")
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
    fn signals_from_outside_are_not() {
        for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGHUP, libc::SIGINT] {
            assert!(matches!(by_signal(signal, Phase::Target, ""), Blame::Outside(_)));
        }
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
        let elsewhere = |status, phase| blame(ExitStatus::from_raw(status), phase, true, "");
        let crashed = "a thread that the target left behind crashed by SIGSEGV";
        for phase in [Phase::Idle, Phase::Engine] {
            assert_eq!(elsewhere(libc::SIGSEGV, phase), Blame::Outside(crashed.into()));
        }
        assert!(matches!(elsewhere(1 << 8, Phase::Engine), Blame::Outside(_)));
        assert!(matches!(elsewhere(libc::SIGSEGV, Phase::Target), Blame::Target(_)));
    }
}
