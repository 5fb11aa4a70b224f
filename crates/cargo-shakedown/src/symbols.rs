//! Names for the addresses that a dying worker recorded, and of those the one that tells findings
//! apart: the place in the target's own code.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use addr2line::Loader;
use shakedown_core::failure::{is_engine_place, is_standard_place, short_place};

/// The program of a worker as it lies in memory, and its debug information, read when needed.
pub(crate) struct Symbols {
    program: PathBuf,
    /// Places below it are told from here, as panics tell theirs.
    root: PathBuf,
    loader: Option<Loader>,
    /// What was found at an address of the program, for panics come from the same ones each time.
    found: HashMap<u64, Vec<Frame>>,
}

/// Where the program lies in the memory of one process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mapped {
    ranges: Vec<Range<u64>>,
    base: u64,
}

/// A function on the stack, inlined ones included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    function: String,
    place: String,
    /// Whether its code is neither the standard library's nor the engine's.
    own: bool,
    /// Whether its code is that of a package that cargo has fetched.
    fetched: bool,
}

impl Mapped {
    /// Where `program` lies in the process, by its `maps` file.
    pub(crate) fn of_process(pid: u32, program: &Path) -> Self {
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
        let program = std::fs::canonicalize(program).unwrap_or_else(|_| program.to_path_buf());
        Self::parse(&maps, &program)
    }

    fn parse(maps: &str, program: &Path) -> Self {
        let mut mapped = Self::default();
        for line in maps.lines() {
            let mut fields = line.splitn(6, ' ');
            let range = fields.next().and_then(|range| range.split_once('-'));
            let offset = fields.nth(1);
            let path = fields.nth(2).map(str::trim_start);
            let number = |text: &str| u64::from_str_radix(text, 16).ok();
            if let (Some((start, end)), Some(offset), Some(path)) = (range, offset, path)
                && Path::new(path) == program
                && let (Some(start), Some(end), Some(offset)) =
                    (number(start), number(end), number(offset))
            {
                if mapped.ranges.is_empty() {
                    mapped.base = start.wrapping_sub(offset);
                }
                mapped.ranges.push(start..end);
            }
        }
        mapped
    }
}

impl Symbols {
    /// Of this program, built in the workspace at `root`.
    pub(crate) fn new(program: &Path, root: &Path) -> Self {
        Self {
            program: program.to_path_buf(),
            root: root.to_path_buf(),
            loader: None,
            found: HashMap::new(),
        }
    }

    /// The functions that led to a recorded end, innermost first: without those of the handler that
    /// recorded it, and of the engine around the target. Addresses outside the program, and a
    /// program without debug information, give none.
    pub(crate) fn frames(&mut self, mapped: &Mapped, record: &[u64]) -> Vec<Frame> {
        let mut frames = Vec::new();
        for address in mapped.behind_handler(record) {
            let found = self.at(address.wrapping_sub(mapped.base));
            if found.last().is_some_and(|outer| is_engine(&outer.function)) {
                break;
            }
            frames.extend_from_slice(found);
        }
        frames
    }

    /// Where the function that panicked was called, by the calls that led to the hook of the panic.
    pub(crate) fn caller(&mut self, mapped: &Mapped, calls: &[u64]) -> Option<String> {
        let mut frames = Vec::new();
        for address in calls.iter().filter(|address| mapped.is_inside(**address)) {
            frames.extend_from_slice(self.at(address.wrapping_sub(mapped.base)));
        }
        caller(&frames).map(str::to_owned)
    }

    /// The function at this address in the program, after those that are inlined there.
    fn at(&mut self, address: u64) -> &[Frame] {
        if self.loader.is_none() {
            self.loader = Loader::new(&self.program).ok();
        }
        let Self { loader, root, found, .. } = self;
        let look_up =
            || loader.as_ref().map_or_else(Vec::new, |loader| look_up(loader, address, root));
        found.entry(address).or_insert_with(look_up)
    }
}

fn look_up(loader: &Loader, address: u64, root: &Path) -> Vec<Frame> {
    let address = address.wrapping_add(loader.relative_address_base());
    let symbol = loader.find_symbol(address).map(demangled).unwrap_or_default();
    let mut frames = Vec::new();
    if let Ok(mut found) = loader.find_frames(address) {
        while let Ok(Some(frame)) = found.next() {
            let name = frame.function.as_ref().and_then(|f| f.demangle().ok());
            let place = frame.location.as_ref().map(place_of);
            let name = name.map_or_else(String::new, |name| name.into_owned());
            frames.push(Frame::new(name, &place.unwrap_or_default(), root));
        }
    }
    // Line tables know short names only; of the function that is no inlined one, the symbol knows the
    // whole path.
    if let Some(outer) = frames.last_mut()
        && !symbol.is_empty()
    {
        outer.function = symbol;
    }
    frames
}

impl Mapped {
    /// The addresses in the program, from the frame on that a signal interrupted, or that called
    /// `exit`: between it and the handler, which is of the program too, there is the system.
    fn behind_handler(&self, record: &[u64]) -> Vec<u64> {
        let inside = |address: &&u64| self.is_inside(**address);
        record.iter().skip_while(inside).filter(inside).copied().collect()
    }

    fn is_inside(&self, address: u64) -> bool {
        self.ranges.iter().any(|range| range.contains(&address))
    }
}

fn place_of(location: &addr2line::Location<'_>) -> String {
    let mut place = location.file.unwrap_or("?").to_owned();
    let column = location.column.filter(|column| *column > 0);
    for number in [location.line, column].into_iter().flatten() {
        let _ = write!(place, ":{number}");
    }
    place
}

/// The name behind a symbol, without the hash that the compiler appends.
pub(crate) fn demangled(symbol: &str) -> String {
    let name = addr2line::demangle_auto(symbol.into(), None);
    without_hash(&name).to_owned()
}

impl Frame {
    fn new(function: String, place: &str, root: &Path) -> Self {
        let own = !place.is_empty() && !is_foreign(place);
        let below = root.to_str().and_then(|root| place.strip_prefix(root)?.strip_prefix('/'));
        let fetched = ["/registry/src/", "/git/checkouts/"].iter().any(|at| place.contains(at));
        Self { function, place: short_place(below.unwrap_or(place)).to_owned(), own, fetched }
    }
}

impl Frame {
    /// The name of the function without its path, or of the function that a closure is in. Of inlined
    /// functions no more is known.
    fn short_name(&self) -> &str {
        let function = self.function.split("::{closure").next().unwrap_or("");
        function.rsplit("::").next().unwrap_or(function)
    }
}

/// Whether a function is the engine's.
fn is_engine(function: &str) -> bool {
    let names = ["shakedown::", "<shakedown::", "shakedown_core::", "<shakedown_core::"];
    names.iter().any(|name| function.starts_with(name))
}

/// Whether a place is in the standard library or in the engine's part of the program.
fn is_foreign(place: &str) -> bool {
    is_standard_place(place) || is_engine_place(place)
}

/// The name of a function without the hash that the compiler appends.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            name
        }
        _ => name,
    }
}

/// The innermost place in code of the target's own.
pub(crate) fn own_place(frames: &[Frame]) -> Option<&str> {
    frames.iter().find(|frame| frame.own).map(|frame| &*frame.place)
}

/// Where the function that panicked was called: in the user's own packages, by another function than
/// itself. Closures are the function that they are in. Nothing for the target, which the code that the
/// attribute adds calls.
fn caller(frames: &[Frame]) -> Option<&str> {
    let is_hook = |frame: &Frame| frame.function.contains("rust_panic_with_hook");
    // A hook of the target may be there before ours.
    let begin = frames.iter().position(is_hook).map_or(0, |hook| hook + 1);
    let has_name = |frame: &&Frame| frame.own && !frame.short_name().starts_with("{closure");
    let mut own = frames[begin..].iter().filter(has_name);
    let panicked = own.next()?.short_name();
    let is_caller = |frame: &&Frame| !frame.fetched && frame.short_name() != panicked;
    let caller = own.find(is_caller).filter(|frame| !frame.function.contains("::fuzz::{closure"));
    caller.map(|frame| &*frame.place).filter(|place| has_line(place))
}

/// Whether the compiler has kept the line: not where it has made one call of several.
fn has_line(place: &str) -> bool {
    place.ends_with(|last: char| last.is_ascii_digit()) && place.contains(':')
}

/// What a stack overflow is called by: of the functions of the target's own that are on top of the
/// stack more than once, the first by name. Which of them is innermost depends on chance.
pub(crate) fn recursion(frames: &[Frame]) -> Option<&str> {
    let own = || frames.iter().filter(|frame| frame.own).map(|frame| &*frame.function);
    own()
        .filter(|name| own().filter(|other| other == name).count() > 1)
        .min()
        .or_else(|| own().next())
}

/// Whether a function has no name of its own, as the code that the attribute adds.
fn is_closure(frame: &Frame) -> bool {
    frame.function.ends_with("{closure#0}") || frame.function.ends_with("{closure#1}")
}

/// What a hang is called by: the outermost functions of the target's own, which stay the same
/// wherever in its loop it is found. At most three, outermost first.
pub(crate) fn outermost(frames: &[Frame]) -> Option<String> {
    let own: Vec<&str> =
        frames.iter().rev().filter(|f| f.own && !is_closure(f)).map(|f| &*f.function).collect();
    let outer = &own[..own.len().min(3)];
    (!outer.is_empty()).then(|| outer.join(" > "))
}

/// Whether the standard library was ending the process because an allocation had failed; nothing if
/// there are no frames.
pub(crate) fn is_failed_allocation(frames: &[Frame]) -> Option<bool> {
    let is_it = |frame: &Frame| {
        ["alloc_error", "rust_oom"].iter().any(|name| frame.function.contains(name))
    };
    (!frames.is_empty()).then(|| frames.iter().take_while(|frame| !frame.own).any(is_it))
}

/// The frames as text, one function a line and its place below, from the first to the last that is
/// the target's own.
pub(crate) fn backtrace(frames: &[Frame]) -> String {
    let first = frames.iter().position(|frame| frame.own).unwrap_or(0);
    let end = frames.iter().rposition(|frame| frame.own).map_or(frames.len(), |last| last + 1);
    let mut text = String::new();
    for (number, frame) in frames[first..end].iter().enumerate() {
        let _ = writeln!(text, "{number:>4}: {}", frame.function);
        if !frame.place.is_empty() {
            let _ = writeln!(text, "          at {}", frame.place);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(function: &str, place: &str) -> Frame {
        Frame::new(function.into(), place, Path::new("/home/me/demo"))
    }

    fn stack() -> Vec<Frame> {
        vec![
            frame("core::ptr::read", "/rustc/abc/library/core/src/ptr/mod.rs:9:1"),
            frame("demo::b", "/home/me/demo/src/lib.rs:7:5"),
            frame("demo::a", "/home/me/demo/src/lib.rs:3:5"),
            frame("demo::b", "/home/me/demo/src/lib.rs:8:5"),
            frame("demo::parse", "/home/me/demo/src/lib.rs:2:5"),
            frame("demo::tests::target", "/home/me/demo/src/lib.rs:20:5"),
        ]
    }

    #[test]
    fn a_finding_is_named_by_code_of_the_target() {
        let frames = stack();
        assert_eq!(own_place(&frames), Some("src/lib.rs:7:5"));
        assert_eq!(recursion(&frames), Some("demo::b"));
        assert_eq!(
            outermost(&frames).as_deref(),
            Some("demo::tests::target > demo::parse > demo::b")
        );
        let text = backtrace(&frames);
        assert!(text.starts_with("   0: demo::b\n          at src/lib.rs:7:5"), "{text}");
    }

    #[test]
    fn a_panic_has_a_caller_beyond_its_function() {
        let std = |function: &str| frame(function, "/rustc/abc/library/std/src/panicking.rs:9:1");
        let own =
            |function: &str, line: u32| frame(function, &format!("/home/me/demo/a.rs:{line}:5"));
        let hook = || vec![own("demo::hook", 1), std("std::panicking::rust_panic_with_hook")];
        let with = |calls: &[Frame]| {
            let target = [own("demo::target", 90), own("demo::target::fuzz::{closure#0}", 80)];
            caller(&[hook(), calls.to_vec(), target.to_vec()].concat()).map(str::to_owned)
        };
        let at = |line: u32| Some(format!("a.rs:{line}:5"));
        assert_eq!(with(&[own("check", 7)]), at(90));
        assert_eq!(with(&[own("check", 7), own("demo::a", 8)]), at(8));
        assert_eq!(with(&[own("deep", 7), own("demo::deep", 8), own("demo::deep", 8)]), at(90));
        let closures =
            [own("{closure#0}", 6), own("demo::all::{closure#1}", 7), own("demo::all", 8)];
        assert_eq!(with(&closures), at(90));
        let fetched =
            frame("dep::b", "/home/me/.cargo/registry/src/index-1/dep-1.0.0/src/b.rs:1:1");
        assert_eq!(
            with(&[fetched.clone(), Frame { function: "dep::a".into(), ..fetched }]),
            at(90)
        );
        assert_eq!(with(&[]), None, "the code of the attribute calls nothing that is told");
        // The compiler has made one call of several.
        assert_eq!(with(&[own("check", 7), frame("demo::a", "/home/me/demo/a.rs")]), None);
        assert_eq!(caller(&[]), None);
    }

    #[test]
    fn a_failed_allocation_is_seen_before_the_code_that_asked() {
        let rust = "/rustc/abc/library/alloc/src/alloc.rs:9:1";
        let failed = || frame("alloc::alloc::handle_alloc_error", rust);
        let abort = || frame("std::process::abort", "/rustc/abc/library/std/src/process.rs:9:1");
        let asked = [vec![abort(), failed()], stack()].concat();
        assert_eq!(is_failed_allocation(&asked), Some(true));
        assert_eq!(is_failed_allocation(&[vec![abort()], stack()].concat()), Some(false));
        assert_eq!(is_failed_allocation(&[stack(), vec![failed()]].concat()), Some(false));
        assert_eq!(is_failed_allocation(&[]), None);
    }

    #[test]
    fn names_lose_their_hash() {
        assert_eq!(without_hash("a::b::h0123456789abcdef"), "a::b");
        assert_eq!(without_hash("a::hello"), "a::hello");
    }

    #[test]
    fn the_program_is_found_among_the_mappings() {
        let maps = "55d0000-55d1000 r--p 00000000 fe:00 12   /t/a b\n\
                    55d1000-55d9000 r-xp 00001000 fe:00 12   /t/a b\n\
                    7f00000-7f01000 r-xp 00000000 fe:00 13   /lib/libc.so\n\
                    7ff0000-7ff1000 rw-p 00000000 00:00 0 \n";
        let mapped = Mapped::parse(maps, Path::new("/t/a b"));
        let ranges = vec![0x55d_0000..0x55d_1000, 0x55d_1000..0x55d_9000];
        assert_eq!(mapped, Mapped { ranges, base: 0x55d_0000 });
    }

    /// The test looks itself up.
    #[test]
    fn an_address_of_this_program_has_a_name() {
        let program = std::env::current_exe().unwrap();
        let mapped = Mapped::of_process(std::process::id(), &program);
        let address = an_address_of_this_program_has_a_name as *const () as u64;
        let frames = Symbols::new(&program, Path::new("/")).frames(&mapped, &[address, 0, address]);
        assert_eq!(frames.len(), 1, "what comes before the system is the handler: {frames:?}");
        let names: Vec<_> = frames.iter().map(|frame| &*frame.function).collect();
        assert!(
            names.iter().any(|name| name.contains("an_address_of_this_program_has_a_name")),
            "{names:?}"
        );
    }
}
