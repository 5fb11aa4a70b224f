//! Which names of the source of a program a target may reach: more than it does, never less, for calls
//! are told by names alone. So a change of an item that nothing of this leads to does not concern it.
//!
//! The program itself could not tell: of a small function that was inlined and computed nothing is left.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::items::{Item, Items, Reached, attributes, words};
use super::tokens::Token;

/// What makes names of which the source knows nothing: where this is, everything is reached.
const MAKERS: [&str; 5] =
    ["concat_idents", "paste", "proc_macro", "proc_macro_attribute", "proc_macro_derive"];

/// Folders of a package with nothing of the program.
const OTHER_FOLDERS: [&str; 2] = ["target", "testdata"];

/// The text of all files of some packages.
#[derive(Debug, Default)]
pub(super) struct Source(BTreeMap<PathBuf, Option<String>>);

impl Source {
    /// Reads these packages.
    pub(super) fn read(packages: &BTreeSet<PathBuf>) -> Self {
        let mut files = BTreeMap::new();
        let mut folders: Vec<PathBuf> = packages.iter().cloned().collect();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                let name = name.to_string_lossy();
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                if is_folder && !name.starts_with('.') && !OTHER_FOLDERS.contains(&&*name) {
                    folders.push(path);
                } else if !is_folder && path.extension().is_some_and(|kind| kind == "rs") {
                    files.insert(path.clone(), std::fs::read_to_string(path).ok());
                }
            }
        }
        Self(files)
    }

    /// Which of these names, and of those that they lead to, the code that starts with a function
    /// may use; nothing if that cannot be told.
    pub(super) fn reach<'s>(&'s self, function: &'s str) -> Option<Reach<'s>> {
        let mut graph = Graph::default();
        let mut all = Vec::new();
        for (path, text) in &self.0 {
            let items = Items::of(text.as_ref()?)?;
            graph.attributes.extend(&items.attributes);
            graph.names.extend(&items.roots);
            all.push((path, items));
        }
        let is_made = |items: &Items<'_>| {
            let loose = items.loose.iter().chain(items.items.iter().flat_map(|item| &item.tokens));
            let all: Vec<Token<'_>> = loose.copied().collect();
            words(&all).any(|word| MAKERS.contains(&word))
                || all.windows(2).any(|two| two == [Token::Word("include"), Token::Mark('!')])
                || attributes(&all).any(|inner| inner.first() == Some(&Token::Word("path")))
        };
        if all.iter().any(|(_, items)| is_made(items)) {
            return None;
        }
        let items = all.iter().flat_map(|(_, items)| &items.items);
        graph.types = items.filter_map(|item| item.makes).collect();
        for (path, items) in all {
            graph.aliases.extend(items.aliases);
            let module = module(path);
            graph.items.extend(items.items.into_iter().map(|item| (item, module)));
        }
        graph.names.insert(function);
        graph.close();
        Some(Reach { names: graph.names, types: graph.types, attributes: graph.attributes })
    }
}

/// The module that a file is.
fn module(path: &Path) -> &str {
    let name = |path: &'_ Path| path.file_stem().and_then(|stem| stem.to_str()).map(str::len);
    let file = if path.ends_with("mod.rs") { path.parent().unwrap_or(path) } else { path };
    let text = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    &text[..name(file).unwrap_or(0).min(text.len())]
}

#[derive(Default)]
struct Graph<'s> {
    /// Items, each with the module that its file is.
    items: Vec<(Item<'s>, &'s str)>,
    aliases: Vec<(&'s str, &'s str)>,
    attributes: BTreeSet<&'s str>,
    types: BTreeSet<&'s str>,
    /// What is reached so far.
    names: HashSet<&'s str>,
}

impl<'s> Graph<'s> {
    /// Adds all names that those lead to.
    fn close(&mut self) {
        loop {
            let (before, mut left) = (self.names.len(), Vec::new());
            for (item, module) in std::mem::take(&mut self.items) {
                let Self { names, types, attributes, .. } = &*self;
                match is_reached(&item, module, names, types, attributes) {
                    true => self.names.extend(words(&item.tokens)),
                    false => left.push((item, module)),
                }
            }
            self.items = left;
            for (new, old) in &self.aliases {
                if self.names.contains(new) {
                    self.names.insert(old);
                }
            }
            if before == self.names.len() {
                return;
            }
        }
    }
}

/// Whether an item may be used where these names are.
fn is_reached(
    item: &Item<'_>,
    module: &str,
    names: &HashSet<&str>,
    types: &BTreeSet<&str>,
    attributes: &BTreeSet<&str>,
) -> bool {
    // What an attribute names may have anything in it called.
    let mut around = words(&item.around).chain([module]);
    let is_named = |all: &BTreeSet<&str>| all.iter().any(|name| names.contains(name));
    match &item.reached {
        Reached::Always => true,
        Reached::ByType(all) if all.is_disjoint(types) => true,
        Reached::By(all) | Reached::ByType(all) => {
            is_named(all) || around.any(|name| attributes.contains(name))
        }
    }
}

/// What a target may use.
#[derive(Debug)]
pub(super) struct Reach<'s> {
    names: HashSet<&'s str>,
    types: BTreeSet<&'s str>,
    attributes: BTreeSet<&'s str>,
}

impl Reach<'_> {
    /// Whether the change of a file from one text to another may be one of what is reached.
    pub(super) fn is_changed(&self, path: &Path, old: &str, new: &str) -> bool {
        let (Some(before), Some(after)) = (Items::of(old), Items::of(new)) else { return true };
        let (old, new): (BTreeSet<_>, BTreeSet<_>) =
            (before.items.iter().collect(), after.items.iter().collect());
        before.loose != after.loose
            || old.len() != before.items.len()
            || new.len() != after.items.len()
            || old.symmetric_difference(&new).any(|item| {
                is_reached(item, module(path), &self.names, &self.types, &self.attributes)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = r#"
        //! A crate.
        use crate::shapes::{area as surface, Shape};
        const LIMIT: usize = 3;
        static TABLE: [fn(); 1] = [by_table];
        struct Point { x: i32 }
        impl Point { pub fn shift(&mut self) { self.x += step() } fn alone(&self) {} }
        impl Drop for Point { fn drop(&mut self) { dropped() } }
        enum Op { Insert(Text), Remove }
        impl Check for Text { fn check(&self) { checked() } }
        type Text = Box<str>;
        fn checked() {}
        impl Describe for u8 { fn describe(&self) { described() } }
        trait Describe { fn describe(&self) { } }
        macro_rules! twice { ($it:expr) => { helper($it) } }
        fn step() -> i32 { 1 }
        fn dropped() {}
        fn described() {}
        fn by_table() {}
        fn helper(_: u8) {}
        fn area(_: u8) {}
        fn unused() { also_unused() }
        fn also_unused() {}
        #[global_allocator] static HEAP: Heap = heap();
        fn heap() {}
        #[unsafe(no_mangle)] extern "C" fn called_from_c() { from_c() }
        fn from_c() {}
        mod dates { pub fn parse() { } }
        mod tests {
            #[shakedown::fuzz(with = "dates")]
            fn one(point: super::Point) { point.shift(); assert!(LIMIT > 2, "{TABLE:?}"); }
            #[fuzz]
            fn two(n: u8) { twice!(n); surface(n); }
            #[test]
            fn three() { super::unused() }
        }
    "#;

    /// Whether changing this code to that concerns each of the two targets.
    fn concerns(from: &str, to: &str) -> (bool, bool) {
        assert!(CODE.contains(from), "{from}");
        let path = PathBuf::from("src/lib.rs");
        let new = CODE.replacen(from, to, 1);
        let source = Source([(path.clone(), Some(new.clone()))].into());
        let of =
            |target| source.reach(target).is_none_or(|reach| reach.is_changed(&path, CODE, &new));
        (of("one"), of("two"))
    }

    #[test]
    fn functions_concern_who_may_call_them() {
        let body = |name: &str| {
            let from = format!("fn {name}() {{");
            concerns(&from, &format!("{from} more();"))
        };
        assert_eq!(body("by_table"), (true, false), "through a static in a format");
        assert_eq!(body("dropped"), (true, false), "where a type has values");
        assert_eq!(body("described"), (true, true), "a type of others needs no name");
        assert_eq!(body("checked"), (true, true), "by another name, too");
        assert_eq!(body("unused"), (false, false));
        assert_eq!(body("also_unused"), (false, false));
        assert_eq!(body("from_c"), (true, true), "who knows who calls");
        assert_eq!(body("heap"), (true, true), "an attribute may have anything used");
        assert_eq!(body("three"), (false, false), "a test");
        assert_eq!(concerns("-> i32 { 1 }", "-> i32 { 2 }"), (true, false));
        assert_eq!(concerns("{ self.x", "{ self.x = 0; self.x"), (true, false));
        assert_eq!(concerns("fn alone(&self) {}", "fn alone(&self) { x() }"), (false, false));
        assert_eq!(concerns("fn helper(_: u8) {}", "fn helper(_: u8) { x() }"), (false, true));
        assert_eq!(concerns("fn area(_: u8) {}", "fn area(_: u8) { x() }"), (false, true));
        assert_eq!(concerns("fn parse() { }", "fn parse() { x() }"), (true, true), "an attribute");
        assert_eq!(concerns("point.shift();", "point.shift(); x();"), (true, false));
        assert_eq!(concerns("twice!(n);", ""), (false, true));
    }

    #[test]
    fn other_items_concern_who_names_them_and_what_is_loose_everybody() {
        assert_eq!(concerns("usize = 3", "usize = 4"), (true, false));
        assert_eq!(concerns("{ x: i32 }", "{ x: i64 }"), (true, false));
        assert_eq!(concerns("helper($it)", "helper(1)"), (false, true));
        assert_eq!(concerns("//! A crate.", "//! Another."), (false, false));
        assert_eq!(concerns("fn step()", "// Why.\n fn  step()"), (false, false));
        assert_eq!(concerns("fn step()", "fn new_one() {} fn step()"), (false, false));
        assert_eq!(concerns("fn unused() { also_unused() }", ""), (false, false));
        assert_eq!(concerns("fn unused()", "fn shift() {} fn unused()"), (true, false), "a name");
        for (from, to) in [
            ("use crate", "use super"),
            ("mod tests", "#[cfg(x)] mod tests"),
            ("fn unused()", "mod more; fn unused()"),
            ("fn unused()", "made_by_macro!(); fn unused()"),
            ("fn unused()", "fn unused("),
            ("fn unused()", "include!(\"x\"); fn unused()"),
            ("fn unused() { also_unused() }", "fn unused() { paste!() }"),
            ("mod dates", "#[path = \"x.rs\"] mod dates"),
        ] {
            assert_eq!(concerns(from, to), (true, true), "{to}");
        }
    }

    #[test]
    fn files_are_modules() {
        let modules = ["src/a.rs", "src/b/mod.rs"].map(|path| module(Path::new(path)));
        assert_eq!(modules, ["a", "b"]);
    }
}
