//! The processes: one supervisor thread for each worker, which starts it, talks to it, notices
//! that it hangs or died, finds out why, and replaces it.

mod autopsy;
mod blame;
mod investigate;
mod memory;
mod session;
mod spawn;
mod supervisor;
mod symbols;
mod tail;
mod worker;

pub use blame::{Blame, blame};
pub use investigate::{Budget, investigate};
pub use memory::{CoverageMap, Memory};
pub use session::{Done, Ended, How, Session};
pub use supervisor::{Pool, Report};
pub use worker::{CallError, Control, Setup, StartError, Worker, describe};
