//! The campaign, as pure logic: events in, actions out. No I/O, no clock, no randomness but its
//! own seeded generator, so a test can drive it with simulated workers and replay any run.
//!
//! [`Search`] is the state of one target; [`Turns`] shares the time between several.

mod confidence;
mod coverage;
mod entries;
mod event;
mod findings;
mod input;
mod past;
mod remembered;
mod round;
mod schedule;
mod search;
#[cfg(test)]
mod simulation;
mod slots;
mod stability;
mod turns;

pub use confidence::Confidence;
pub use coverage::Coverage;
pub use entries::{EntryId, Source};
pub use event::{
    Action, Damage, Event, FailedInput, Inquiry, Investigated, Job, JobResult, Phase, SearchConfig,
    Start, Statistics, Trouble,
};
pub use findings::Finding;
pub use input::{Input, StoredInput};
pub use past::{MAX_SEQUENCE, Past, Ran, Visit};
pub use remembered::Remembered;
pub use round::{Lease, Round, execs_of};
pub use search::Search;
pub use turns::{Turn, Turns};
