//! Generated targets: one idiom each, of those that stand between a fuzzer and deeper code, around
//! random constants. A program for each idiom, with several instances of it.

mod catalogue;
mod fill;

use crate::suite::{Program, Suite, Target};

use self::catalogue::{IDIOMS, ITEMS, Idiom, TYPED};
use self::fill::Constants;

/// Makes `instances` of every idiom; the same from the same `seed`.
pub fn suite(instances: u64, seed: u64) -> Suite {
    let idioms = IDIOMS.iter().chain(TYPED);
    let programs = idioms.map(|idiom| program(idiom, instances, seed)).collect();
    Suite { name: "idioms", lock: None, programs }
}

fn program(idiom: &Idiom, instances: u64, seed: u64) -> Program {
    let mut items = format!("{ITEMS}{}", idiom.items);
    let mut targets = Vec::new();
    for instance in 0..instances {
        let target = target(idiom, instance);
        let (name, arguments) = (&target.name, &target.arguments);
        let body = Constants::new(name, seed).fill(idiom.body);
        items += &format!("\n#[inline(never)]\nfn run_{name}({arguments}) -> Option<()> {{\n");
        items += &format!("{body}\n    None\n}}\n");
        targets.push(target);
    }
    let dependencies = String::new();
    Program { name: idiom.name.to_owned(), dependencies, items, targets }
}

fn target(idiom: &Idiom, instance: u64) -> Target {
    let name = format!("{}_{instance}", idiom.name);
    // The word before each colon.
    let mut parts: Vec<&str> = idiom.arguments.split(':').collect();
    parts.pop();
    let names = parts.into_iter().filter_map(|part| part.split(' ').next_back());
    let call = format!("let _ = run_{name}({});", names.collect::<Vec<_>>().join(", "));
    Target { name, arguments: idiom.arguments.to_owned(), call, ..Target::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_targets() {
        let sources = |seed| -> Vec<String> {
            suite(2, seed).programs.into_iter().map(|program| program.items).collect()
        };
        assert_eq!(sources(1), sources(1));
        assert_ne!(sources(1), sources(2));
    }

    #[test]
    fn every_constant_is_filled_in() {
        for program in suite(1, 1).programs {
            assert!(!program.items.contains("{{"), "{}", program.items);
        }
    }

    #[test]
    fn names_of_idioms_are_unique() {
        let mut names: Vec<&str> = IDIOMS.iter().chain(TYPED).map(|idiom| idiom.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), IDIOMS.len() + TYPED.len());
    }
}
