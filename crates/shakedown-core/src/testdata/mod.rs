//! What both sides know of a target's files and known inputs, so that one finds what the other
//! wrote: the command, which searches, and the library, which replays in `cargo test`.

mod commands;
mod names;
mod role;
mod sha256;

pub use commands::{replay_command, test_command};
pub use names::{folder, folder_name, safe_name, short_hash};
pub use role::Role;
