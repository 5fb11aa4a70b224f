//! The inputs of a corpus as people read them.

use std::path::Path;

use shakedown_core::schema::Schema;
use shakedown_core::sequence_file;

use super::{BadFile, Corpus, Everything, FileError, Stored};
use crate::store::corpus::Origin;
use crate::store::entry::read;
use crate::store::folder::Listed;

/// An input, or a sequence of them, and its text.
#[derive(Debug)]
pub(crate) struct Printed {
    /// The input and its file.
    pub file: Stored,
    /// The arguments as Rust literals, one a line, with a line `---` between inputs.
    pub text: String,
}

/// Some inputs of a corpus.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// Seeds, then findings, then entries.
    pub files: Vec<Printed>,
    /// How many more there are beyond the limit.
    pub more: usize,
    /// Files that hold no input; all of them, whatever the name.
    pub bad: Vec<BadFile>,
}

/// The first `limit` inputs whose files' names begin with `name`; every name does with "".
///
/// # Errors
/// If a folder cannot be read.
pub(crate) fn show(corpus: &Corpus, name: &str, limit: usize) -> Result<Shown, FileError> {
    let Everything { seeds, findings, cached, bad } = Everything::load(corpus)?;
    let all = seeds.into_iter().chain(findings).chain(cached.entries);
    let chosen: Vec<Stored> = all.filter(|file| file.name.starts_with(name)).collect();
    let more = chosen.len().saturating_sub(limit);
    let files = chosen.into_iter().take(limit).map(|file| print(corpus.schema(), file)).collect();
    Ok(Shown { files, more, bad: bad.into_iter().chain(cached.bad).collect() })
}

/// The input in any one file.
///
/// # Errors
/// If it cannot be read or holds no input of the target.
pub(crate) fn show_file(corpus: &Corpus, path: &Path) -> Result<Printed, BadFile> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = Listed { name, path: path.to_path_buf(), size: 0 };
    read(corpus.schema(), file, Origin::Testdata).map(|(file, _)| print(corpus.schema(), file))
}

/// An encoded input as its arguments, one a line.
pub(crate) fn print_input(schema: &Schema, input: &[u8]) -> String {
    sequence_file::print_arguments(schema, &[input])
}

pub(super) fn print(schema: &Schema, file: Stored) -> Printed {
    let inputs: Vec<_> = file.inputs().collect();
    let text = sequence_file::print_arguments(schema, &inputs);
    Printed { file, text }
}
