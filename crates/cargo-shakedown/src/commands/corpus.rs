//! `cargo shakedown corpus`: inspects, imports, exports and cleans corpora.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::merge;
use super::migrate::{self, MigrateOptions};
use super::output::{Notes, Output};
use super::shrink::{self, ShrinkOptions};
use super::{USAGE, ask, write_failed};
use crate::report::{counted, visible};
use crate::select::{self, Selected, Selection};
use crate::store::corpus::BadFile;
use crate::store::exchange::{
    Imported, Printed, Stats, Tally, clean, cleanable, export, import, show, show_file, stats,
};
use crate::worker::{Limits, value};

/// What to do with corpora.
#[derive(Debug)]
pub(crate) enum CorpusCommand {
    /// Count.
    Stats(StatsOptions),
    /// Print entries.
    Show(ShowOptions),
    /// Copy files into the cache.
    Import(ImportOptions),
    /// Copy everything to a folder.
    Export(ExportOptions),
    /// Delete entries that are not needed.
    Shrink(ShrinkOptions),
    /// Bring files into the form of today.
    Migrate(MigrateOptions),
    /// Delete entries.
    Clean(CleanOptions),
}

/// What `corpus stats` is to do.
#[derive(Debug)]
pub(crate) struct StatsOptions {
    /// The targets.
    pub targets: Selection,
    /// Write JSON instead of text.
    pub json: bool,
}

/// What `corpus show` is to do.
#[derive(Debug)]
pub(crate) struct ShowOptions {
    /// The target.
    pub target: Selection,
    /// Beginnings of names of entries, or files; all entries if there are none.
    pub entries: Vec<PathBuf>,
    /// Most entries.
    pub limit: usize,
}

/// What `corpus import` is to do.
#[derive(Debug)]
pub(crate) struct ImportOptions {
    /// The target.
    pub target: Selection,
    /// Files, and folders of files.
    pub paths: Vec<PathBuf>,
    /// Take only what reaches anything new, under these limits.
    pub only_new: Option<Limits>,
}

/// What `corpus export` is to do.
#[derive(Debug)]
pub(crate) struct ExportOptions {
    /// The target.
    pub target: Selection,
    /// Where to.
    pub folder: PathBuf,
}

/// What `corpus clean` is to do.
#[derive(Debug)]
pub(crate) struct CleanOptions {
    /// The targets.
    pub targets: Selection,
    /// Also delete what is not an input of the target.
    pub bad: bool,
    /// Only say what would be deleted.
    pub dry_run: bool,
}

pub(super) fn run(command: CorpusCommand, out: &mut Output) -> anyhow::Result<u8> {
    match command {
        CorpusCommand::Stats(options) => run_stats(&options, out),
        CorpusCommand::Show(options) => run_show(&options, out),
        CorpusCommand::Import(options) => run_import(&options, out),
        CorpusCommand::Export(options) => run_export(&options, out),
        CorpusCommand::Shrink(options) => shrink::run(&options, out),
        CorpusCommand::Migrate(options) => migrate::run(&options, out),
        CorpusCommand::Clean(options) => run_clean(&options, out),
    }
}

fn warn(bad: &[BadFile]) {
    for file in bad {
        writeln!(Notes, "warning: {file}");
    }
}

fn run_stats(options: &StatsOptions, out: &mut Output) -> anyhow::Result<u8> {
    let mut status = 0;
    for target in select::targets(&options.targets)? {
        if out.is_closed() {
            break;
        }
        let found =
            ask(&target).and_then(|(greeting, corpus)| Ok((greeting.seeds.len(), stats(&corpus)?)));
        match found {
            Ok((seeds, stats)) => match options.json {
                true => writeln!(out, "{}", stats_line(&target, seeds, &stats)),
                false => write_stats(&target, seeds, &stats, out),
            },
            Err(error) => {
                write_failed(&target.label, "corpus", &error, options.json, out);
                status = USAGE;
            }
        }
    }
    Ok(status)
}

fn stats_line(target: &Selected, attribute_seeds: usize, stats: &Stats) -> Value {
    let tally = |tally: Tally| json!({ "files": tally.files, "bytes": tally.bytes });
    json!({
        "type": "corpus",
        "package": target.label.package,
        "target": target.label.target,
        "attribute_seeds": attribute_seeds,
        "seeds": tally(stats.seeds),
        "findings": tally(stats.findings),
        "entries": tally(stats.entries),
        "duplicates": stats.duplicates,
        "bad": stats.bad.iter().map(|bad| &bad.path).collect::<Vec<_>>(),
        "testdata": target.locations.testdata,
        "cache": target.locations.cache,
    })
}

fn write_stats(target: &Selected, attribute_seeds: usize, stats: &Stats, out: &mut Output) {
    writeln!(out, "{}", target.label.label);
    writeln!(out, "    attribute {attribute_seeds:>7} seeds");
    for (name, tally) in
        [("seeds", stats.seeds), ("findings", stats.findings), ("entries", stats.entries)]
    {
        writeln!(out, "    {name:<9} {:>7} files {:>12} bytes", tally.files, tally.bytes);
    }
    if let Some((path, size)) = &stats.largest {
        writeln!(out, "    largest   {} ({size} bytes)", path.display());
    }
    let mut more = |count, what| writeln!(out, "    {} {what}", counted(count, "more cached file"));
    let others = [
        (stats.duplicates, "with the input of a seed or another entry"),
        (stats.oversized, "with an input beyond the length limit"),
    ];
    others.into_iter().filter(|(count, _)| *count > 0).for_each(|(count, what)| more(count, what));
    writeln!(out, "    testdata  {}", target.locations.testdata.display());
    writeln!(out, "    cache     {}", target.locations.cache.display());
    warn(&stats.bad);
}

fn run_show(options: &ShowOptions, out: &mut Output) -> anyhow::Result<u8> {
    let target = select::target(&options.target)?;
    let (_, corpus) = ask(&target)?;
    let mut print = |printed: &Printed| {
        writeln!(out, "// {}\n{}", printed.file.path.display(), printed.text.trim_end());
        let value = value(&target.program, corpus.schema(), &printed.file.input);
        value.iter().for_each(|value| writeln!(out, "{}", visible(value.trim_end())));
    };
    if options.entries.is_empty() {
        let shown = show(&corpus, "", options.limit)?;
        shown.files.iter().for_each(&mut print);
        if shown.more > 0 {
            writeln!(out, "// and {} more: --limit {}", shown.more, options.limit + shown.more);
        }
        warn(&shown.bad);
        return Ok(0);
    }
    for entry in &options.entries {
        if entry.is_file() {
            print(&show_file(&corpus, entry)?);
            continue;
        }
        let shown = show(&corpus, &entry.to_string_lossy(), options.limit)?;
        anyhow::ensure!(!shown.files.is_empty(), "no entry and no file `{}`", entry.display());
        shown.files.iter().for_each(&mut print);
    }
    Ok(0)
}

fn run_import(options: &ImportOptions, out: &mut Output) -> anyhow::Result<u8> {
    let target = select::target(&options.target)?;
    let (_, corpus) = ask(&target)?;
    let lock = corpus.lock()?;
    let imported = match &options.only_new {
        Some(limits) => merge::import_new(&target, limits, &corpus, &lock, &options.paths)?,
        None => import(&corpus, &lock, &options.paths, |_| anyhow::Ok(true))?,
    };
    for remark in about_files(&imported) {
        writeln!(Notes, "warning: {remark}");
    }
    writeln!(
        out,
        "{} imported into {}, {} already there, {}{} skipped",
        counted(imported.added.len(), "new entry"),
        corpus.locations().cache.display(),
        imported.duplicates,
        match options.only_new {
            Some(_) => format!("{} that reach nothing new, ", imported.unwanted),
            None => String::new(),
        },
        imported.bad.len() + imported.oversized.len(),
    );
    // A script should notice when nothing at all was an input of the target.
    let taken = imported.added.len() + imported.duplicates + imported.unwanted;
    Ok(if taken == 0 { USAGE } else { 0 })
}

/// Most remarks about imported files.
const MAX_REMARKS: usize = 5;

/// What is to be said about imported files, once for all about which it is the same, and no more than
/// a few: a folder of another target has a mistake in every file.
fn about_files(imported: &Imported) -> Vec<String> {
    let bad = imported.bad.iter().map(|bad| (bad.place(), bad.message()));
    let odd = imported.odd.iter().map(|(path, remarks)| {
        let messages: Vec<&str> = remarks.iter().map(|remark| remark.message.as_str()).collect();
        (path.display().to_string(), messages.join("; "))
    });
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for (place, message) in bad.chain(odd) {
        match said.iter_mut().find(|(known, _)| *known == message) {
            Some((_, places)) => places.push(place),
            None => said.push((message, vec![place])),
        }
    }
    let left: usize = said.iter().skip(MAX_REMARKS).map(|(_, places)| places.len()).sum();
    let line = |(message, places): (String, Vec<String>)| match &places[..] {
        [only] => format!("{only}: {message}"),
        many => {
            let more = counted(many.len() - 1, "more file");
            format!("{}: {message} (and in {more})", many[0])
        }
    };
    let mut lines: Vec<String> = said.into_iter().take(MAX_REMARKS).map(line).collect();
    if left > 0 {
        lines.push(format!("similar warnings for {}", counted(left, "more file")));
    }
    lines
}

fn run_export(options: &ExportOptions, out: &mut Output) -> anyhow::Result<u8> {
    let target = select::target(&options.target)?;
    let (greeting, corpus) = ask(&target)?;
    let exported = export(&corpus, &greeting.seeds, &options.folder)?;
    warn(&exported.bad);
    writeln!(
        out,
        "{} written to {}, {} already there",
        counted(exported.written, "file"),
        options.folder.display(),
        exported.unchanged,
    );
    Ok(0)
}

fn run_clean(options: &CleanOptions, out: &mut Output) -> anyhow::Result<u8> {
    for target in select::targets(&options.targets)? {
        let (_, corpus) = ask(&target)?;
        // Looking needs no lock.
        let lock = if options.dry_run { None } else { Some(corpus.lock()?) };
        let found = cleanable(&corpus, options.bad)?;
        let removed = match lock {
            Some(lock) => clean(&corpus, &lock, &found).map(|()| "removed")?,
            None => "would be removed",
        };
        writeln!(
            out,
            "{}: {} ({}) {removed} from {}, {} kept",
            target.label.label,
            counted(found.files.len(), "file"),
            counted(found.bytes as usize, "byte"),
            corpus.locations().cache.display(),
            found.kept.len(),
        );
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use shakedown_core::literal::Diagnostic;

    use super::*;
    use crate::store::corpus::Problem;

    #[test]
    fn the_same_remark_about_many_files_is_made_once() {
        let diagnostic =
            |line, message: &str| Diagnostic { line, column: 1, message: message.into() };
        let path = |name: &str| PathBuf::from(name);
        let bad = |name: &str, message: &str| BadFile {
            path: path(name),
            problem: Problem::Malformed(diagnostic(2, message)),
        };
        let remarks = vec![diagnostic(2, "skipped `x`"), diagnostic(3, "skipped `y`")];
        let mut imported = Imported {
            bad: vec![bad("a", "no input"), bad("b", "no input"), bad("c", "no number")],
            odd: vec![(path("d"), remarks)],
            ..Imported::default()
        };
        let said = [
            "a:2:1: no input (and in 1 more file)",
            "c:2:1: no number",
            "d: skipped `x`; skipped `y`",
        ];
        assert_eq!(about_files(&imported), said);
        for number in 0..9 {
            imported.bad.push(bad("e", &format!("no {number}")));
        }
        let said = about_files(&imported);
        assert_eq!(said.last().map(String::as_str), Some("similar warnings for 7 more files"));
    }
}
