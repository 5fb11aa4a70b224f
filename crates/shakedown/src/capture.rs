//! Values of ordinary tests that become seeds: what [`capture!`](crate::capture!) does when that is
//! asked for.

use std::collections::{HashMap, HashSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use shakedown_core::codec::Writer;
use shakedown_core::schema::{Schema, shape};
use shakedown_core::testdata::{DEFAULT_MAX_LEN, folder, written_seed_name};
use shakedown_core::{CAPTURE_VARIABLE, corpus_file};

use crate::mode::is_worker;
use crate::replay::package_dir;
use crate::target::{Target, encoded};

/// Most seeds of a target that one process writes: a test may loop over a million values.
const MAX_WRITTEN: usize = 256;

/// Most reasons why something is not kept that are told of a target.
const MAX_COMPLAINTS: usize = 16;

/// The type itself, under a name of which no lint has an opinion: what a parameter refers to may be a
/// `String`, where nobody has the choice.
pub type Same<T> = T;

/// Whether values are captured in this process, and the file that is told of each seed.
static ASKED: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let value =
        std::env::var_os(CAPTURE_VARIABLE).filter(|value| !value.is_empty() && value != "0");
    value.filter(|_| !is_worker()).map(PathBuf::from)
});

/// What this process has captured, by the mark of the target.
static CAPTURED: Mutex<Option<HashMap<&'static str, Captured>>> = Mutex::new(None);

struct Captured {
    schema: Schema,
    /// Inputs that need no other look.
    seen: HashSet<Vec<u8>>,
    written: usize,
    /// What was told already.
    complaints: HashSet<String>,
}

/// Whether values are captured in this process.
#[must_use]
pub fn is_capturing() -> bool {
    ASKED.is_some()
}

/// Writes the input that `write` writes to the folder of the target, unless it is there already. What
/// cannot be kept is told once.
pub fn capture(target: &'static Target, write: impl FnOnce(&mut Writer)) {
    let Some(list) = &*ASKED else { return };
    let input = encoded(write);
    let mut captured = CAPTURED.lock().unwrap_or_else(PoisonError::into_inner);
    let captured = captured.get_or_insert_default();
    let captured = captured.entry(target.mark).or_insert_with(|| Captured::new(target));
    if captured.seen.contains(&input) {
        return;
    }
    match captured.keep(target, &input) {
        Ok(Some(path)) => told(list, &path),
        Ok(None) => {}
        Err(reason) => captured.complain(target, reason),
    }
    captured.seen.insert(input);
}

impl Captured {
    fn new(target: &Target) -> Self {
        let schema =
            (target.schema)().unwrap_or_else(|error| panic!("the argument types: {error}"));
        Self {
            schema,
            seen: (target.seeds)().into_iter().collect(),
            written: 0,
            complaints: HashSet::new(),
        }
    }

    /// Tells once why something is not kept.
    fn complain(&mut self, target: &Target, reason: String) {
        let is_told = self.complaints.len() >= MAX_COMPLAINTS || self.complaints.contains(&reason);
        if !is_told {
            // Not by `eprintln`, which the test harness would keep to itself.
            let _ = writeln!(io::stderr(), "warning: not captured for {}: {reason}", target.id());
            self.complaints.insert(reason);
        }
    }

    /// Writes an input; where, if it is new.
    fn keep(&mut self, target: &Target, input: &[u8]) -> Result<Option<PathBuf>, String> {
        shape::check(&self.schema, input).map_err(|error| error.to_string())?;
        let most = target.max_len.unwrap_or(DEFAULT_MAX_LEN as usize);
        let len = self.schema.content_len(input.len());
        if len > most {
            return Err(format!("it is longer than an input may be ({len} > {most} bytes)"));
        }
        let content = corpus_file::encode(&self.schema, input, &[]);
        let folder = package_dir(target).join(folder(target.id()));
        let path = folder.join(written_seed_name(&content));
        if path.exists() {
            return Ok(None);
        }
        if self.written == MAX_WRITTEN {
            return Err(format!(
                "these are more than {MAX_WRITTEN} values, of which the first are kept"
            ));
        }
        self.written += 1;
        write_whole(&folder, &path, &content)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(Some(path))
    }
}

/// Writes a file so that its readers see all of it or nothing.
fn write_whole(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    // The lock that is held makes it the only one of this process. Hidden files are no inputs.
    let temporary = folder.join(format!(".shakedown-capture-{}.tmp", std::process::id()));
    fs::write(&temporary, content)?;
    fs::rename(&temporary, path)
}

/// Tells whoever asked where a seed is: in the file that was named, else on standard error.
fn told(list: &Path, path: &Path) {
    let line = format!("{}\n", path.display());
    let file = OpenOptions::new().append(true).open(list).ok().filter(|_| list.is_absolute());
    let _ = match file {
        Some(mut file) => file.write_all(line.as_bytes()),
        None => write!(io::stderr(), "captured: {line}"),
    };
}
