//! Suites of real crates: one program for each folder with a package, of a folder of `bench`.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::suite::{Program, Suite, Target};

/// What is read of a `bug.toml`, where there is one.
#[derive(Default, Deserialize)]
struct Bug {
    blind_from_seeds: Option<String>,
    blind_from_nothing: Option<String>,
}

/// Reads `bench/NAME`, whose packages have names that begin with `prefix`.
pub fn suite(bench: &Path, name: &'static str, prefix: &str) -> Result<Suite> {
    let folder = bench.join(name);
    let mut programs = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.join("src/lib.rs").exists() {
            programs.push(program(&path, prefix)?);
            programs.extend(typed(&path, prefix)?);
        }
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Suite { name, lock: Some(folder.join("Cargo.lock")), programs })
}

fn program(folder: &Path, prefix: &str) -> Result<Program> {
    let package = folder.file_name().and_then(|name| name.to_str()).context("a name")?;
    let name = package.replace('-', "_");
    let target = Target {
        name: name.clone(),
        arguments: "data: &[u8]".to_owned(),
        call: format!("{prefix}_{name}::target(data)"),
        seeds: Some(folder.join("seeds")),
        blind: blind(folder)?,
    };
    let dependencies = format!("{prefix}-{package} = {{ path = {folder:?} }}\n");
    Ok(Program { name, dependencies, items: String::new(), targets: vec![target] })
}

/// The same with operations for arguments, where the package has a `typed.rs`. It describes the type
/// `Op` of the package, which knows nothing of this engine.
fn typed(folder: &Path, prefix: &str) -> Result<Option<Program>> {
    let types = folder.join("typed.rs");
    if !types.exists() {
        return Ok(None);
    }
    let Program { name, dependencies, .. } = program(folder, prefix)?;
    let target = Target {
        name: format!("{name}_typed"),
        arguments: "ops: Vec<One>".to_owned(),
        call: format!(
            "let ops: Vec<_> = ops.into_iter().map(|one| one.0).collect();\n    \
             {prefix}_{name}::target_ops(&ops)"
        ),
        ..Target::default()
    };
    let one = format!(
        "\n/// One of them.\n#[derive(Debug, shakedown::Input)]\n\
         struct One(#[input(with = Op)] {prefix}_{name}::Op);\n\n"
    );
    let items = std::fs::read_to_string(&types)? + &one;
    Ok(Some(Program { name: target.name.clone(), dependencies, items, targets: vec![target] }))
}

fn blind(folder: &Path) -> Result<[Option<String>; 2]> {
    let file = folder.join("bug.toml");
    if !file.exists() {
        return Ok([None, None]);
    }
    let text = std::fs::read_to_string(&file)?;
    let bug: Bug = toml::from_str(&text).with_context(|| file.display().to_string())?;
    Ok([bug.blind_from_seeds, bug.blind_from_nothing])
}
