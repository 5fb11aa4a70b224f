//! What both sides know of a target's files and known inputs, so that one finds what the other
//! wrote: the command, which searches, and the library, which replays in `cargo test`.

mod commands;
mod glob;
mod names;
mod role;
mod seed_files;
mod sha256;

pub use commands::{replay_command, test_command};
pub use names::{
    ROOT, folder, folder_name, program_folders, safe_name, short_hash, written_seed_name,
};
pub use role::Role;
pub use seed_files::{Item, ItemKind, MAX_SEED_FILE, SeedFiles, seed_files, seed_patterns};

use std::time::Duration;

/// The longest execution, if neither the target nor the user says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest input that mutation makes, if neither says otherwise, in bytes. Stacks of 2 MiB
/// overflow at 4 to 64 kB of nesting, in known bugs of parsers.
pub const DEFAULT_MAX_LEN: u64 = 1 << 16;

/// The same for a program for a drop-in, in bytes: what libFuzzer makes at most without longer seeds.
/// Such targets were written for that; some take seconds for more.
pub const PROGRAM_MAX_LEN: u64 = 1 << 12;

/// The largest file that is read as an input, in bytes: what is longer is a mistake, or an attack on
/// the memory.
pub const MAX_FILE: u64 = 1 << 30;

/// What people call the seed of the attribute at this index, which counts from 0.
#[must_use]
pub fn seed_name(index: usize) -> String {
    format!("seed number {} of the attribute", index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_counted_from_one() {
        assert_eq!(seed_name(0), "seed number 1 of the attribute");
    }
}
