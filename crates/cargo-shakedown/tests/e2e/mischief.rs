//! What code under test can do to its process without meaning harm: the status, the kind and the
//! place are right all the same, and nothing is left.

use crate::project::Project;

/// A target for each; those that fail do so from a number on.
const MISCHIEF: &str = r#"
#![cfg(test)]
use std::io::Write;

unsafe extern "C" {
    fn close(descriptor: i32) -> i32;
    fn umask(mode: u32) -> u32;
    fn setrlimit(resource: i32, limits: *const [u64; 2]) -> i32;
    fn ualarm(first: u32, then: u32) -> u32;
    fn signal(signal: i32, handler: usize) -> usize;
    fn sigfillset(set: *mut [u64; 16]) -> i32;
    fn pthread_sigmask(how: i32, set: *const [u64; 16], old: *mut [u64; 16]) -> i32;
    fn waitpid(process: i32, status: *mut i32, options: i32) -> i32;
    fn nice(by: i32) -> i32;
    fn prctl(option: i32, ...) -> i32;
    fn pthread_exit(value: *mut u8) -> !;
    fn _exit(status: i32) -> !;
}

#[shakedown::fuzz]
fn exits_with_success(n: u8) {
    if n > 9 { std::process::exit(0) }
}
#[shakedown::fuzz]
fn aborts_elsewhere(n: u8) {
    if n > 9 { let _ = std::thread::spawn(|| std::process::abort()).join(); }
}
#[shakedown::fuzz]
fn has_a_hook_that_exits(n: u8) {
    std::panic::set_hook(Box::new(|_| std::process::exit(0)));
    assert!(n < 10);
}
#[shakedown::fuzz]
fn closes_standard_input(_n: u8) {
    unsafe { close(0); }
}
#[shakedown::fuzz]
fn works_in_a_removed_folder(n: u8) {
    let folder = std::env::temp_dir().join(format!("mischief-{}", std::process::id()));
    let _ = std::fs::create_dir(&folder);
    std::env::set_current_dir(&folder).unwrap();
    std::fs::remove_dir(&folder).unwrap();
    assert!(n < 10);
}
#[shakedown::fuzz]
fn limits_itself(n: u8) {
    for resource in [1, 4, 6, 7] { unsafe { setrlimit(resource, &[0, 0]); } }
    assert!(n < 10);
}
#[shakedown::fuzz]
fn may_use_a_second(_n: u8) {
    unsafe { setrlimit(0, &[1, 1]); }
    let begun = std::time::Instant::now();
    while begun.elapsed().as_millis() < 5 {}
}
#[shakedown::fuzz]
fn takes_all_permissions(n: u8) {
    unsafe { umask(0o777); }
    assert!(n < 10);
}
#[shakedown::fuzz]
fn writes_much_without_a_line(n: u8) {
    if n % 64 == 3 {
        for _ in 0..200 { let _ = std::io::stdout().write_all(&[b'x'; 1 << 16]); }
    }
    assert!(n < 10);
}
#[shakedown::fuzz]
fn writes_much_that_is_no_text(n: u8) {
    if n % 64 == 3 {
        for _ in 0..200 { let _ = std::io::stderr().write_all(&[0xff; 1 << 14]); }
    }
    assert!(n < 10);
}
#[shakedown::fuzz]
fn is_ended_by_its_alarm(n: u8) {
    if n > 9 { unsafe { ualarm(1000, 0); } std::thread::sleep(std::time::Duration::from_secs(5)); }
}
#[shakedown::fuzz]
fn sets_an_alarm_for_later(_n: u8) {
    unsafe { ualarm(20_000, 0); }
}
#[shakedown::fuzz]
fn blocks_signals_and_hangs(n: u8) {
    unsafe {
        let mut all = [0; 16];
        sigfillset(&mut all);
        pthread_sigmask(0, &all, std::ptr::null_mut());
    }
    while n > 250 { std::thread::sleep(std::time::Duration::from_millis(5)) }
}
#[shakedown::fuzz]
fn ignores_its_crash(n: u8) {
    unsafe { signal(6, 1); signal(11, 1); }
    if n > 9 { std::process::abort() }
}
#[shakedown::fuzz]
fn ends_well_when_it_crashes(n: u8) {
    extern "C" fn end(_: i32) { unsafe { _exit(0) } }
    unsafe { signal(11, end as *const () as usize); }
    if n > 9 { unsafe { std::ptr::null_mut::<u8>().write_volatile(1) } }
}
#[shakedown::fuzz]
fn waits_for_all_children(n: u8) {
    unsafe { while waitpid(-1, std::ptr::null_mut(), 1) > 0 {} }
    assert!(n < 10);
}
#[shakedown::fuzz]
fn clears_its_environment(n: u8) {
    for (name, _) in std::env::vars_os() { unsafe { std::env::remove_var(name) } }
    assert!(n < 10);
}
#[shakedown::fuzz]
fn is_modest_and_secretive(n: u8) {
    unsafe { nice(1); prctl(4, 0); prctl(1, 0); prctl(36, 1); }
    assert!(n < 10);
}
#[shakedown::fuzz]
fn ends_its_thread(n: u8) {
    if n > 9 { unsafe { pthread_exit(std::ptr::null_mut()) } }
}
"#;

/// What each comes to: the kinds of its findings.
const EXPECTED: [(&str, &[&str]); 19] = [
    ("exits_with_success", &["exit"]),
    ("aborts_elsewhere", &["abort"]),
    ("has_a_hook_that_exits", &["exit"]),
    ("closes_standard_input", &[]),
    ("works_in_a_removed_folder", &["panic"]),
    ("limits_itself", &["panic"]),
    ("may_use_a_second", &[]),
    ("takes_all_permissions", &["panic"]),
    ("writes_much_without_a_line", &["panic"]),
    ("writes_much_that_is_no_text", &["panic"]),
    ("is_ended_by_its_alarm", &["signal"]),
    ("sets_an_alarm_for_later", &[]),
    ("blocks_signals_and_hangs", &["timeout"]),
    ("ignores_its_crash", &["abort"]),
    ("ends_well_when_it_crashes", &["exit"]),
    ("waits_for_all_children", &["panic"]),
    ("clears_its_environment", &["panic"]),
    ("is_modest_and_secretive", &["panic"]),
    ("ends_its_thread", &["abort"]),
];

#[test]
fn what_a_target_does_to_its_process_changes_nothing_of_what_is_told() {
    let project = Project::inline(MISCHIEF);
    for (target, kinds) in EXPECTED {
        let limits = ["--execs=600", "--timeout=1s", "--minimize-time=1s", "--seed=1"];
        let arguments = [&["fuzz", target, "--json", "--jobs=2"][..], &limits].concat();
        let run = project.shakedown(&arguments).exits(i32::from(!kinds.is_empty()));
        assert_eq!(run.kinds(), kinds, "{target}: {}", run.stdout);
        assert_eq!(run.number("execs"), 600, "{target}");
        project.check_no_process_is_left();
    }
}

#[test]
fn odd_characters_in_paths_change_nothing() {
    let target = "#[shakedown::fuzz]\nfn odd_paths(n: u8) { assert!(n < 10) }";
    let project = Project::inline(target);
    let odd = "it's \"odd\" $HOME `ls` \u{fc}n\u{ef}";
    project.write(format!("{odd}/Cargo.toml"), project.read("Cargo.toml"));
    project.write(format!("{odd}/Cargo.lock"), project.read("Cargo.lock"));
    project.write(format!("{odd}/src/lib.rs"), project.read("src/lib.rs"));
    let manifest = format!("--manifest-path={odd}/Cargo.toml");
    let fuzz = ["fuzz", "--execs=300", "--seed=1", "--jobs=1", &manifest];
    let run = project.shakedown(&fuzz).exits(1);
    let commands = run.stderr.lines().map(str::trim).filter(|line| line.starts_with("cargo "));
    let commands: Vec<&str> = commands.collect();
    assert_eq!(commands.len(), 2, "{}", run.stderr);
    for (command, status) in commands.into_iter().zip([101, 1]) {
        project.paste(command).exits(status).says("assertion failed: n < 10");
    }
}

#[test]
fn without_a_folder_for_temporary_files_all_is_as_ever() {
    let target = "#[shakedown::fuzz]\nfn no_temporary(n: u8) { assert!(n < 10) }";
    let project = Project::inline(target);
    project.shakedown(&["build"]).exits(0);
    let project = project.with_variable("TMPDIR", "/nonexistent/folder");
    project.shakedown(&["fuzz", "--execs=300", "--seed=1", "--jobs=1"]).exits(1);
}

#[test]
fn a_finding_that_cargo_test_does_not_run_has_no_such_command() {
    let target = "#[shakedown::fuzz]\nfn untested(n: u8) { assert!(n < 10) }";
    let project = Project::inline(target);
    std::os::unix::fs::symlink("/nonexistent/folder", project.path("testdata")).expect("a link");
    let run = project.shakedown(&["fuzz", "--execs=300", "--seed=1", "--jobs=1"]).exits(1);
    let run = run.says("the finding is in ");
    let commands = run.stderr.lines().map(str::trim).filter(|line| line.starts_with("cargo "));
    let commands: Vec<&str> = commands.collect();
    assert!(matches!(commands[..], [only] if only.starts_with("cargo shakedown replay ")));
    project.paste(commands[0]).exits(1).says("assertion failed: n < 10");
}
