//! stub

pub mod build;
pub mod store;
