//! `cargo shakedown seed` on the command line.

use std::path::PathBuf;

use clap::Args;

use super::TargetArg;
use super::build::BuildArgs;
use crate::commands::SeedOptions;

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  cargo shakedown seed parse '\"http://[::1\"'
  cargo shakedown seed behaves_like 'ops: [Push(3), Pop], capacity: 4' --name wraps-around")]
pub(super) struct SeedArgs {
    #[command(flatten)]
    target: TargetArg,
    /// The arguments of the target, `name: value, ..` in Rust syntax; of an only one just the value
    arguments: String,
    /// Name of the file [default: one made of its content]
    #[arg(long, value_name = "NAME", value_parser = file_name)]
    name: Option<PathBuf>,
    #[command(flatten)]
    build: BuildArgs,
}

/// A name without a folder, which is not one of those that have another meaning.
fn file_name(text: &str) -> Result<PathBuf, String> {
    use shakedown_core::testdata::Role;
    let is_plain = !text.is_empty() && !text.contains('/') && Role::of(text) == Role::Input;
    match is_plain {
        true => Ok(text.into()),
        false => Err("a name without a folder, which is not hidden, `known` or `README`".into()),
    }
}

impl From<SeedArgs> for SeedOptions {
    fn from(args: SeedArgs) -> Self {
        Self {
            target: args.build.select(vec![args.target.target]),
            arguments: args.arguments,
            name: args.name,
        }
    }
}
