//! Which programs of packages for a drop-in are built. Each is a target, by cargo's name of it, so
//! what is not asked for need not be compiled and linked.

use std::collections::BTreeSet;

use cargo_metadata::{Package, Target};

use super::not_run;
use super::options::BuildOptions;

/// The programs of some packages, by what is to be done with them.
#[derive(Debug, Default)]
pub(super) struct Bins<'m> {
    /// Those to build.
    pub(super) asked: Vec<(&'m Package, &'m Target)>,
    /// Package and name of others.
    pub(super) not_asked: Vec<(String, String)>,
    /// What is to be said of those that are asked for and need more features.
    pub(super) lacking: Vec<String>,
}

impl<'m> Bins<'m> {
    /// Those of these packages that the names in `options` mean, or all if there are no names.
    pub(super) fn choose(packages: &[&'m Package], options: &BuildOptions) -> Self {
        let all: Vec<(&Package, &Target)> = packages
            .iter()
            .flat_map(|package| package.targets.iter().map(|target| (*package, target)))
            .filter(|(_, target)| target.is_bin())
            .collect();
        let is_whole = |name: &str, (package, bin): &(&Package, &Target)| {
            bin.name == name || format!("{}/{}", package.name, bin.name) == name
        };
        // The package counts only where it is asked for: its name is often a part of all of them.
        let is_part = |name: &str, (package, bin): &(&Package, &Target)| match name.contains('/') {
            true => format!("{}/{}", package.name, bin.name).contains(name),
            false => bin.name.contains(name),
        };
        let is_meant = |bin: &(&Package, &Target)| {
            let by = |name: &String| match all.iter().any(|other| is_whole(name, other)) {
                true => is_whole(name, bin),
                false => is_part(name, bin),
            };
            options.names.is_empty() || options.names.iter().any(by)
        };
        let mut bins = Self::default();
        for bin in &all {
            let (package, target) = *bin;
            let missing = missing_features(package, target, options);
            match (is_meant(bin), missing.is_empty()) {
                (true, true) => bins.asked.push(*bin),
                (true, false) => {
                    bins.lacking.push(not_run::lacking(package, target, &missing));
                }
                (false, _) => {
                    bins.not_asked.push((package.name.to_string(), target.name.clone()));
                }
            }
        }
        bins
    }

    /// The arguments of cargo that build those that are asked for: all that can be built, if some
    /// cannot.
    pub(super) fn arguments(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.asked.iter().map(|(_, bin)| &*bin.name).collect();
        let bins = names.into_iter().map(|name| format!("--bin={name}"));
        ["build", "--keep-going"].map(str::to_owned).into_iter().chain(bins).collect()
    }
}

/// The features that a program needs and that the options do not enable.
fn missing_features<'m>(
    package: &Package,
    bin: &'m Target,
    options: &BuildOptions,
) -> Vec<&'m str> {
    let needed = bin.required_features.iter().map(String::as_str);
    if options.all_features {
        return Vec::new();
    }
    let enabled = enabled_features(package, options);
    needed.filter(|feature| !enabled.contains(*feature)).collect()
}

/// The features of a package that the options enable, and those that these enable.
pub(super) fn enabled_features(package: &Package, options: &BuildOptions) -> BTreeSet<String> {
    let words = options.features.iter().flat_map(|list| list.split([',', ' ']));
    let own = words.filter_map(|word| match word.split_once('/') {
        Some((name, feature)) => (name == package.name.as_str()).then_some(feature),
        None => Some(word),
    });
    let default = (!options.no_default_features).then_some("default");
    let mut waiting: Vec<String> = own.chain(default).map(str::to_owned).collect();
    let mut enabled = BTreeSet::new();
    while let Some(feature) = waiting.pop() {
        if !enabled.contains(&feature) {
            waiting.extend(package.features.get(&feature).into_iter().flatten().cloned());
            enabled.insert(feature);
        }
    }
    enabled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::workspace::fixture::package;

    /// The names that are asked for, those that are not, and what is said of others.
    fn check(packages: &[&Package], options: &BuildOptions) -> (Vec<String>, Vec<String>, String) {
        let bins = Bins::choose(packages, options);
        let asked = bins.asked.iter().map(|(_, bin)| bin.name.clone()).collect();
        let not_asked = bins.not_asked.iter().map(|(_, name)| name.clone()).collect();
        (asked, not_asked, bins.lacking.join("\n"))
    }

    fn named(names: &[&str]) -> BuildOptions {
        let names = names.iter().map(ToString::to_string).collect();
        BuildOptions { names, ..BuildOptions::default() }
    }

    #[test]
    fn only_what_is_asked_for_is_built() {
        let package = package("p-fuzz", r#"{"parse": [], "parse-all": [], "print": []}"#, "{}");
        let asked = |names: &[&str]| check(&[&package], &named(names)).0;
        assert_eq!(asked(&[]), ["parse", "parse-all", "print"]);
        assert_eq!(asked(&["parse"]), ["parse"]);
        assert_eq!(asked(&["p-fuzz"]), [""; 0]);
        assert_eq!(asked(&["pars", "p-fuzz/print"]), ["parse", "parse-all", "print"]);
        let (asked, others, _) = check(&[&package], &named(&["nothing"]));
        assert_eq!((asked.len(), others.len()), (0, 3));
        let arguments = Bins::choose(&[&package], &named(&["all"])).arguments();
        assert_eq!(arguments, ["build", "--keep-going", "--bin=parse-all"]);
    }

    #[test]
    fn programs_that_need_features_are_named_unless_these_are_enabled() {
        let bins = r#"{"plain": [], "some": ["one", "two"]}"#;
        let features =
            r#"{"default": ["one"], "both": ["one", "two"], "one": [], "two": ["both"]}"#;
        let package = package("p", bins, features);
        let (asked, _, lacking) = check(&[&package], &named(&[]));
        assert_eq!(asked, ["plain"]);
        assert!(lacking.contains("`some`") && lacking.ends_with("--features two"), "{lacking}");
        let with = |features: &str| BuildOptions {
            features: vec![features.into()],
            no_default_features: true,
            ..BuildOptions::default()
        };
        assert!(check(&[&package], &with("one")).2.ends_with("--features two"));
        assert!(check(&[&package], &with("x/both")).2.ends_with("--features one,two"));
        assert_eq!(check(&[&package], &with("p/both")).0, ["plain", "some"]);
        let all = BuildOptions { all_features: true, ..BuildOptions::default() };
        assert_eq!(check(&[&package], &all).0, ["plain", "some"]);
        assert_eq!(check(&[&package], &named(&["plain"])).2, "");
    }
}
