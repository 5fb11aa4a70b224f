//! `cargo shakedown capture` on the command line.

use std::ffi::OsString;

use clap::Args;

use crate::commands::CaptureOptions;

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  cargo shakedown capture
  cargo shakedown capture -p url --lib -- round_trips")]
pub(super) struct CaptureArgs {
    /// Arguments of `cargo test`
    #[arg(value_name = "ARG", trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl From<CaptureArgs> for CaptureOptions {
    fn from(args: CaptureArgs) -> Self {
        Self { arguments: args.arguments }
    }
}
