//! A drop-in in the place of the crate that an untouched package names, for one build alone.
//!
//! Cargo takes a folder in place of a package by its setting `paths`, and leaves the lock file alone if
//! that has the same dependencies. So the folder has the manifest of the crate that was resolved, and
//! our sources. What these depend on is ours and nobody else's: it is built apart, and
//! [`super::wrapper`] hands it to the compiler.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Artifact, Package};
use toml::{Table, Value};

use super::drop_ins::DropIn;
use super::environment::artifacts;
use super::error::BuildError;
use super::flags::content_digest;

/// Libraries of ours that the sources of a drop-in name.
const LIBRARIES: [&str; 2] = ["shakedown", "shakedown_main"];

/// Where the drop-ins are in a checkout of this repository, from the folder of this package.
const IN_CHECKOUT: &str = "../compat";

/// What is built apart: our libraries, and where the sources of the drop-ins are.
#[derive(Debug)]
pub(super) struct Runtime {
    /// Name and file of each library.
    libraries: Vec<(String, PathBuf)>,
    /// The folder of the sources of each drop-in, by its library.
    sources: Vec<(&'static str, PathBuf)>,
}

/// Writes the manifest of the workspace in `folder` that builds a runtime for these drop-ins, and
/// returns its path.
///
/// # Errors
/// If it cannot be written.
pub(super) fn runtime_manifest(folder: &Path, drop_ins: &[&DropIn]) -> Result<PathBuf, BuildError> {
    let version = env!("CARGO_PKG_VERSION");
    let dependencies: Vec<String> = drop_ins.iter().map(|drop_in| dependency(drop_in)).collect();
    let text = format!(
        "[package]\nname = \"shakedown-runtime\"\nversion = \"{version}\"\nedition = \"2024\"\n\n\
         [dependencies]\n{}\n[workspace]\n",
        dependencies.concat()
    );
    write(&folder.join("src/lib.rs"), b"//! Builds what drop-ins need.\n")?;
    write(&folder.join("Cargo.toml"), text.as_bytes())?;
    Ok(folder.join("Cargo.toml"))
}

/// The line of a manifest that names a drop-in: of this checkout, or of this version.
fn dependency(drop_in: &DropIn) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let name = drop_in.package.trim_start_matches("shakedown-");
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join(IN_CHECKOUT).join(name);
    let path = match checkout.is_dir() {
        true => format!(", path = {:?}", checkout.display().to_string()),
        false => String::new(),
    };
    format!("{} = {{ version = \"={version}\"{path} }}\n", drop_in.package)
}

impl Runtime {
    /// What came of building that workspace.
    ///
    /// # Errors
    /// If something is missing.
    pub(super) fn of_build(
        messages: &[cargo_metadata::Message],
        drop_ins: &[&'static DropIn],
    ) -> Result<Self, BuildError> {
        let find = |name: &str| artifacts(messages).find(|artifact| artifact.target.name == name);
        let missing = |name| BuildError::Output(format!("there is no library `{name}`"));
        let file = |artifact: &Artifact| {
            artifact.filenames.iter().find(|file| file.extension() == Some("rlib")).cloned()
        };
        // Not all drop-ins need all of them.
        let library = |name: &str| Some((name.to_owned(), find(name).and_then(file)?.into()));
        let libraries: Vec<_> = LIBRARIES.into_iter().filter_map(library).collect();
        if libraries.is_empty() {
            return Err(missing(LIBRARIES[0]));
        }
        let sources = |drop_in: &&'static DropIn| {
            let own = find(drop_in.library).ok_or_else(|| missing(drop_in.library))?;
            let folder = own.target.src_path.parent().map(Into::into).unwrap_or_default();
            Ok((drop_in.library, folder))
        };
        let sources = drop_ins.iter().map(sources).collect::<Result<_, BuildError>>()?;
        Ok(Self { libraries, sources })
    }

    /// What [`super::wrapper`] needs to hand the libraries to the compiler: a line for each, and one
    /// before them with the names of the crates that they are for.
    pub(super) fn variable(&self, drop_ins: &[&DropIn]) -> OsString {
        let users: Vec<&str> = drop_ins.iter().map(|drop_in| drop_in.library).collect();
        let mut value = OsString::from(users.join(" "));
        for (name, file) in &self.libraries {
            value.push(format!("\n{name}="));
            value.push(file);
        }
        value
    }

    /// Writes into `folder` what stands in for `original`.
    ///
    /// # Errors
    /// If a file cannot be read or written, or nothing can stand in for this version.
    pub(super) fn write(
        &self,
        folder: &Path,
        original: &Package,
        drop_in: &DropIn,
    ) -> Result<(), BuildError> {
        if original.version.major == 0 && original.version.minor < drop_in.since {
            return Err(BuildError::StandIn {
                package: drop_in.package,
                original: format!("{} {}", original.name, original.version),
                reason: "it is too old; rename the dependency in Cargo.toml instead".into(),
            });
        }
        let own = original.manifest_path.as_std_path();
        let text = read(own)?;
        let own = own.parent().unwrap_or(own);
        let manifest =
            manifest(&text, own).map_err(|error| BuildError::Output(error.to_string()))?;
        write(&folder.join("Cargo.toml"), manifest.as_bytes())?;
        write(&folder.join("build.rs"), b"fn main() {}\n")?;
        let own = self.sources.iter().find(|(library, _)| *library == drop_in.library);
        let sources = own.map(|(_, folder)| folder.as_path()).unwrap_or(Path::new(""));
        let items = fs::read_dir(sources).map_err(BuildError::file("read", sources))?;
        for item in items.flatten() {
            let source = read(&item.path())?;
            // What is built with other libraries is to be built again.
            let source = match item.file_name() == "lib.rs" {
                true => format!("{source}\n// Built with {}.\n", self.digest()?),
                false => source,
            };
            write(&folder.join("src").join(item.file_name()), source.as_bytes())?;
        }
        Ok(())
    }

    fn digest(&self) -> Result<String, BuildError> {
        let read =
            |(_, file): &(String, PathBuf)| fs::read(file).map_err(BuildError::file("read", file));
        let contents: Vec<Vec<u8>> = self.libraries.iter().map(read).collect::<Result<_, _>>()?;
        Ok(content_digest(&contents))
    }
}

/// The manifest of a crate for other sources: the same package with the same dependencies and features,
/// in our edition, and nothing but a library and a script. `folder` is that of the original.
fn manifest(original: &str, folder: &Path) -> Result<String, toml::de::Error> {
    let mut manifest: Table = original.parse()?;
    make_absolute(&mut manifest, folder);
    for section in ["lib", "bin", "example", "test", "bench", "lints", "profile", "workspace"] {
        manifest.remove(section);
    }
    let library = Table::from_iter([("path".to_owned(), Value::from("src/lib.rs"))]);
    manifest.insert("lib".into(), library.into());
    if let Some(Value::Table(package)) = manifest.get_mut("package") {
        let settings = [("edition", "2024"), ("build", "build.rs")];
        package.extend(settings.map(|(key, value)| (key.to_owned(), value.into())));
        package.remove("rust-version");
    }
    // It is not to be taken for a member of whatever is above it.
    manifest.insert("workspace".into(), Table::new().into());
    Ok(manifest.to_string())
}

/// Has the paths of dependencies mean the same in another folder.
fn make_absolute(manifest: &mut Table, folder: &Path) {
    for (name, value) in manifest {
        let Value::Table(table) = value else { continue };
        if !name.ends_with("dependencies") {
            make_absolute(table, folder);
            continue;
        }
        let paths = table.iter_mut().filter_map(|(_, dependency)| dependency.get_mut("path"));
        for path in paths {
            let absolute = path.as_str().map(|path| folder.join(path).display().to_string());
            *path = absolute.map_or(path.clone(), Value::from);
        }
    }
}

fn read(path: &Path) -> Result<String, BuildError> {
    fs::read_to_string(path).map_err(BuildError::file("read", path))
}

/// Writes a file, unless it has this content: else it would look new to cargo.
fn write(path: &Path, content: &[u8]) -> Result<(), BuildError> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(BuildError::file("create", folder))?;
    fs::write(path, content).map_err(BuildError::file("write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_keeps_what_the_lock_file_knows() {
        let original = "[package]\nname = 'libfuzzer-sys'\nversion = '0.4.9'\nedition = '2018'\n\
            rust-version = '1.50'\nbuild = 'other.rs'\n[lib]\nname = 'libfuzzer_sys'\npath = 'x.rs'\n\
            [[example]]\nname = 'e'\npath = 'e.rs'\n[features]\ndefault = ['link']\nlink = []\n\
            [dependencies.arbitrary]\nversion = '1'\n[build-dependencies.cc]\nversion = '1.0'\n";
        let ours: Table = manifest(original, Path::new("/o")).unwrap().parse().unwrap();
        let theirs: Table = original.parse().unwrap();
        for section in ["dependencies", "build-dependencies", "features"] {
            assert_eq!(ours[section], theirs[section]);
        }
        assert_eq!(ours["package"]["version"], theirs["package"]["version"]);
        assert_eq!(ours["package"]["edition"].as_str(), Some("2024"));
        assert_eq!(ours["package"]["build"].as_str(), Some("build.rs"));
        assert_eq!(ours["lib"]["path"].as_str(), Some("src/lib.rs"));
        assert!(!ours.contains_key("example"));
    }

    #[test]
    fn dependencies_by_path_stay_where_they_are() {
        let original = "[package]\nname = 'a'\n[dependencies]\nb = { path = '../b' }\nc = '1'\n\
            [target.'cfg(unix)'.build-dependencies.d]\npath = 'd'\n";
        let ours: Table = manifest(original, Path::new("/o")).unwrap().parse().unwrap();
        assert_eq!(ours["dependencies"]["b"]["path"].as_str(), Some("/o/../b"));
        assert_eq!(ours["dependencies"]["c"].as_str(), Some("1"));
        let target = &ours["target"]["cfg(unix)"]["build-dependencies"];
        assert_eq!(target["d"]["path"].as_str(), Some("/o/d"));
    }

    #[test]
    fn a_file_that_is_the_same_is_not_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        write(&path, b"one").unwrap();
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        fs::File::options().append(true).open(&path).unwrap().set_modified(long_ago).unwrap();
        write(&path, b"one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), long_ago);
        write(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }
}
