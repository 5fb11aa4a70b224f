//! How surely a failure comes again.

use super::past::MAX_SEQUENCE;

/// How surely a finding fails when it is run again in a fresh worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
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
    /// It failed every time, but only after other inputs in the same process.
    StateDependent {
        /// How many others; at least one.
        after: u64,
    },
}

impl Confidence {
    /// The name used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reproducible => "reproducible",
            Self::Flaky { .. } => "flaky",
            Self::StateDependent { .. } => "state-dependent",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

impl std::fmt::Display for Confidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flaky { failed, runs } => write!(f, "flaky {failed}/{runs}"),
            Self::StateDependent { after } => {
                let inputs = if *after == 1 { "input" } else { "inputs" };
                let kept = match *after < MAX_SEQUENCE as u64 {
                    true => "",
                    false => ", too many to be kept",
                };
                write!(
                    f,
                    "state-dependent: needs {after} other {inputs} before it in the same \
                     process{kept}",
                )
            }
            other => f.write_str(other.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_what_it_takes() {
        let said = |after| Confidence::StateDependent { after }.to_string();
        assert_eq!(said(1), "state-dependent: needs 1 other input before it in the same process");
        assert_eq!(
            said(299),
            "state-dependent: needs 299 other inputs before it in the same process"
        );
        assert!(said(MAX_SEQUENCE as u64).ends_with(" process, too many to be kept"));
        assert_eq!(Confidence::Flaky { failed: 0, runs: 3 }.to_string(), "flaky 0/3");
    }
}
