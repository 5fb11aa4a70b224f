//! The `cargo shakedown` command: builds the fuzz targets of a workspace, and searches with them.
//!
//! A library only so that tests and benchmarks reach the modules; not a public interface.

pub mod build;
pub mod campaign;
pub mod cli;
pub mod commands;
pub mod drive;
pub mod investigate;
pub mod pool;
pub mod postmortem;
pub mod report;
pub mod select;
pub mod store;
mod symbols;
pub mod worker;
