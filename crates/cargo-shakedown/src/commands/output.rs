//! What commands say, by `writeln!`. Whoever listens may go away at any time, as `head` does, and that
//! must not cost what a command has yet to do; the macros that print would panic.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};

use anyhow::Context;

/// Standard output.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// Why nothing is written any more.
    error: Option<io::Error>,
}

impl Output {
    /// Writes, unless something before could not be written.
    pub(super) fn write_fmt(&mut self, text: Arguments<'_>) {
        if self.error.is_none() {
            self.error = io::stdout().write_fmt(text).err();
        }
    }

    /// Whether nothing is written any more: who has nothing else to do may stop.
    pub(super) fn is_closed(&self) -> bool {
        self.error.is_some()
    }

    /// The exit status of a command that has come to this one.
    ///
    /// # Errors
    /// If something could not be written, but not because the reader has gone.
    pub(super) fn close(self, status: u8) -> anyhow::Result<u8> {
        match self.error {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                Err(error).context("cannot write to standard output")
            }
            _ => Ok(status),
        }
    }
}

/// Standard error.
#[derive(Debug)]
pub(super) struct Notes;

impl Notes {
    /// Writes, if that can be.
    pub(super) fn write_fmt(&self, text: Arguments<'_>) {
        let _ = io::stderr().write_fmt(text);
    }
}
