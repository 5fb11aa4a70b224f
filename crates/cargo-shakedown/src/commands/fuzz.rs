//! `cargo shakedown fuzz`: the campaign.

use std::hash::{BuildHasher, RandomState};
use std::io::{stderr, stdout};

use anyhow::Context;
use shakedown_core::dictionary;

use super::wishes;
use crate::cli;
use crate::drive::{self, Plan, Wishes, prepare};
use crate::report::{Json, Notice, Reporter, Screen, Text};
use crate::select;
use crate::store::coverage::Programs;

pub(super) fn run(options: cli::Fuzz) -> anyhow::Result<u8> {
    let mut tokens = Vec::new();
    for path in &options.dict {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the dictionary {}", path.display()))?;
        let parsed = dictionary::parse(&text)
            .map_err(|error| anyhow::anyhow!("{}:{error}", path.display()))?;
        tokens.extend(parsed);
    }
    let jobs = options.jobs.unwrap_or_else(processors);
    let wishes = wishes(&options.limits, jobs, false);
    let wishes = Wishes { max_len: options.max_len, dictionary: tokens, ..wishes };
    let (selected, warnings) = select::targets_and_warnings(&options.build, &options.filters)?;

    let mut reporters: Vec<Box<dyn Reporter>> = match options.json {
        true => vec![Box::new(Json::new(stdout()))],
        false => vec![Box::new(Text::new(stderr(), Screen::of_stderr()))],
    };
    for warning in warnings {
        reporters.report(&Notice::warning(warning));
    }
    let mut programs = Programs::default();
    let mut prepared = Vec::new();
    for target in selected {
        let select::Selected { binary, label, locations, .. } = target;
        prepared.push(prepare(&binary, label, locations, &wishes, &mut programs)?);
    }
    let plan = Plan {
        jobs,
        // A fresh hasher is seeded by the system; it need not be secret, only different.
        seed: options.seed.unwrap_or_else(|| RandomState::new().hash_one(0) >> 32),
        time: options.time,
        execs: options.execs,
        fail_fast: options.fail_fast,
        minimize_time: options.minimize_time,
    };
    Ok(drive::run(plan, prepared, &mut reporters)?.code())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
