//! The files that a target's `seed_files` names. They may be anybody's, so what is no input is told, and
//! fails nothing.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use shakedown_core::corpus_file;
use shakedown_core::schema::Schema;
use shakedown_core::testdata::{Item, ItemKind, MAX_SEED_FILE, SeedFiles, seed_files};

use super::inputs::{Case, Origin};
use crate::target::Target;

/// Adds the inputs in these files. What people should know is written to standard error.
pub(super) fn load(target: &Target, schema: &Schema, package: &Path, cases: &mut Vec<Case>) {
    let patterns = target.seed_patterns();
    let found = seed_files(&patterns, |folder| items(&package.join(folder)));
    let SeedFiles { files, mut warnings } = found;
    let (mut first, mut bad) = (None, 0_usize);
    for file in files {
        let path = package.join(&file);
        let shown = file.display().to_string();
        match read(schema, &path) {
            Ok(input) => {
                cases.push(Case { origin: Origin::File { shown, path }, inputs: vec![input] });
            }
            Err(reason) => {
                bad += 1;
                first.get_or_insert(format!("no seed: {shown}:{reason}"));
            }
        }
    }
    warnings.extend(first.map(|first| match bad {
        1 => first,
        2 => format!("{first} (and 1 more file)"),
        _ => format!("{first} (and {} more files)", bad - 1),
    }));
    for warning in warnings {
        // Not by `eprintln`, which the test harness would keep to itself.
        let _ = writeln!(io::stderr(), "warning: {}: {warning}", target.id());
    }
}

/// What is in a folder. What cannot be looked at is not there.
fn items(folder: &Path) -> Vec<Item> {
    let items = fs::read_dir(folder).into_iter().flatten().flatten();
    let item = |item: fs::DirEntry| {
        let name = item.file_name().into_string().ok()?;
        let data = item.metadata().ok()?;
        let kind = match data.file_type() {
            kind if kind.is_file() => ItemKind::File(data.len()),
            kind if kind.is_dir() => ItemKind::Folder,
            kind if kind.is_symlink() => ItemKind::Link,
            _ => ItemKind::Other,
        };
        Some(Item { name, kind })
    };
    items.filter_map(item).collect()
}

/// The input in a file, or the place in it and what is wrong there.
fn read(schema: &Schema, path: &Path) -> Result<Vec<u8>, String> {
    let content = content(path).map_err(|error| format!(" it cannot be read: {error}"))?;
    let read = corpus_file::decode_stranger(schema, &content);
    read.map(|parsed| parsed.input).map_err(|error| error.to_string())
}

/// What is in a regular file, which is not waited for if it has become anything else.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let data = file.metadata()?;
    if !data.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut content = Vec::new();
    // It may grow meanwhile.
    file.take(MAX_SEED_FILE + 1).read_to_end(&mut content)?;
    match content.len() as u64 <= MAX_SEED_FILE {
        true => Ok(content),
        false => Err(io::Error::other(format!("it is larger than {MAX_SEED_FILE} bytes"))),
    }
}
