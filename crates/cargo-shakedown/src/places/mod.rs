//! What each counter of a program counts: the compiler's table of code addresses, the line tables, and
//! which files are the workspace's own.

mod code;
mod flow;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use addr2line::{Loader, Location};
use anyhow::{Context, anyhow};
use object::read::elf::ElfFile64;
use object::{Object, ObjectSection};
use shakedown_core::failure::short_place;

use crate::coverage::{Counted, Flow, Place};
use crate::symbols::demangled;

/// Section of the counters.
const COUNTERS: &str = "__sancov_cntrs";

/// Section of pairs that the compiler's pass writes: the address of the code that a counter counts,
/// and 1 if it is the beginning of a function.
const PC_TABLE: &str = "__sancov_pcs";

/// Bytes of a pair in it.
const PAIR: usize = 16;

/// Counters that the runtime takes at once. It numbers them so that the first of each of its lines has
/// a multiple of this: see `coverage/counters.rs` there.
const LINE: usize = 64;

/// The counters of a program.
#[derive(Debug)]
pub(crate) struct Counters {
    /// What they count, in their order.
    pub counted: Vec<Counted>,
    /// The number that the runtime gives to the first.
    pub first: usize,
    /// How many numbers it gives: some stand for no counter.
    pub numbers: usize,
    /// How the code that they count follows one another.
    pub flow: Flow,
}

/// Reads the tables of a program.
///
/// # Errors
/// If it cannot be read, is not instrumented, or has no debug information.
pub(crate) fn counters(program: &Path) -> anyhow::Result<Counters> {
    let bytes =
        std::fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let table = PcTable::parse(&bytes).with_context(|| {
        format!("{} is not instrumented, so it has no coverage", program.display())
    })?;
    let loader = Loader::new(program).map_err(|error| anyhow!("{}: {error}", program.display()))?;
    let mut files = HashSet::new();
    let base = loader.relative_address_base();
    let of_pair = |&(address, is_entry)| counted(&loader, base + address, is_entry, &mut files);
    let counted = table.pairs.iter().map(of_pair).collect();
    let (first, numbers) = table.numbers();
    Ok(Counters { counted, first, numbers, flow: table.flow })
}

/// What the code at an address is.
fn counted(
    loader: &Loader,
    address: u64,
    is_entry: bool,
    files: &mut HashSet<Arc<str>>,
) -> Counted {
    let mut counted = Counted { is_entry, ..Counted::default() };
    let Ok(mut frames) = loader.find_frames(address) else { return counted };
    while let Ok(Some(frame)) = frames.next() {
        if counted.chain.is_empty() {
            let name = frame.function.as_ref().and_then(|function| function.demangle().ok());
            counted.function = name.map(std::borrow::Cow::into_owned).unwrap_or_default();
        }
        counted.chain.push(place(frame.location.as_ref(), files));
    }
    // Line tables know short names only; of a function that is not inlined, the symbol knows all.
    if let [_] = &counted.chain[..] {
        counted.function = loader.find_symbol(address).map(demangled).unwrap_or_default();
    }
    if counted.is_of_harness() {
        counted.chain.clear();
    }
    counted
}

fn place(location: Option<&Location<'_>>, files: &mut HashSet<Arc<str>>) -> Place {
    let file = location.and_then(|location| location.file).unwrap_or_default();
    if !files.contains(file) {
        files.insert(file.into());
    }
    let file = files.get(file).cloned().unwrap_or_default();
    let number = |number: Option<u32>| number.unwrap_or(0);
    Place {
        file,
        line: number(location.and_then(|location| location.line)),
        column: number(location.and_then(|location| location.column)),
    }
}

/// The table as it is in a file.
#[derive(Debug, PartialEq, Eq)]
struct PcTable {
    /// Code addresses, and whether a function begins there.
    pairs: Vec<(u64, bool)>,
    /// Where the counters are.
    counters: u64,
    flow: Flow,
}

impl PcTable {
    /// Nothing if the program has none, or not a pair for each counter.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let file = ElfFile64::<object::Endianness>::parse(bytes).ok()?;
        let (table, counters) = (file.section_by_name(PC_TABLE)?, file.section_by_name(COUNTERS)?);
        let words = table.data().ok()?.chunks_exact(8);
        let words: Vec<u64> =
            words.map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default())).collect();
        // Of a program that can lie anywhere, what the loader writes; else what is there.
        let relocations = file.dynamic_relocations().into_iter().flatten();
        let moved: HashMap<u64, u64> = relocations
            .map(|(address, relocation)| (address, relocation.addend().cast_unsigned()))
            .collect();
        let address = |at: usize| {
            let place = table.address() + (at * PAIR) as u64;
            moved.get(&place).copied().unwrap_or(words[2 * at])
        };
        let pairs: Vec<_> =
            (0..words.len() / 2).map(|at| (address(at), words[2 * at + 1] == 1)).collect();
        let is_whole = pairs.len() as u64 == counters.size();
        let flow = if is_whole { flow::flow(&file, &pairs) } else { Flow::default() };
        is_whole.then_some(Self { pairs, counters: counters.address(), flow })
    }

    /// The number of the first counter in the runtime, and of all numbers.
    fn numbers(&self) -> (usize, usize) {
        let first = if self.pairs.len() < LINE { 0 } else { self.counters as usize % LINE };
        (first, (first + self.pairs.len()).next_multiple_of(LINE))
    }
}

/// The source files that are to be shown, and what they are called.
#[derive(Debug)]
pub(crate) struct Sources {
    root: PathBuf,
    /// Folders of the packages whose files are shown; all files if there are none.
    packages: HashSet<PathBuf>,
    names: HashMap<String, Option<String>>,
    /// The files by name.
    paths: BTreeMap<String, PathBuf>,
}

impl Sources {
    /// Those of packages in these folders; all if none are given. They are named from the folder of
    /// the workspace, or from the first above it with all these packages: some may lie beside it.
    pub(crate) fn new(workspace: &Path, packages: &[PathBuf]) -> Self {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let workspace = real(workspace);
        let packages: HashSet<_> = packages.iter().map(|folder| real(folder)).collect();
        let has_all = |folder: &&Path| packages.iter().all(|package| package.starts_with(folder));
        let root = workspace.ancestors().find(has_all).unwrap_or(&workspace).to_path_buf();
        Self { root, packages, names: HashMap::new(), paths: BTreeMap::new() }
    }

    /// The folder that names begin at.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What the file at a path is called, if it is to be shown.
    pub(crate) fn name(&mut self, path: &str) -> Option<String> {
        if let Some(name) = self.names.get(path) {
            return name.clone();
        }
        let real = Path::new(path).canonicalize().unwrap_or_else(|_| path.into());
        let name = self.is_shown(&real).then(|| self.called(&real));
        self.names.insert(path.to_owned(), name.clone());
        self.paths.extend(name.clone().map(|name| (name, real)));
        name
    }

    /// Whether the innermost package around a file is one of those.
    fn is_shown(&self, file: &Path) -> bool {
        let package =
            || file.ancestors().skip(1).find(|folder| folder.join("Cargo.toml").is_file());
        self.packages.is_empty() || package().is_some_and(|folder| self.packages.contains(folder))
    }

    fn called(&self, file: &Path) -> String {
        let below = file.strip_prefix(&self.root).unwrap_or(file).to_string_lossy();
        short_place(&below).to_owned()
    }

    /// The text of the file that is called so, if it can be read.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let bytes = std::fs::read(self.paths.get(name)?).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_without_counters_is_refused() {
        let program = std::env::current_exe().unwrap();
        let error = counters(&program).unwrap_err().to_string();
        assert!(error.ends_with("is not instrumented, so it has no coverage"), "{error}");
    }

    #[test]
    fn counters_have_the_numbers_of_the_runtime() {
        let numbers = |len, counters| {
            let (pairs, flow) = (vec![(0, false); len], Flow::default());
            PcTable { pairs, counters, flow }.numbers()
        };
        assert_eq!(numbers(63, 0x1007), (0, 64));
        assert_eq!(numbers(64, 0x1007), (7, 128));
        assert_eq!(numbers(128, 0x1000), (0, 128));
    }

    #[test]
    fn files_belong_to_the_innermost_package() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for package in ["", "a", "vendor/b"] {
            std::fs::create_dir_all(root.join(package).join("src")).unwrap();
            std::fs::write(root.join(package).join("Cargo.toml"), "").unwrap();
            std::fs::write(root.join(package).join("src/lib.rs"), "fn f() {}").unwrap();
        }
        let path = |name: &str| root.join(name).to_str().unwrap().to_owned();
        let mut sources = Sources::new(&root, &[root.clone(), root.join("a")]);
        assert_eq!(sources.name(&path("src/lib.rs")).as_deref(), Some("src/lib.rs"));
        assert_eq!(sources.name(&path("a/src/../src/lib.rs")).as_deref(), Some("a/src/lib.rs"));
        assert_eq!(sources.name(&path("vendor/b/src/lib.rs")), None);
        assert_eq!(sources.text("a/src/lib.rs").as_deref(), Some("fn f() {}"));
        assert_eq!(sources.text("vendor/b/src/lib.rs"), None);
        let mut all = Sources::new(&root, &[]);
        assert_eq!(
            all.name("/h/registry/src/index-1/b-1.2.3/src/lib.rs").as_deref(),
            Some("b-1.2.3/src/lib.rs")
        );
    }
}
