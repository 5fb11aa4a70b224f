//! What to build, and the arguments of cargo that say so.

use std::path::PathBuf;

use super::workspace::Members;

/// How much cargo says on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    /// Warnings and errors.
    Quiet,
    /// What cargo says by itself.
    #[default]
    Normal,
    /// Every command as well.
    Verbose,
}

/// What watches the memory of a program while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sanitizer {
    /// AddressSanitizer: accesses out of bounds, after a free, and the like.
    Address,
}

impl Sanitizer {
    /// The compiler's name of it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
        }
    }
}

/// What to build.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// `--manifest-path`.
    pub manifest_path: Option<PathBuf>,
    /// Names of targets that are meant, or parts of them: other programs need not be built.
    pub names: Vec<String>,
    /// `--package`: names of members. Without, every package here that uses Shakedown.
    pub packages: Vec<String>,
    /// `--workspace`: every package that uses Shakedown.
    pub workspace: bool,
    /// `--exclude`: packages that `workspace` does not mean.
    pub exclude: Vec<String>,
    /// `--features`.
    pub features: Vec<String>,
    /// `--all-features`.
    pub all_features: bool,
    /// `--no-default-features`.
    pub no_default_features: bool,
    /// Leave the instrumentation out: the search will be without coverage feedback.
    pub blind: bool,
    /// What is to watch the memory of the programs, if anything.
    pub sanitizer: Option<Sanitizer>,
    /// Other options for cargo, valid for every subcommand: `--offline`, `--locked`, ..
    pub cargo_options: Vec<String>,
    /// How much cargo says.
    pub verbosity: Verbosity,
    /// `--profile`: what ours inherits from, if not from `release`.
    pub profile: Option<String>,
    /// `--target`: what to build for, if not for this machine.
    pub platform: Option<String>,
    /// `--target-dir`.
    pub target_dir: Option<PathBuf>,
    /// Find out which folders each program is made of.
    pub has_origins: bool,
}

impl BuildOptions {
    /// Which members are meant, where none is named.
    pub(super) fn members(&self) -> Members<'_> {
        match self.workspace {
            true => Members::AllBut(&self.exclude),
            false => Members::Here,
        }
    }

    /// The arguments of every cargo call.
    pub(super) fn workspace_arguments(&self) -> Vec<String> {
        self.cargo_options.iter().cloned().chain(self.manifest_argument()).collect()
    }

    fn manifest_argument(&self) -> Option<String> {
        let path = self.manifest_path.as_ref()?;
        Some(format!("--manifest-path={}", path.display()))
    }

    /// The arguments that decide what is in a program.
    pub(super) fn content_arguments(&self) -> Vec<String> {
        let features = self.features.iter().map(|features| format!("--features={features}"));
        let switches = [
            (self.all_features, "--all-features"),
            (self.no_default_features, "--no-default-features"),
        ];
        let on = switches.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name.to_owned());
        self.manifest_argument().into_iter().chain(features).chain(on).collect()
    }

    pub(super) fn build_arguments(&self) -> Vec<String> {
        let mut arguments = self.cargo_options.clone();
        arguments.extend(self.content_arguments());
        let switches = [
            (self.verbosity == Verbosity::Quiet, "--quiet"),
            (self.verbosity == Verbosity::Verbose, "--verbose"),
        ];
        let on = switches.into_iter().filter(|(is_on, _)| *is_on);
        arguments.extend(on.map(|(_, name)| name.to_owned()));
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_become_arguments_of_cargo() {
        let options = BuildOptions {
            manifest_path: Some("/a b/Cargo.toml".into()),
            features: vec!["x,y".into(), "z".into()],
            no_default_features: true,
            cargo_options: vec!["--offline".into()],
            verbosity: Verbosity::Quiet,
            ..BuildOptions::default()
        };
        assert_eq!(
            options.build_arguments(),
            [
                "--offline",
                "--manifest-path=/a b/Cargo.toml",
                "--features=x,y",
                "--features=z",
                "--no-default-features",
                "--quiet"
            ]
        );
        assert_eq!(BuildOptions::default().build_arguments(), Vec::<String>::new());
    }
}
