//! Tables of results, in Markdown: a row for each group of targets, columns for each engine.

pub mod coverage;

use std::collections::{BTreeMap, BTreeSet};

use crate::records::{Record, Start};
use crate::suite::Suite;

/// Prints one table for each start, of what there is of the targets of `suite`.
pub fn print(suite: &Suite, records: &[Record]) {
    for start in [Start::Seeds, Start::Nothing] {
        let of_start = records.iter().filter(|record| record.trial.from == start).collect();
        let rows = Rows::new(suite, start, of_start);
        if !rows.groups.is_empty() {
            println!("From {}:\n\n{}", start.name(), rows.table());
        }
    }
}

/// Results by group and engine.
struct Rows<'a> {
    engines: Vec<&'a str>,
    groups: BTreeMap<&'a str, Group<'a>>,
}

#[derive(Default)]
struct Group<'a> {
    /// Executions that plain random mutation needs.
    blind: Option<&'a str>,
    trials: BTreeMap<&'a str, Trials>,
}

/// Executions and milliseconds of the trials of one engine; infinite where nothing was found.
#[derive(Default)]
struct Trials {
    execs: Vec<f64>,
    told: Vec<f64>,
}

impl<'a> Rows<'a> {
    fn new(suite: &'a Suite, start: Start, records: Vec<&'a Record>) -> Self {
        let engines: BTreeSet<&str> = records.iter().map(|r| r.trial.engine.as_str()).collect();
        let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
        for (_, target) in suite.targets() {
            for record in records.iter().filter(|record| record.trial.target == target.name) {
                let group = groups.entry(target.group()).or_default();
                group.blind = target.blind[start as usize].as_deref();
                group.trials.entry(&record.trial.engine).or_default().add(record);
            }
        }
        groups.values_mut().flat_map(|group| group.trials.values_mut()).for_each(Trials::sort);
        Self { engines: engines.into_iter().collect(), groups }
    }

    fn table(&self) -> String {
        let has_blind = self.groups.values().any(|group| group.blind.is_some());
        let mut head = vec!["target".to_owned()];
        head.extend(has_blind.then(|| "blind".to_owned()));
        for engine in &self.engines {
            head.push(format!("{engine}: solved"));
            head.extend(["executions", "told, s"].map(str::to_owned));
        }
        let mut text = row(&head) + &row(&vec!["---".to_owned(); head.len()]);
        for (name, group) in &self.groups {
            let mut cells = vec![(*name).to_owned()];
            cells.extend(has_blind.then(|| group.blind.unwrap_or_default().to_owned()));
            for engine in &self.engines {
                cells.extend(group.trials.get(engine).map_or_else(Default::default, Trials::cells));
            }
            text += &row(&cells);
        }
        text + "\n" + &self.summary()
    }

    /// What each engine comes to over all groups.
    fn summary(&self) -> String {
        self.engines.iter().map(|engine| self.summary_of(engine)).collect()
    }

    fn summary_of(&self, engine: &str) -> String {
        let own = || self.groups.values().filter_map(|group| group.trials.get(engine));
        let trials: usize = own().map(|trials| trials.execs.len()).sum();
        let solved: usize = own().map(Trials::solved).sum();
        let always = own().filter(|trials| trials.solved() == trials.execs.len()).count();
        let ever = own().filter(|trials| trials.solved() > 0).count();
        let mut text = format!(
            "- {engine}: {solved} of {trials} trials; {ever} of {} targets, {always} in every trial",
            own().count()
        );
        let common = self.solved_by_all();
        let mean = |value: fn(&Trials) -> f64| {
            let logs = common.iter().map(|group| value(&group.trials[engine]).max(1.0).ln());
            (logs.sum::<f64>() / common.len() as f64).exp()
        };
        let execs = show(mean(|trials| middle(&trials.execs)));
        let told = mean(|trials| middle(&trials.told)) / 1e3;
        text += &format!(
            "; geometric means over the {} that all engines solve: {execs} executions, told after \
             {told:.2} s",
            common.len()
        );
        let worse = self.groups.values().filter(|group| group.is_worse_than_blind(engine)).count();
        if self.groups.values().any(|group| group.blind.is_some()) {
            text += &format!("; {worse} need more than 4 x what blind mutation needs");
        }
        text + "\n"
    }

    /// The groups of which every engine solves at least half.
    fn solved_by_all(&self) -> Vec<&Group<'a>> {
        let is_solved = |group: &&Group| {
            let of = |engine| group.trials.get(engine);
            let median = |engine| of(engine).map_or(f64::INFINITY, |trials| middle(&trials.execs));
            self.engines.iter().all(|engine| median(*engine).is_finite())
        };
        self.groups.values().filter(is_solved).collect()
    }
}

impl Group<'_> {
    fn is_worse_than_blind(&self, engine: &str) -> bool {
        let blind = self.blind.and_then(|blind| blind.parse::<f64>().ok());
        let own = self.trials.get(engine).map(|trials| middle(&trials.execs));
        matches!((blind, own), (Some(blind), Some(own)) if own > 4.0 * blind)
    }
}

impl Trials {
    fn add(&mut self, record: &Record) {
        let finding = record.outcome.finding.as_ref();
        let or_never = |value: Option<u64>| value.map_or(f64::INFINITY, |value| value as f64);
        self.execs.push(or_never(finding.map(|finding| finding.execs)));
        self.told.push(or_never(finding.map(|finding| finding.told_ms)));
    }

    fn sort(&mut self) {
        self.execs.sort_by(f64::total_cmp);
        self.told.sort_by(f64::total_cmp);
    }

    fn solved(&self) -> usize {
        self.execs.iter().filter(|execs| execs.is_finite()).count()
    }

    fn cells(&self) -> [String; 3] {
        let seconds = self.told.iter().map(|told| told / 1e3).collect::<Vec<_>>();
        let solved = format!("{}/{}", self.solved(), self.execs.len());
        [solved, spread(&self.execs), spread(&seconds)]
    }
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// The lower median of sorted values.
fn middle(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::INFINITY)
}

/// Median, and the least and the most if there are several.
fn spread(sorted: &[f64]) -> String {
    match sorted {
        [] => String::new(),
        [one] => show(*one),
        [first, .., last] => {
            format!("{} ({} to {})", show(middle(sorted)), show(*first), show(*last))
        }
    }
}

fn show(value: f64) -> String {
    match value {
        value if value.is_infinite() => "never".to_owned(),
        value if value >= 1e6 => format!("{:.1} M", value / 1e6),
        value if value >= 1e4 => format!("{:.0} k", value / 1e3),
        value if value >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        value => format!("{value:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_found_is_worse_than_any_number() {
        assert_eq!(spread(&[7.0, f64::INFINITY, f64::INFINITY]), "never (7 to never)");
        assert_eq!(spread(&[7.0, 12_345.0, f64::INFINITY]), "12 k (7 to never)");
        assert_eq!(spread(&[]), "");
    }
}
