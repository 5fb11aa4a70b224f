//! Where the files of a target are. Pure: nothing here looks at the disk.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::patterns::SeedPatterns;
use shakedown_core::testdata::{folder, folder_name, program_folders, safe_name, short_hash};

/// The folders of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locations {
    /// Seeds and minimized findings, next to the package's `Cargo.toml`.
    pub testdata: PathBuf,
    /// Entries that the engine found.
    pub cache: PathBuf,
    /// What else the engine keeps: the lock, what is remembered of entries, what fits nowhere else.
    pub state: PathBuf,
    /// Other files and folders of seeds, which are only read.
    pub seeds: Vec<PathBuf>,
    /// What the target says of further ones.
    pub patterns: SeedPatterns,
    /// How the files are named, and where in the folders they are.
    pub layout: Layout,
}

/// How the folders of a target are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// As Shakedown does by itself: files of text or raw content, flat, named by their hash.
    Flat,
    /// As `cargo fuzz` and libFuzzer do: raw content only. Entries may be in folders of the corpus, and
    /// the name of a finding says what it is.
    Program,
}

impl Locations {
    /// The folders of the target `id` of the package called `package`, whose manifest is in
    /// `package_dir`; `cache_root` is what `cache_root` returned.
    #[must_use]
    pub fn new(package_dir: &Path, package: &str, cache_root: &Path, id: &str) -> Self {
        let cache = cache_root.join(safe_name(package)).join(folder_name(id));
        let testdata = package_dir.join(folder(id));
        let (state, seeds, patterns) = (cache.clone(), Vec::new(), SeedPatterns::default());
        Self { testdata, state, cache, seeds, patterns, layout: Layout::Flat }
    }

    /// As [`Self::new`], for a program that is a target. Its entries are where those of `cargo fuzz`
    /// are if the corpus is to be its `own`.
    #[must_use]
    pub fn of_program(
        package_dir: &Path,
        package: &str,
        cache_root: &Path,
        id: &str,
        own: bool,
    ) -> Self {
        let state = cache_root.join(safe_name(package)).join(folder_name(id));
        let [corpus, artifacts] = program_folders(id).map(|folder| package_dir.join(folder));
        let cache = if own { corpus } else { state.clone() };
        let (seeds, patterns) = (Vec::new(), SeedPatterns::default());
        Self { testdata: artifacts, cache, state, seeds, patterns, layout: Layout::Program }
    }

    /// Where findings go that `testdata` cannot take.
    #[must_use]
    pub fn fallback_findings(&self) -> PathBuf {
        self.state.join("findings")
    }

    /// Where the last inputs of damaged workers are kept.
    #[must_use]
    pub fn damaged(&self) -> PathBuf {
        self.state.join("damaged")
    }
}

/// The folder that holds the caches of all targets of a workspace: `explicit` (of `--corpus`) as
/// it is, or one named after the workspace under the user's cache folder, or, where the user has
/// none, under `target_dir`.
///
/// `variable` looks up an environment variable. A relative `XDG_CACHE_HOME` is ignored, as the XDG
/// Base Directory Specification asks.
#[must_use]
pub(crate) fn cache_root(
    explicit: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
    workspace_root: &Path,
    target_dir: &Path,
) -> PathBuf {
    if let Some(root) = explicit {
        return root.to_path_buf();
    }
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let user = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    let caches = match user {
        Some(user) => user.join("shakedown"),
        None => target_dir.join("shakedown-cache"),
    };
    caches.join(workspace_name(workspace_root))
}

/// Name and hash of the folder of a workspace, so that two checkouts do not share a cache.
fn workspace_name(root: &Path) -> String {
    let name = root.file_name().map_or("workspace".into(), |name| name.to_string_lossy());
    format!("{}-{}", safe_name(&name), short_hash(root.as_os_str().as_encoded_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(explicit: Option<&str>, variables: &[(&str, &str)]) -> PathBuf {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        };
        cache_root(explicit.map(Path::new), lookup, Path::new("/w/my url"), Path::new("/w/target"))
    }

    #[test]
    fn a_target_has_a_folder_beside_its_manifest_and_one_in_the_cache() {
        let at = Locations::new(Path::new("/w/url"), "url", Path::new("/c"), "parse::tests::trip");
        assert_eq!(at.testdata, Path::new("/w/url/testdata/fuzz/parse.tests.trip"));
        assert_eq!(at.cache, Path::new("/c/url/parse.tests.trip"));
        assert_eq!(at.fallback_findings(), Path::new("/c/url/parse.tests.trip/findings"));
    }

    #[test]
    fn the_corpus_of_a_program_is_that_of_cargo_fuzz() {
        let of = |own| {
            Locations::of_program(Path::new("/w/fuzz"), "url-fuzz", Path::new("/c"), "parse", own)
        };
        assert_eq!(of(true).testdata, Path::new("/w/fuzz/artifacts/parse"));
        assert_eq!(of(true).cache, Path::new("/w/fuzz/corpus/parse"));
        assert_eq!(of(true).damaged(), Path::new("/c/url-fuzz/parse/damaged"));
        assert_eq!(of(false).cache, Path::new("/c/url-fuzz/parse"));
    }

    #[test]
    fn the_cache_root_is_chosen_in_order() {
        let name = format!("_my_url-{}-{}", short_hash(b"my url"), short_hash(b"/w/my url"));
        let both = [("XDG_CACHE_HOME", "/xdg"), ("HOME", "/home/me")];
        assert_eq!(root(Some("corpora"), &both), Path::new("corpora"));
        assert_eq!(root(None, &both), Path::new("/xdg/shakedown").join(&name));
        let home = Path::new("/home/me/.cache/shakedown").join(&name);
        assert_eq!(root(None, &both[1..]), home);
        assert_eq!(root(None, &[("XDG_CACHE_HOME", "relative"), both[1]]), home);
        assert_eq!(root(None, &[("HOME", "")]), Path::new("/w/target/shakedown-cache").join(&name));
    }

    #[test]
    fn two_checkouts_have_two_caches() {
        let of = |path: &str| workspace_name(Path::new(path));
        assert_ne!(of("/a/url"), of("/b/url"));
        assert!(of("/a/url").starts_with("url-"));
        assert!(of("/").starts_with("workspace-"));
    }
}
