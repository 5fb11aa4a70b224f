//! The processes: one supervisor thread for each worker, which starts it, talks to it, notices
//! that it hangs or died, finds out why, and replaces it.

mod answers;
mod autopsy;
mod blame;
mod error;
mod investigate;
mod limits;
mod memory;
mod pipes;
mod session;
mod spawn;
mod supervisor;
mod symbols;
mod tail;
mod worker;

pub use blame::{Blame, blame};
pub use error::{CallError, StartError};
pub use investigate::{Budget, investigate};
pub use limits::default_memory_limit;
pub use memory::{CoverageMap, Memory};
pub use session::{Done, Ended, How, Session};
pub use supervisor::{Fetch, Pool, Report};
pub use worker::{Control, Setup, Watch, Worker, describe};
