//! Where the files of a target are. Pure: nothing here looks at the disk.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The longest name made from a name of the user's, in bytes. File systems take 255; the rest is
/// for the marks that are added to names.
const LONGEST_NAME: usize = 200;

/// The folders of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locations {
    /// Seeds and minimized findings, beside the package's `Cargo.toml`.
    pub testdata: PathBuf,
    /// Entries that the engine found.
    pub cache: PathBuf,
}

impl Locations {
    /// The folders of the target `id` of the package called `package`, whose manifest is in
    /// `package_dir`; `cache_root` is what [`cache_root`] returned.
    #[must_use]
    pub fn new(package_dir: &Path, package: &str, cache_root: &Path, id: &str) -> Self {
        let target = folder_name(id);
        Self {
            testdata: package_dir.join("testdata").join("fuzz").join(&target),
            cache: cache_root.join(safe_name(package)).join(target),
        }
    }

    /// Where findings go that `testdata` cannot take.
    #[must_use]
    pub fn fallback_findings(&self) -> PathBuf {
        self.cache.join("findings")
    }

    /// Where the last inputs of damaged workers are kept.
    #[must_use]
    pub fn damaged(&self) -> PathBuf {
        self.cache.join("damaged")
    }
}

/// The folder that holds the caches of all targets of a workspace: `explicit` (of `--corpus`) as
/// it is, or one named after the workspace under the user's cache folder, or, where the user has
/// none, under `target_dir`.
///
/// `variable` looks up an environment variable. A relative `XDG_CACHE_HOME` is ignored, as the XDG
/// Base Directory Specification asks.
#[must_use]
pub fn cache_root(
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

/// The name of the folder of a target: its id with `::` as `.`.
#[must_use]
pub fn folder_name(id: &str) -> String {
    safe_name(&id.replace("::", "."))
}

/// Name and hash of the folder of a workspace, so that two checkouts do not share a cache.
fn workspace_name(root: &Path) -> String {
    let name = root.file_name().map_or("workspace".into(), |name| name.to_string_lossy());
    format!("{}-{}", safe_name(&name), short_hash(root.as_os_str().as_encoded_bytes()))
}

/// `name`, if it can be the name of a file that is not hidden, as paths of Rust items and names of
/// packages can; otherwise something like it, made distinct by a hash.
fn safe_name(name: &str) -> String {
    let safe = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '#');
    if name.chars().all(safe) && !name.starts_with('.') && (1..=LONGEST_NAME).contains(&name.len())
    {
        return name.to_owned();
    }
    let mut like: String = name.chars().map(|c| if safe(c) { c } else { '_' }).collect();
    like.truncate(like.floor_char_boundary(LONGEST_NAME));
    format!("_{like}-{}", short_hash(name.as_bytes()))
}

/// The first 8 hex digits of a SHA-256.
fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
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

    #[test]
    fn paths_of_items_stay_as_they_are() {
        assert_eq!(folder_name("größe::r#match::trip"), "größe.r#match.trip");
    }

    #[test]
    fn no_name_leaves_its_folder_or_hides() {
        let long = "x::".repeat(300);
        for bad in ["", ".", "..", "../up", "a/b", "a\\b", "a\0b", ".hidden", &long] {
            let name = folder_name(bad);
            assert!(!name.contains(['/', '\\', '\0']), "{name}");
            assert!(!name.starts_with('.') && name.len() <= 255, "{name}");
        }
        assert_ne!(folder_name("a/b"), folder_name("a?b"));
    }
}
