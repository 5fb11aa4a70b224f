//! `cargo shakedown corpus`: look at corpora, take entries in, hand them out, throw them away.

use serde_json::json;

use super::output::{Notes, Output};
use super::{USAGE, tell_failed, wishes};
use crate::cli;
use crate::drive::ask;
use crate::report::counted;
use crate::select::{self, Selected};
use crate::store::corpus::{BadFile, Corpus};
use crate::store::exchange::{
    Imported, Printed, Tally, clean, cleanable, export, import, show, show_file, stats,
};

pub(super) fn run(command: cli::Corpus, out: &mut Output) -> anyhow::Result<u8> {
    match command {
        cli::Corpus::Stats(options) => run_stats(&options, out),
        cli::Corpus::Show(options) => run_show(&options, out),
        cli::Corpus::Import(options) => run_import(&options, out),
        cli::Corpus::Export(options) => run_export(&options, out),
        cli::Corpus::Clean(options) => run_clean(&options, out),
    }
}

fn open(target: &Selected) -> anyhow::Result<Corpus> {
    Ok(open_with_seeds(target)?.0)
}

/// The corpus of a target, and the seeds of its attribute.
fn open_with_seeds(target: &Selected) -> anyhow::Result<(Corpus, Vec<Vec<u8>>)> {
    let limits =
        cli::Limits { timeout: None, memory_limit: Some(0), stack_size: None, isolate: false };
    let (_, greeting) = ask(&target.program, &target.label.target, &wishes(&limits, 1, false))?;
    let corpus = Corpus::open(target.locations.clone(), greeting.schema, u32::MAX as usize);
    Ok((corpus, greeting.seeds))
}

fn complain(bad: &[BadFile]) {
    for file in bad {
        writeln!(Notes, "warning: {file}");
    }
}

fn run_stats(options: &cli::CorpusOf, out: &mut Output) -> anyhow::Result<u8> {
    let mut status = 0;
    for target in select::targets(&options.build, &options.filters)? {
        if out.is_closed() {
            break;
        }
        let stats = match open(&target).and_then(|corpus| Ok(stats(&corpus)?)) {
            Ok(stats) => stats,
            Err(error) => {
                tell_failed(&target.label, "corpus", &error, options.json, out);
                status = USAGE;
                continue;
            }
        };
        if options.json {
            let tally = |tally: Tally| json!({ "files": tally.files, "bytes": tally.bytes });
            let line = json!({
                "type": "corpus",
                "package": target.label.package,
                "target": target.label.target,
                "seeds": tally(stats.seeds),
                "findings": tally(stats.findings),
                "entries": tally(stats.entries),
                "duplicates": stats.duplicates,
                "bad": stats.bad.iter().map(|bad| &bad.path).collect::<Vec<_>>(),
                "testdata": target.locations.testdata,
                "cache": target.locations.cache,
            });
            writeln!(out, "{line}");
            continue;
        }
        writeln!(out, "{}", target.label.label);
        for (name, tally) in
            [("seeds", stats.seeds), ("findings", stats.findings), ("entries", stats.entries)]
        {
            writeln!(out, "    {name:<9} {:>7} files {:>12} bytes", tally.files, tally.bytes);
        }
        if let Some((path, size)) = &stats.largest {
            writeln!(out, "    largest   {} ({size} bytes)", path.display());
        }
        if stats.duplicates > 0 {
            let files = counted(stats.duplicates, "cached file");
            writeln!(out, "    besides, {files} with the input of a seed or another entry");
        }
        if stats.oversized > 0 {
            let files = counted(stats.oversized, "cached file");
            writeln!(out, "    besides, {files} with a longer input than allowed");
        }
        writeln!(out, "    testdata  {}", target.locations.testdata.display());
        writeln!(out, "    cache     {}", target.locations.cache.display());
        complain(&stats.bad);
    }
    Ok(status)
}

fn run_show(options: &cli::CorpusShow, out: &mut Output) -> anyhow::Result<u8> {
    let target = select::target(&options.build, &options.target)?;
    let corpus = open(&target)?;
    let mut print = |printed: &Printed| {
        writeln!(out, "// {}\n{}", printed.file.path.display(), printed.text.trim_end());
    };
    if options.entries.is_empty() {
        let shown = show(&corpus, "", options.limit)?;
        shown.files.iter().for_each(&mut print);
        if shown.more > 0 {
            writeln!(out, "// and {} more: --limit {}", shown.more, options.limit + shown.more);
        }
        complain(&shown.bad);
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

fn run_import(options: &cli::CorpusImport, out: &mut Output) -> anyhow::Result<u8> {
    let target = select::target(&options.build, &options.target)?;
    let corpus = open(&target)?;
    let lock = corpus.lock()?;
    let imported = import(&corpus, &lock, &options.paths)?;
    for remark in about_files(&imported) {
        writeln!(Notes, "warning: {remark}");
    }
    writeln!(
        out,
        "{} imported into {}, {} known already, {} left out",
        counted(imported.added.len(), "new entry"),
        corpus.locations().cache.display(),
        imported.duplicates,
        imported.bad.len() + imported.oversized.len(),
    );
    // A script should notice when nothing at all was an input of the target.
    Ok(if imported.added.is_empty() && imported.duplicates == 0 { USAGE } else { 0 })
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
        lines.push(format!("the like in {}", counted(left, "more file")));
    }
    lines
}

fn run_export(options: &cli::CorpusExport, out: &mut Output) -> anyhow::Result<u8> {
    let target = select::target(&options.build, &options.target)?;
    let (corpus, seeds) = open_with_seeds(&target)?;
    let exported = export(&corpus, &seeds, &options.folder)?;
    complain(&exported.bad);
    writeln!(
        out,
        "{} written, {} there already, in {}",
        counted(exported.written, "file"),
        exported.unchanged,
        options.folder.display()
    );
    Ok(0)
}

fn run_clean(options: &cli::CorpusClean, out: &mut Output) -> anyhow::Result<u8> {
    for target in select::targets(&options.build, &options.filters)? {
        let corpus = open(&target)?;
        // Who only looks need not wait for anyone.
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
        assert_eq!(said.last().map(String::as_str), Some("the like in 7 more files"));
    }
}
