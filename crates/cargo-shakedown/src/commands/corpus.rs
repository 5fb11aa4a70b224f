//! `cargo shakedown corpus`: look at corpora, take entries in, hand them out, throw them away.

use serde_json::json;

use super::{USAGE, wishes};
use crate::cli;
use crate::drive::ask;
use crate::report::counted;
use crate::select::{self, Selected};
use crate::store::corpus::{BadFile, Corpus};
use crate::store::exchange::{Printed, Tally, clean, export, import, show, show_file, stats};

pub(super) fn run(command: cli::Corpus) -> anyhow::Result<u8> {
    match command {
        cli::Corpus::Stats(options) => run_stats(&options),
        cli::Corpus::Show(options) => run_show(&options),
        cli::Corpus::Import(options) => run_import(&options),
        cli::Corpus::Export(options) => run_export(&options),
        cli::Corpus::Clean(options) => run_clean(&options),
    }
}

fn open(target: &Selected) -> anyhow::Result<Corpus> {
    let limits =
        cli::Limits { timeout: None, memory_limit: Some(0), stack_size: None, isolate: false };
    let (_, greeting) = ask(&target.binary, &target.label.target, &wishes(&limits, 1, false))?;
    Ok(Corpus::open(target.locations.clone(), greeting.schema, u32::MAX as usize))
}

fn complain(bad: &[BadFile]) {
    for file in bad {
        eprintln!("warning: {file}");
    }
}

fn run_stats(options: &cli::CorpusOf) -> anyhow::Result<u8> {
    for target in select::targets(&options.build, &options.filters)? {
        let stats = stats(&open(&target)?)?;
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
            println!("{line}");
            continue;
        }
        println!("{}", target.label.label);
        for (name, tally) in
            [("seeds", stats.seeds), ("findings", stats.findings), ("entries", stats.entries)]
        {
            println!("    {name:<9} {:>7} files {:>12} bytes", tally.files, tally.bytes);
        }
        if let Some((path, size)) = &stats.largest {
            println!("    largest   {} ({size} bytes)", path.display());
        }
        if stats.duplicates > 0 {
            let files = counted(stats.duplicates, "cached file");
            println!("    besides, {files} with the input of a seed or another entry");
        }
        if stats.oversized > 0 {
            let files = counted(stats.oversized, "cached file");
            println!("    besides, {files} with a longer input than allowed");
        }
        println!("    testdata  {}", target.locations.testdata.display());
        println!("    cache     {}", target.locations.cache.display());
        complain(&stats.bad);
    }
    Ok(0)
}

fn run_show(options: &cli::CorpusShow) -> anyhow::Result<u8> {
    let target = select::target(&options.build, &options.target)?;
    let corpus = open(&target)?;
    let print = |printed: &Printed| {
        println!("// {}\n{}", printed.file.path.display(), printed.text.trim_end());
    };
    if options.entries.is_empty() {
        let shown = show(&corpus, "", options.limit)?;
        shown.files.iter().for_each(print);
        if shown.more > 0 {
            println!("// and {} more: --limit {}", shown.more, options.limit + shown.more);
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
        shown.files.iter().for_each(print);
    }
    Ok(0)
}

fn run_import(options: &cli::CorpusImport) -> anyhow::Result<u8> {
    let target = select::target(&options.build, &options.target)?;
    let corpus = open(&target)?;
    let lock = corpus.lock()?;
    let imported = import(&corpus, &lock, &options.paths)?;
    complain(&imported.bad);
    println!(
        "{} imported into {}, {} known already, {} left out",
        counted(imported.added.len(), "new entry"),
        corpus.locations().cache.display(),
        imported.duplicates,
        imported.bad.len() + imported.oversized.len(),
    );
    // A script should notice when nothing at all was an input of the target.
    Ok(if imported.added.is_empty() && imported.duplicates == 0 { USAGE } else { 0 })
}

fn run_export(options: &cli::CorpusExport) -> anyhow::Result<u8> {
    let target = select::target(&options.build, &options.target)?;
    let exported = export(&open(&target)?, &options.folder)?;
    complain(&exported.bad);
    println!(
        "{} written, {} there already, in {}",
        counted(exported.written, "file"),
        exported.unchanged,
        options.folder.display()
    );
    Ok(0)
}

fn run_clean(options: &cli::CorpusClean) -> anyhow::Result<u8> {
    for target in select::targets(&options.build, &options.filters)? {
        let corpus = open(&target)?;
        let cleaned = clean(&corpus, &corpus.lock()?, options.bad)?;
        println!(
            "{}: {} removed ({}), {} kept",
            target.label.label,
            counted(cleaned.removed.len(), "file"),
            counted(cleaned.bytes as usize, "byte"),
            cleaned.kept.len(),
        );
    }
    Ok(0)
}
