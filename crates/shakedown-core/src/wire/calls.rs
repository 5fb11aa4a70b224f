//! The calls that the coordinator makes, the answers of a worker, and their bytes on the pipes.
//!
//! A frame is a `u32` length and a body; the body is a tag byte and the fields in order: integers
//! little-endian, sequences with a `u32` count. Reading trusts nothing: whatever the bytes are,
//! the result is a message or an error, and memory is only taken for what is really there.

use super::frame::{Cursor, Malformed, Message, Wire, tagged};
use crate::failure::{Failure, Kind};
use crate::hints::Comparison;
use crate::literal::Callee;
use crate::schema::Schema;

/// Version of the calls and answers. Both sides must have the same.
pub const PROTOCOL: u32 = 10;

/// State of the generator: state and increment of [`crate::rng::Rng`].
pub type RngState = (u64, u64);

/// What the coordinator asks of a worker. One at a time, answered in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// The handshake, always first.
    Hello(Hello),
    /// Map the shared memory, whose size is now known. Always second.
    Attach(Attach),
    /// Do nothing.
    Ping,
    /// Add to the tables that visits refer to.
    Learn(Learn),
    /// Run the entry once and leave its coverage in the snapshot region.
    Execute(Execute),
    /// Run variations of entries.
    Fuzz(Fuzz),
    /// Run a part of a visit again.
    Rerun(Rerun),
    /// Look for a smaller input that does the same.
    Minimize(Minimize),
    /// Run the entry once, with a backtrace if it fails.
    Replay(Execute),
}

/// What a worker answers; [`Answer::Internal`] may answer any call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`Call::Hello`].
    Hello(Box<Greeting>),
    /// To [`Call::Attach`], [`Call::Learn`] and [`Call::Ping`].
    Done,
    /// To [`Call::Execute`] and [`Call::Replay`].
    Executed(Executed),
    /// To [`Call::Fuzz`] and [`Call::Rerun`].
    Fuzzed(Fuzzed),
    /// To [`Call::Minimize`].
    Minimized(Minimized),
    /// The call could not be served, through no fault of the target: an internal error.
    Internal(String),
}

/// Declares a struct that travels field by field.
macro_rules! wire_struct {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl Wire for $name {
            fn put(&self, out: &mut Vec<u8>) { $(self.$field.put(out);)* }
            fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
                Ok(Self { $($field: Wire::get(input)?,)* })
            }
        }
    };
}

wire_struct! {
    /// Who calls.
    Hello {
        /// [`PROTOCOL`] of the coordinator.
        protocol: u32,
        /// Version of `cargo-shakedown`.
        version: String,
    }
}

wire_struct! {
    /// Who answers, and everything about the target.
    Greeting {
        /// [`PROTOCOL`] of the worker.
        protocol: u32,
        /// Version of the `shakedown` library.
        version: String,
        /// Id of the target: its path in the test binary.
        target: String,
        /// How it is called in Rust.
        callee: Callee,
        /// Shape of its input.
        schema: Schema,
        /// Number of coverage counters in the program; 0 if it is not instrumented.
        counters: u64,
        /// The seeds of the attribute, encoded.
        seeds: Vec<Vec<u8>>,
        /// `max_len` of the attribute, in bytes of the encoded input (of the bytes themselves if
        /// the input is raw).
        max_len: Option<u64>,
        /// `timeout` of the attribute, in milliseconds.
        timeout_ms: Option<u64>,
    }
}

wire_struct! {
    /// What is needed to map the shared memory, and what holds for the whole campaign.
    Attach {
        /// [`crate::wire::layout::Layout::capacity`].
        capacity: u64,
        /// [`crate::wire::layout::Layout::counters`].
        counters: u64,
        /// Most bytes of an encoded input that mutation may make.
        max_len: u64,
        /// Tokens of the dictionary that was given to the command.
        dictionary: Vec<Vec<u8>>,
        /// Whether every execution is to have a process of its own.
        isolate: bool,
    }
}

wire_struct! {
    /// Which input to run.
    Execute {
        /// Its length in the entry region, in bytes.
        len: u64,
        /// Whether to record what it compares.
        record: bool,
    }
}

wire_struct! {
    #[derive(Default)]
    /// What a worker adds to the ends of the tables that visits refer to. A worker starts with empty
    /// ones.
    Learn {
        /// Tokens that the campaign has learned since it began.
        tokens: Vec<Vec<u8>>,
        /// Weights of the mutators.
        weights: Vec<Vec<u8>>,
    }
}

wire_struct! {
    /// Variations of one entry. They depend on this and on the inputs in the memory alone, so any
    /// worker that has learned as much can make them again.
    Visit {
        /// Length of the entry, in bytes.
        entry_len: u64,
        /// Length of the donor, in bytes; 0 for none.
        donor_len: u64,
        /// Length of the hints, in bytes; 0 for none.
        hints_len: u64,
        /// How many of the tokens learned may be used: the first ones.
        tokens: u32,
        /// Which of the weights learned hold, counted from 1; 0 for those that are built in.
        weights: u8,
        /// Where the generator stands at the start.
        rng: RngState,
        /// How many variations are made.
        execs: u64,
    }
}

wire_struct! {
    /// Visits, one after the other, until there is something to report or a limit is reached. Their
    /// entries lie in the region of entries in the same order, each right behind the one before, and
    /// so do their donors and hints in theirs. Executions are counted through all of them.
    Fuzz {
        /// What to run.
        visits: Vec<Visit>,
        /// Time after which no further chain of mutations is begun, in milliseconds.
        max_ms: u64,
    }
}

wire_struct! {
    /// A part of a visit: the same variations, whatever their coverage. It ends at the first failure
    /// or with the last of them.
    Rerun {
        /// The visit.
        visit: Visit,
        /// The variations before this one, counted from 0, are made but not run.
        from: u64,
    }
}

wire_struct! {
    /// One minimization.
    Minimize {
        /// Length of the input in the entry region, in bytes.
        entry_len: u64,
        /// What a smaller input must still do.
        keep: Keep,
        /// Most executions.
        max_execs: u64,
        /// Most time, in milliseconds.
        max_ms: u64,
    }
}

/// What minimization preserves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// A failure with this [`Failure::key`].
    Failure(String),
    /// At least these features, ascending.
    Features(Vec<u32>),
}

/// What came of one execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The target returned.
    Passed,
    /// The target called `reject`.
    Rejected,
    /// The target failed, and the worker lives on.
    Failed(Failure),
}

wire_struct! {
    /// Result of one execution.
    Executed {
        /// What came of it.
        outcome: Outcome,
        /// What was recorded of it, if that was wanted.
        recorded: Recorded,
        /// Panics that the target has caught.
        caught: Caught,
    }
}

wire_struct! {
    #[derive(Default)]
    /// What is recorded while the gate of the instrumentation is open.
    Recorded {
        /// What was compared: the first ones at each place.
        comparisons: Vec<Comparison>,
        /// How many comparisons there were in all: a measure of the work that does not depend on
        /// the machine.
        work: u64,
    }
}

wire_struct! {
    #[derive(Default)]
    /// Panics that did not leave the target: it caught them, or they ended in a task of its own.
    Caught {
        /// How many.
        count: u64,
        /// The first of them, with its place, if there is any.
        example: String,
    }
}

wire_struct! {
    /// Result of visits, or of a part of one. The last input lies in the input region.
    Fuzzed {
        /// Executions done.
        execs: u64,
        /// How many of them the target rejected.
        rejected: u64,
        /// Why there are no more.
        end: End,
        /// Length of the last input executed, or only made, in bytes.
        input_len: u64,
        /// Where the generator stands in the visit of the last execution.
        rng: RngState,
        /// Which mutators made the last input of the entry, by number, in their order; see
        /// [`crate::mutate::draws::MutatorId`].
        mutators: Vec<u8>,
        /// All comparisons of the visits that stretch an entry; 0 for others, which count none.
        work: u64,
        /// An input that failed after what was later found to be the end.
        late: Option<(Vec<u8>, Failure)>,
        /// Panics that the target has caught.
        caught: Caught,
    }
}

/// Why no more is executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All executions asked for were done.
    Execs,
    /// The time was up.
    Time,
    /// The last input has features that the coverage map lacks; they are in the snapshot region.
    Coverage,
    /// The last input failed.
    Failed(Failure),
}

wire_struct! {
    /// Result of a minimization.
    Minimized {
        /// Executions done.
        execs: u64,
        /// Length of the best input, which lies in the input region, in bytes; nothing if the
        /// original did not do what was to be kept. For features, its coverage is in the snapshot
        /// region.
        len: Option<u64>,
        /// What the best input fails with; nothing if features were kept.
        failure: Option<Failure>,
        /// Whether nothing smaller is left to try.
        complete: bool,
        /// Failures of another key, met on the way, with their inputs.
        others: Vec<(Vec<u8>, Failure)>,
        /// What was recorded of the best input, if features were kept.
        recorded: Recorded,
    }
}

impl Caught {
    /// Adds those of other executions.
    pub fn add(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        if self.example.is_empty() {
            self.example = other.example;
        }
    }
}

impl Message for Call {}
impl Message for Answer {}

/// Protocol and library version in the body of a greeting of any version: they always come first.
/// Nothing if it is not a greeting.
#[must_use]
pub fn greeting_version(body: &[u8]) -> Option<(u32, String)> {
    let mut input = Cursor::new(body.strip_prefix(&[0])?);
    Wire::get(&mut input).ok()
}

impl Wire for Call {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Hello(hello) => tagged(out, 0, hello),
            Self::Attach(attach) => tagged(out, 1, attach),
            Self::Ping => out.push(2),
            Self::Execute(execute) => tagged(out, 3, execute),
            Self::Fuzz(fuzz) => tagged(out, 4, fuzz),
            Self::Minimize(minimize) => tagged(out, 5, minimize),
            Self::Replay(execute) => tagged(out, 6, execute),
            Self::Rerun(rerun) => tagged(out, 7, rerun),
            Self::Learn(learn) => tagged(out, 8, learn),
        }
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(match input.tag()? {
            0 => Self::Hello(Wire::get(input)?),
            1 => Self::Attach(Wire::get(input)?),
            2 => Self::Ping,
            3 => Self::Execute(Wire::get(input)?),
            4 => Self::Fuzz(Wire::get(input)?),
            5 => Self::Minimize(Wire::get(input)?),
            6 => Self::Replay(Wire::get(input)?),
            7 => Self::Rerun(Wire::get(input)?),
            8 => Self::Learn(Wire::get(input)?),
            _ => return Err(Malformed),
        })
    }
}

impl Wire for Answer {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Hello(greeting) => tagged(out, 0, &**greeting),
            Self::Done => out.push(1),
            Self::Executed(executed) => tagged(out, 2, executed),
            Self::Fuzzed(fuzzed) => tagged(out, 3, fuzzed),
            Self::Minimized(minimized) => tagged(out, 4, minimized),
            Self::Internal(message) => tagged(out, 5, message),
        }
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(match input.tag()? {
            0 => Self::Hello(Box::new(Wire::get(input)?)),
            1 => Self::Done,
            2 => Self::Executed(Wire::get(input)?),
            3 => Self::Fuzzed(Wire::get(input)?),
            4 => Self::Minimized(Wire::get(input)?),
            5 => Self::Internal(Wire::get(input)?),
            _ => return Err(Malformed),
        })
    }
}

impl Wire for Keep {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Failure(key) => tagged(out, 0, key),
            Self::Features(features) => tagged(out, 1, features),
        }
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        match input.tag()? {
            0 => Ok(Self::Failure(Wire::get(input)?)),
            1 => Ok(Self::Features(Wire::get(input)?)),
            _ => Err(Malformed),
        }
    }
}

impl Wire for Comparison {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Ints { width, is_const, left, right } => {
                tagged(out, 0, width);
                is_const.put(out);
                left.put(out);
                right.put(out);
            }
            Self::Memory { left, right } => {
                tagged(out, 1, left);
                right.put(out);
            }
            Self::Same(bytes) => tagged(out, 2, bytes),
        }
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(match input.tag()? {
            0 => Self::Ints {
                width: Wire::get(input)?,
                is_const: Wire::get(input)?,
                left: Wire::get(input)?,
                right: Wire::get(input)?,
            },
            1 => Self::Memory { left: Wire::get(input)?, right: Wire::get(input)? },
            2 => Self::Same(Wire::get(input)?),
            _ => return Err(Malformed),
        })
    }
}

impl Wire for Outcome {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Passed => out.push(0),
            Self::Rejected => out.push(1),
            Self::Failed(failure) => tagged(out, 2, failure),
        }
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        match input.tag()? {
            0 => Ok(Self::Passed),
            1 => Ok(Self::Rejected),
            2 => Ok(Self::Failed(Wire::get(input)?)),
            _ => Err(Malformed),
        }
    }
}

impl Wire for End {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Execs => out.push(0),
            Self::Time => out.push(1),
            Self::Coverage => out.push(2),
            Self::Failed(failure) => tagged(out, 3, failure),
        }
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        match input.tag()? {
            0 => Ok(Self::Execs),
            1 => Ok(Self::Time),
            2 => Ok(Self::Coverage),
            3 => Ok(Self::Failed(Wire::get(input)?)),
            _ => Err(Malformed),
        }
    }
}

impl Wire for Kind {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(
            Self::ALL.iter().position(|kind| kind == self).expect("all kinds are listed") as u8
        );
    }
    fn get(input: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Self::ALL.get(usize::from(input.tag()?)).copied().ok_or(Malformed)
    }
}
