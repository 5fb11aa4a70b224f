//! Reading one file of a corpus: an input, or why it is none.

use std::fmt;
use std::io;
use std::path::PathBuf;

use shakedown_core::corpus_file;
use shakedown_core::literal::Diagnostic;
use shakedown_core::schema::Schema;
use shakedown_core::sequence_file::Sequence;

use super::file::is_finding_name;
use super::folder::Listed;
use super::open;

/// Which folder a file is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `testdata`: a seed or a finding.
    Testdata,
    /// The cache: an entry.
    Cache,
    /// The cache's folder of findings that `testdata` could not take.
    Findings,
    /// Any other: the file is to be imported, and may be of another target.
    Elsewhere,
}

/// An input that was read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Name of the file.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Size of the file in bytes.
    pub size: u64,
    /// The input, encoded; the last one of a sequence.
    pub input: Vec<u8>,
    /// The inputs of a sequence before the last one, in order; none for most files.
    pub before: Vec<Vec<u8>>,
    /// Which folder the file is in.
    pub origin: Origin,
}

impl Stored {
    /// Whether the file is a finding, or an entry that someone has made a seed as it is: in
    /// `testdata` only the name shows it.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        match self.origin {
            Origin::Testdata => is_finding_name(&self.name),
            Origin::Cache | Origin::Elsewhere => false,
            Origin::Findings => true,
        }
    }

    /// All its inputs in order.
    pub fn inputs(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.before.iter().chain([&self.input])
    }
}

/// A file that holds no input of the target.
#[derive(Debug)]
pub struct BadFile {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a file.
#[derive(Debug)]
pub enum Problem {
    /// It is not in the format, or not of the target's types.
    Malformed(Diagnostic),
    /// It could not be read.
    Unreadable(io::Error),
}

impl fmt::Display for BadFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            Problem::Malformed(diagnostic) => write!(f, "{path}:{diagnostic}"),
            Problem::Unreadable(error) => write!(f, "cannot read {path}: {error}"),
        }
    }
}

impl std::error::Error for BadFile {}

impl BadFile {
    /// The file, with the line and column of what is wrong if there are any.
    #[must_use]
    pub fn place(&self) -> String {
        let path = self.path.display();
        match &self.problem {
            Problem::Malformed(Diagnostic { line, column, .. }) => {
                format!("{path}:{line}:{column}")
            }
            Problem::Unreadable(_) => path.to_string(),
        }
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.problem {
            Problem::Malformed(diagnostic) => diagnostic.message.clone(),
            Problem::Unreadable(error) => format!("cannot be read: {error}"),
        }
    }
}

/// An input and what is worth saying about its file.
pub(super) type WithWarnings = (Stored, Vec<Diagnostic>);

/// Reads a file as an input of the target, or, unless it is or becomes an entry, as a sequence of
/// them.
pub(super) fn read(schema: &Schema, file: Listed, origin: Origin) -> Result<WithWarnings, BadFile> {
    let Listed { name, path, .. } = file;
    let content = match open::read(&path) {
        Ok(content) => content,
        Err(error) => return Err(BadFile { path, problem: Problem::Unreadable(error) }),
    };
    let read = match origin {
        Origin::Testdata | Origin::Findings => corpus_file::decode_all(schema, &content),
        Origin::Cache => corpus_file::decode(schema, &content).map(Sequence::from),
        Origin::Elsewhere => corpus_file::decode_stranger(schema, &content).map(Sequence::from),
    };
    let Sequence { inputs: mut before, warnings, .. } = match read {
        Ok(sequence) => sequence,
        Err(error) => return Err(BadFile { path, problem: Problem::Malformed(error) }),
    };
    let input = before.pop().expect("a file has an input");
    let size = content.len() as u64;
    Ok((Stored { name, path, size, input, before, origin }, warnings))
}
