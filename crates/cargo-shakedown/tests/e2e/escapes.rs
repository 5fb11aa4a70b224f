//! Targets that get out of the engine's hands: it waits for nothing without a limit, takes no end of a
//! worker for a success, and leaves no process behind.

use rustix::process::Signal;

use crate::project::{Project, Run};

/// Runs these inputs of a target of `wild`, and nothing else.
fn run_known(project: &Project, target: &str, inputs: &[&str], more: &[&str]) -> Run {
    let _ = std::fs::remove_dir_all(project.path("testdata"));
    let folder = format!("testdata/fuzz/{}", target.replace("::", "."));
    for (number, input) in inputs.iter().enumerate() {
        project.write(format!("{folder}/{number:02}"), format!("shakedown v1\n{input}\n"));
    }
    let execs = format!("--execs={}", inputs.len());
    let args = ["fuzz", target, "--json", "--jobs=1", "--minimize-time=0s", "--timeout=1s", &execs];
    let run = project.shakedown(&[&args[..], more].concat());
    project.check_no_process_is_left();
    run
}

#[test]
fn no_worker_is_out_of_reach() {
    let project = Project::copy("wild");
    for more in [&[][..], &["--isolate"]] {
        for how in ["LeaveGroup", "LeaveSession", "Stop", "BeTraced"] {
            let input = format!("how: {how}\nhangs: true");
            let run = run_known(&project, "escapes::escapes", &[&input], more);
            assert_eq!(run.exits(1).kinds(), ["timeout"], "{how} {more:?}");
        }
        for how in ["LeaveGroup", "LeaveSession", "BeTraced"] {
            let input = format!("how: {how}\nhangs: false");
            let run = run_known(&project, "escapes::escapes", &[&input], more);
            assert_eq!(run.exits(1).kinds(), ["abort"], "{how} {more:?}");
        }
    }
}

#[test]
fn a_worker_that_does_not_end_is_told_and_left_behind() {
    let project = Project::copy("wild");
    let input = "how: BeTracedByAnother\nhangs: true";
    let run = run_known(&project, "escapes::escapes", &[input], &[]).exits(1);
    assert_eq!(run.kinds(), ["timeout"]);
    run.says("does not end although it was killed");
}

#[test]
fn processes_that_leave_their_session_end_with_the_campaign() {
    let (project, target) = (Project::copy("wild"), "escapes::leaves_a_daemon");
    for more in [&[][..], &["--isolate"]] {
        let run = run_known(&project, target, &["hangs: false"; 2], more);
        assert_eq!(run.exits(0).number("execs"), 2);
        project.shakedown(&["replay", target, "testdata/fuzz/escapes.leaves_a_daemon/00"]).exits(0);
        project.check_no_process_is_left();
    }
}

#[test]
fn processes_that_leave_their_session_do_not_outlive_a_killed_coordinator() {
    let project = Project::copy("wild");
    let seed = "shakedown v1\nhangs: true\n";
    project.write("testdata/fuzz/escapes.leaves_a_daemon/only", seed);
    let arguments = ["fuzz", "escapes::leaves_a_daemon", "--json", "--jobs=1", "--timeout=300s"];
    let mut running = project.start(&arguments);
    let coordinator = running.id();
    let has_daemon = |_: &serde_json::Value| project.processes(coordinator).len() > 1;
    running.wait_for(has_daemon).expect("it hangs once it has left one");
    running.signal(Signal::KILL);
    running.finish();
    project.check_no_process_is_left();
}

#[test]
fn a_process_that_clears_its_environment_does_not_outlive_a_killed_coordinator_either() {
    let (project, target) = (Project::copy("wild"), "escapes::leaves_a_daemon_without_a_trace");
    let seed = "shakedown v1\nhangs: true\n";
    project.write("testdata/fuzz/escapes.leaves_a_daemon_without_a_trace/only", seed);
    let mut running = project.start(&["fuzz", target, "--json", "--jobs=1", "--timeout=300s"]);
    let is_clear = |process: &rustix::process::Pid| {
        let environment = std::fs::read(format!("/proc/{}/environ", process.as_raw_nonzero()));
        environment.is_ok_and(|environment| environment.is_empty())
    };
    let coordinator = running.id();
    let has_daemon = |_: &serde_json::Value| project.processes(coordinator).iter().any(is_clear);
    running.wait_for(has_daemon).expect("it leaves one");
    // The guardian looks every tenth of a second, or what fifty looks take.
    std::thread::sleep(std::time::Duration::from_secs(3));
    running.signal(Signal::KILL);
    running.finish();
    project.check_no_process_is_left();
}

#[test]
fn descriptors_that_are_lost_cost_nothing() {
    let (project, target) = (Project::copy("wild"), "escapes::loses_descriptors");
    for how in ["Kept", "Closed", "AllClosed", "Replaced", "Taken"] {
        let [passes, fails] = [false, true].map(|fails| format!("how: {how}\nfails: {fails}"));
        let run = run_known(&project, target, &[&passes, &passes, &fails], &[]);
        let run = run.exits(1);
        assert_eq!(run.kinds(), ["panic"], "{how}");
        assert_eq!((run.number("execs"), run.number("lost")), (3, 0), "{how}");
        assert_eq!(run.of_type("finding")[0]["status"], "reproducible", "{how}");
        assert!(run.of_type("warning").is_empty(), "{how}: {}", run.stdout);
        // Nothing of the engine's is written to files of the target.
        let files = crate::project::contents(&project.record());
        assert!(files.iter().all(|(_, content)| content.is_empty()), "{files:?}");
    }
}

#[test]
fn an_input_that_ends_its_process_by_any_signal_is_a_finding() {
    let project = Project::copy("wild");
    for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGQUIT, libc::SIGUSR1, libc::SIGVTALRM, 40]
    {
        for whole_group in [false, true] {
            let input = format!("signal: {signal}\nwhole_group: {whole_group}");
            let run = run_known(&project, "escapes::ends_by_signal", &[&input], &[]);
            let run = run.exits(1);
            assert_eq!(run.kinds(), ["signal"], "{signal} {whole_group}");
            assert_eq!(run.of_type("finding")[0]["status"], "reproducible");
            let file = "testdata/fuzz/escapes.ends_by_signal/00";
            project.shakedown(&["replay", "escapes::ends_by_signal", file]).exits(1);
        }
    }
}

/// A shell that runs the command in the background has it ignore these signals.
#[test]
fn an_input_that_ends_its_process_does_so_in_the_background_of_a_shell() {
    let project = Project::copy("wild");
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        let input = format!("shakedown v1\nsignal: {signal}\nwhole_group: false\n");
        project.write("testdata/fuzz/escapes.ends_by_signal/00", input);
        let mut command = project.command("sh");
        command.args(["-c", "trap '' INT QUIT; exec \"$0\" \"$@\""]);
        command.args([env!("CARGO_BIN_EXE_cargo-shakedown"), "fuzz", "escapes::ends_by_signal"]);
        command.args(["--json", "--jobs=1", "--minimize-time=0s", "--timeout=1s", "--execs=1"]);
        let run = crate::project::Running::new(command).finish().exits(1);
        assert_eq!(run.kinds(), ["signal"], "{signal}");
    }
}

#[test]
fn a_campaign_whose_workers_are_lost_again_and_again_is_no_success() {
    let project = Project::copy("wild");
    let run = |target: &str, execs: &str| {
        let target = format!("escapes::{target}");
        project.shakedown(&["fuzz", &target, "--json", "--jobs=1", "--seed=1", execs]).exits(3)
    };
    let all = run("every_other_process_ends", "--execs=20");
    all.says("no worker has answered a single call");
    let many = run("tenth_ends", "--execs=100000");
    assert!(many.number("execs") < 10_000, "{}", many.stdout);
    many.says("workers in a row were lost before they answered");
}
