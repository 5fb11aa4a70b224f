//! One worker process at a time: started, spoken to through pipes and shared memory, watched, ended
//! and replaced.

mod answers;
mod calls;
mod chatter;
mod control;
mod descendants;
mod ended;
mod error;
mod growth;
pub(crate) mod guardian;
mod limits;
mod memory;
mod orphans;
mod pipes;
mod process;
mod recent;
mod session;
mod setup;
mod shown;
mod spawn;
mod start;
mod tables;
mod tail;
mod traced;
mod watch;

pub use control::Control;
pub use ended::Done;
pub(crate) use ended::{Ended, How};
pub use error::CallError;
pub use limits::Limits;
pub(crate) use limits::{MIN_MEMORY, MIN_STACK_SIZE, default_memory_limit};
pub use memory::{CallInputs, CoverageMap, Memory};
pub(crate) use orphans::Orphans;
pub use process::Worker;
pub use session::{Session, Shared};
pub use setup::Setup;
pub(crate) use shown::value;
pub use start::greet;
pub(crate) use tables::Tables;
pub use watch::Watch;
