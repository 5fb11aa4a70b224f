//! The compiler that cargo will use: its path, host, and library directories.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::config::Config;
use super::error::BuildError;

/// A Rust compiler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Toolchain {
    /// The program.
    pub(super) rustc: PathBuf,
    /// Target triple that is built for: that of the machine, if no other was asked for.
    pub(super) platform: String,
    /// Where it keeps its own shared libraries.
    pub(super) compiler_libraries: PathBuf,
    /// Where it keeps the standard library of the platform.
    pub(super) target_libraries: PathBuf,
}

impl Toolchain {
    /// Asks the compiler, or if it is nothing the one that cargo would choose, to build for the machine
    /// or another platform.
    ///
    /// # Errors
    /// If it cannot be run, or its answer makes no sense.
    pub(super) fn query(
        rustc: Option<&PathBuf>,
        config: &Config,
        platform: Option<&str>,
    ) -> Result<Self, BuildError> {
        let rustc = rustc
            .cloned()
            .or_else(|| config.tool("RUSTC", "rustc", |name| std::env::var_os(name)))
            .unwrap_or_else(|| PathBuf::from("rustc"));
        let output = Command::new(&rustc)
            .args(["--print=host-tuple", "--print=sysroot", "--print=target-libdir"])
            .args(platform.iter().flat_map(|platform| ["--target", platform]))
            .stderr(Stdio::inherit())
            .output()
            .map_err(BuildError::spawn(&rustc))?;
        let text = String::from_utf8_lossy(&output.stdout);
        match text.lines().collect::<Vec<_>>()[..] {
            [host, sysroot, target_libraries] if output.status.success() => Ok(Self {
                platform: platform.unwrap_or(host).to_owned(),
                compiler_libraries: PathBuf::from(sysroot).join("lib"),
                target_libraries: PathBuf::from(target_libraries),
                rustc,
            }),
            _ => Err(BuildError::Toolchain(rustc)),
        }
    }
}
