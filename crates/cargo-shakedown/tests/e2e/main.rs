//! End-to-end tests: the real command, real builds and real worker processes.
//!
//! `../README.md` says which test shows what.

mod bad_input;
mod budget;
mod builds;
mod commands;
mod constants;
mod deaths;
mod ends;
mod escapes;
mod foreign;
mod full_disk;
mod guidance;
mod hardening;
mod hostile;
mod interrupts;
mod json;
mod kills;
mod known_inputs;
mod minimization;
mod mount;
mod panics;
mod project;
mod restart;
mod sequences;
mod shortage;
mod stability;
mod torture;
mod typed;
