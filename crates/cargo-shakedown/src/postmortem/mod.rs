//! What an end of a worker means: who is to blame for it, and what it left behind says about it.

pub(crate) mod autopsy;
pub(crate) mod blame;
