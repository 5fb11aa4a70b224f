//! A replay of targets made for it, in folders made for it.

use std::fs;

use super::*;
use shakedown_core::literal::Taken;

use crate::Input;
use crate::input::{Corrupt, Reader};
use crate::target::{Verdict, encoded, schema};

/// A package folder that is removed in the end.
struct Package(PathBuf);

impl Package {
    /// One with these files in the folder of the target `tests::target`.
    fn with(name: &str, files: &[(&str, &[u8])]) -> Self {
        let unique = format!("shakedown-replay-{name}-{}", std::process::id());
        let package = Self(std::env::temp_dir().join(unique));
        let folder = package.0.join("testdata/fuzz/tests.target");
        fs::create_dir_all(folder.join("folder")).expect("a temporary folder");
        for (name, content) in files {
            fs::write(folder.join(name), content).expect("a temporary file");
        }
        package
    }

    /// The failures of a target with these known inputs.
    fn failures(&self, target: &Target) -> Vec<(String, String)> {
        let name = |origin| match origin {
            inputs::Origin::Seed(index) => format!("#{index}"),
            inputs::Origin::File { shown, .. } => shown.rsplit('/').next().unwrap_or("").to_owned(),
        };
        let failed = replay(target, &self.0);
        failed.into_iter().map(|failed| (name(failed.origin), failed.reason)).collect()
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

thread_local! {
    static FIRST_RAN: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

fn call(reader: &mut Reader<'_>) -> Result<Verdict, Corrupt> {
    match <&str>::decode(reader)? {
        "panic" => panic!("at the {}", "disco"),
        "error" => return Ok(Verdict::Error("42".into())),
        "reject" => crate::reject(),
        "first" => FIRST_RAN.set(true),
        "second" if FIRST_RAN.get() => panic!("after the first"),
        "odd panic" => std::panic::panic_any(1),
        _ => {}
    }
    Ok(Verdict::Passed)
}

const TARGET: Target = Target {
    mark: "\u{1}shakedown target\u{1}package::tests::target;",
    program: None,
    manifest_dir: "/nowhere",
    schema: || {
        schema(|types| vec![crate::input::shapes::field("text", <&str>::schema(types), None)])
    },
    call,
    seeds: Vec::new,
    dictionary: Vec::new,
    max_len: None,
    timeout: None,
    parameters: &[(Taken::Borrowed, "&str")],
    is_fallible: true,
};

#[test]
fn only_failing_inputs_are_reported_in_order() {
    let files: [(&str, &[u8]); 8] = [
        ("2", b"panic"),
        ("1", b"error"),
        ("3", b"reject"),
        ("4", b"fine"),
        ("5", b"\xff"),
        ("6", b"panic"),
        (".hidden", b"panic"),
        ("README", b"panic"),
    ];
    let package = Package::with("order", &files);
    let failures = package.failures(&TARGET);
    let names: Vec<&str> = failures.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["1", "2", "5", "6"]);
    assert_eq!(failures[0].1, "returned an error: 42");
    let panic = &failures[1].1;
    assert!(panic.starts_with("panicked at ") && panic.ends_with(": at the disco"), "{panic}");
    assert!(panic.contains("tests.rs:"), "{panic}");
    let malformed = &failures[2].1;
    assert!(malformed.starts_with("testdata/fuzz/tests.target/5:1:1: "), "{malformed}");
}

#[test]
fn a_sequence_runs_in_order_and_the_input_that_failed_is_named() {
    let sequence = |inputs: [&str; 3]| {
        let inputs = inputs.map(|input| format!("text: {input:?}\n"));
        format!("shakedown sequence v1\n{}", inputs.join("---\n"))
    };
    let [good, bad] = [["second", "fine", "first"], ["fine", "second", "panic"]].map(sequence);
    let files = [("1", good.as_bytes()), ("2", bad.as_bytes()), ("3", b"second")];
    let failures = Package::with("sequence", &files).failures(&TARGET);
    assert_eq!(failures.len(), 2, "{failures:?}");
    assert_eq!(failures[0].0, "2");
    assert!(failures[0].1.starts_with("input 2 of 3: panicked at "), "{}", failures[0].1);
    let (second, third) = failures[0].1.split_once('\n').unwrap();
    assert!(second.ends_with(": after the first"), "{second}");
    assert!(third.starts_with("input 3 of 3: panicked at "), "{third}");
    assert!(failures[1].1.starts_with("panicked at "), "{}", failures[1].1);
}

#[test]
fn known_failures_are_accepted() {
    let known =
        b"# why\npanic at crates/shakedown/src/replay/tests.rs: at the d* because of taste\n";
    let files: [(&str, &[u8]); 4] =
        [("1", b"panic"), ("2", b"error"), ("3", b"odd panic"), ("known", known)];
    let names = |package: &Package| {
        let failures = package.failures(&TARGET).into_iter();
        failures.map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(names(&Package::with("known", &files)), ["2", "3"]);
    let error: [(&str, &[u8]); 2] = [("1", b"error"), ("known", b"error: 42 because it is asked")];
    assert_eq!(names(&Package::with("known-error", &error)), [""; 0]);

    let malformed: [(&str, &[u8]); 2] = [("1", b"panic"), ("known", b"\npanic at the disco")];
    let failures = Package::with("known-malformed", &malformed).failures(&TARGET);
    assert_eq!((failures.len(), failures[1].0.as_str()), (2, "known"));
    let reason = "testdata/fuzz/tests.target/known:2: a reason is missing";
    assert!(failures[1].1.starts_with(reason), "{}", failures[1].1);
}

#[test]
fn seeds_come_first_and_may_not_fit() {
    let target = Target {
        seeds: || ["odd panic", "fine"].map(|text| encoded(|w| text.encode(w))).into(),
        ..TARGET
    };
    let failures = Package::with("seeds", &[("1", b"error")]).failures(&target);
    assert_eq!(failures[0].0, "#0");
    assert!(failures[0].1.ends_with("payload is not a string"), "{}", failures[0].1);
    assert_eq!(failures[1].0, "1");

    let target = Target { seeds: || vec![vec![1]], ..TARGET };
    let failures = Package::with("misfit", &[]).failures(&target);
    assert!(failures[0].1.starts_with("the input does not fit: "), "{}", failures[0].1);
}

#[test]
fn a_package_without_a_folder_has_no_inputs() {
    assert!(replay(&TARGET, Path::new("/nowhere")).is_empty());
}
