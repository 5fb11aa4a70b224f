//! End-to-end tests: the real command, real builds and real worker processes.
//!
//! `../README.md` says which test shows what.

mod ends;
mod project;
