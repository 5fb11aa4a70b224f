//! Cargo's configuration files, as far as they matter here: tools, profiles, environment.
//!
//! Cargo itself reads all of it and complains about what is wrong; so files that cannot be read
//! or parsed, and values of a wrong shape, count as absent here.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// How often a file may include one that includes one.
const INCLUDE_DEPTH: usize = 8;

/// The configuration that applies in one directory.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// Where relative paths of variables and tools are resolved that are given in the environment.
    directory: PathBuf,
    /// The files, the one with the highest precedence first.
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    /// Directory that relative paths in the file start at: the parent of its directory.
    base: PathBuf,
    values: Table,
}

impl Config {
    /// Reads the files of `directory` and its ancestors, then that of `cargo_home`.
    #[must_use]
    pub(super) fn load(directory: &Path, cargo_home: Option<&Path>) -> Self {
        let mut files = Vec::new();
        let near = directory.ancestors().map(|ancestor| ancestor.join(".cargo"));
        for folder in near.chain(cargo_home.map(Path::to_owned)) {
            // Where both exist, cargo takes the one without extension.
            let path = folder.join("config");
            let path = if path.exists() { path } else { folder.join("config.toml") };
            read(&path, INCLUDE_DEPTH, &mut files);
        }
        Self { directory: directory.to_owned(), files }
    }

    /// The configuration of this process: its directory, and `$CARGO_HOME` or `~/.cargo`.
    #[must_use]
    pub(super) fn of_this_process() -> Self {
        let home = std::env::var_os("CARGO_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(std::env::home_dir()?.join(".cargo")));
        std::env::current_dir()
            .map(|directory| Self::load(&directory, home.as_deref()))
            .unwrap_or_default()
    }

    /// The program that cargo uses for `key` of `[build]`: from the environment (`variable`, then
    /// `CARGO_BUILD_..`), then from the files. An empty name means none.
    pub(super) fn tool(
        &self,
        variable: &str,
        key: &str,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Option<PathBuf> {
        let build_variable = format!("CARGO_BUILD_{}", key.to_uppercase().replace('-', "_"));
        let program = match environment(variable).or_else(|| environment(&build_variable)) {
            Some(program) => resolve(Path::new(&program), &self.directory),
            None => {
                let (base, value) = self.lookup(&["build", key])?;
                resolve(Path::new(value.as_str()?), base)
            }
        };
        (!program.as_os_str().is_empty()).then_some(program)
    }

    /// The variables of `[env]`, for a process whose own variables are `environment`.
    pub(super) fn variables(
        &self,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> BTreeMap<String, OsString> {
        let mut variables = BTreeMap::new();
        // The nearest file comes first, and therefore has to be the last one inserted.
        for file in self.files.iter().rev() {
            let Some(table) = file.values.get("env").and_then(Value::as_table) else { continue };
            for (name, value) in table {
                let flag = |key| value.get(key).and_then(Value::as_bool) == Some(true);
                let Some(text) = value.as_str().or_else(|| value.get("value")?.as_str()) else {
                    continue;
                };
                if environment(name).is_some() && !flag("force") {
                    continue;
                }
                let value =
                    if flag("relative") { file.base.join(text).into() } else { text.into() };
                variables.insert(name.clone(), value);
            }
        }
        variables
    }

    /// Whether a file sets `path`, a key and its subkeys.
    #[must_use]
    pub(super) fn has(&self, path: &[&str]) -> bool {
        self.lookup(path).is_some()
    }

    /// The value of highest precedence at `path`, with the base directory of its file.
    fn lookup(&self, path: &[&str]) -> Option<(&Path, &Value)> {
        self.files.iter().find_map(|file| {
            let (first, rest) = path.split_first()?;
            let value = rest.iter().try_fold(file.values.get(*first)?, |at, key| at.get(*key))?;
            Some((file.base.as_path(), value))
        })
    }
}

/// Adds the file at `path`, and then those that it includes, which give way to it.
fn read(path: &Path, depth: usize, files: &mut Vec<File>) {
    let Some(values) = std::fs::read_to_string(path).ok().and_then(|text| text.parse().ok()) else {
        return;
    };
    let values: Table = values;
    let folder = path.parent().unwrap_or(path);
    let included = if depth == 0 { Vec::new() } else { included(&values) };
    let included: Vec<PathBuf> = included.into_iter().map(|name| folder.join(name)).collect();
    files.push(File { base: folder.parent().unwrap_or(folder).to_owned(), values });
    // Of several, a later one has precedence.
    for path in included.iter().rev() {
        read(path, depth - 1, files);
    }
}

/// The files named by `include`: one, or a list of names or of tables with a `path`.
fn included(values: &Table) -> Vec<&str> {
    fn name(value: &Value) -> Option<&str> {
        value.as_str().or_else(|| value.get("path")?.as_str())
    }
    match values.get("include") {
        Some(Value::Array(values)) => values.iter().filter_map(name).collect(),
        Some(value) => name(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// A program as cargo resolves it: with a separator it is a path from `base`, else searched for.
fn resolve(program: &Path, base: &Path) -> PathBuf {
    if program.components().count() > 1 { base.join(program) } else { program.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory `a/b` with a file in `a/b/.cargo`, `a/.cargo` and a home, and its config.
    fn load(near: &str, far: &str, home: &str) -> (tempfile::TempDir, Config) {
        let root = tempfile::tempdir().expect("a temporary directory");
        for (folder, text) in [("a/b/.cargo", near), ("a/.cargo", far), ("home", home)] {
            let folder = root.path().join(folder);
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join("config.toml"), text).expect("a file");
        }
        let config = Config::load(&root.path().join("a/b"), Some(&root.path().join("home")));
        (root, config)
    }

    fn wrapper(config: &Config, environment: &[(&str, &str)]) -> Option<PathBuf> {
        config.tool("RUSTC_WRAPPER", "rustc-wrapper", |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_nearest_file_has_precedence() {
        let far = "build.rustc-wrapper = 'far'";
        let (_root, config) = load("[build]\nrustc-wrapper = 'near'", far, "");
        assert_eq!(wrapper(&config, &[]), Some("near".into()));
        let (_root, config) = load("[build]\njobs = 1", far, "build.rustc-wrapper = 'home'");
        assert_eq!(wrapper(&config, &[]), Some("far".into()));
        let (_root, config) = load("", "", "build.rustc-wrapper = 'home'");
        assert_eq!(wrapper(&config, &[]), Some("home".into()));
    }

    #[test]
    fn the_environment_has_precedence_over_files() {
        let (root, config) = load("build.rustc-wrapper = 'file'", "", "");
        let build = ("CARGO_BUILD_RUSTC_WRAPPER", "bin/build");
        assert_eq!(wrapper(&config, &[build]), Some(root.path().join("a/b/bin/build")));
        assert_eq!(wrapper(&config, &[build, ("RUSTC_WRAPPER", "own")]), Some("own".into()));
        assert_eq!(wrapper(&config, &[("RUSTC_WRAPPER", "")]), None);
    }

    #[test]
    fn paths_start_at_the_parent_of_the_folder_of_the_file() {
        let (root, config) = load("", "build.rustc-wrapper = 'tools/w'", "");
        assert_eq!(wrapper(&config, &[]), Some(root.path().join("a/tools/w")));
        let (root, config) = load("", "", "build.rustc-wrapper = './w'");
        assert_eq!(wrapper(&config, &[]), Some(root.path().join("w")));
    }

    #[test]
    fn what_cannot_be_understood_is_left_to_cargo() {
        let (_root, config) = load("build = [", "build = 3", "build.rustc-wrapper = ['w']");
        assert_eq!(wrapper(&config, &[]), None);
        let (_root, config) = load("env = 1", "[env]\nA = 1\nB = {}", "include = 7");
        assert!(config.variables(|_| None).is_empty());
    }

    #[test]
    fn variables_of_the_process_win_unless_forced() {
        let (root, config) = load(
            "[env]\nA = 'near'\nB = { value = 'x', force = true }\nC = 'c'",
            "[env]\nA = 'far'\nD = { value = 'd', relative = true }",
            "",
        );
        let variables = config.variables(|name| (name != "A" && name != "D").then(|| "own".into()));
        let expected = [("A", "near".into()), ("B", "x".into())];
        let path = ("D", root.path().join("a/d").into_os_string());
        let expected = expected.into_iter().chain([path]).map(|(name, v)| (name.to_owned(), v));
        assert_eq!(variables, expected.collect());
    }

    #[test]
    fn included_files_give_way_to_the_one_that_includes_them() {
        let (root, _) = load("include = ['x.toml', { path = 'y.toml' }]\nbuild.jobs = 1", "", "");
        let folder = root.path().join("a/b/.cargo");
        std::fs::write(folder.join("x.toml"), "build.jobs = 2\nbuild.rustc = 'x'").expect("x");
        std::fs::write(folder.join("y.toml"), "include = 'y.toml'\nbuild.rustc = 'y'").expect("y");
        let config = Config::load(&root.path().join("a/b"), None);
        assert_eq!(config.tool("RUSTC", "rustc", |_| None), Some("y".into()));
        assert_eq!(config.lookup(&["build", "jobs"]).map(|(_, v)| v), Some(&Value::Integer(1)));
    }
}
