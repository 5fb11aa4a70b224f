//! `cargo shakedown list`: the targets, their arguments, and how much is in their corpora.

use serde_json::{Value, json};
use shakedown_core::describe::describe_arguments;
use shakedown_core::wire::Greeting;

use super::output::{Notes, Output};
use super::{USAGE, ask, write_failed};
use crate::report::{counted, visible};
use crate::select::{self, Chosen, Selected, Selection};
use crate::store::exchange::{Stats, stats};

/// What `list` is to do.
#[derive(Debug)]
pub(crate) struct ListOptions {
    /// The targets.
    pub targets: Selection,
    /// Write JSON instead of text.
    pub json: bool,
    /// Write only names.
    pub names: bool,
}

pub(super) fn run(options: &ListOptions, out: &mut Output) -> anyhow::Result<u8> {
    if options.names {
        let names = select::names(&options.targets)?;
        names.iter().for_each(|name| writeln!(out, "{}", name.target));
        return Ok(0);
    }
    let Chosen { targets, warnings, not_run, .. } = select::chosen(&options.targets)?;
    for warning in warnings.iter().chain(&not_run) {
        writeln!(Notes, "warning: {}", visible(warning));
    }
    let mut status = 0;
    for target in targets {
        if out.is_closed() {
            break;
        }
        let (greeting, corpus) = match ask(&target) {
            Ok(answer) => answer,
            Err(error) => {
                write_failed(&target.label, "target", &error, options.json, out);
                status = USAGE;
                continue;
            }
        };
        let stats = stats(&corpus)?;
        match options.json {
            true => writeln!(out, "{}", line(&target, &greeting, &stats)),
            false => write_text(&target, &greeting, &stats, out),
        }
    }
    Ok(status)
}

/// All seeds: of the attribute, and of the folder.
fn seeds(greeting: &Greeting, stats: &Stats) -> usize {
    greeting.seeds.len() + stats.seeds.files
}

fn line(target: &Selected, greeting: &Greeting, stats: &Stats) -> Value {
    json!({
        "type": "target",
        "package": target.label.package,
        "target": target.label.target,
        "arguments": describe_arguments(&greeting.schema),
        "seeds": seeds(greeting, stats),
        "findings": stats.findings.files,
        "entries": stats.entries.files,
        "counters": greeting.counters,
        "binary": target.program.path,
        "testdata": target.locations.testdata,
        "cache": target.locations.cache,
    })
}

fn write_text(target: &Selected, greeting: &Greeting, stats: &Stats, out: &mut Output) {
    writeln!(out, "{}({})", target.label.whole(), describe_arguments(&greeting.schema));
    writeln!(
        out,
        "    {}, {}, {}, {}",
        counted(seeds(greeting, stats), "seed"),
        counted(stats.findings.files, "finding"),
        counted(stats.entries.files, "cached entry"),
        counted(greeting.counters as usize, "counter"),
    );
}
