//! The page of a campaign: what is known of it, made of notices alone, and how a browser gets it: in
//! one file, or live from a server that nobody else can ask.

#[cfg(feature = "ui")]
mod atlas;
mod diff;
#[cfg(feature = "ui")]
mod door;
#[cfg(feature = "ui")]
mod live;
#[cfg(feature = "ui")]
mod metrics;
mod page;
mod series;
#[cfg(feature = "ui")]
mod server;
mod shelf;
mod state;
#[cfg(feature = "ui")]
mod watched;

#[cfg(feature = "ui")]
pub(crate) use atlas::Atlas;
#[cfg(feature = "ui")]
pub(crate) use live::Ui;
pub(crate) use page::{Data, file};
pub(crate) use shelf::Shelf;
pub(crate) use state::State;
