//! Writing a corpus into a folder of one's own, for other fuzzers or another machine.

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};

use shakedown_core::corpus_file;

use super::{BadFile, Corpus, Everything, FileError, Stored};
use crate::store::file::{content_name, has_content, is_content_name, write};
use crate::store::folder::{files, folders};

/// What [`export`] did.
#[derive(Debug, Default)]
pub(crate) struct Exported {
    /// Files that are new in the folder.
    pub written: usize,
    /// Files that an earlier export had left there.
    pub unchanged: usize,
    /// Files of the corpus that hold no input, and were left out.
    pub bad: Vec<BadFile>,
}

/// Why a corpus was not exported.
#[derive(Debug)]
pub(crate) enum ExportError {
    /// The folder holds something that no export wrote.
    Occupied {
        /// The folder.
        folder: PathBuf,
        /// Name of the first such file.
        stranger: String,
    },
    /// A folder could not be read, or a file not written.
    File(FileError),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Occupied { folder, stranger } => write!(
                f,
                "{} is not empty and holds `{stranger}`, which no export wrote: give another folder",
                folder.display()
            ),
            Self::File(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExportError {}

impl From<FileError> for ExportError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

/// Writes every seed, those of the `attribute` included, finding and entry into `folder`, which must
/// be missing, empty, or the place of earlier exports: each input once, those of sequences too, named
/// after its content, without comments.
///
/// # Errors
/// If the folder holds other files, or cannot be written; what was written before stays.
pub(crate) fn export(
    corpus: &Corpus,
    attribute: &[Vec<u8>],
    folder: &Path,
) -> Result<Exported, ExportError> {
    if let Some(stranger) = stranger(folder)? {
        return Err(ExportError::Occupied { folder: folder.into(), stranger });
    }
    let all = Everything::load(corpus)?;
    let mut exported = Exported::default();
    let mut seen = HashSet::new();
    let stored = all.files().flat_map(Stored::inputs).map(Vec::as_slice);
    let inputs = attribute.iter().map(Vec::as_slice).chain(stored);
    for input in inputs.filter(|input| seen.insert(*input)) {
        let content = corpus_file::encode(corpus.schema(), input, &[]);
        let path = folder.join(content_name(&content));
        if has_content(&path, &content) {
            exported.unchanged += 1;
            continue;
        }
        write(&path, &content)?;
        exported.written += 1;
    }
    exported.bad = all.bad.into_iter().chain(all.cached.bad).collect();
    Ok(exported)
}

/// The name of something visible in `folder` that no export wrote.
fn stranger(folder: &Path) -> Result<Option<String>, FileError> {
    if let Some(inner) = folders(folder)?.first() {
        return Ok(inner.file_name().map(|name| name.to_string_lossy().into_owned()));
    }
    let mut names = files(folder)?.into_iter().map(|file| file.name);
    Ok(names.find(|name| !is_content_name(name)))
}
