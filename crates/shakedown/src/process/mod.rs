//! The process of a worker and its death: what it shares with the coordinator, what it leaves behind
//! when it ends, and the copies that are made of it. All unsafe code but that of coverage is here.

pub(crate) mod fault;
pub(crate) mod fork;
pub(crate) mod guard;
pub(crate) mod isolate;
pub(crate) mod record;
pub(crate) mod shared;
pub(crate) mod spawned;
pub(crate) mod unwind;
