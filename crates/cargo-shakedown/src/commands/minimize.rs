//! `cargo shakedown minimize`: a smaller input that fails in the same way.

use anyhow::bail;
use shakedown_core::corpus_file;
use shakedown_core::message::Outcome;

use super::Internal;
use super::single::{self, Single, interrupted};
use crate::campaign::{Inquiry, Status, Trouble};
use crate::cli;
use crate::drive::headline;
use crate::pool::{Budget, investigate};
use crate::select;
use crate::store::corpus::Corpus;
use crate::store::file;

/// Most executions.
const EXECS: u64 = 10_000_000;

pub(super) fn run(options: &cli::Minimize) -> anyhow::Result<u8> {
    let target = select::target(&options.build, &options.target)?;
    let mut single = Single::open(&target, vec![options.file.clone()], &options.limits, false)?;
    let (input, file) = single.inputs.remove(0);
    let name = file.display();
    let failure = match single.replay(&input, &file)? {
        Outcome::Failed(failure) => failure,
        Outcome::Passed | Outcome::Rejected => {
            bail!("{name} does not fail, so there is nothing to keep while making it smaller")
        }
    };
    eprintln!("{}", single::headline(&file, failure.kind.name(), &failure));
    let budget = Budget { time: options.minimize_time, execs: EXECS };
    let inquiry = Inquiry::VerifyAndMinimize;
    let result = investigate(&mut single.session, &input, failure, inquiry, budget);
    match result.trouble.map(|trouble| *trouble) {
        Some(Trouble::Broken(reason)) => bail!(Internal(reason)),
        Some(Trouble::Damaged(damage)) => bail!(Internal(damage.reason)),
        None if result.status == Status::Reproducible => {}
        None if single.is_aborted() => return Err(interrupted()),
        None => {
            bail!("{name} does not fail every time ({}), so it is left as it is", result.status)
        }
    }
    single.session.stop(&mut |_| {});
    let schema = single.schema;
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
