//! One worker process at a time: started, spoken to through pipes and shared memory, watched, ended
//! and replaced.

mod answers;
mod control;
mod error;
mod limits;
pub(crate) mod memory;
mod pipes;
mod process;
pub(crate) mod session;
mod setup;
mod spawn;
mod start;
mod tail;
mod watch;

pub use control::Control;
pub use error::{CallError, StartError};
pub use limits::{Limits, MIN_MEMORY, MIN_STACK_SIZE, default_memory_limit};
pub use memory::{CoverageMap, Memory};
pub use process::Worker;
pub use session::{Done, Ended, How, Session};
pub use setup::Setup;
pub use start::greet;
pub use watch::Watch;
