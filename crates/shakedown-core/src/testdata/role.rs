//! What a file in a folder of inputs is for, as far as its name says.

use std::ffi::OsStr;

use crate::known::KNOWN_FILE;

/// What a regular file in a folder of inputs is for; of folders, pipes and the like nothing is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An input, or a sequence of them.
    Input,
    /// Notes for people, not for programs: `README*`.
    Notes,
    /// The failures that are accepted: [`KNOWN_FILE`].
    Accepted,
    /// Hidden: temporary, or of another program.
    Hidden,
}

impl Role {
    /// The role of a file of this name.
    #[must_use]
    pub fn of(name: impl AsRef<OsStr>) -> Self {
        match name.as_ref().as_encoded_bytes() {
            [b'.', ..] => Self::Hidden,
            name if name.starts_with(b"README") => Self::Notes,
            name if name == KNOWN_FILE.as_bytes() => Self::Accepted,
            _ => Self::Input,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_what_a_file_is_for() {
        for (name, role) in [
            ("3f2a91c0de0e7e02", Role::Input),
            ("3f2a91c0de0e7e02.sequence", Role::Input),
            ("known-to-fail", Role::Input),
            ("readme", Role::Input),
            ("", Role::Input),
            ("README", Role::Notes),
            ("README.md", Role::Notes),
            ("known", Role::Accepted),
            (".gitignore", Role::Hidden),
            (".README", Role::Hidden),
        ] {
            assert_eq!(Role::of(name), role, "{name}");
        }
    }
}
