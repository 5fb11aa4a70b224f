//! Files in the form of today: what a file says by names and shapes of earlier versions of its types is
//! written as they are now.

use crate::literal::{self, Diagnostic};
use crate::schema::Schema;
use crate::sequence_file;
use crate::{corpus_file, literal::HEADER};

/// A file as it is written today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Its text. Comments of the old one stand before the arguments.
    pub text: String,
    /// What was read otherwise than it stands there.
    pub remarks: Vec<Diagnostic>,
}

/// The file in the form of today; nothing if it has that already, or if its form is not ours: raw
/// content, or a file of Go.
///
/// # Errors
/// If it is no input of the target.
pub fn migrate(schema: &Schema, file: &[u8]) -> Result<Option<Migrated>, Diagnostic> {
    let sequence = corpus_file::decode_all(schema, file)?;
    let Some(old) = std::str::from_utf8(file).ok().filter(|text| is_ours(text)) else {
        return Ok(None);
    };
    if sequence.warnings.is_empty() && !needs_aliases(schema, file, &sequence.inputs) {
        return Ok(None);
    }
    let lines = old.lines().map(str::trim_start);
    let comments: Vec<&str> =
        lines.filter_map(|line| line.strip_prefix("//")).map(str::trim).collect();
    let text = match &sequence.inputs[..] {
        [only] if !old.contains(sequence_file::HEADER) => literal::print(schema, only, &comments),
        inputs => sequence_file::print(schema, inputs, &comments),
    };
    // What cannot be read again is left as it is.
    let again = corpus_file::decode_all(schema, text.as_bytes());
    let is_same = again.is_ok_and(|again| again.inputs == sequence.inputs);
    Ok(is_same.then_some(Migrated { text, remarks: sequence.warnings }))
}

fn is_ours(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    [HEADER, sequence_file::HEADER].iter().any(|header| text.starts_with(header))
}

/// Whether a file is only read right because of former names.
fn needs_aliases(schema: &Schema, file: &[u8], inputs: &[Vec<u8>]) -> bool {
    if schema.aliases().is_empty() {
        return false;
    }
    let without = corpus_file::decode_all(&schema.clone().with_aliases([]), file);
    !without.is_ok_and(|read| read.warnings.is_empty() && read.inputs == inputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Bytes, Field, FieldStyle, Int, Node, Record, Types};

    /// A target of `op: Op { new: u8 }`, where `new` was called `old`.
    fn schema() -> Schema {
        let mut types = Types::new();
        let byte = types.add(Node::Int(Int::full(false, 1)));
        let field = |name: &str, node| Field { name: name.into(), node, default: None };
        let op = types.add(Node::Record(Record {
            name: "a::Op".into(),
            style: FieldStyle::Named,
            fields: vec![field("new", byte)],
        }));
        types.alias("a::Op", "", "old", "new");
        types.finish(vec![field("op", op)]).unwrap()
    }

    fn migrated(text: &str) -> Option<String> {
        migrate(&schema(), text.as_bytes()).unwrap().map(|migrated| migrated.text)
    }

    #[test]
    fn former_names_and_shapes_become_those_of_today() {
        let old = "shakedown v1\n// panic at a.rs: no\nop: Op { old: 7, gone: 1 } \n  // why\n";
        let new = "shakedown v1\n// panic at a.rs: no\n// why\nop: Op { new: 7 }\n";
        assert_eq!(migrated(old).as_deref(), Some(new));
        assert_eq!(
            migrated("shakedown v1\nop: Op { old: 7 }\n").as_deref(),
            Some("shakedown v1\nop: Op { new: 7 }\n")
        );
        assert_eq!(
            migrated("shakedown v1\nop: Op(7)\n").as_deref(),
            Some("shakedown v1\nop: Op { new: 7 }\n")
        );
        let sequence = "shakedown sequence v1\nop: Op { old: 1 }\n---\nop: Op { new: 2 }\n";
        let new = sequence.replace("old", "new");
        assert_eq!(migrated(sequence), Some(new));
    }

    #[test]
    fn what_is_of_today_stays_as_it_is_however_it_is_written() {
        assert_eq!(migrated("shakedown v1\nop:Op{\nnew: 0x7,}"), None);
        let error = migrate(&schema(), b"shakedown v1\nop: Op { new: 999 }\n").unwrap_err();
        assert_eq!((error.line, error.column), (2, 15));
        let mut types = Types::new();
        let bytes = types.add(Node::Bytes(Bytes::ANY));
        let raw = types.finish(vec![Field { name: "b".into(), node: bytes, default: None }]);
        assert_eq!(migrate(&raw.unwrap(), b"anything"), Ok(None));
    }
}
