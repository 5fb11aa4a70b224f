//! Lines for people: one every few seconds on a pipe, one that is drawn over on a terminal.

use std::io::Write;
use std::time::Duration;

use super::pace::Pace;
use super::paint::{Paint, Screen};
use super::{FindingNotice, Notice, Reporter, TargetProgress, summary, words};

/// Time between two status lines on a pipe.
const PERIOD: Duration = Duration::from_secs(3);

/// Time between two drawings on a terminal.
const LIVE_PERIOD: Duration = Duration::from_millis(250);

/// Fields of a status line without which it would be of little use.
const NEEDED_FIELDS: usize = 4;

/// Writes text.
#[derive(Debug)]
pub(crate) struct Text<W> {
    out: W,
    screen: Screen,
    paint: Paint,
    pace: Pace,
    /// Whether a status line stands on the screen, to be drawn over.
    drawn: bool,
    /// The findings that were told.
    told: Vec<FindingNotice>,
}

impl<W: Write> Text<W> {
    /// Writes to `out`, which looks like this.
    pub(crate) fn new(out: W, screen: Screen) -> Self {
        // On a terminal a status is shown at once, on a pipe after a period, so that no line says
        // that nothing has happened yet.
        let period = if screen.live { LIVE_PERIOD } else { PERIOD };
        let pace = Pace::new(period, screen.live);
        Self { out, screen, paint: Paint::new(screen.colors), pace, drawn: false, told: Vec::new() }
    }

    fn print(&mut self, text: &str) {
        let clear = if std::mem::take(&mut self.drawn) { "\r\x1b[2K" } else { "" };
        // If the terminal is gone, the campaign continues: its files are what counts.
        let _ = writeln!(self.out, "{clear}{text}");
        let _ = self.out.flush();
    }

    fn draw(&mut self, line: &str) {
        let _ = write!(self.out, "\r\x1b[2K{line}");
        let _ = self.out.flush();
        self.drawn = true;
    }

    /// A finding: in short, if another target has met the same failure.
    fn finding(&mut self, finding: &FindingNotice) -> String {
        let same = self.told.iter().find(|told| told.is_same_failure(finding));
        let text = match same {
            Some(first) => words::same_finding(finding, &first.target.label, self.paint),
            None => words::finding(finding, self.paint),
        };
        self.told.push(finding.clone());
        text
    }

    fn status(&mut self, progress: &TargetProgress) {
        if !self.pace.is_due(progress) {
            return;
        }
        match self.screen.live {
            // A character in the last column would begin the next line on some terminals.
            true => self.draw(&status_line(progress, self.screen.width.saturating_sub(1))),
            false => self.print(&status_line(progress, usize::MAX)),
        }
    }
}

impl<W: Write> Reporter for Text<W> {
    fn report(&mut self, notice: &Notice) {
        let paint = self.paint;
        let text = match notice {
            Notice::Status(progress) => return self.status(progress),
            Notice::Mutators(_) => return,
            Notice::Start(start) => words::campaign_start(start, paint),
            Notice::Prepared(start) => words::target_start(start, paint),
            Notice::Finding(finding) => self.finding(finding),
            Notice::Replaced(finding) => words::replaced(finding, paint),
            Notice::Warning { message } => words::warning(message, paint),
            Notice::Note { message } => words::note(message, paint),
            Notice::Page { url } => words::page(url, paint),
            Notice::Summary(summary) => summary::text(summary, paint),
        };
        self.print(&text);
    }
}

/// One line about where a target stands, at most this many columns wide: fields are left out whole,
/// the least important ones first, and the name before those that matter most.
fn status_line(progress: &TargetProgress, columns: usize) -> String {
    let fields = words::progress(progress);
    let label = &progress.target.label;
    let function = label.rsplit("::").next().unwrap_or(label);
    let line = |name: &str, count: usize| format!("{name}{}", fields[..count].join(", "));
    let fits = |line: &String| line.chars().count() <= columns;
    let names = [format!("{label}: "), format!("{function}: ")];
    let name = names.iter().find(|name| fits(&line(name, NEEDED_FIELDS)));
    let name = name.map_or("", String::as_str);
    (1..=fields.len()).rev().map(|count| line(name, count)).find(fits).unwrap_or_default()
}

#[cfg(test)]
mod tests;
