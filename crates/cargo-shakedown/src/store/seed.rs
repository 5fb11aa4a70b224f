//! Seeds that are written on request.

use std::path::{Path, PathBuf};

use shakedown_core::corpus_file;
use shakedown_core::testdata::written_seed_name;

use super::corpus::Corpus;
use super::file::{FileError, has_content, write};

/// Writes an input to the target's `testdata`, as `name` or named by its content; where it is then, or
/// nothing if another one is there.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn add(
    corpus: &Corpus,
    input: &[u8],
    name: Option<&Path>,
) -> Result<Option<PathBuf>, FileError> {
    let content = corpus_file::encode(corpus.schema(), input, &[]);
    let name = name.map_or_else(|| written_seed_name(&content).into(), Path::to_path_buf);
    let path = corpus.locations().testdata.join(name);
    if path.exists() && !has_content(&path, &content) {
        return Ok(None);
    }
    write(&path, &content)?;
    Ok(Some(path))
}
