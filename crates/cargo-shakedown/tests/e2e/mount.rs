//! File systems that are full, or may not be written to.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A mount that ends with the test. Only the superuser can have it.
pub(crate) struct Mount(PathBuf);

impl Mount {
    /// A file system of 64 KiB.
    pub(crate) fn tiny(folder: &Path) -> Option<Self> {
        Self::new(folder, &["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
    }

    /// The folder itself, but not to be written to.
    pub(crate) fn bind_read_only(folder: &Path) -> Option<Self> {
        let source = folder.to_str().expect("the folder of a test has a plain name");
        let mount = Self::new(folder, &["--bind", source])?;
        let read_only = Command::new("mount").args(["-o", "remount,bind,ro"]).arg(folder).status();
        read_only.is_ok_and(|status| status.success()).then_some(mount)
    }

    fn new(folder: &Path, arguments: &[&str]) -> Option<Self> {
        let output = Command::new("mount").args(arguments).arg(folder).output();
        if output.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_path_buf()));
        }
        eprintln!("skipped: this user cannot mount file systems");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
