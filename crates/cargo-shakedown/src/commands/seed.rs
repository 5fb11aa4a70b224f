//! `cargo shakedown seed`: an input that a person writes becomes a file of the target.

use std::path::PathBuf;

use shakedown_core::literal::Diagnostic;
use shakedown_core::schema::Schema;
use shakedown_core::{corpus_file, literal};

use super::ask;
use super::output::{Notes, Output};
use crate::select::{self, Selection};
use crate::store::seed::add;

/// What `seed` is to do.
#[derive(Debug)]
pub(crate) struct SeedOptions {
    /// The target.
    pub target: Selection,
    /// The arguments, as in a file.
    pub arguments: String,
    /// What the file is to be called.
    pub name: Option<PathBuf>,
}

pub(super) fn run(options: &SeedOptions, out: &mut Output) -> anyhow::Result<u8> {
    let target = select::target(&options.target)?;
    let (_, corpus) = ask(&target)?;
    let (input, remarks) = read(corpus.schema(), &options.arguments).map_err(|error| {
        anyhow::anyhow!("`{}` is no input of {}: {error}", options.arguments, target.label.label)
    })?;
    for remark in remarks {
        writeln!(Notes, "warning: {remark}");
    }
    match add(&corpus, &input, options.name.as_deref())? {
        Some(path) => writeln!(out, "seed written to {}", path.display()),
        None => anyhow::bail!("there is another seed of this name: choose a new --name, or none"),
    }
    Ok(0)
}

/// The input that is written so: its arguments by name, or the only one as it is.
fn read(schema: &Schema, arguments: &str) -> Result<(Vec<u8>, Vec<Diagnostic>), String> {
    let file = |arguments: &str| format!("{}\n{arguments}\n", literal::HEADER);
    let named = parse(schema, &file(arguments));
    match (named, schema.arguments()) {
        (Err(error), [only]) => {
            let bare = file(&format!("{}: {arguments}", only.name));
            parse(schema, &bare).map_err(|_| error)
        }
        (read, _) => read,
    }
    .map_err(|error| error.message)
}

fn parse(schema: &Schema, text: &str) -> Result<(Vec<u8>, Vec<Diagnostic>), Diagnostic> {
    // Raw content that only looks like text is not what was meant.
    let parsed = literal::parse(schema, text)?;
    corpus_file::decode_all(schema, text.as_bytes())?;
    Ok((parsed.input, parsed.warnings))
}

#[cfg(test)]
mod tests {
    use shakedown_core::schema::{Field, Node, NodeId, Text, Types};

    use super::*;

    fn schema(count: usize) -> Schema {
        let mut types = Types::new();
        let node: NodeId = types.add(Node::Str(Text::ANY));
        let field = |index| Field { name: format!("arg{index}"), node, default: None };
        types.finish((0..count).map(field).collect()).unwrap()
    }

    #[test]
    fn arguments_have_names_unless_there_is_only_one() {
        let input = b"\x01\0\0\0x".to_vec();
        assert_eq!(read(&schema(1), "\"x\""), Ok((input.clone(), vec![])));
        assert_eq!(read(&schema(1), "arg0: \"x\""), Ok((input.clone(), vec![])));
        let two = read(&schema(2), "arg1: \"x\", arg0: \"x\"");
        assert_eq!(two, Ok((input.repeat(2), vec![])));
        assert!(read(&schema(2), "\"x\"").unwrap_err().contains("the name of an argument"));
        assert!(read(&schema(2), "arg0: \"x\"").unwrap_err().contains("`arg1` is missing"));
        assert!(read(&schema(1), "3").is_err());
    }
}
