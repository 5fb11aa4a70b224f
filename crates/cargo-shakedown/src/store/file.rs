//! Writing files whole or not at all, and naming them after their content.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ScopedJoinHandle};

use sha1::Sha1;
use sha2::{Digest, Sha256};
use shakedown_core::failure::Kind;
use shakedown_core::sequence_file::SUFFIX;

use super::open;

/// Most files that are open at a time to be written together.
const GROUP: usize = 256;

/// Most threads that flush files of a group.
const FLUSHERS: usize = 32;

/// Hex digits in the name of a file; where that name is taken, the next length is.
pub(super) const NAME_LENGTHS: [usize; 3] = [16, 32, 64];

/// How the names of temporary files begin. Every reader of a corpus passes over hidden files.
const TEMPORARY_PREFIX: &str = ".shakedown-";

/// How the names of temporary files end.
const TEMPORARY_SUFFIX: &str = ".tmp";

/// An operation on a file or folder that failed.
#[derive(Debug)]
pub struct FileError {
    /// What was done, as in "cannot write".
    pub action: &'static str,
    /// To what.
    pub path: PathBuf,
    /// Why it failed.
    pub reason: io::Error,
}

impl FileError {
    /// For use with `map_err`: `reason` met while doing `action` to `path`.
    pub fn when(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |reason| Self { action, path, reason }
    }

    /// What the user can do about it, if anything is known to help.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        match self.reason.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Some("free some space, then run again")
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Some("check who may access it, or choose another folder")
            }
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                Some("a file is where a folder is needed: move it away")
            }
            ErrorKind::IsADirectory => Some("a folder is where a file is needed: move it away"),
            _ => None,
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.action, self.path.display(), self.reason)?;
        match self.advice() {
            Some(advice) => write!(f, " ({advice})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // The text says the reason already.
        None
    }
}

/// The SHA-256 of a file's content in hex, as `sha256sum` prints it; its first 16 digits are
/// the file's name.
#[must_use]
pub(crate) fn content_hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name of a file with this content.
#[must_use]
pub(crate) fn content_name(content: &[u8]) -> String {
    let mut name = content_hash(content);
    name.truncate(NAME_LENGTHS[0]);
    name
}

/// How libFuzzer begins the names of its findings; the SHA-1 of the input follows.
const ARTIFACTS: [&str; 5] = ["crash-", "timeout-", "oom-", "leak-", "slow-unit-"];

/// The name that libFuzzer gives a finding of this kind with this content.
#[must_use]
pub(crate) fn artifact_name(kind: Kind, content: &[u8]) -> String {
    let what = match kind {
        Kind::Timeout => "timeout-",
        Kind::OutOfMemory => "oom-",
        Kind::Panic
        | Kind::Error
        | Kind::Abort
        | Kind::Signal
        | Kind::Exit
        | Kind::StackOverflow
        | Kind::Sanitizer => "crash-",
    };
    let digits = Sha1::digest(content).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{what}{digits}")
}

/// Whether a file of this name may be a finding of libFuzzer.
#[must_use]
fn is_artifact_name(name: &str) -> bool {
    let is_hash =
        |rest: &str| rest.len() == 40 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    ARTIFACTS.iter().any(|what| name.strip_prefix(what).is_some_and(is_hash))
}

/// Whether a file of this name may be one that was named after its content.
#[must_use]
pub(crate) fn is_content_name(name: &str) -> bool {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    NAME_LENGTHS.contains(&name.len()) && name.bytes().all(is_digit)
}

/// Whether a file of this name in `testdata` may be a finding.
#[must_use]
pub(crate) fn is_finding_name(name: &str) -> bool {
    let name = name.strip_suffix(SUFFIX).unwrap_or(name);
    is_content_name(name) || is_artifact_name(name)
}

/// A name of the first of these lengths as the number that it is.
#[must_use]
pub(crate) fn as_number(name: &str) -> Option<u64> {
    let is_short = is_content_name(name) && name.len() == NAME_LENGTHS[0];
    is_short.then(|| u64::from_str_radix(name, 16).ok())?
}

/// The name that is this number.
#[must_use]
pub fn numbered(number: u64) -> String {
    format!("{number:016x}")
}

/// Writes a file so that its readers see all of it or nothing, after a crash too: into a temporary
/// file next to it, flushed to the disk, then renamed. Makes missing folders, leaves an identical
/// file alone and replaces any other.
///
/// # Errors
/// If the file is not there with this content afterwards, or may not be after a power cut; no
/// temporary file is left.
///
/// # Panics
/// If the path has no parent.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<(), FileError> {
    let file = (path.to_path_buf(), content);
    write_all(folder_of(path), &[file]).pop().expect("one result for one file")
}

/// Whether [`write()`] can write a file there, as far as that can be known before; makes missing
/// folders.
///
/// # Errors
/// If it cannot.
pub(crate) fn check_place(path: &Path) -> Result<(), FileError> {
    let check = || {
        if path.file_name().is_none() || path.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        fs::create_dir_all(folder_of(path))?;
        temporary_in(folder_of(path)).map(drop)
    };
    check().map_err(FileError::when("write", path))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent().expect("a file is in a folder") {
        here if here.as_os_str().is_empty() => Path::new("."),
        folder => folder,
    }
}

/// Writes files into one folder, each as [`write()`] does; the folder is flushed once for many of them.
pub(crate) fn write_all<C: AsRef<[u8]>>(
    folder: &Path,
    files: &[(PathBuf, C)],
) -> Vec<Result<(), FileError>> {
    files.chunks(GROUP).flat_map(|group| write_group(folder, group)).collect()
}

fn write_group<C: AsRef<[u8]>>(
    folder: &Path,
    files: &[(PathBuf, C)],
) -> Vec<Result<(), FileError>> {
    let stage = |(path, content): &(PathBuf, C)| {
        let content = content.as_ref();
        Staged::new(folder, path, content, |file| file.write_all(content))
    };
    let staged: Vec<_> = files.iter().map(stage).collect();
    let settled = settle_all(staged);
    let is_changed = settled.iter().any(|result| matches!(result, Ok(true)));
    let flushed = if is_changed { sync_folder(folder) } else { Ok(()) };
    let result =
        |(settled, (path, _)): (Result<bool, FileError>, &(PathBuf, C))| match (settled?, &flushed)
        {
            (true, Err(error)) => Err(FileError::when("write", path)(error.kind().into())),
            _ => Ok(()),
        };
    settled.into_iter().zip(files).map(result).collect()
}

/// What came of writing a file that may have been there already.
type Staging = Result<Option<Staged>, FileError>;

/// Puts files in their places; of each, whether it was not there already.
///
/// Many threads wait for the disk at once: what they flush goes out together, where one after the
/// other would take as many turns of the disk as there are files.
fn settle_all(staged: Vec<Staging>) -> Vec<Result<bool, FileError>> {
    let helpers = staged.len().min(FLUSHERS).saturating_sub(1);
    let waiting = Mutex::new(staged.into_iter().enumerate());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    let settle_some = || {
        let one = |(number, staged)| (number, settle(staged));
        std::iter::from_fn(next).map(one).collect::<Vec<_>>()
    };
    let mut settled = thread::scope(|scope| {
        let start = |_| thread::Builder::new().spawn_scoped(scope, settle_some).ok();
        // Where the system has no thread left, there are fewer.
        let helpers: Vec<_> = (0..helpers).map_while(start).collect();
        let mut settled = settle_some();
        let join =
            |helper: ScopedJoinHandle<'_, _>| helper.join().expect("settling does not panic");
        settled.extend(helpers.into_iter().flat_map(join));
        settled
    });
    settled.sort_unstable_by_key(|(number, _)| *number);
    settled.into_iter().map(|(_, result)| result).collect()
}

fn settle(staged: Staging) -> Result<bool, FileError> {
    match staged? {
        Some(staged) => staged.settle().map(|()| true),
        None => Ok(false),
    }
}

/// A file that is written, but not in its place yet. Dropping it leaves no trace.
struct Staged {
    path: PathBuf,
    temporary: tempfile::NamedTempFile,
}

impl Staged {
    /// Writes a file to be put at `path`, in `folder`, which is made; nothing if it is there already.
    /// `fill` writes the content, so that a test can make that fail.
    fn new(
        folder: &Path,
        path: &Path,
        content: &[u8],
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<Option<Self>, FileError> {
        if has_content(path, content) {
            return Ok(None);
        }
        fs::create_dir_all(folder).map_err(FileError::when("make the folder", folder))?;
        let mut temporary = temporary_in(folder).map_err(FileError::when("write", path))?;
        fill(temporary.as_file_mut()).map_err(FileError::when("write", path))?;
        Ok(Some(Self { path: path.to_path_buf(), temporary }))
    }

    /// Flushes the file to the disk and puts it in its place.
    fn settle(self) -> Result<(), FileError> {
        let Self { path, temporary } = self;
        let flushed = temporary.as_file().sync_all();
        flushed
            .and_then(|()| temporary.persist(&path).map_err(|error| error.error))
            .map(drop)
            .map_err(FileError::when("write", &path))
    }
}

/// A temporary file with the permissions of any other new file instead of its owner's alone.
fn temporary_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX).suffix(TEMPORARY_SUFFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Makes a rename last. Some file systems cannot flush a folder, and then need not.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {
            Ok(())
        }
        other => other,
    }
}

/// Whether `path` is a file with exactly this content. Reads it only if its size fits.
#[must_use]
pub(crate) fn has_content(path: &Path, content: &[u8]) -> bool {
    let fits = |data: fs::Metadata| data.is_file() && data.len() == content.len() as u64;
    fs::metadata(path).is_ok_and(fits) && open::read(path).is_ok_and(|found| found == content)
}

/// Removes a file.
///
/// # Returns
/// Whether there was one.
///
/// # Errors
/// If it is still there.
pub(crate) fn remove(path: &Path) -> Result<bool, FileError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FileError::when("remove", path)(error)),
    }
}

/// Removes temporary files that a killed process left in `folder`. Only under the folder's lock:
/// without it, another writer's would be among them. One that cannot be removed does no harm.
pub(crate) fn remove_leftovers(folder: &Path) {
    for item in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = item.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(TEMPORARY_PREFIX.as_bytes())
            && name.ends_with(TEMPORARY_SUFFIX.as_bytes())
        {
            let _ = fs::remove_file(item.path());
        }
    }
}

#[cfg(test)]
mod tests;
