//! The findings of a target: distinct failures by key, each with its best input.

use std::collections::HashMap;
use std::sync::Arc;

use shakedown_core::failure::Failure;

use super::corpus::Origin;

/// How surely a finding fails when it is run again in a fresh worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not run again: the campaign was stopped first.
    Unconfirmed,
    /// It failed in the same way every time.
    Reproducible,
    /// It failed in some of the runs.
    Flaky {
        /// Runs that failed in the same way.
        failed: u32,
        /// All runs.
        runs: u32,
    },
}

impl Status {
    /// The name used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reproducible => "reproducible",
            Self::Flaky { .. } => "flaky",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flaky { failed, runs } => write!(f, "flaky {failed}/{runs}"),
            other => f.write_str(other.name()),
        }
    }
}

/// A distinct failure.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What makes it distinct.
    pub key: String,
    /// The failure, as last seen on `input`.
    pub failure: Failure,
    /// The smallest input known to cause it, encoded.
    pub input: Arc<[u8]>,
    /// Where the input comes from; a seed's failure is not written again.
    pub origin: Origin,
    /// How often it was met.
    pub count: u64,
    /// How surely it happens again.
    pub status: Status,
    /// Executions of the campaign when it was first met.
    pub execs: u64,
    /// Length of the input when it was first met, in bytes.
    pub found_len: usize,
}

/// All findings of a target, in the order in which they were met.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    by_key: HashMap<String, usize>,
}

impl Findings {
    /// Notes a failure; returns the position of the finding if it is a new one.
    pub(super) fn note(
        &mut self,
        failure: Failure,
        input: &[u8],
        origin: Origin,
        execs: u64,
    ) -> Option<usize> {
        let key = failure.key();
        if let Some(&index) = self.by_key.get(&key) {
            self.list[index].count += 1;
            return None;
        }
        let index = self.list.len();
        self.by_key.insert(key.clone(), index);
        let status = Status::Unconfirmed;
        self.list.push(Finding {
            key,
            failure,
            input: input.into(),
            origin,
            count: 1,
            status,
            execs,
            found_len: input.len(),
        });
        Some(index)
    }

    /// All of them.
    pub(super) fn list(&self) -> &[Finding] {
        &self.list
    }

    /// One of them.
    ///
    /// # Panics
    /// If there is none at this position.
    pub(super) fn get_mut(&mut self, index: usize) -> &mut Finding {
        &mut self.list[index]
    }
}
