//! `cargo shakedown minimize`: a smaller input that fails in the same way.

use std::sync::Arc;

use anyhow::bail;
use shakedown_core::corpus_file;
use shakedown_core::message::Outcome;

use super::{Internal, read_input, wishes};
use crate::campaign::Status;
use crate::cli;
use crate::drive::{ask, headline};
use crate::pool::{Budget, Control, CoverageMap, Done, Ended, How, Session, investigate};
use crate::select;
use crate::store::corpus::Corpus;
use crate::store::file;

/// Most executions.
const EXECS: u64 = 10_000_000;

pub(super) fn run(options: &cli::Minimize) -> anyhow::Result<u8> {
    let target = select::target(&options.build, &options.target)?;
    let (mut setup, greeting) =
        ask(&target.binary, &target.label.target, &wishes(&options.limits, 1, false))?;
    let input = read_input(&greeting.schema, &options.file)?;
    setup.capacity = setup.max_len.max(input.len());
    let counters = greeting.counters as usize;
    let map = CoverageMap::new(counters)?;
    let schema = Arc::new(greeting.schema);
    let control = Arc::new(Control::default());
    let mut session = Session::new(Arc::new(setup), map.file(), control, schema.clone(), counters)?;

    let name = options.file.display();
    let failure = match session.replay(&input) {
        Done::Answered(executed) => match executed.outcome {
            Outcome::Failed(failure) => failure,
            Outcome::Passed | Outcome::Rejected => {
                bail!("{name} does not fail, so there is nothing to keep while making it smaller")
            }
        },
        Done::Ended(Ended { how: How::Target(_, failure), .. }) => failure,
        Done::Ended(Ended { how: How::Lost(reason), .. }) => bail!(reason),
        Done::Ended(Ended { how: How::Damaged(damage), .. }) => bail!(Internal(damage.reason)),
        Done::Ended(Ended { how: How::Broken(reason), .. }) => bail!(Internal(reason)),
    };
    eprintln!("{name}: {}: {}", failure.kind.name(), failure.message.trim_end());
    let budget = Budget { time: options.minimize_time, execs: EXECS };
    let result = investigate(&mut session, &input, failure, Some(budget));
    session.stop(&mut |_| {});
    if result.status != Status::Reproducible {
        bail!("{name} does not fail every time ({}), so it is left as it is", result.status);
    }
    let smaller = result.input;
    eprintln!(
        "{} bytes before, {} bytes after, {} executions",
        input.len(),
        smaller.len(),
        result.execs
    );
    if *smaller == *input && options.output.is_none() {
        eprintln!("nothing smaller was found, so nothing is written");
        println!("{}", options.file.display());
        return Ok(0);
    }
    let comment = headline(&result.failure);
    let path = match &options.output {
        Some(path) => {
            file::write(path, &corpus_file::encode(&schema, &smaller, &[&comment]))?;
            path.clone()
        }
        None => {
            let schema = schema.as_ref().clone();
            Corpus::open(target.locations, schema, usize::MAX)
                .add_finding(&smaller, &[comment])?
                .path
        }
    };
    println!("{}", path.display());
    Ok(0)
}
