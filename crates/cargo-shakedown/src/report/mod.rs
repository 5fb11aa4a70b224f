//! What people and programs get to see of a campaign. Reporters see notices only, never its state,
//! so each of them can be tested with a list of notices.

mod ci;
mod foreign;
mod json;
mod markup;
mod notice;
mod pace;
mod paint;
#[cfg(test)]
pub(crate) mod samples;
mod summary;
mod text;
pub(crate) mod words;

pub(crate) use ci::{annotations, junit, sarif, step_summary};
pub(crate) use foreign::{shown_lines, value_lines, visible, whole_foreign};
pub(crate) use json::Json;
pub(crate) use markup::{escaped, quoted};
pub(crate) use notice::{
    Accept, CampaignStart, FindingNotice, Location, Notice, Sight, Summary, TargetMutators,
    TargetName, TargetProgress, TargetStart,
};
pub(crate) use paint::{Paint, Screen, set_color};
pub(crate) use text::Text;
pub(crate) use words::{counted, from_here};

/// Turns notices into something to look at, in an output of its own.
pub(crate) trait Reporter {
    /// Reports something.
    fn report(&mut self, notice: &Notice);
}

/// Several reporters, each with every notice.
impl Reporter for Vec<Box<dyn Reporter>> {
    fn report(&mut self, notice: &Notice) {
        self.iter_mut().for_each(|reporter| reporter.report(notice));
    }
}
