//! The campaign, as pure logic: events in, actions out. No I/O, no clock, no randomness but its
//! own seeded generator, so a test can drive it with simulated workers and replay any run.
//!
//! [`Search`] is the state of one target; [`Turns`] shares the time between several.

mod confidence;
mod cost;
mod coverage;
mod entries;
mod event;
mod findings;
mod input;
mod mutators;
mod past;
mod remembered;
mod round;
mod schedule;
mod search;
mod seeds;
mod silence;
#[cfg(test)]
mod simulation;
mod slots;
mod stability;
mod stretch;
mod traced;
mod turns;

pub(crate) use confidence::Confidence;
pub use coverage::Coverage;
pub(crate) use entries::EntryId;
pub use entries::Source;
#[cfg(test)]
pub(crate) use event::Activity;
pub use event::{Action, Drawing, Event, Job, JobResult, SearchConfig, Start};
pub(crate) use event::{
    DEATH, Damage, FailedInput, HANG, Inquiry, Investigated, Phase, Spent, Statistics, Stint,
    Trouble, WorkerStatus,
};
pub(crate) use findings::Finding;
pub use input::{Input, StoredInput};
pub(crate) use mutators::MutatorYield;
pub use past::Visit;
pub(crate) use past::{MAX_SEQUENCE, Past, Ran};
pub use remembered::Remembered;
pub(crate) use round::Lease;
pub use round::execs_of;
pub use search::Search;
pub(crate) use silence::{Enough, Silence};
pub use traced::Traced;
pub(crate) use turns::{Turn, Turns};
