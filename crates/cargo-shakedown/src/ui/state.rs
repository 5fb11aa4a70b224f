//! What the page shows of a campaign, made of notices alone.
//!
//! Everything has the version at which it changed last. So whoever has a version is brought up to
//! date by what changed since, however long that is ago: nothing is queued for anybody, a browser that
//! is slow or was away misses nothing, and the first look is what changed since version 0.

use std::collections::VecDeque;
#[cfg(feature = "ui")]
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::series::Series;
use crate::report::words;
use crate::report::{FindingNotice, Notice, Summary, TargetName, TargetProgress, TargetStart};

/// Most findings that are shown; a campaign rarely has ten.
const MAX_FINDINGS: usize = 1000;

/// Most warnings and notes that are shown: the last ones.
const MAX_MESSAGES: usize = 200;

/// Most bytes of a text that is shown: of an input above all, which a file has whole.
const MAX_TEXT: usize = 16 << 10;

/// What is known of a campaign.
#[derive(Debug, Default)]
pub(crate) struct State {
    version: u64,
    campaign: Campaign,
    pub(super) rows: Vec<Row>,
    findings: Vec<Card>,
    messages: VecDeque<Message>,
}

#[derive(Debug, Default)]
struct Campaign {
    command: &'static str,
    jobs: usize,
    seed: u64,
    elapsed: Duration,
    /// The target whose turn it is.
    active: Option<usize>,
    over: Option<Over>,
}

#[derive(Debug)]
struct Over {
    reason: Option<String>,
    exit: u8,
}

/// A target.
#[derive(Debug)]
pub(super) struct Row {
    changed: u64,
    pub(super) name: TargetName,
    start: Option<TargetStart>,
    pub(super) progress: Option<TargetProgress>,
    series: Series,
}

#[derive(Debug)]
struct Card {
    changed: u64,
    notice: FindingNotice,
}

#[derive(Debug)]
struct Message {
    came: u64,
    kind: &'static str,
    text: String,
    at: Duration,
}

impl State {
    /// Counts the changes.
    #[cfg(feature = "ui")]
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// Which counters of the program of a target were hit.
    #[cfg(feature = "ui")]
    pub(super) fn hit(&self, target: usize) -> Arc<[u8]> {
        let progress = self.rows.get(target).and_then(|row| row.progress.as_ref());
        progress.map(|progress| progress.sight.hit.clone()).unwrap_or_default()
    }

    /// The shortest input that hits each counter, by its number.
    #[cfg(feature = "ui")]
    pub(super) fn nearest(&self, target: usize) -> Arc<[u64]> {
        let progress = self.rows.get(target).and_then(|row| row.progress.as_ref());
        progress.map(|progress| progress.sight.nearest.clone()).unwrap_or_default()
    }

    /// Whether nothing more is to come.
    #[cfg(any(feature = "ui", test))]
    pub(crate) fn is_over(&self) -> bool {
        self.campaign.over.is_some()
    }

    /// Takes note of what happened at a time since the campaign began.
    pub(crate) fn apply(&mut self, notice: &Notice, at: Duration) {
        self.version += 1;
        self.campaign.elapsed = at;
        match notice {
            Notice::Start(start) => {
                let Campaign { command, jobs, seed, .. } = &mut self.campaign;
                (*command, *jobs, *seed) = (start.version, start.jobs, start.seed);
                for name in &start.targets {
                    self.place(name);
                }
            }
            Notice::Prepared(start) => self.row(&start.target).start = Some(start.clone()),
            Notice::Status(progress) => {
                let place = self.place(&progress.target);
                self.campaign.active = Some(place);
                self.note(progress);
            }
            Notice::Finding(finding) | Notice::Replaced(finding) => self.found(finding),
            Notice::Warning { message } => self.say("warning", message, at),
            Notice::Note { message } => self.say("note", message, at),
            // Progress has the mutators, too.
            Notice::Page { .. } | Notice::Mutators(_) => {}
            Notice::Summary(summary) => self.end(summary),
        }
    }

    fn place(&mut self, name: &TargetName) -> usize {
        if let Some(place) = self.rows.iter().position(|row| row.name == *name) {
            return place;
        }
        let (start, progress, series) = (None, None, Series::default());
        self.rows.push(Row { changed: self.version, name: name.clone(), start, progress, series });
        self.rows.len() - 1
    }

    /// The row of a target, which is about to change.
    fn row(&mut self, name: &TargetName) -> &mut Row {
        let (place, version) = (self.place(name), self.version);
        let row = &mut self.rows[place];
        row.changed = version;
        row
    }

    fn note(&mut self, progress: &TargetProgress) {
        let version = self.version;
        let row = self.row(&progress.target);
        row.series.add(version, progress);
        row.progress = Some(progress.clone());
    }

    fn found(&mut self, notice: &FindingNotice) {
        let is_it =
            |card: &Card| (&card.notice.target, &card.notice.key) == (&notice.target, &notice.key);
        let card = Card { changed: self.version, notice: cut(notice) };
        match self.findings.iter().position(is_it) {
            Some(place) => self.findings[place] = card,
            None if self.findings.len() < MAX_FINDINGS => self.findings.push(card),
            None => {}
        }
    }

    fn say(&mut self, kind: &'static str, text: &str, at: Duration) {
        if self.messages.len() == MAX_MESSAGES {
            self.messages.pop_front();
        }
        let text = text[..end_of(text)].to_owned();
        self.messages.push_back(Message { came: self.version, kind, text, at });
    }

    fn end(&mut self, summary: &Summary) {
        summary.targets.iter().for_each(|progress| self.note(progress));
        summary.findings.iter().for_each(|finding| self.found(finding));
        let over = Over { reason: summary.ended.clone(), exit: summary.exit };
        let elapsed = summary.elapsed;
        self.campaign = Campaign {
            over: Some(over),
            active: None,
            elapsed,
            ..std::mem::take(&mut self.campaign)
        };
    }

    /// What changed after a version; of a version to come, everything.
    pub(crate) fn since(&self, version: u64) -> Value {
        let since = if version > self.version { 0 } else { version };
        let rows = self.rows.iter().enumerate().filter(|(_, row)| row.changed > since);
        let findings = self.findings.iter().enumerate().filter(|(_, card)| card.changed > since);
        let messages = self.messages.iter().filter(|message| message.came > since);
        json!({
            "since": since,
            "version": self.version,
            "campaign": self.campaign.value(),
            "targets": rows.map(|(id, row)| row.value(id, since)).collect::<Vec<_>>(),
            "findings": findings.map(|(id, card)| card.value(id)).collect::<Vec<_>>(),
            "messages": messages.map(Message::value).collect::<Vec<_>>(),
        })
    }
}

impl Campaign {
    fn value(&self) -> Value {
        json!({
            "command": self.command,
            "jobs": self.jobs,
            "seed": self.seed,
            "elapsed_ms": self.elapsed.as_millis() as u64,
            "active": self.active,
            "is_over": self.over.is_some(),
            "ended": self.over.as_ref().and_then(|over| over.reason.as_deref()),
            "exit": self.over.as_ref().map(|over| over.exit),
        })
    }
}

impl Row {
    fn value(&self, id: usize, since: u64) -> Value {
        let start = self.start.as_ref();
        json!({
            "id": id,
            "package": self.name.package,
            "target": self.name.target,
            "label": self.name.label,
            "seeds": start.map(|start| start.seeds),
            "cached": start.map(|start| start.cached),
            "counters": start.map(|start| start.counters),
            "replay_only": start.map(|start| start.replay_only),
            "progress": self.progress,
            "workers": self.progress.as_ref().map(|progress| json!(progress.sight.workers)),
            "mutators": self.progress.as_ref().map(|progress| json!(progress.sight.mutators)),
            "looked": self.progress.as_ref().map(|progress| progress.sight.edges),
            "outlook": self.progress.as_ref().and_then(|progress| self.outlook(progress)),
            "samples": self.series.since(since).collect::<Vec<_>>(),
        })
    }

    /// What is to be expected of more of the same.
    fn outlook(&self, progress: &TargetProgress) -> Option<String> {
        let forecast = || self.series.forecast(progress);
        words::outlook(progress).or_else(|| Some(words::forecast(&self.name.label, forecast()?)))
    }
}

impl Card {
    fn value(&self, id: usize) -> Value {
        let mut value = json!({ "id": id, "label": self.notice.target.label });
        if let (Some(fields), Ok(Value::Object(more))) =
            (value.as_object_mut(), serde_json::to_value(&self.notice))
        {
            fields.extend(more);
        }
        value
    }
}

impl Message {
    fn value(&self) -> Value {
        json!({
            "id": self.came,
            "kind": self.kind,
            "text": self.text,
            "at_ms": self.at.as_millis() as u64,
        })
    }
}

/// A finding without the ends of long texts.
fn cut(notice: &FindingNotice) -> FindingNotice {
    let mut notice = notice.clone();
    for text in [&mut notice.input, &mut notice.message, &mut notice.backtrace] {
        let end = end_of(text);
        if end < text.len() {
            text.truncate(end);
            text.push_str("\n… cut here; `cargo shakedown replay` shows all of it");
        }
    }
    notice.call = notice.call.filter(|call| call.len() <= MAX_TEXT);
    notice
}

/// Where a text is cut.
fn end_of(text: &str) -> usize {
    text.floor_char_boundary(MAX_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{campaign, finding, status};

    /// What a page makes of updates: the newest of each.
    #[derive(Default, Debug, PartialEq)]
    struct Page {
        version: u64,
        campaign: Value,
        targets: Vec<Value>,
        samples: Vec<Vec<Value>>,
        findings: Vec<Value>,
        messages: Vec<Value>,
    }

    impl Page {
        fn take(&mut self, update: &Value) {
            self.version = update["version"].as_u64().unwrap();
            self.campaign = update["campaign"].clone();
            let list = |field: &str| update[field].as_array().unwrap().clone();
            for mut target in list("targets") {
                let id = target["id"].as_u64().unwrap() as usize;
                let samples = target["samples"].take();
                if id == self.targets.len() {
                    self.targets.push(Value::Null);
                    self.samples.push(Vec::new());
                }
                self.targets[id] = target;
                self.samples[id].extend(samples.as_array().unwrap().clone());
            }
            for finding in list("findings") {
                let id = finding["id"].as_u64().unwrap() as usize;
                self.findings.resize(self.findings.len().max(id + 1), Value::Null);
                self.findings[id] = finding;
            }
            self.messages.extend(list("messages"));
        }
    }

    #[test]
    fn updates_at_any_moments_make_the_same_as_one_in_the_end() {
        for skip in 1..5 {
            let (mut state, mut page) = (State::default(), Page::default());
            for (at, notice) in campaign().iter().enumerate() {
                state.apply(notice, Duration::from_secs(at as u64));
                if at % skip == 0 {
                    page.take(&state.since(page.version));
                }
            }
            page.take(&state.since(page.version));
            let mut fresh = Page::default();
            fresh.take(&state.since(0));
            assert_eq!(page, fresh, "{skip}");
            assert_eq!(state.since(page.version)["findings"], json!([]));
        }
    }

    #[test]
    fn a_whole_campaign_is_shown() {
        let mut state = State::default();
        assert!(!state.is_over());
        campaign().iter().for_each(|notice| state.apply(notice, Duration::ZERO));
        assert!(state.is_over());
        let all = state.since(0);
        assert_eq!(all["campaign"]["exit"], 1);
        assert_eq!(all["campaign"]["ended"], "interrupted");
        assert_eq!(all["targets"][0]["progress"]["elapsed_ms"], 62_000);
        assert_eq!(all["findings"].as_array().map(Vec::len), Some(1), "all have one key");
        assert_eq!(all["messages"][0]["kind"], "warning");
    }

    #[test]
    fn who_has_a_version_of_another_campaign_gets_everything() {
        let mut state = State::default();
        state.apply(&Notice::Status(status(3)), Duration::ZERO);
        assert_eq!(state.since(999), state.since(0));
        assert_eq!(state.since(999)["since"], 0);
    }

    #[test]
    fn what_is_kept_has_bounds() {
        let mut state = State::default();
        for number in 0..3 * MAX_FINDINGS {
            let mut finding = FindingNotice { key: number.to_string(), ..finding() };
            finding.input = "é".repeat(MAX_TEXT);
            state.apply(&Notice::Finding(Box::new(finding)), Duration::ZERO);
            state.apply(&Notice::warning("é".repeat(MAX_TEXT)), Duration::ZERO);
        }
        let all = state.since(0);
        let findings = all["findings"].as_array().unwrap();
        assert_eq!(findings.len(), MAX_FINDINGS);
        assert!(findings[0]["input"].as_str().unwrap().len() < MAX_TEXT + 100);
        assert_eq!(all["messages"].as_array().unwrap().len(), MAX_MESSAGES);
    }
}
