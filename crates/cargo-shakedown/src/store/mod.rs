//! Corpora and findings on disk: the only code that writes their files.
//!
//! Seeds and findings lie in a target's `testdata` folder and belong to people; entries lie in a
//! cache folder and belong to the engine. Every file is written whole or not at all ([`mod@file`]) and
//! named after its content, and none is deleted because it could not be read.

mod cache;
pub mod corpus;
pub mod coverage;
mod entry;
pub mod exchange;
pub mod file;
pub mod findings;
pub mod folder;
pub mod inputs;
mod known;
pub mod lock;
pub mod orphans;
pub mod paths;
pub mod survey;

#[cfg(test)]
pub(crate) mod fixture;
