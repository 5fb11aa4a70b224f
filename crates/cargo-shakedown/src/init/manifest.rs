//! Changes of manifests, which keep all else as it is: comments, order, features.

use toml_edit::{
    Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, TomlError, Value, value,
};

/// Keys of a dependency that say where it comes from.
const SOURCES: [&str; 8] =
    ["package", "version", "path", "git", "branch", "tag", "rev", "registry"];

/// How a manifest names a package of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement {
    /// The version.
    pub version: String,
    /// The folder, where it is not to be fetched.
    pub path: Option<String>,
}

impl Requirement {
    /// The entries of a table, after the name of a package if the dependency is called otherwise.
    fn entries(&self, package: Option<&str>) -> InlineTable {
        let mut table = InlineTable::new();
        let entries = [
            ("package", package),
            ("version", Some(&*self.version)),
            ("path", self.path.as_deref()),
        ];
        for (key, text) in entries {
            if let Some(text) = text {
                table.insert(key, text.into());
            }
        }
        table
    }
}

/// Has the dependencies on the package `original` lead to our `package`, under their names and with
/// their features. Nothing if there are none, or only those that the workspace says.
///
/// # Errors
/// If the text is no manifest.
pub(crate) fn rename(
    text: &str,
    original: &str,
    package: &str,
    requirement: &Requirement,
) -> Result<Option<String>, TomlError> {
    let mut manifest: DocumentMut = text.parse()?;
    let mut is_changed = false;
    let root = manifest.as_table_mut();
    for table in dependency_tables(root) {
        for (key, item) in table.iter_mut() {
            let named = item.get("package").and_then(Item::as_str).unwrap_or(key.get());
            let is_inherited = item.get("workspace").is_some();
            if named == original && !is_inherited {
                lead_to(item, package, requirement);
                is_changed = true;
            }
        }
    }
    Ok(is_changed.then(|| manifest.to_string()))
}

/// The tables of a manifest that hold dependencies of the package or its workspace.
fn dependency_tables(root: &mut Table) -> Vec<&mut dyn TableLike> {
    let mut tables = Vec::new();
    for (key, item) in root.iter_mut() {
        match key.get() {
            "dependencies" => tables.extend(item.as_table_like_mut()),
            "workspace" => {
                let inner = item.get_mut("dependencies");
                tables.extend(inner.and_then(Item::as_table_like_mut));
            }
            "target" => {
                let platforms = item.as_table_like_mut().into_iter().flat_map(TableLike::iter_mut);
                let inner = platforms.filter_map(|(_, item)| item.get_mut("dependencies"));
                tables.extend(inner.filter_map(Item::as_table_like_mut));
            }
            _ => {}
        }
    }
    tables
}

/// Changes where a dependency leads to, and keeps what else is said of it.
fn lead_to(item: &mut Item, package: &str, requirement: &Requirement) {
    let entries = requirement.entries(Some(package));
    match item {
        Item::Table(table) => {
            SOURCES.iter().for_each(|key| drop(table.remove(key)));
            entries.into_iter().for_each(|(key, text)| drop(table.insert(&key, value(text))));
        }
        _ => {
            let mut new = entries;
            let old = item.as_inline_table().into_iter().flat_map(InlineTable::iter);
            for (key, kept) in old.filter(|(key, _)| !SOURCES.contains(key)) {
                new.insert(key, kept.clone());
            }
            *item = value(new);
        }
    }
}

/// Adds our library to the `[dev-dependencies]`.
///
/// # Errors
/// If the text is no manifest.
pub(crate) fn add_dev_dependency(
    text: &str,
    package: &str,
    requirement: &Requirement,
) -> Result<String, TomlError> {
    let mut manifest: DocumentMut = text.parse()?;
    let new = match requirement.path {
        None => value(&requirement.version),
        Some(_) => value(requirement.entries(None)),
    };
    let table = manifest.entry("dev-dependencies").or_insert_with(toml_edit::table);
    if let Some(table) = table.as_table_like_mut() {
        table.insert(package, new);
    }
    Ok(manifest.to_string())
}

/// Adds a program without tests, whose source is at `path`.
///
/// # Errors
/// If the text is no manifest.
pub(crate) fn add_bin(text: &str, name: &str, path: &str) -> Result<String, TomlError> {
    add(text, "bin", name, path, &["test", "doc", "bench"])
}

/// Adds an integration test, whose source is at `path`.
///
/// # Errors
/// If the text is no manifest.
pub(crate) fn add_test(text: &str, name: &str, path: &str) -> Result<String, TomlError> {
    add(text, "test", name, path, &[])
}

fn add(
    text: &str,
    kind: &str,
    name: &str,
    path: &str,
    switched_off: &[&str],
) -> Result<String, TomlError> {
    let mut manifest: DocumentMut = text.parse()?;
    let mut table = Table::new();
    table.insert("name", value(name));
    table.insert("path", value(path));
    for key in switched_off {
        table.insert(key, value(false));
    }
    let all = manifest.entry(kind).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    match all {
        Item::ArrayOfTables(tables) => tables.push(table),
        other => {
            // It is written as a list of inline tables.
            let array = other.or_insert(value(Array::new())).as_array_mut();
            array
                .into_iter()
                .for_each(|array| array.push(Value::from(table.clone().into_inline_table())));
        }
    }
    Ok(manifest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn released() -> Requirement {
        Requirement { version: "0.1".into(), path: None }
    }

    fn renamed(text: &str) -> Option<String> {
        rename(text, "libfuzzer-sys", "shakedown-libfuzzer", &released()).unwrap()
    }

    #[test]
    fn one_line_changes_and_keeps_its_features() {
        for (before, after) in [
            (
                "libfuzzer-sys = \"0.4\" # why",
                "libfuzzer-sys = { package = \"shakedown-libfuzzer\", version = \"0.1\" }",
            ),
            (
                "libfuzzer-sys = { version = \"0.4\", features = [\"arbitrary-derive\"] }",
                "libfuzzer-sys = { package = \"shakedown-libfuzzer\", version = \"0.1\", features = \
                 [\"arbitrary-derive\"] }",
            ),
            (
                "fuzzer = { package = \"libfuzzer-sys\", git = \"https://x\", rev = \"1\", optional = true }",
                "fuzzer = { package = \"shakedown-libfuzzer\", version = \"0.1\", optional = true }",
            ),
        ] {
            for section in
                ["dependencies", "workspace.dependencies", "target.'cfg(unix)'.dependencies"]
            {
                let text = |line: &str| {
                    format!(
                        "# first\n[package]\nname = 'x'\n\n[{section}]\na = \"1\"\n{line}\nz = \"1\"\n"
                    )
                };
                let new = renamed(&text(before)).expect("it changes");
                assert_eq!(new.replace(" # why", ""), text(after));
            }
        }
    }

    #[test]
    fn a_table_of_its_own_changes_and_others_stay() {
        let text = "[dependencies.libfuzzer-sys]\nversion = \"0.4\"\nfeatures = [\"x\"]\n";
        let new = renamed(text).expect("it changes");
        assert!(new.contains("features = [\"x\"]") && !new.contains("0.4"), "{new}");
        assert!(new.contains("package = \"shakedown-libfuzzer\""), "{new}");
        assert_eq!(renamed("[dependencies]\nlibfuzzer-sys = { workspace = true }\n"), None);
        assert_eq!(renamed("[dependencies]\nafl = \"0.1\"\n"), None);
        assert!(rename("[", "a", "b", &released()).is_err());
    }

    #[test]
    fn a_dependency_and_programs_are_added() {
        let text = "[package]\nname = \"x\"\n";
        let new = add_dev_dependency(text, "shakedown", &released()).unwrap();
        assert_eq!(new, format!("{text}\n[dev-dependencies]\nshakedown = \"0.1\"\n"));
        let path = Requirement { path: Some("../s".into()), ..released() };
        let new =
            add_dev_dependency("[dev-dependencies]\na = \"1\"\n", "shakedown", &path).unwrap();
        assert!(new.ends_with("a = \"1\"\nshakedown = { version = \"0.1\", path = \"../s\" }\n"));
        let new = add_bin("[[bin]]\nname = \"a\"\n", "b", "fuzz_targets/b.rs").unwrap();
        let added = "[[bin]]\nname = \"b\"\npath = \"fuzz_targets/b.rs\"\ntest = false\ndoc = false\nbench = \
                     false\n";
        assert_eq!(new, format!("[[bin]]\nname = \"a\"\n\n{added}"));
        assert!(
            add_test(text, "fuzz", "tests/fuzz.rs").unwrap().contains("[[test]]\nname = \"fuzz\"")
        );
    }
}
