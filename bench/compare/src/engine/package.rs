//! Packages with the programs of a suite, as an engine wants them.

use std::path::Path;

use anyhow::{Context, Result};

use crate::suite::{Program, Suite};

/// Writes the package: `manifest` follows the dependencies of the programs, `source` makes each of
/// them a file of `folder/place`.
pub fn write(
    folder: &Path,
    suite: &Suite,
    manifest: &str,
    place: &str,
    source: impl Fn(&Program) -> String,
) -> Result<()> {
    for subfolder in ["src", place] {
        std::fs::create_dir_all(folder.join(subfolder))?;
    }
    let head = format!(
        "[package]\nname = \"bench-{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [workspace]\n\n[dependencies]\n{}\n",
        suite.name,
        dependencies(suite),
    );
    update(&folder.join("Cargo.toml"), &(head + manifest))?;
    update(&folder.join("src/lib.rs"), "")?;
    for program in &suite.programs {
        let path = folder.join(place).join(format!("{}.rs", program.name));
        update(&path, &source(program))?;
    }
    let lock = folder.join("Cargo.lock");
    if let Some(given) = suite.lock.as_ref().filter(|_| !lock.exists()) {
        std::fs::copy(given, &lock)?;
    }
    Ok(())
}

fn dependencies(suite: &Suite) -> String {
    let all = suite.programs.iter().flat_map(|program| program.dependencies.lines());
    let mut lines: Vec<&str> = all.collect();
    lines.sort_unstable();
    lines.dedup();
    lines.join("\n")
}

/// Writes a file unless it is like that already, so that nothing is built again without need.
fn update(path: &Path, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).ok().as_deref() != Some(text) {
        std::fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
