//! The threads that look after the workers of a target: one supervisor for each, which carries out
//! its jobs.

mod supervisor;

pub use supervisor::{Fetch, FromWorker, Pool};
