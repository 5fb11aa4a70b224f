//! Corpora and findings on disk: the only code that writes their files.
//!
//! Seeds and findings lie in a target's `testdata` folder and belong to people; entries lie in a
//! cache folder and belong to the engine. Every file is written whole or not at all ([`mod@file`]) and
//! named after its content, and none is deleted because it could not be read.

mod cache;
pub(crate) mod corpus;
pub(crate) mod coverage;
mod entry;
pub(crate) mod exchange;
pub(crate) mod file;
pub(crate) mod findings;
pub(crate) mod folder;
pub(crate) mod foreign;
pub(crate) mod history;
pub(crate) mod inputs;
mod known;
pub(crate) mod lineage;
pub(crate) mod lock;
pub(crate) mod open;
pub(crate) mod orphans;
pub(crate) mod paths;
pub(crate) mod patterns;
pub(crate) mod seed;
pub(crate) mod survey;

#[cfg(test)]
pub(crate) mod fixture;
