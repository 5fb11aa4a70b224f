//! Failures on the wire: their bytes, and which of them an answer tells of.

use super::calls::{Answer, End, Executed, Fuzzed, Minimized, Outcome};
use super::frame::{Cursor, Malformed, Wire};
use crate::failure::{Caller, Failure};

impl Answer {
    /// All failures in it, to complete them.
    pub fn failures_mut(&mut self) -> Vec<&mut Failure> {
        match self {
            Self::Executed(Executed { outcome: Outcome::Failed(failure), .. }) => vec![failure],
            Self::Fuzzed(Fuzzed { end, late, .. }) => {
                let failed = if let End::Failed(failure) = end { Some(failure) } else { None };
                let late = late.as_mut().map(|(_, failure)| failure);
                failed.into_iter().chain(late).collect()
            }
            Self::Minimized(Minimized { failure, others, .. }) => {
                failure.iter_mut().chain(others.iter_mut().map(|(_, other)| other)).collect()
            }
            Self::Hello(_) | Self::Done | Self::Executed(_) | Self::Internal(_) => Vec::new(),
        }
    }
}

/// Only addresses travel: names are made by the coordinator.
impl Wire for Caller {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Stack(addresses) => addresses.put(out),
            Self::Unknown | Self::Place(_) => Vec::<u64>::new().put(out),
        }
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self::on_stack(Wire::get(input)?))
    }
}

impl Wire for Failure {
    fn put(&self, out: &mut Vec<u8>) {
        self.kind.put(out);
        self.place.put(out);
        self.message.put(out);
        self.caller.put(out);
        self.backtrace.put(out);
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            kind: Wire::get(input)?,
            place: Wire::get(input)?,
            message: Wire::get(input)?,
            caller: Wire::get(input)?,
            backtrace: Wire::get(input)?,
        })
    }
}
