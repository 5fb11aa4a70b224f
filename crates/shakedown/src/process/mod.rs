//! The process of a worker and its death: what it shares with the coordinator, what it leaves
//! behind when it ends, and copies of it. All unsafe code is here and in `coverage`.

pub(crate) mod fault;
pub(crate) mod fork;
pub(crate) mod guard;
pub(crate) mod isolate;
pub(crate) mod lent;
pub(crate) mod record;
pub(crate) mod room;
pub(crate) mod shared;
pub(crate) mod spawned;
pub(crate) mod unwind;
