//! The command line of cargo-fuzz, translated into ours: so an alias, a script or a workflow changes
//! one word. Only the folder of the package is looked for on the disk, and what is a folder.

mod args;

use std::path::{Path, PathBuf};

pub(super) use self::args::CargoFuzzVerb;
use self::args::{AddArgs, BuildArgs, FolderArgs, Options, RunArgs};
use super::libfuzzer::{self, Asked};
use super::values;

/// How `fuzz/Cargo.toml` says that it is one of cargo-fuzz.
const METADATA: &str = "cargo-fuzz";

/// A command line in our words.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Translation {
    /// What stands after `cargo shakedown`.
    pub(super) words: Vec<String>,
    /// What has no meaning here, and why.
    pub(super) remarks: Vec<String>,
}

/// The folder that cargo-fuzz would find from here: the nearest `fuzz` that says that it is one, or
/// the folder that one is in.
pub(super) fn fuzz_folder(current: &Path) -> Option<PathBuf> {
    let is_one = |folder: &PathBuf| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml"));
        manifest.is_ok_and(|text| text.contains(METADATA))
    };
    let mut around = current.ancestors();
    let found =
        around.find_map(|folder| [folder.join("fuzz"), folder.to_owned()].into_iter().find(is_one));
    found.map(|folder| match folder.strip_prefix(current) {
        Ok(here) if here.as_os_str().is_empty() => ".".into(),
        Ok(below) => below.to_owned(),
        Err(_) => folder,
    })
}

impl CargoFuzzVerb {
    /// The same in our words. `found` is the folder of the package if the user names none, and
    /// `is_folder` knows which paths lead to folders.
    pub(super) fn translate(
        self,
        found: Option<PathBuf>,
        is_folder: impl Fn(&Path) -> bool,
    ) -> Translation {
        let mut to = Translation::default();
        match self {
            Self::Run(args) => args.translate(found, &is_folder, &mut to),
            Self::Build(BuildArgs { options, target }) => {
                to.say(["build".to_owned()]);
                to.say(target);
                options.translate(found, &mut to);
            }
            Self::List(folder) => {
                to.say(["list", "--names"]);
                folder.translate(found, &mut to);
            }
            Self::Init(args) => {
                to.say(["init", "--yes"]);
                to.option("--name", args.target);
                // One that it would have made is not there yet.
                to.option(
                    "--fuzz-dir",
                    args.folder.fuzz_dir.filter(|path| is_folder(Path::new(path))),
                );
            }
            Self::Add(AddArgs { folder, target }) => {
                to.say(["init", "--yes"]);
                to.option("--name", Some(target));
                folder.translate(found, &mut to);
            }
            Self::Tmin(args) => {
                to.say(["minimize".to_owned(), args.target, args.file]);
                if args.runs.is_some() {
                    to.remark("--runs", "see the limits of `cargo shakedown minimize`");
                }
                args.options.translate(found, &mut to);
                to.take_limits(&args.rest);
            }
            Self::Cmin(args) => {
                to.say(["corpus".to_owned(), "minimize".to_owned(), args.target]);
                to.option("--entries", args.corpus);
                args.options.translate(found, &mut to);
                to.take_limits(&args.rest);
            }
            Self::Fmt(args) => {
                to.say(["corpus".to_owned(), "show".to_owned(), args.target, args.file]);
                args.options.translate(found, &mut to);
            }
            Self::Coverage(args) => {
                to.say(["coverage".to_owned(), args.target]);
                to.corpora(args.corpus);
                args.options.translate(found, &mut to);
                to.take_limits(&args.rest);
            }
        }
        to
    }
}

impl RunArgs {
    fn translate(
        self,
        found: Option<PathBuf>,
        is_folder: &impl Fn(&Path) -> bool,
        to: &mut Translation,
    ) {
        let Self { options, jobs, target, corpus, rest } = self;
        let mut asked = libfuzzer::read(&rest);
        asked.inputs.splice(0..0, corpus);
        to.remarks.append(&mut asked.remarks);
        let folder = options.folder.fuzz_dir.clone().map(PathBuf::from).or_else(|| found.clone());
        let own = folder.map(|folder| folder.join("corpus").join(&target));
        let arguments = std::mem::take(&mut asked.arguments);
        if asked.is_only_files(is_folder) {
            let verb = if asked.is_minimization { "minimize" } else { "replay" };
            to.say([verb.to_owned(), target]);
            to.say(asked.inputs);
            to.take_words(asked.words);
        } else if asked.is_merge {
            to.merge(target, asked);
        } else if asked.runs == Some(0) {
            to.run_corpus(target, asked, own.filter(|own| is_folder(own)));
        } else {
            to.search(target, asked, jobs);
        }
        options.translate(found, to);
        if !arguments.is_empty() {
            to.say(["--".to_owned()]);
            to.say(arguments);
        }
    }
}

impl FolderArgs {
    fn translate(self, found: Option<PathBuf>, to: &mut Translation) {
        let found = found.map(|folder| folder.display().to_string());
        to.option("--fuzz-dir", self.fuzz_dir.or(found));
    }
}

impl Options {
    fn translate(self, found: Option<PathBuf>, to: &mut Translation) {
        self.folder.translate(found, to);
        to.option("--profile", self.dev.then(|| "dev".to_owned()));
        to.say((0..self.verbose).map(|_| "--verbose"));
        self.features.into_iter().for_each(|features| to.option("--features", Some(features)));
        let switches = [
            (self.no_default_features, "--no-default-features"),
            (self.all_features, "--all-features"),
        ];
        to.say(switches.into_iter().filter(|(is_on, _)| *is_on).map(|(_, name)| name));
        to.option("--target", self.platform);
        to.option("--target-dir", self.target_dir);
        to.say(self.unstable.into_iter().map(|flag| format!("-Z{flag}")));
        for sanitizer in self.sanitizer.into_iter().filter(|name| *name != "none") {
            match values::sanitizer(&sanitizer) {
                Ok(_) => to.option("--sanitizer", Some(sanitizer)),
                Err(reason) => to.remark(&format!("--sanitizer {sanitizer}"), &reason),
            }
        }
        let nothing = [
            (self.build_std, "--build-std", "the standard library is taken as it is"),
            (self.careful, "--careful", "the standard library is taken as it is"),
            (self.no_cfg_fuzzing, "--no-cfg-fuzzing", "`cfg(fuzzing)` is always set"),
            (self.no_trace_compares, "--no-trace-compares", "see `--no-instrument`"),
            (self.trace_div, "--trace-div", "divisors do not guide the search"),
            (self.trace_gep, "--trace-gep", "indices do not guide the search"),
        ];
        nothing.iter().filter(|(is_on, ..)| *is_on).for_each(|(_, name, why)| to.remark(name, why));
    }
}

impl Translation {
    fn say(&mut self, words: impl IntoIterator<Item = impl Into<String>>) {
        self.words.extend(words.into_iter().map(Into::into));
    }

    fn option(&mut self, name: &str, value: Option<String>) {
        self.words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
    }

    fn remark(&mut self, what: &str, why: &str) {
        self.remarks.push(format!("`{what}` has no meaning here: {why}"));
    }

    /// The search itself.
    fn search(&mut self, target: String, asked: Asked, jobs: Option<u64>) {
        self.say(["fuzz".to_owned(), target]);
        let jobs = jobs.max(asked.jobs).unwrap_or(1);
        self.option("--jobs", Some(jobs.to_string()));
        self.say((!asked.goes_on).then_some("--fail-fast"));
        self.option("--execs", asked.runs.map(|runs| runs.to_string()));
        self.say(asked.words);
        self.corpora(asked.inputs);
    }

    /// The inputs that are there, each once: libFuzzer's way to run a regression test.
    fn run_corpus(&mut self, target: String, asked: Asked, own: Option<PathBuf>) {
        let own = own.map(|own| own.display().to_string());
        let folders =
            if asked.inputs.is_empty() { own.into_iter().collect() } else { asked.inputs };
        let verb = if folders.is_empty() { "build" } else { "replay" };
        if folders.is_empty() {
            self.remarks.push("there are no entries that could be run: it is only built".into());
        }
        self.say([verb.to_owned(), target]);
        self.say(folders);
        self.take_words(asked.words);
    }

    /// What the first folder lacks goes there from the others. One alone is made smaller, as by `cmin`.
    fn merge(&mut self, target: String, asked: Asked) {
        let mut folders = asked.inputs.into_iter();
        let first = folders.next();
        let others: Vec<_> = folders.collect();
        let verb = if others.is_empty() { "minimize" } else { "import" };
        self.say(["corpus".to_owned(), verb.to_owned(), target]);
        self.say((!others.is_empty()).then_some("--only-new"));
        self.say(others);
        self.option("--entries", first);
        self.take_words(asked.words);
    }

    /// Folders of entries, of which the first gets new ones.
    fn corpora(&mut self, folders: Vec<String>) {
        let mut folders = folders.into_iter();
        self.option("--entries", folders.next());
        folders.for_each(|folder| self.option("--seeds", Some(folder)));
    }

    /// What libFuzzer is told where nothing is searched.
    fn take_limits(&mut self, rest: &[String]) {
        let asked = libfuzzer::read(rest);
        self.remarks.extend(asked.remarks);
        self.take_words(asked.words);
    }

    /// The options that mean something without a search.
    fn take_words(&mut self, words: Vec<String>) {
        let is_limit = |pair: &&[String]| ["--timeout", "--memory-limit"].contains(&&*pair[0]);
        let limits = words.chunks_exact(2).filter(is_limit);
        self.words.extend(limits.flatten().cloned());
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        verb: CargoFuzzVerb,
    }

    /// What becomes of a line, where the folders `fuzz/corpus/parse`, `seeds` and `more` are.
    fn translate(line: &str) -> Translation {
        let words = ["cargo-fuzz"].into_iter().chain(line.split_whitespace());
        let verb =
            Line::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}")).verb;
        let is_folder = |path: &Path| {
            ["fuzz/corpus/parse", "seeds", "more"].iter().any(|there| path == Path::new(there))
        };
        verb.translate(Some("fuzz".into()), is_folder)
    }

    const TABLE: [(&str, &str); 30] = [
        ("init -t first", "init --yes --name first"),
        ("add another", "init --yes --name another --fuzz-dir fuzz"),
        ("list", "list --names --fuzz-dir fuzz"),
        ("list --fuzz-dir x/fuzz", "list --names --fuzz-dir x/fuzz"),
        ("build", "build --fuzz-dir fuzz"),
        ("build parse -O -a", "build parse --fuzz-dir fuzz"),
        ("check --dev", "build --fuzz-dir fuzz --profile dev"),
        ("run parse", "fuzz parse --jobs 1 --fail-fast --fuzz-dir fuzz"),
        ("run -O -j4 parse", "fuzz parse --jobs 4 --fail-fast --fuzz-dir fuzz"),
        (
            "run parse --fuzz-dir f -- -max_total_time=10",
            "fuzz parse --jobs 1 --fail-fast --time 10s --fuzz-dir f",
        ),
        (
            "run crl seeds more -- -max_total_time=60 -runs=1000",
            "fuzz crl --jobs 1 --fail-fast --execs 1000 --time 60s --entries seeds --seeds more \
             --fuzz-dir fuzz",
        ),
        (
            "run parse -- -dict=fuzz/tiff.dict -rss_limit_mb=2048",
            "fuzz parse --jobs 1 --fail-fast --dict fuzz/tiff.dict --memory-limit 2048MiB --fuzz-dir \
             fuzz",
        ),
        (
            "run parse -- -fork=8 -ignore_crashes=1 -artifact_prefix=out/",
            "fuzz parse --jobs 8 --findings out --fuzz-dir fuzz",
        ),
        ("run parse crash-1 crash-2", "replay parse crash-1 crash-2 --fuzz-dir fuzz"),
        (
            "run parse crash-1 -- -timeout=3 -max_len=9",
            "replay parse crash-1 --timeout 3s --fuzz-dir fuzz",
        ),
        ("run parse -- -runs=0", "replay parse fuzz/corpus/parse --fuzz-dir fuzz"),
        ("run parse seeds more -- -runs=0", "replay parse seeds more --fuzz-dir fuzz"),
        ("run other -- -runs=0", "build other --fuzz-dir fuzz"),
        ("run parse x -- -minimize_crash=1", "minimize parse x --fuzz-dir fuzz"),
        ("run parse seeds -- -merge=1", "corpus minimize parse --entries seeds --fuzz-dir fuzz"),
        (
            "run parse seeds more -- -merge=1 -timeout=1",
            "corpus import parse --only-new more --entries seeds --timeout 1s --fuzz-dir fuzz",
        ),
        (
            "run parse -- --fuel=3 -runs=5",
            "fuzz parse --jobs 1 --fail-fast --execs 5 --fuzz-dir fuzz -- --fuel=3",
        ),
        (
            "run --features a,b --no-default-features -vv -Z x --target t --target-dir d parse",
            "fuzz parse --jobs 1 --fail-fast --fuzz-dir fuzz --verbose --verbose --features a,b \
             --no-default-features --target t --target-dir d -Zx",
        ),
        ("run -s none parse", "fuzz parse --jobs 1 --fail-fast --fuzz-dir fuzz"),
        (
            "run -s address parse",
            "fuzz parse --jobs 1 --fail-fast --fuzz-dir fuzz --sanitizer address",
        ),
        ("tmin parse crash-1", "minimize parse crash-1 --fuzz-dir fuzz"),
        (
            "cmin parse seeds -- -timeout=1",
            "corpus minimize parse --entries seeds --fuzz-dir fuzz --timeout 1s",
        ),
        ("cmin parse", "corpus minimize parse --fuzz-dir fuzz"),
        ("fmt parse crash-1", "corpus show parse crash-1 --fuzz-dir fuzz"),
        (
            "coverage parse seeds more",
            "coverage parse --entries seeds --seeds more --fuzz-dir fuzz",
        ),
    ];

    #[test]
    fn lines_of_cargo_fuzz_become_ours() {
        for (line, ours) in TABLE {
            assert_eq!(translate(line).words.join(" "), ours, "{line}");
        }
    }

    #[test]
    fn ours_are_command_lines() {
        for (_, ours) in TABLE {
            let words = ["shakedown"].into_iter().chain(ours.split_whitespace());
            super::super::Cli::try_parse_from(words)
                .unwrap_or_else(|error| panic!("{ours}: {error}"));
        }
    }

    #[test]
    fn what_has_no_meaning_is_told() {
        for (line, count) in [
            ("run -s thread --build-std -c parse", 3),
            ("run -s none -a --strip-dead-code parse", 0),
            ("tmin -r 9 parse x", 1),
            ("run other -- -runs=0", 1),
            ("run parse -- -only_ascii=1", 1),
        ] {
            assert_eq!(translate(line).remarks.len(), count, "{line}");
        }
    }

    #[test]
    fn the_folder_is_the_nearest_that_says_so() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        std::fs::create_dir_all(at("a/src")).unwrap();
        std::fs::create_dir_all(at("a/fuzz")).unwrap();
        assert_eq!(fuzz_folder(&at("a/src")), None);
        std::fs::write(at("a/fuzz/Cargo.toml"), "[package.metadata]\ncargo-fuzz = true").unwrap();
        assert_eq!(fuzz_folder(&at("a/src")), Some(at("a/fuzz")));
        assert_eq!(fuzz_folder(&at("a")), Some("fuzz".into()));
        assert_eq!(fuzz_folder(&at("a/fuzz")), Some(".".into()));
    }
}
