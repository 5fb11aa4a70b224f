//! Lines for people: one every few seconds on a pipe, one that is drawn over on a terminal.

use std::fmt::Write as _;
use std::io::Write;
use std::time::Duration;

use super::paint::{Paint, Screen};
use super::summary;
use super::{
    Accept, CampaignStart, FindingNotice, Notice, Reporter, TargetProgress, TargetStart, from_here,
};
use crate::campaign::Phase;

/// Time between two status lines on a pipe.
const PERIOD: Duration = Duration::from_secs(3);

/// Time between two drawings on a terminal.
const LIVE_PERIOD: Duration = Duration::from_millis(250);

/// Most lines of an input that are shown.
const MAX_INPUT_LINES: usize = 20;

/// Most characters of a line of an input that are shown.
const MAX_INPUT_COLUMNS: usize = 500;

/// Fields of a status line without which it would be of little use.
const NEEDED_FIELDS: usize = 4;

/// Writes text.
#[derive(Debug)]
pub struct Text<W> {
    out: W,
    screen: Screen,
    paint: Paint,
    /// Whether a status line stands on the screen, to be drawn over.
    drawn: bool,
    last: Option<(String, Duration)>,
}

impl<W: Write> Text<W> {
    /// Writes to `out`, which looks like this.
    pub fn new(out: W, screen: Screen) -> Self {
        Self { out, screen, paint: Paint::new(screen.colors), drawn: false, last: None }
    }

    fn print(&mut self, text: &str) {
        let clear = if std::mem::take(&mut self.drawn) { "\r\x1b[2K" } else { "" };
        // There is nobody to tell that the terminal is gone, and the files are what counts.
        let _ = writeln!(self.out, "{clear}{text}");
        let _ = self.out.flush();
    }

    fn draw(&mut self, line: &str) {
        let _ = write!(self.out, "\r\x1b[2K{line}");
        let _ = self.out.flush();
        self.drawn = true;
    }

    /// Shows a status if it is time for one: on a terminal at once, on a pipe after a period, so that
    /// no line says that nothing has happened yet.
    fn status(&mut self, status: &TargetProgress) {
        let period = if self.screen.live { LIVE_PERIOD } else { PERIOD };
        let label = &status.target.label;
        let due = match &self.last {
            Some((target, at)) if target == label => status.elapsed.saturating_sub(*at) >= period,
            _ => {
                self.last = Some((label.clone(), status.elapsed));
                self.screen.live
            }
        };
        if due {
            self.last = Some((label.clone(), status.elapsed));
            match self.screen.live {
                // A character in the last column would begin the next line on some terminals.
                true => self.draw(&status_line(status, self.screen.width.saturating_sub(1))),
                false => self.print(&status_line(status, usize::MAX)),
            }
        }
    }

    fn start(&mut self, start: &CampaignStart) {
        let targets = match &start.targets[..] {
            [only] => only.label.clone(),
            many => format!("{} targets", many.len()),
        };
        let jobs = counted(start.jobs, "job");
        let line = format!("{} {targets}, {jobs}, seed {}", self.paint.good("Fuzzing"), start.seed);
        self.print(&line);
    }

    fn prepared(&mut self, prepared: &TargetStart) {
        let TargetStart { target, seeds, cached, counters } = prepared;
        let mut line = format!(
            "{}: {}, {}",
            self.paint.strong(&target.label),
            counted(*seeds, "seed"),
            counted(*cached, "cached entry"),
        );
        match counters {
            0 => line.push_str(", no coverage counters: the search is blind"),
            _ => {
                let _ = write!(line, ", {}", counted(*counters, "counter"));
            }
        }
        if seeds + cached == 0 {
            line.push_str(" (starting from the simplest input; seeds would help)");
        }
        self.print(&line);
    }

    fn replaced(&mut self, finding: &FindingNotice) {
        let intro = self.paint.bad("finding:");
        let label = self.paint.strong(&finding.target.label);
        let kind = finding.kind;
        let size = counted(finding.sizes.1, "byte");
        let mut text = format!("{intro} a smaller input of {size} for the {kind} in {label}");
        if let Some(file) = &finding.file {
            let _ = write!(text, ", now in {}", from_here(file).display());
        }
        self.print(&text);
    }

    fn finding(&mut self, finding: &FindingNotice) {
        let text = match &finding.known {
            Some(reason) => known_text(finding, reason, self.paint),
            None => finding_text(finding, self.paint),
        };
        self.print(&text);
    }
}

impl<W: Write> Reporter for Text<W> {
    fn tell(&mut self, notice: &Notice) {
        match notice {
            Notice::Start(start) => self.start(start),
            Notice::Prepared(prepared) => self.prepared(prepared),
            Notice::Status(status) => self.status(status),
            Notice::Finding(finding) => self.finding(finding),
            Notice::Replaced(finding) => self.replaced(finding),
            Notice::Warning(text) => {
                let line = format!("{}: {text}", self.paint.mind("warning"));
                self.print(&line);
            }
            Notice::Summary(summary) => {
                let text = summary::text(summary, self.paint);
                self.print(&text);
            }
        }
    }
}

/// One line about where a target stands, in so many columns: fields are left out whole, the least
/// important ones first, and the name before those that matter most.
fn status_line(status: &TargetProgress, columns: usize) -> String {
    let fields = fields(status);
    let label = &status.target.label;
    let function = label.rsplit("::").next().unwrap_or(label);
    let line = |name: &str, count: usize| format!("{name}{}", fields[..count].join(", "));
    let fits = |line: &String| line.chars().count() <= columns;
    let names = [format!("{label}: "), format!("{function}: ")];
    let name = names.iter().find(|name| fits(&line(name, NEEDED_FIELDS)));
    let name = name.map_or("", String::as_str);
    (1..=fields.len()).rev().map(|count| line(name, count)).find(fits).unwrap_or_default()
}

/// What is worth saying about a target, the most important first.
fn fields(status: &TargetProgress) -> Vec<String> {
    let TargetProgress { execs, entries, edges, features, findings, .. } = status;
    let rate = short(status.execs_per_sec);
    let mut fields = vec![
        clock(status.elapsed),
        counted(*findings, "finding"),
        format!("{} execs ({rate}/s)", short(*execs as f64)),
        counted(*entries, "entry"),
    ];
    if status.phase == Phase::WarmUp {
        let (done, all) = status.warm_up;
        fields.push(format!("warm-up {done}/{all}"));
    }
    if status.investigating > 0 {
        fields.push(format!("looking into {}", status.investigating));
    }
    if status.instrumented {
        fields.push(format!("last new {} ago", clock(status.since_new)));
        fields.push(format!("{features} features"));
        fields.push(format!("{edges} edges"));
        fields.extend(stability(status).map(|stability| format!("stability {stability}")));
    }
    fields
}

/// The share of stable counters, where it is worth a word; never rounded up to all of them.
pub(super) fn stability(status: &TargetProgress) -> Option<String> {
    (status.stability < 1.0).then(|| format!("{:.0}%", (status.stability * 100.0).floor()))
}

/// One line about a failure that is accepted.
pub(super) fn known_text(finding: &FindingNotice, reason: &str, paint: Paint) -> String {
    let message = finding.message.lines().next().unwrap_or("");
    let at = if finding.place.is_empty() { "" } else { " at " };
    format!(
        "{} {}: {message} ({}{at}{}) because {reason}",
        paint.mind("known:"),
        finding.target.label,
        finding.kind,
        finding.place,
    )
}

/// Everything about a finding.
pub(super) fn finding_text(finding: &FindingNotice, paint: Paint) -> String {
    let mut text = format!(
        "{} {} in {}: {}",
        paint.bad("finding:"),
        finding.kind,
        paint.strong(&finding.target.label),
        finding.message.trim_end(),
    );
    if !finding.place.is_empty() {
        let _ = write!(text, "\n  at {}", finding.place);
    }
    let (before, after) = finding.sizes;
    let _ = write!(
        text,
        "\n  {}, after {}, {}",
        finding.status,
        counted(finding.execs as usize, "execution"),
        clock(finding.elapsed)
    );
    if after != before {
        let _ = write!(text, ", minimized from {before} to {after} bytes");
    }
    for line in shown_lines(&finding.input) {
        let _ = write!(text, "\n    {line}");
    }
    match &finding.file {
        Some(file) if finding.is_seed => {
            let _ = write!(text, "\n  this is a known input: {}", from_here(file).display());
        }
        Some(file) => {
            let _ = write!(text, "\n  input written to {}", from_here(file).display());
        }
        None => {}
    }
    for command in &finding.reproduce {
        let _ = write!(text, "\n  {}", paint.dim(command));
    }
    let Accept { file, line } = &finding.accept;
    let accept = format!("to accept it, add to {}: {line} because ..", from_here(file).display());
    let _ = write!(text, "\n  {}", paint.dim(&accept));
    text
}

/// The lines of an input, cut to what fits a screen.
#[must_use]
pub fn shown_lines(input: &str) -> Vec<String> {
    let all = input.lines().count();
    let mut lines: Vec<String> = input
        .lines()
        .take(MAX_INPUT_LINES)
        .map(|line| match line.char_indices().nth(MAX_INPUT_COLUMNS) {
            Some((end, _)) => format!("{}… ({} bytes)", &line[..end], line.len()),
            None => line.to_owned(),
        })
        .collect();
    if all > MAX_INPUT_LINES {
        lines.push(format!("… and {} more lines", all - MAX_INPUT_LINES));
    }
    lines
}

/// A duration as people say it: `0.4s`, `12s`, `3m05s`, `2h07m`.
pub(super) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1}s", time.as_secs_f64()),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

/// A number in at most four digits: `999`, `12.3k`, `4.56M`.
pub(super) fn short(number: f64) -> String {
    let (value, unit) = match number {
        n if n < 10_000.0 => return format!("{n:.0}"),
        n if n < 1e6 => (n / 1e3, "k"),
        n if n < 1e9 => (n / 1e6, "M"),
        n => (n / 1e9, "G"),
    };
    match value {
        v if v < 10.0 => format!("{v:.2}{unit}"),
        v if v < 100.0 => format!("{v:.1}{unit}"),
        v => format!("{v:.0}{unit}"),
    }
}

/// A number of things with a regular plural: `1 job`, `2 jobs`, `0 entries`.
#[must_use]
pub fn counted(count: usize, one: &str) -> String {
    match one.strip_suffix('y') {
        _ if count == 1 => format!("1 {one}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {one}s"),
    }
}

#[cfg(test)]
mod tests;
