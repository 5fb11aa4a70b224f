//! One coordinator at a time in a cache folder.
//!
//! The lock is the operating system's, on an open file: it ends with the process, however that
//! ends, and is not passed on to workers.

use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::file::{FileError, remove_leftovers};
use super::open;

/// Name of the file in the cache folder that carries the lock.
const LOCK_FILE: &str = ".lock";

/// The right to change a cache folder; given back when dropped.
#[derive(Debug)]
pub struct CacheLock {
    file: File,
}

/// Why a cache folder could not be locked.
#[derive(Debug)]
pub enum LockError {
    /// Another process works in it.
    Held {
        /// The folder.
        cache: PathBuf,
        /// The process, if it has left its number.
        pid: Option<u32>,
    },
    /// The folder or the lock file cannot be used.
    File(FileError),
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cache, pid) = match self {
            Self::File(error) => return error.fmt(f),
            Self::Held { cache, pid } => (cache.display(), pid),
        };
        write!(f, "another cargo shakedown ")?;
        if let Some(pid) = pid {
            write!(f, "(process {pid}) ")?;
        }
        write!(f, "is using the corpus in {cache}; wait for it, or give another with --corpus")
    }
}

impl std::error::Error for LockError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Held { .. } => None,
            Self::File(error) => error.source(),
        }
    }
}

impl CacheLock {
    /// Takes the lock of the folder `cache`, which is made if it is missing, and removes the
    /// temporary files that a killed process left there. Does not wait.
    ///
    /// # Errors
    /// If another process (or another `CacheLock` of this one) holds it, or the lock file cannot
    /// be made.
    pub fn acquire(cache: &Path) -> Result<Self, LockError> {
        let fail =
            |action, path| move |reason| LockError::File(FileError::when(action, path)(reason));
        fs::create_dir_all(cache).map_err(fail("make the folder", cache))?;
        let path = cache.join(LOCK_FILE);
        let mut file = open::open_own(&path).map_err(fail("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held { cache: cache.into(), pid: holder(&mut file) });
            }
            Err(TryLockError::Error(reason)) => return Err(fail("lock", &path)(reason)),
        }
        let mut lock = Self { file };
        // Only the lock counts; on a full disk the other side does not learn who holds it.
        let _ = lock.sign();
        remove_leftovers(cache);
        Ok(lock)
    }

    fn sign(&mut self) -> std::io::Result<()> {
        self.file.set_len(0)?;
        writeln!(self.file, "{}", std::process::id())
    }
}

/// The process that a lock file names.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    // A number is short, whatever else the file may hold.
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

impl Drop for CacheLock {
    /// Takes the number back, so that two equal campaigns leave equal folders.
    fn drop(&mut self) {
        // A number left behind does no harm: it is only read while the lock is held.
        let _ = self.file.set_len(0);
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;
    use std::process::{Command, Stdio};

    use super::*;

    /// Makes this test binary hold the lock of the folder it names, see [`hold`].
    const HOLD: &str = "SHAKEDOWN_TEST_HOLD_LOCK";

    #[test]
    fn the_second_learns_who_the_first_is() {
        let dir = tempfile::tempdir().unwrap();
        let cache = dir.path().join("not/yet/there");
        let first = CacheLock::acquire(&cache).unwrap();
        match CacheLock::acquire(&cache).unwrap_err() {
            LockError::Held { cache: held, pid } => {
                assert_eq!((held, pid), (cache.clone(), Some(std::process::id())));
            }
            LockError::File(error) => panic!("{error}"),
        }
        drop(first);
        CacheLock::acquire(&cache).unwrap();
    }

    #[test]
    fn the_message_says_what_to_do() {
        let held = |pid| LockError::Held { cache: "/c".into(), pid }.to_string();
        assert_eq!(
            held(Some(12)),
            "another cargo shakedown (process 12) is using the corpus in /c; wait for it, or give \
             another with --corpus"
        );
        assert!(held(None).starts_with("another cargo shakedown is using"));
    }

    #[test]
    fn the_lock_ends_with_a_killed_process() {
        let dir = tempfile::tempdir().unwrap();
        let mut holder = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::lock::tests::hold", "--ignored", "--nocapture"])
            .env(HOLD, dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = std::io::BufReader::new(holder.stdout.take().unwrap());
        assert!(output.lines().any(|line| line.unwrap().contains("holding")));
        match CacheLock::acquire(dir.path()).unwrap_err() {
            LockError::Held { pid, .. } => assert_eq!(pid, Some(holder.id())),
            LockError::File(error) => panic!("{error}"),
        }
        holder.kill().unwrap();
        holder.wait().unwrap();
        CacheLock::acquire(dir.path()).unwrap();
    }

    #[test]
    #[ignore = "a process of the test above"]
    fn hold() {
        let Some(dir) = std::env::var_os(HOLD) else { return };
        let _lock = CacheLock::acquire(Path::new(&dir)).unwrap();
        println!("holding");
        let _ = std::io::stdin().read_line(&mut String::new());
    }

    #[test]
    fn leftovers_are_swept_by_who_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(".shakedown-dead.tmp"), "half").unwrap();
        let _lock = CacheLock::acquire(dir.path()).unwrap();
        assert_eq!(crate::store::fixture::all_files(dir.path()), [LOCK_FILE]);
    }

    #[test]
    fn a_link_in_place_of_the_lock_is_refused_and_what_it_leads_to_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (cache, precious) = (dir.path().join("cache"), dir.path().join("precious"));
        fs::create_dir(&cache).unwrap();
        fs::write(&precious, "content").unwrap();
        std::os::unix::fs::symlink(&precious, cache.join(LOCK_FILE)).unwrap();
        let message = CacheLock::acquire(&cache).unwrap_err().to_string();
        assert!(message.ends_with(".lock: it is a link, not a file"), "{message}");
        assert_eq!(fs::read(&precious).unwrap(), b"content");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let message = CacheLock::acquire(&dir.path().join("file/cache")).unwrap_err().to_string();
        assert!(message.starts_with("cannot make the folder "), "{message}");
    }
}
