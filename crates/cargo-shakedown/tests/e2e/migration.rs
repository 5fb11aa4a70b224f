//! Files of seeds: `seed` writes them, and `corpus migrate` brings those of earlier versions of a type into
//! the form of today.

use crate::project::Project;

const TARGET: &str = r#"
#[cfg(test)]
mod tests {
    #[derive(Debug, shakedown::Input)]
    enum Op {
        Push(u8),
        #[input(alias = "Clear")]
        Reset { hard: bool },
    }

    #[shakedown::fuzz]
    fn migrating(ops: &[Op], limit: Option<u16>) {
        assert!(ops.len() <= usize::from(limit.unwrap_or(9)));
    }
}
"#;

const FOLDER: &str = "testdata/fuzz/tests.migrating";

#[test]
fn files_of_earlier_types_are_migrated_and_what_cannot_be_read_is_kept() {
    let project = Project::inline(TARGET);
    let path = |name: &str| format!("{FOLDER}/{name}");
    let old = "shakedown v1\n// found long ago\nops: [Push(1), Clear]\nlimit: 3\n";
    let current = "shakedown v1\nops: [ Push(1), ]\nlimit: None";
    let bad = "shakedown v1\nops: [Pop]\nlimit: None\n";
    for (name, content) in [("old", old), ("current", current), ("bad", bad)] {
        project.write(path(name), content);
    }

    let shown = project.shakedown(&["corpus", "migrate"]).exits(0);
    for line in [
        "- ops: [Push(1), Clear]",
        "- limit: 3",
        "+ ops: [Push(1), Reset { hard: false }]",
        "+ limit: Some(3)",
        "tests::migrating: 1 file to migrate: --write does it, 1 in the form of today, 1 left as they are",
    ] {
        assert!(shown.stdout.lines().any(|shown| shown == line), "{line}: {shown:?}");
    }
    assert!(shown.stderr.contains("`Op` has no variant `Pop`"), "{shown:?}");
    assert_eq!(project.read(path("old")), old);

    let written = project.shakedown(&["corpus", "migrate", "--write"]).exits(0);
    assert!(written.stdout.contains("1 file migrated"), "{written:?}");
    let new =
        "shakedown v1\n// found long ago\nops: [Push(1), Reset { hard: false }]\nlimit: Some(3)\n";
    assert_eq!(project.read(path("old")), new);
    assert_eq!(
        (project.read(path("current")), project.read(path("bad"))),
        (current.into(), bad.into())
    );
    let again = project.shakedown(&["corpus", "migrate"]).exits(0);
    assert!(again.stdout.contains("0 files to migrate, 2 in the form of today"), "{again:?}");
}

#[test]
fn a_seed_is_written_from_what_a_person_writes() {
    let project = Project::inline(&TARGET.replace("migrating", "seeding"));
    let seed =
        |arguments: &str| project.shakedown(&["seed", "seeding", arguments, "--name", "mine"]);
    let wrong = seed("ops: [Psh(1)], limit: None").exits(2);
    assert!(wrong.stderr.contains("did you mean `Push`?"), "{wrong:?}");
    let missing = seed("ops: []").exits(2);
    assert!(missing.stderr.contains("the argument `limit` is missing"), "{missing:?}");
    let written = seed("limit: Some(0), ops: [Push(7)]").exits(0);
    assert!(written.stdout.contains("testdata/fuzz/tests.seeding/mine"), "{written:?}");
    let file = project.read("testdata/fuzz/tests.seeding/mine");
    assert_eq!(file, "shakedown v1\nops: [Push(7)]\nlimit: Some(0)\n");
    let taken = seed("limit: None, ops: []").exits(2);
    assert!(taken.stderr.contains("another seed of this name"), "{taken:?}");
    assert_eq!(project.read("testdata/fuzz/tests.seeding/mine"), file);
    // It runs as any other.
    let test = project.cargo(&["test"]).exits(101);
    assert!(test.stdout.contains("testdata/fuzz/tests.seeding/mine"), "{test:?}");
}
