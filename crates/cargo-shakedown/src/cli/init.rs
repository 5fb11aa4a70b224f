//! `cargo shakedown init` on the command line.

use clap::Args;

use super::build::BuildArgs;
use crate::commands::InitOptions;

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  cargo shakedown init                           Add the library and a first target to the package here
  cargo shakedown init -p parser --name headers  The target `headers` for the package `parser`
  cargo shakedown init --fuzz-dir fuzz --yes     Name the drop-in in fuzz/Cargo.toml")]
pub(super) struct InitArgs {
    /// Name of the target [default: first_target]; in a package for a drop-in, of a further program
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Write without a question
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    build: BuildArgs,
}

impl From<InitArgs> for InitOptions {
    fn from(args: InitArgs) -> Self {
        let build = args.build.select(Vec::new()).build;
        Self { build, name: args.name, is_agreed: args.yes }
    }
}
