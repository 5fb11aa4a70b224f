//! `cargo shakedown replay`: runs inputs once each, every one in a fresh worker if the one before
//! was its end, and shows exactly what happens.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use shakedown_core::failure::Failure;
use shakedown_core::literal;
use shakedown_core::message::Outcome;

use super::{Internal, read_input, wishes};
use crate::cli;
use crate::drive::ask;
use crate::pool::{Control, CoverageMap, Done, Ended, How, Session};
use crate::report::{self, Paint, Screen};
use crate::select;
use crate::store::folder::is_readme;

pub(super) fn run(options: &cli::Replay) -> anyhow::Result<u8> {
    let files = expand(&options.files)?;
    let target = select::target(&options.build, &options.target)?;
    let wishes = wishes(&options.limits, 1, true);
    let (mut setup, greeting) = ask(&target.binary, &target.label.target, &wishes)?;
    let mut inputs = Vec::new();
    for file in files {
        inputs.push((read_input(&greeting.schema, &file)?, file));
    }
    let longest = inputs.iter().map(|(input, _)| input.len()).max().unwrap_or(0);
    setup.capacity = setup.max_len.max(longest);

    let counters = greeting.counters as usize;
    let map = CoverageMap::new(counters)?;
    let schema = Arc::new(greeting.schema);
    let control = Arc::new(Control::default());
    let text = |input: &[u8]| literal::print_arguments(&schema, input);
    let mut session = Session::new(Arc::new(setup), map.file(), control, schema.clone(), counters)?;
    let paint = Paint::new(Screen::of_stderr().colors);
    let mut failed = 0;
    for (input, file) in &inputs {
        let name = file.display();
        match session.replay(input) {
            Done::Answered(executed) => match executed.outcome {
                Outcome::Passed => eprintln!("{name}: {}", paint.good("ok")),
                Outcome::Rejected => eprintln!("{name}: {}", paint.mind("rejected")),
                Outcome::Failed(failure) => {
                    failed += 1;
                    show(file, &text(input), &failure, paint);
                }
            },
            Done::Ended(Ended { how: How::Target(_, failure), .. }) => {
                failed += 1;
                show(file, &text(input), &failure, paint);
            }
            Done::Ended(Ended { how: How::Lost(reason), .. }) => {
                anyhow::bail!("{name} could not be run: {reason}");
            }
            Done::Ended(Ended { how: How::Damaged(damage), .. }) => {
                let reason = damage.reason;
                anyhow::bail!(Internal(format!("{name} could not be run: {reason}")));
            }
            Done::Ended(Ended { how: How::Broken(reason), .. }) => {
                anyhow::bail!(Internal(format!("{name} could not be run: {reason}")));
            }
        }
    }
    session.stop(&mut |_| {});
    Ok(u8::from(failed > 0))
}

fn show(file: &Path, input: &str, failure: &Failure, paint: Paint) {
    let kind = paint.bad(failure.kind.name());
    eprintln!("{}: {kind}: {}", file.display(), failure.message.trim_end());
    if !failure.place.is_empty() {
        eprintln!("  at {}", failure.place);
    }
    report::shown_lines(input).iter().for_each(|line| eprintln!("    {line}"));
    for line in failure.backtrace.trim_end().lines() {
        eprintln!("  {line}");
    }
}

/// The files themselves, and those directly in folders, sorted by name.
fn expand(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            // A wrong name is told before the build, not after it.
            path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
            files.push(path.clone());
            continue;
        }
        let listed = crate::store::folder::files(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let inputs = listed.into_iter().filter(|file| !is_readme(&file.name));
        files.extend(inputs.map(|file| file.path));
    }
    Ok(files)
}
