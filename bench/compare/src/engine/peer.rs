//! What the engines of other projects share.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::Setting;
use crate::records::Start;
use crate::suite::{Program, Suite, Target};

/// The variable that says which target of a program to run.
const VARIABLE: &str = "COMPARE_TARGET";

/// Whether engines of bytes can run it.
pub fn takes_bytes(target: &Target) -> bool {
    target.arguments == "data: &[u8]"
}

/// The suite without typed targets.
pub fn of_bytes(suite: &Suite) -> Suite {
    let programs = suite.programs.iter();
    let programs = programs.filter(|program| program.targets.iter().all(takes_bytes));
    Suite { name: suite.name, lock: suite.lock.clone(), programs: programs.cloned().collect() }
}

/// Rust that runs the wanted target of a program with `data`.
pub fn call(program: &Program) -> String {
    if let [target] = &program.targets[..] {
        return target.call.clone();
    }
    let arms = program.targets.iter().map(|target| {
        let Target { name, call, .. } = target;
        format!("            \"{name}\" => |data| {{ {call} }},\n")
    });
    format!(
        "static CHOSEN: std::sync::LazyLock<fn(&[u8])> = std::sync::LazyLock::new(|| {{\n        \
         match &*std::env::var(\"{VARIABLE}\").unwrap_or_default() {{\n{}            \
         name => panic!(\"no target {{name}}\"),\n        }}\n    }});\n    CHOSEN(data);",
        arms.collect::<String>()
    )
}

/// The executable of the target, on its processor.
pub fn command(setting: &Setting, folder: &Path, target: &Target) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &setting.core.to_string()]).arg(folder.join(setting.program));
    command.env(VARIABLE, &target.name);
    command
}

/// Puts the seeds into a new folder.
pub fn lay_out(target: &Target, start: Start, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let seeds = target.seeds.as_ref().filter(|_| start == Start::Seeds);
    for seed in seeds.into_iter().flat_map(std::fs::read_dir).flatten() {
        let seed = seed?;
        std::fs::copy(seed.path(), folder.join(seed.file_name()))?;
    }
    Ok(())
}

/// The version of a dependency, from the lock file of the package.
pub fn version(package: &Path, dependency: &str) -> Result<String> {
    let lock: toml::Table = std::fs::read_to_string(package.join("Cargo.lock"))?.parse()?;
    let packages = lock.get("package").and_then(toml::Value::as_array).context("packages")?;
    let field = |package: &toml::Value, name| Some(package.get(name)?.as_str()?.to_owned());
    let found =
        packages.iter().find(|package| field(package, "name").as_deref() == Some(dependency));
    found.and_then(|package| field(package, "version")).context("a version")
}

/// The triple of this machine.
pub fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say its host")?.to_owned())
}
