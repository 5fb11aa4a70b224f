//! One worker process at a time: started, spoken to through pipes and shared memory, watched, ended
//! and replaced.

mod answers;
mod error;
mod limits;
pub(crate) mod memory;
mod pipes;
pub(crate) mod process;
pub(crate) mod session;
mod spawn;
mod tail;

pub use error::{CallError, StartError};
pub use limits::default_memory_limit;
pub use memory::{CoverageMap, Memory};
pub use process::{Control, Setup, Watch, Worker, describe};
pub use session::{Done, Ended, How, Session};
