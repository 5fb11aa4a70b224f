//! `cargo shakedown corpus migrate`: shows what today's form of seeds and findings is, and writes it.

use super::ask;
use super::output::{Notes, Output};
use crate::report::counted;
use crate::select::{self, Selection};
use crate::store::exchange::{Outdated, outdated, update};

/// What `corpus migrate` is to do.
#[derive(Debug)]
pub(crate) struct MigrateOptions {
    /// The targets.
    pub targets: Selection,
    /// Write the files, instead of only showing what would change.
    pub write: bool,
}

pub(super) fn run(options: &MigrateOptions, out: &mut Output) -> anyhow::Result<u8> {
    for target in select::targets(&options.targets)? {
        let (_, corpus) = ask(&target)?;
        let found = outdated(&corpus)?;
        for file in &found.files {
            writeln!(out, "{}", shown(file).trim_end());
            if options.write {
                update(file)?;
            }
        }
        for bad in &found.bad {
            writeln!(Notes, "warning: {bad}");
        }
        let done = match options.write {
            _ if found.files.is_empty() => "to migrate",
            true => "migrated",
            false => "to migrate: --write does it",
        };
        writeln!(
            out,
            "{}: {} {done}, {} in the form of today, {} left as they are",
            target.label.label,
            counted(found.files.len(), "file"),
            found.current,
            found.bad.len(),
        );
    }
    Ok(0)
}

/// What changes in a file, and why.
fn shown(file: &Outdated) -> String {
    let mut text = format!("{}\n", file.path.display());
    for remark in &file.new.remarks {
        text.push_str(&format!("  // {remark}\n"));
    }
    text + &difference(&file.old, &file.new.text)
}

/// The lines that differ, but for those that both begin and end with.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| {
        pairs.take_while(|(old, new)| old == new).count()
    };
    let before = same(&mut old.iter().zip(&new));
    let (old, new) = (&old[before..], &new[before..]);
    let after = same(&mut old.iter().rev().zip(new.iter().rev()));
    let marked = |mark: char, lines: &[&str]| -> String {
        lines[..lines.len() - after].iter().map(|line| format!("{mark} {line}\n")).collect()
    };
    marked('-', old) + &marked('+', new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lines_that_differ_are_shown() {
        assert_eq!(difference("a\nb\nc\n", "a\nx\ny\nc\n"), "- b\n+ x\n+ y\n");
        assert_eq!(difference("a\n", "a\nb\n"), "+ b\n");
        assert_eq!(difference("a\na\n", "a\n"), "- a\n");
        assert_eq!(difference("a\n", "a\n"), "");
    }
}
