//! One JSON object a line, for machines: `docs/json.md` describes them.

use std::io::Write;
use std::time::Duration;

use serde_json::Value;

use super::pace::Pace;
use super::{Notice, Reporter};

/// Time between two status lines of a target.
const PERIOD: Duration = Duration::from_millis(500);

/// Writes JSON lines.
#[derive(Debug)]
pub(crate) struct Json<W> {
    out: W,
    pace: Pace,
}

impl<W: Write> Json<W> {
    /// Writes to `out`.
    pub(crate) fn new(out: W) -> Self {
        Self { out, pace: Pace::new(PERIOD, true) }
    }
}

impl<W: Write> Reporter for Json<W> {
    fn report(&mut self, notice: &Notice) {
        if let Notice::Status(progress) = notice
            && !self.pace.is_due(progress)
        {
            return;
        }
        let Ok(mut line) = serde_json::to_value(notice) else { return };
        add_old_names(&mut line);
        // A reader that has gone away must not end the campaign: its files are what counts.
        let _ = writeln!(self.out, "{line}");
        let _ = self.out.flush();
    }
}

/// Adds the deprecated names of fields, for scripts that read them: accepted failures were called
/// known, as were failing seeds.
fn add_old_names(line: &mut Value) {
    let targets = line.get_mut("targets").and_then(Value::as_array_mut);
    targets.into_iter().flatten().for_each(add_old_names);
    let Some(fields) = line.as_object_mut() else { return };
    if let Some(accepted) = fields.get("accepted").cloned() {
        let is_seed = fields.get("is_seed") == Some(&Value::Bool(true));
        fields.insert("known".into(), if is_seed { Value::Bool(true) } else { accepted });
    }
    if let Some(reason) = fields.get("accepted_reason").cloned() {
        fields.insert("known_reason".into(), reason);
    }
}
