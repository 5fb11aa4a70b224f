//! `cargo shakedown build`: builds the targets, and runs nothing.

use super::USAGE;
use super::output::Notes;
use crate::report::{counted, visible};
use crate::select::{self, Chosen, Selection};

pub(super) fn run(selection: &Selection) -> anyhow::Result<u8> {
    let Chosen { targets, warnings, not_run, is_broken } = select::chosen(selection)?;
    for warning in warnings.iter().chain(&not_run) {
        writeln!(Notes, "warning: {}", visible(warning));
    }
    writeln!(Notes, "{} built", counted(targets.len(), "target"));
    Ok(if is_broken { USAGE } else { 0 })
}
