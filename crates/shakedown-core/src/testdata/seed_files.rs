//! The files that `seed_files = "glob"` of a target names. Both sides ask the same of the disk, so what
//! a campaign starts from is what `cargo test` runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Role;
use super::glob::{is_pattern, matches};

/// The largest file of seeds, in bytes. What is longer is no place to begin a search from.
pub const MAX_SEED_FILE: u64 = 16 << 20;

/// Most files that the patterns of a target name, and most bytes in all of them: a campaign has its
/// seeds in memory.
const MAX_FILES: usize = 1 << 16;
const MAX_BYTES: u64 = 256 << 20;

/// Most names that are looked at, and most levels of folders, for a pattern may begin at a folder that
/// holds everything.
const MAX_NAMES: usize = 1 << 20;
const MAX_LEVELS: usize = 100;

/// Something in a folder.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ItemKind,
}

/// What something in a folder is, without following links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A regular file of so many bytes.
    File(u64),
    /// A folder.
    Folder,
    /// A link.
    Link,
    /// A pipe, a socket or a device.
    Other,
}

/// What patterns have come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeedFiles {
    /// The files, by their paths from the folder of the package, sorted.
    pub files: Vec<PathBuf>,
    /// What people should know: of patterns that name no file, and of what was left out.
    pub warnings: Vec<String>,
}

/// The patterns of a target, as its mark has them: one a line.
pub fn seed_patterns(lines: &str) -> impl Iterator<Item = &str> {
    lines.lines().filter(|line| !line.is_empty() && !line.contains(char::is_control))
}

/// The files that `patterns` name in the folder of a package; `list` lists a folder by its path from
/// there, and what is not there or cannot be read has nothing in it.
///
/// `**` stands for any folders. Hidden files and folders need a pattern that begins with a dot, `README*`
/// one without wildcards. Links are not followed, but those before the first wildcard.
pub fn seed_files(
    patterns: &[impl AsRef<str>],
    mut list: impl FnMut(&Path) -> Vec<Item>,
) -> SeedFiles {
    let mut walk = Walk {
        list: &mut list,
        found: BTreeMap::new(),
        matched: 0,
        bytes: 0,
        names: 0,
        left_out: BTreeMap::new(),
        is_cut: false,
    };
    let mut warnings = Vec::new();
    for pattern in patterns.iter().map(AsRef::as_ref) {
        (walk.matched, walk.is_cut) = (0, false);
        let components: Vec<&str> =
            pattern.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let before = components.iter().take_while(|part| !is_pattern(part)).count();
        let (fixed, rest) = components.split_at(before.min(components.len().saturating_sub(1)));
        walk.visit(&fixed.iter().collect::<PathBuf>(), rest, MAX_LEVELS);
        if walk.is_cut {
            warnings.push(format!(
                "`seed_files = \"{pattern}\"`: only a part is read, of more than {MAX_FILES} files, \
                 {} MiB, {MAX_NAMES} names or {MAX_LEVELS} levels of folders",
                MAX_BYTES >> 20
            ));
        }
        if walk.matched == 0 {
            warnings.push(format!("`seed_files = \"{pattern}\"` matches no file"));
        }
        if let Some((path, reason)) = walk.left_out.first_key_value() {
            let more = match walk.left_out.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            warnings.push(format!("no seed: {}: {reason}{more}", path.display()));
        }
        walk.left_out.clear();
    }
    SeedFiles { files: walk.found.into_keys().collect(), warnings }
}

struct Walk<'l> {
    list: &'l mut dyn FnMut(&Path) -> Vec<Item>,
    found: BTreeMap<PathBuf, u64>,
    /// Files that the pattern has named.
    matched: usize,
    bytes: u64,
    names: usize,
    /// What the pattern has named that is not read, with the reasons.
    left_out: BTreeMap<PathBuf, &'static str>,
    is_cut: bool,
}

impl Walk<'_> {
    /// Finds what the components of a pattern name in a folder, and in so many levels of those below.
    fn visit(&mut self, folder: &Path, components: &[&str], levels: usize) {
        let (first, rest) = match components {
            [] => return,
            ["**"] => ("**", &["*"][..]),
            [first, rest @ ..] => (*first, rest),
        };
        let is_deep = first == "**";
        let Some(below) = levels.checked_sub(1) else {
            self.is_cut = true;
            return;
        };
        if is_deep {
            self.visit(folder, rest, levels);
        }
        let mut items = (self.list)(folder);
        items.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        for Item { name, kind } in items {
            self.names += 1;
            self.is_cut |= self.names > MAX_NAMES;
            if self.is_cut {
                return;
            }
            let is_meant = is_deep || matches(first, &name);
            let is_hidden = name.starts_with('.') && !first.starts_with('.');
            if !is_meant || is_hidden {
                continue;
            }
            let path = folder.join(&name);
            match kind {
                ItemKind::Folder if is_deep => self.visit(&path, components, below),
                ItemKind::Folder => self.visit(&path, rest, below),
                _ if is_deep => {}
                _ if Role::of(&name) == Role::Notes && is_pattern(first) => {}
                ItemKind::File(len) if rest.is_empty() => self.add(path, len),
                ItemKind::File(_) => {}
                ItemKind::Link => {
                    self.left_out.insert(path, "it is a link, which is not followed");
                }
                ItemKind::Other => {
                    self.left_out.insert(path, "it is a pipe, socket or device, not a file");
                }
            }
        }
    }

    fn add(&mut self, path: PathBuf, len: u64) {
        self.matched += 1;
        if len > MAX_SEED_FILE {
            self.left_out.insert(path, "it is larger than 16 MiB");
            return;
        }
        if self.found.contains_key(&path) {
            return;
        }
        match self.found.len() < MAX_FILES && self.bytes + len <= MAX_BYTES {
            true => {
                self.bytes += len;
                self.found.insert(path, len);
            }
            false => self.is_cut = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What patterns name among these paths, each of a file of a byte, or marked as something else.
    fn found(patterns: &[&str], paths: &[&str]) -> (Vec<String>, Vec<String>) {
        let list = |folder: &Path| {
            let mut items: Vec<Item> = Vec::new();
            for path in paths {
                let (path, mark) = path.split_once('=').unwrap_or((path, ""));
                let Ok(rest) = Path::new(path).strip_prefix(folder) else { continue };
                let mut components = rest.components();
                let Some(first) = components.next() else { continue };
                let kind = match (components.next(), mark) {
                    (Some(_), _) => ItemKind::Folder,
                    (None, "link") => ItemKind::Link,
                    (None, "pipe") => ItemKind::Other,
                    (None, len) => ItemKind::File(len.parse().unwrap_or(1)),
                };
                let name = first.as_os_str().to_str().unwrap().to_owned();
                if items.iter().all(|item| item.name != name) {
                    items.push(Item { name, kind });
                }
            }
            items
        };
        let SeedFiles { files, warnings } = seed_files(patterns, list);
        (files.iter().map(|file| file.to_str().unwrap().to_owned()).collect(), warnings)
    }

    const TREE: [&str; 9] = [
        "a.json",
        "data/b.json",
        "data/README.md",
        "data/.hidden/c.json",
        "data/x/d.json",
        "data/x/y/e.json",
        "data/x/y/f.txt",
        "data/link.json=link",
        "../shared/g.json",
    ];

    #[test]
    fn patterns_name_files_below_the_package() {
        for (pattern, files) in [
            ("*.json", &["a.json"][..]),
            ("./data//b.json", &["data/b.json"]),
            ("data/*", &["data/b.json"]),
            ("data/README.md", &["data/README.md"]),
            ("data/.h*/*", &["data/.hidden/c.json"]),
            ("data/**/*.json", &["data/b.json", "data/x/d.json", "data/x/y/e.json"]),
            ("data/x/**", &["data/x/d.json", "data/x/y/e.json", "data/x/y/f.txt"]),
            ("**/y/?.txt", &["data/x/y/f.txt"]),
            ("**/**/e.json", &["data/x/y/e.json"]),
            ("../shared/*", &["../shared/g.json"]),
        ] {
            assert_eq!(found(&[pattern], &TREE).0, files, "{pattern}");
        }
    }

    #[test]
    fn what_is_named_and_not_read_is_told() {
        let (files, warnings) = found(&["data/l*", "data/*.json", "nothing/*"], &TREE);
        assert_eq!(files, ["data/b.json"]);
        let link = "no seed: data/link.json: it is a link, which is not followed";
        assert_eq!(
            warnings,
            [
                "`seed_files = \"data/l*\"` matches no file",
                link,
                link,
                "`seed_files = \"nothing/*\"` matches no file",
            ]
        );
        let paths = ["p=pipe", "q=pipe", "r=16777217", "s=16777216"];
        let (files, warnings) = found(&["*"], &paths);
        assert_eq!(files, ["s"]);
        assert_eq!(
            warnings,
            ["no seed: p: it is a pipe, socket or device, not a file (and 2 more)"]
        );
    }

    #[test]
    fn several_patterns_name_a_file_once() {
        assert_eq!(found(&["a*", "*.json", "."], &["a.json"]).0, ["a.json"]);
        assert_eq!(found(&["", "."], &["a.json"]).1.len(), 2, "these name no file");
    }

    #[test]
    fn memory_is_bounded() {
        let names: Vec<String> = (0..20).map(|at| format!("{at:02}=16777216")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (files, warnings) = found(&["*"], &names);
        assert_eq!((files.len(), warnings.len()), (16, 1));
        assert!(warnings[0].contains("only a part is read"), "{warnings:?}");
        // A folder in itself, without an end.
        let endless = |_: &Path| vec![Item { name: "a".into(), kind: ItemKind::Folder }];
        let SeedFiles { files, warnings } = seed_files(&["**"], endless);
        assert_eq!((files.len(), warnings.len()), (0, 2), "{warnings:?}");
        let many = |folder: &Path| match folder.components().count() {
            0..12 => ["a", "b", "c", "d"]
                .map(|name| Item { name: name.into(), kind: ItemKind::Folder })
                .into(),
            _ => Vec::new(),
        };
        assert!(seed_files(&["**"], many).warnings[0].contains("only a part is read"));
    }
}
