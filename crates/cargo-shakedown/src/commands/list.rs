//! `cargo shakedown list`: the targets, their arguments, and how much is in their corpora.

use serde_json::json;
use shakedown_core::describe::describe_arguments;

use super::output::{Notes, Output};
use super::{USAGE, tell_failed, wishes};
use crate::cli;
use crate::drive::ask;
use crate::report::counted;
use crate::select;
use crate::store::corpus::Corpus;
use crate::store::exchange::stats;

pub(super) fn run(options: &cli::List, out: &mut Output) -> anyhow::Result<u8> {
    let limits =
        cli::Limits { timeout: None, memory_limit: Some(0), stack_size: None, isolate: false };
    let (targets, warnings) = select::targets_and_warnings(&options.build, &options.filters)?;
    for warning in warnings {
        writeln!(Notes, "warning: {warning}");
    }
    let mut status = 0;
    for target in targets {
        if out.is_closed() {
            break;
        }
        let greeting = match ask(&target.program, &target.label.target, &wishes(&limits, 1, false))
        {
            Ok((_, greeting)) => greeting,
            Err(error) => {
                tell_failed(&target.label, "target", &error, options.json, out);
                status = USAGE;
                continue;
            }
        };
        let arguments = describe_arguments(&greeting.schema);
        let corpus = Corpus::open(target.locations.clone(), greeting.schema.clone(), usize::MAX);
        let stats = stats(&corpus)?;
        let seeds = stats.seeds.files + greeting.seeds.len();
        if options.json {
            let line = json!({
                "type": "target",
                "package": target.label.package,
                "target": target.label.target,
                "arguments": arguments,
                "seeds": seeds,
                "findings": stats.findings.files,
                "entries": stats.entries.files,
                "counters": greeting.counters,
                "binary": target.program.path,
                "testdata": target.locations.testdata,
                "cache": target.locations.cache,
            });
            writeln!(out, "{line}");
        } else {
            writeln!(out, "{}({arguments})", target.label.whole());
            writeln!(
                out,
                "    {}, {}, {}, {}",
                counted(seeds, "seed"),
                counted(stats.findings.files, "finding"),
                counted(stats.entries.files, "cached entry"),
                counted(greeting.counters as usize, "counter"),
            );
        }
    }
    Ok(status)
}
