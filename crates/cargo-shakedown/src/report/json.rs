//! One JSON object a line, for machines. Fields are only ever added.

use std::io::Write;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::{FindingNotice, Notice, Reporter, TargetName, TargetProgress};

/// Time between two status lines of a target.
const PERIOD: Duration = Duration::from_millis(500);

/// Writes JSON lines.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
    /// The target of the last status line, and how long it had been fuzzed.
    last: Option<(TargetName, Duration)>,
}

impl<W: Write> Json<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, last: None }
    }

    /// Whether it is time for a status line; if so, notes that it is written.
    fn is_due(&mut self, status: &TargetProgress) -> bool {
        let due = match &self.last {
            Some((target, at)) if *target == status.target => {
                status.elapsed.saturating_sub(*at) >= PERIOD
            }
            _ => true,
        };
        if due {
            self.last = Some((status.target.clone(), status.elapsed));
        }
        due
    }
}

/// The fields that a status and a target of the summary share.
#[derive(Serialize)]
struct Numbers<'a> {
    #[serde(flatten)]
    target: &'a TargetName,
    elapsed_ms: u64,
    execs: u64,
    execs_per_sec: f64,
    entries: usize,
    edges: usize,
    features: usize,
    findings: usize,
    rejected: u64,
    extra_execs: u64,
    since_new_ms: u64,
    damaged: u64,
    stability: f64,
    known: usize,
    slow: u64,
}

impl<'a> From<&'a TargetProgress> for Numbers<'a> {
    fn from(status: &'a TargetProgress) -> Self {
        Self {
            target: &status.target,
            elapsed_ms: status.elapsed.as_millis() as u64,
            execs: status.execs,
            execs_per_sec: (status.execs_per_sec * 10.0).round() / 10.0,
            entries: status.entries,
            edges: status.edges,
            features: status.features,
            findings: status.findings,
            rejected: status.rejected,
            extra_execs: status.extra_execs,
            since_new_ms: status.since_new.as_millis() as u64,
            damaged: status.damaged,
            known: status.known,
            slow: status.slow,
            stability: (status.stability * 1e4).round() / 1e4,
        }
    }
}

fn finding(kind: &str, finding: &FindingNotice) -> serde_json::Value {
    json!({
        "type": kind,
        "package": finding.target.package,
        "target": finding.target.target,
        "kind": finding.kind,
        "key": finding.key,
        "message": finding.message,
        "place": finding.place,
        "file": finding.file,
        "execs": finding.execs,
        "elapsed_ms": finding.elapsed.as_millis() as u64,
        "status": finding.status_name,
        "known": finding.is_seed || finding.is_known(),
        "known_reason": finding.known,
        "input": finding.input,
    })
}

fn tagged(kind: &str, value: impl Serialize) -> serde_json::Value {
    let mut object = json!({ "type": kind });
    if let (Some(object), Ok(serde_json::Value::Object(fields))) =
        (object.as_object_mut(), serde_json::to_value(value))
    {
        object.extend(fields);
    }
    object
}

impl<W: Write> Reporter for Json<W> {
    fn tell(&mut self, notice: &Notice) {
        let line = match notice {
            Notice::Start(start) => json!({
                "type": "start",
                "version": env!("CARGO_PKG_VERSION"),
                "targets": start.targets,
                "jobs": start.jobs,
                "seed": start.seed,
            }),
            Notice::Prepared(prepared) => json!({
                "type": "prepared",
                "package": prepared.target.package,
                "target": prepared.target.target,
                "seeds": prepared.seeds,
                "cached": prepared.cached,
                "counters": prepared.counters,
            }),
            Notice::Status(status) if !self.is_due(status) => return,
            Notice::Status(status) => tagged("status", Numbers::from(status)),
            Notice::Finding(found) => finding("finding", found),
            Notice::Replaced(found) => finding("replaced", found),
            Notice::Warning(text) => json!({ "type": "warning", "message": text }),
            Notice::Summary(summary) => json!({
                "type": "summary",
                "targets": summary.targets.iter().map(Numbers::from).collect::<Vec<_>>(),
                "elapsed_ms": summary.elapsed.as_millis() as u64,
                "exit": summary.exit,
            }),
        };
        // A reader that has gone away must not end the campaign: its files are what counts.
        let _ = writeln!(self.out, "{line}");
        let _ = self.out.flush();
    }
}
