//! SARIF 2.1.0, which code hosts show beside the source: a rule for each kind of failure, a result for
//! each finding.

use std::path::Path;

use serde_json::{Value, json};
use shakedown_core::failure::Kind;

use super::super::foreign::visible;
use super::super::words::finding_body;
use super::super::{FindingNotice, Summary};
use super::{Spot, spot, title};

/// The campaign as the content of a SARIF file; paths in it start at `root`, the repository's. Accepted
/// failures are results that are suppressed.
#[must_use]
pub(crate) fn sarif(summary: &Summary, root: &Path) -> String {
    let results: Vec<Value> =
        summary.findings.iter().map(|finding| result(finding, root)).collect();
    let rules: Vec<Value> = Kind::ALL.iter().map(|kind| rule(*kind)).collect();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Shakedown",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "invocations": [{
                // A finding is no failure of the tool.
                "executionSuccessful": summary.exit < 2,
                "exitCode": summary.exit,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{report:#}\n")
}

/// The name of a rule. Code hosts know results by it, so it never changes.
fn rule_id(kind: &str) -> String {
    format!("shakedown/{kind}")
}

fn rule(kind: Kind) -> Value {
    json!({
        "id": rule_id(kind.name()),
        "shortDescription": {"text": format!("A fuzz target failed: {}", kind.name())},
        "defaultConfiguration": {"level": "error"},
    })
}

fn result(finding: &FindingNotice, root: &Path) -> Value {
    let text = format!("{}: {}", title(finding), finding_body(finding));
    let mut result = json!({
        "ruleId": rule_id(finding.kind),
        "level": "error",
        "message": {"text": text},
        "locations": location(finding, root),
        "partialFingerprints": {
            "shakedownFinding/v1": format!("{}:{}", finding.target.whole(), finding.key),
        },
        "properties": {
            "target": finding.target.whole(),
            "place": visible(&finding.place),
            "status": finding.status_text,
        },
    });
    if let Some(reason) = &finding.accepted {
        result["suppressions"] = json!([{"kind": "external", "justification": visible(reason)}]);
    }
    result
}

/// The place of a finding as a list of one, or of none if it is not in the repository.
fn location(finding: &FindingNotice, root: &Path) -> Vec<Value> {
    let one = |spot: Spot| {
        let mut place = json!({"artifactLocation": {"uri": uri(&spot.file)}});
        if let Some((line, column)) = spot.position {
            place["region"] = json!({"startLine": line, "startColumn": column});
        }
        json!({"physicalLocation": place})
    };
    spot(finding, root).map(one).into_iter().collect()
}

/// A relative path as a URI: everything but letters, digits and a few marks is percent-encoded.
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}
