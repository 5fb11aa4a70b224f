//! The numbers of a campaign in the text format of Prometheus, version 0.0.4.

use std::fmt::Write;

use super::State;
use crate::report::{TargetName, TargetProgress};

/// A number of a target: its name, its kind, what it is, and its value.
type Metric = (&'static str, &'static str, &'static str, fn(&TargetProgress) -> f64);

const METRICS: [Metric; 9] = [
    ("execs_total", "counter", "Executions of the budget.", |p| p.numbers.execs as f64),
    ("execs_per_second", "gauge", "Executions per second, lately.", |p| p.execs_per_sec),
    ("rejected_total", "counter", "Executions that the target rejected.", |p| {
        p.numbers.rejected as f64
    }),
    ("entries", "gauge", "Entries in the corpus.", |p| p.numbers.entries as f64),
    ("edges", "gauge", "Counters hit.", |p| p.numbers.edges as f64),
    ("features", "gauge", "Features seen.", |p| p.numbers.features as f64),
    ("stability_ratio", "gauge", "Share of the counters hit that are stable.", |p| {
        p.numbers.stability
    }),
    ("findings", "gauge", "Findings that are not accepted.", |p| p.numbers.findings as f64),
    ("since_new_seconds", "gauge", "Time since the last new feature.", |p| {
        p.since_new.as_secs_f64()
    }),
];

/// All of them.
pub(super) fn text(state: &State) -> String {
    let mut text = String::new();
    for (name, kind, help, value) in METRICS {
        let _ = write!(text, "# HELP shakedown_{name} {help}\n# TYPE shakedown_{name} {kind}\n");
        for row in &state.rows {
            if let Some(progress) = &row.progress {
                let labels = labels(&row.name);
                let _ = writeln!(text, "shakedown_{name}{{{labels}}} {}", value(progress));
            }
        }
    }
    text
}

fn labels(name: &TargetName) -> String {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("package=\"{}\",target=\"{}\"", escaped(&name.package), escaped(&name.target))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::samples::campaign;

    #[test]
    fn every_target_has_every_number() {
        let mut state = State::default();
        campaign().iter().for_each(|notice| state.apply(notice, Duration::ZERO));
        insta::assert_snapshot!(text(&state));
    }

    #[test]
    fn names_cannot_end_a_label() {
        let name = TargetName { package: "a\"b\\".into(), target: "c\nd".into(), label: "".into() };
        assert_eq!(labels(&name), r#"package="a\"b\\",target="c\nd""#);
    }
}
