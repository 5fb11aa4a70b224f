//! End-to-end tests: the real command, real builds and real worker processes.
//!
//! `../README.md` says which test shows what. A plain `cargo test` runs those that show most for
//! their time; the feature `slow-tests` adds the others.

mod commands;
mod ends;
mod known_inputs;
#[cfg_attr(not(feature = "slow-tests"), expect(dead_code, reason = "the slow tests use the rest"))]
mod project;
mod typed;

#[cfg(feature = "slow-tests")]
mod bad_input;
#[cfg(feature = "slow-tests")]
mod budget;
#[cfg(feature = "slow-tests")]
mod builds;
#[cfg(feature = "slow-tests")]
mod callers;
#[cfg(feature = "slow-tests")]
mod capture;
#[cfg(feature = "slow-tests")]
mod cargo_fuzz;
mod changes;
#[cfg(feature = "slow-tests")]
mod ci;
#[cfg(feature = "slow-tests")]
mod constants;
#[cfg(feature = "slow-tests")]
mod coverage;
#[cfg(feature = "slow-tests")]
mod deaths;
#[cfg(feature = "slow-tests")]
mod drop_in;
#[cfg(feature = "slow-tests")]
mod escapes;
#[cfg(feature = "slow-tests")]
mod findings;
#[cfg(feature = "slow-tests")]
mod foreign;
#[cfg(feature = "slow-tests")]
mod full_disk;
#[cfg(feature = "slow-tests")]
mod grammar;
#[cfg(feature = "slow-tests")]
mod guidance;
#[cfg(feature = "slow-tests")]
mod guide;
#[cfg(feature = "slow-tests")]
mod hardening;
#[cfg(feature = "slow-tests")]
mod hostile;
#[cfg(feature = "slow-tests")]
mod init;
#[cfg(feature = "slow-tests")]
mod interrupts;
#[cfg(feature = "slow-tests")]
mod json;
#[cfg(feature = "slow-tests")]
mod kills;
#[cfg(feature = "slow-tests")]
mod llvm_cov;
#[cfg(feature = "slow-tests")]
mod migration;
#[cfg(feature = "slow-tests")]
mod minimization;
#[cfg(feature = "slow-tests")]
mod mischief;
#[cfg(feature = "slow-tests")]
mod mount;
#[cfg(feature = "slow-tests")]
mod observed;
#[cfg(feature = "slow-tests")]
mod operations;
#[cfg(feature = "slow-tests")]
mod other_fuzzers;
#[cfg(feature = "slow-tests")]
mod panics;
#[cfg(feature = "slow-tests")]
mod restart;
#[cfg(feature = "slow-tests")]
mod sanitizer;
#[cfg(feature = "slow-tests")]
mod schema;
#[cfg(feature = "slow-tests")]
mod seed_files;
#[cfg(feature = "slow-tests")]
mod sequences;
#[cfg(feature = "slow-tests")]
mod shortage;
#[cfg(feature = "slow-tests")]
mod siege;
#[cfg(feature = "slow-tests")]
mod stability;
#[cfg(feature = "slow-tests")]
mod torture;
#[cfg(all(feature = "slow-tests", feature = "ui"))]
mod ui;
#[cfg(feature = "slow-tests")]
mod untouched;
