//! What people keep for a target beside its program: a dictionary, and a file of options.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use shakedown_core::dictionary;

use super::options_file::{self, FileOptions};
use crate::build::Program;
use crate::report::{counted, from_here};
use crate::store::open;
use crate::worker::{Limits, MIN_MEMORY};

/// The folders of a package in which dictionaries and options are.
const FOLDERS: [&str; 6] = ["", "dict", "dicts", "dictionaries", "fuzz_targets", "options"];

/// What is beside a target.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// Words of its dictionary.
    pub(super) tokens: Vec<Vec<u8>>,
    /// What the user should know of it.
    pub(super) notes: Vec<String>,
    options: FileOptions,
}

impl Beside {
    /// What is beside the target `id`, if its program is one for a drop-in. Where the user has given a
    /// dictionary, only the options.
    ///
    /// # Errors
    /// If a file cannot be read, or is not what its name says.
    pub(super) fn find(program: &Program, id: &str, has_dictionary: bool) -> anyhow::Result<Self> {
        let mut beside = Self::default();
        if !program.is_target {
            return Ok(beside);
        }
        let find = |extension: &str| {
            let name = format!("{id}.{extension}");
            let paths = FOLDERS.map(|folder| program.package_dir.join(folder).join(&name));
            paths.into_iter().find(|path| path.is_file())
        };
        let mut dictionary = find("dict");
        if let Some(path) = find("options") {
            beside.take_options(&path)?;
            let named = beside.options.dict.as_ref().map(|name| path.with_file_name(name));
            dictionary = dictionary.or(named);
        }
        match dictionary {
            _ if has_dictionary => {}
            Some(path) => beside.take_dictionary(&path)?,
            None => beside.suggest(&program.package_dir),
        }
        Ok(beside)
    }

    /// Adds what holds where the user says nothing.
    pub(super) fn complete(&self, limits: &mut Limits) {
        limits.max_len = limits.max_len.or(self.options.max_len);
        limits.timeout = limits.timeout.or(self.options.timeout);
        if let Some(size) = self.options.memory.filter(|_| limits.is_default_memory) {
            limits.memory = Some(size.saturating_mul(1 << 20).max(MIN_MEMORY));
        }
    }

    fn take_options(&mut self, path: &Path) -> anyhow::Result<()> {
        let text = open::read_text(path).with_context(|| cannot_read(path))?;
        let read = options_file::parse(&text);
        self.options = read.map_err(|error| anyhow!("{}:{error}", path.display()))?;
        let file = from_here(path).display().to_string();
        let max_len = self.options.max_len.map(|len| format!("max_len = {len} of {file}"));
        let timeout =
            self.options.timeout.map(|time| format!("timeout = {} of {file}", time.as_secs()));
        let memory = self.options.memory.map(|size| format!("rss_limit_mb = {size} of {file}"));
        self.notes.extend(max_len.into_iter().chain(timeout).chain(memory));
        Ok(())
    }

    fn take_dictionary(&mut self, path: &Path) -> anyhow::Result<()> {
        self.tokens = read_dictionary(path)?;
        let count = counted(self.tokens.len(), "token");
        self.notes.push(format!("{count} of {}", from_here(path).display()));
        Ok(())
    }

    /// Names the only dictionary of a package, which may be for the target.
    fn suggest(&mut self, folder: &Path) {
        let items = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let is_dictionary = |path: &PathBuf| path.extension().is_some_and(|end| end == "dict");
        let mut found = items.map(|item| item.path()).filter(is_dictionary);
        if let (Some(only), None) = (found.next(), found.next()) {
            self.notes
                .push(format!("a dictionary may help: --dict {}", from_here(&only).display()));
        }
    }
}

/// The tokens of a dictionary.
///
/// # Errors
/// If it cannot be read, or a line of it is none.
pub(super) fn read_dictionary(path: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let text = std::fs::read(path)
        .with_context(|| format!("cannot read the dictionary {}", path.display()))?;
    dictionary::parse(text).map_err(|error| anyhow!("{}:{error}", path.display()))
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read the options {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is beside `parse` in a package with these files.
    fn beside(files: &[(&str, &str)], has_dictionary: bool) -> anyhow::Result<Beside> {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let package_dir = folder.path().to_owned();
        let program = Program { package_dir, is_target: true, ..Program::default() };
        Beside::find(&program, "parse", has_dictionary)
    }

    #[test]
    fn a_dictionary_is_found_by_the_name_of_the_target() {
        let token = |name: &str| beside(&[(name, "\"a\"\n")], false).unwrap().tokens.len();
        assert_eq!((token("parse.dict"), token("dict/parse.dict"), token("other.dict")), (1, 1, 0));
        let other = beside(&[("other.dict", "")], false).unwrap().notes;
        assert!(other[0].starts_with("a dictionary may help: --dict "), "{other:?}");
        assert!(beside(&[("a.dict", ""), ("b.dict", "")], false).unwrap().notes.is_empty());
        let given = beside(&[("parse.dict", "no line of one")], true).unwrap();
        assert!(given.tokens.is_empty() && given.notes.is_empty());
        let error = beside(&[("parse.dict", "\n\"a")], false).unwrap_err().to_string();
        assert!(error.contains("parse.dict:2:1: expected a closing"), "{error}");
    }

    #[test]
    fn options_hold_where_the_user_says_nothing() {
        let text = "[libfuzzer]\nmax_len = 9\ntimeout = 3\ndict = x/y.dict\nrss_limit_mb = 64\n";
        let files = [("fuzz_targets/parse.options", text), ("fuzz_targets/x/y.dict", "\"a\"")];
        let found = beside(&files, false).unwrap();
        assert_eq!((found.tokens.len(), found.notes.len()), (1, 4));
        let mut limits = Limits { max_len: Some(5), ..Limits::default() };
        found.complete(&mut limits);
        assert_eq!((limits.max_len, limits.timeout().as_secs()), (Some(5), 3));
        assert_eq!(limits.memory, None);
        let mut limits = Limits { is_default_memory: true, ..Limits::default() };
        found.complete(&mut limits);
        assert_eq!(limits.memory, Some(64 << 20));
        assert!(beside(&files[..1], false).unwrap_err().to_string().contains("x/y.dict"));
    }
}
