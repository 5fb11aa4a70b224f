//! One worker process at a time: started, spoken to through pipes and shared memory, watched, ended
//! and replaced.

mod answers;
mod calls;
mod ended;
mod error;
mod growth;
mod limits;
mod memory;
mod pipes;
mod process;
mod recent;
mod session;
mod spawn;
mod tables;
mod tail;

pub use ended::{Done, Ended, How};
pub use error::{CallError, StartError};
pub use limits::default_memory_limit;
pub use memory::{CoverageMap, Inputs, Memory};
pub use process::{Control, Setup, Watch, Worker, describe};
pub use session::{Session, Shared};
pub use tables::Tables;
