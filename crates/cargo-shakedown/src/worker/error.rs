//! Why a worker did not start, or did not answer, in words for people.

use std::io;
use std::time::Duration;

use super::pipes::Broken;

/// Why a worker could not be started: an error in the set-up, never a finding.
#[derive(Debug)]
pub struct StartError {
    message: String,
    /// Whether someone else killed it, so that another one may start.
    pub(super) was_killed: bool,
}

impl StartError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), was_killed: false }
    }

    /// The same, where someone else may have killed the worker.
    pub(super) fn after(message: String, was_killed: bool) -> Self {
        Self { message, was_killed }
    }
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StartError {}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::new(format!("cannot start a worker: {error}"))
    }
}

/// Why a call was not answered. The process cannot be used afterwards.
#[derive(Debug)]
pub enum CallError {
    /// It ended.
    Died,
    /// It was silent for this long: an execution exceeded the timeout, or the worker does something
    /// that it was not asked to do.
    Hung(Duration),
    /// It used more memory than the limit; how much, in bytes.
    TooBig(u64),
    /// It broke the protocol.
    Garbled(String),
    /// The coordinator wants to end at once.
    Aborted,
}

impl std::fmt::Display for CallError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Died => f.write_str("it ended"),
            Self::Hung(time) => {
                let time =
                    humantime::format_duration(Duration::from_millis(time.as_millis() as u64));
                write!(f, "it did not answer within {time}")
            }
            Self::TooBig(used) => write!(f, "it grew to {} MiB", used >> 20),
            Self::Garbled(reason) => write!(f, "it broke the protocol: {reason}"),
            Self::Aborted => f.write_str("the campaign was stopped"),
        }
    }
}

impl From<Broken> for CallError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Closed => Self::Died,
            Broken::Garbled(reason) => Self::Garbled(reason),
        }
    }
}
