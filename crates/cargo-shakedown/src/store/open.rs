//! Opening files whose names are given and whose contents are anyone's: a corpus may come from an
//! archive or a repository, where a name may be a pipe, a device, a link out of the folder, or a file
//! without end. Everything that the store reads is read here.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use shakedown_core::testdata::MAX_FILE;

/// Reads a regular file of at most [`MAX_FILE`] bytes, which may be behind a link.
///
/// # Errors
/// If it cannot be opened, is anything else, or is longer.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_at_most(path, MAX_FILE)
}

/// As [`read`], for another limit.
fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open_to_read(path)?;
    let too_large = || Err(io::Error::other(format!("it is larger than {most} bytes")));
    let len = file.metadata()?.len();
    if len > most {
        return too_large();
    }
    let mut content = Vec::with_capacity(len as usize);
    // It may grow meanwhile.
    file.take(most + 1).read_to_end(&mut content)?;
    if content.len() as u64 > most { too_large() } else { Ok(content) }
}

/// As [`read`], as text.
///
/// # Errors
/// As [`read`], and if it is not UTF-8.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Opens a regular file, which may be behind a link.
///
/// # Errors
/// If it cannot be opened, or is anything else.
pub(super) fn open_to_read(path: &Path) -> io::Result<File> {
    open(path, OFlags::RDONLY)
}

/// Opens a regular file of our own to read and write it, or makes it. A link is none: what it leads to
/// may be anything of the user's.
///
/// # Errors
/// If it cannot be opened, or is anything else.
pub(super) fn open_own(path: &Path) -> io::Result<File> {
    open(path, OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW)
}

/// Opens a regular file without waiting for whoever is at the other end of anything else.
fn open(path: &Path, flags: OFlags) -> io::Result<File> {
    let flags = flags | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = match rustix::fs::open(path, flags, Mode::from_raw_mode(0o666)) {
        Ok(file) => File::from(file),
        Err(rustix::io::Errno::LOOP) if flags.contains(OFlags::NOFOLLOW) => {
            return Err(not_regular("a link"));
        }
        // What opening a socket gives, or a pipe or device that has no other end.
        Err(rustix::io::Errno::NXIO) => return Err(not_regular("a pipe, socket or device")),
        Err(error) => return Err(error.into()),
    };
    let kind = file.metadata()?;
    match kind.is_file() {
        true => Ok(file),
        false if kind.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        false => Err(not_regular("a pipe, socket or device")),
    }
}

fn not_regular(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, not a file"))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn reason(result: io::Result<impl std::fmt::Debug>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn only_regular_files_are_read_and_nothing_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("file"), "content").unwrap();
        symlink(at("file"), at("link")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("pipe"),
            rustix::fs::FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        assert_eq!(read(&at("file")).unwrap(), b"content");
        assert_eq!(read_text(&at("link")).unwrap(), "content");
        assert_eq!(reason(read(&at("pipe"))), "it is a pipe, socket or device, not a file");
        assert_eq!(reason(read(Path::new("/dev/zero"))), reason(read(&at("pipe"))));
        assert_eq!(read(dir.path()).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(read(&at("missing")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("large");
        fs::write(&path, [0; 11]).unwrap();
        assert_eq!(reason(read_at_most(&path, 10)), "it is larger than 10 bytes");
        assert_eq!(read_at_most(&path, 11).unwrap().len(), 11);
        let sparse = File::create(&path).unwrap();
        sparse.set_len(1 << 40).unwrap();
        assert!(reason(read_at_most(&path, 10)).contains("larger"));
    }

    #[test]
    fn what_is_written_to_is_never_behind_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("precious"), "content").unwrap();
        symlink(at("precious"), at("link")).unwrap();
        assert_eq!(reason(open_own(&at("link"))), "it is a link, not a file");
        open_own(&at("new")).unwrap();
        assert_eq!(fs::read(at("precious")).unwrap(), b"content");
        assert!(at("new").exists());
    }
}
