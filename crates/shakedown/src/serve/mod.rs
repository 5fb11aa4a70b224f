//! Serving the coordinator: its calls, one after the other, and the executions that they ask for.

mod batch;
mod runner;
mod trial;
pub(crate) mod worker;
