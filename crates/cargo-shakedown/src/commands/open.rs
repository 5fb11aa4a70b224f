//! Opening what was written in the user's browser.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::output::Notes;
use crate::report::{from_here, visible};

/// Opens a file in `$BROWSER`, or what the desktop has for it. It is not waited for, and if there is
/// none, that is said.
pub(super) fn open(path: &Path) {
    let browser = std::env::var_os("BROWSER").filter(|name| !name.is_empty());
    let program = browser.unwrap_or_else(|| "xdg-open".into());
    let mut command = Command::new(&program);
    command.arg(std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // It outlives this process, also after ^C.
    if let Err(error) = command.process_group(0).spawn() {
        let (file, program) = (from_here(path).display().to_string(), program.to_string_lossy());
        let text = format!("cannot open {file} with {program}: {error}; $BROWSER can name another");
        writeln!(Notes, "warning: {}", visible(&text));
    }
}
