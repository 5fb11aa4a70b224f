//! Workers that die: what they were doing is known exactly, and who is to blame.

use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::time::Duration;

use cargo_shakedown::internals::{
    CallError, CallInputs, Control, CoverageMap, Limits, Memory, Program, Setup, Watch, Worker,
    greet,
};
use rustix::process::{Signal, kill_process};
use shakedown_core::schema::{Bytes, Field, Node, Schema, Types};
use shakedown_core::wire::layout::Layout;
use shakedown_core::wire::{Answer, Call, Fuzz, Learn, Rerun, RngState, Visit};
use shakedown_core::{literal, sequence_file};

use crate::project::{Project, Run};

/// Where the generator stands at the start of the batches here.
const RNG: RngState = (0x1234_5678_9abc_def0, 0x0fed_cba9_8765_4321);

fn fuzz(project: &Project, target: &str) -> Run {
    let target = format!("recorded::{target}");
    let args = ["fuzz", &target, "--json", "--seed=1", "--jobs=1", "--execs=150"];
    project.shakedown(&[&args[..], &["--minimize-time=0s"]].concat())
}

/// The text of the only finding of a target: a sequence, for it takes a hundred executions.
fn sequence(project: &Project, target: &str) -> String {
    let file = project.testdata(&format!("recorded.{target}")).pop().expect("a finding");
    std::fs::read_to_string(file).expect("it is there")
}

/// What the target wrote down before it killed its process for the first time.
fn last_input(project: &Project) -> Vec<u8> {
    std::fs::read(project.record().join("last-input")).expect("a worker died")
}

#[test]
fn the_bytes_that_a_worker_aborted_on_are_recovered_exactly() {
    let project = Project::copy("values").with_variable("DIE_BY", "abort");
    let run = fuzz(&project, "dies_on_bytes").exits(1);
    assert_eq!(run.kinds(), ["abort"]);
    let mut types = Types::new();
    let node = types.add(Node::Bytes(Bytes::ANY));
    let argument = Field { name: "bytes".into(), node, default: None };
    let schema = types.finish(vec![argument]).expect("a schema");
    let text = sequence(&project, "dies_on_bytes");
    let inputs = sequence_file::parse(&schema, &text).expect("it can be read").inputs;
    assert_eq!((inputs.len(), &inputs[99][4..]), (100, &last_input(&project)[..]));
}

#[test]
fn the_value_that_a_worker_crashed_on_is_recovered_exactly() {
    let project = Project::copy("values").with_variable("DIE_BY", "fault");
    let run = fuzz(&project, "dies_on_struct").exits(1);
    assert_eq!(run.kinds(), ["signal"]);
    let text = sequence(&project, "dies_on_struct");
    assert_eq!(text.matches("\norder: ").count(), 100);
    let expected = String::from_utf8(last_input(&project)).expect("it is text");
    assert_eq!(text.lines().last(), Some(&*format!("order: {expected}")));
}

#[test]
fn signals_from_outside_are_no_findings_and_their_inputs_are_recovered_all_the_same() {
    for signal in ["-KILL", "-TERM", "-HUP", "-INT"] {
        let project = Project::copy("values").with_variable("DIE_BY", signal);
        let run = fuzz(&project, "dies_on_bytes").exits(0);
        assert_eq!((run.of_type("finding").len(), run.number("execs")), (0, 150), "{signal}");
        assert!(run.of_type("warning").iter().any(|line| line.to_string().contains("SIG")));
        if signal == "-KILL" {
            let bytes = Batch::new(&project, "recorded::dies_on_bytes", Some(signal));
            let (_, killed) = bytes.run(1000);
            assert_eq!(killed.as_slice()[4..], last_input(&project));
        }
    }
}

#[test]
fn the_value_of_a_killed_worker_is_recovered_and_the_batch_can_be_run_again() {
    let project = Project::copy("values").with_variable("DIE_BY", "-KILL");
    fuzz(&project, "dies_on_struct").exits(0);
    let killed = Batch::new(&project, "recorded::dies_on_struct", Some("-KILL"));
    let (execs, input) = killed.run(1000);
    let expected = String::from_utf8(last_input(&project)).expect("it is text");
    let literal = literal::print(&killed.schema, &input, &[]);
    assert_eq!(literal.lines().last(), Some(&*format!("order: {expected}")));
    assert_eq!(execs, 100);

    // From the state of the generator alone, in a process that is not killed.
    let again = Batch::new(&project, "recorded::dies_on_struct", None);
    assert_eq!(again.run(execs), (execs, input.clone()));
    // And from any place in it on, or only made.
    for from in [0, 3, 95, execs - 1, execs] {
        assert_eq!(again.rerun(from, execs), (execs - from, input.clone()));
    }
}

#[test]
fn what_was_learned_is_used_as_far_as_a_visit_says_by_any_worker() {
    let project = Project::copy("values").with_variable("DIE_BY", "-KILL");
    fuzz(&project, "dies_on_bytes").exits(0);
    let run = |learned: &[&str], tokens| {
        let mut batch = Batch::new(&project, "recorded::dies_on_bytes", None);
        batch.learned = learned.iter().map(|token| token.as_bytes().to_vec()).collect();
        batch.tokens = tokens;
        (0..40).map(|execs| batch.run(100 + execs).1).collect::<Vec<_>>()
    };
    let plain = run(&[], 0);
    assert_eq!(run(&["first token", "second token"], 0), plain);
    let with_first = run(&["first token"], 1);
    assert_eq!(run(&["first token", "second token"], 1), with_first);
    let has = |inputs: &[Vec<u8>], token: &str| {
        inputs.iter().any(|input| input.windows(token.len()).any(|part| part == token.as_bytes()))
    };
    assert!(has(&with_first, "first token") && !has(&plain, "first token"));
    assert!(has(&run(&["first token", "second token"], 2), "second token"));
}

/// A worker of our own, and what it is given.
struct Batch {
    setup: Setup,
    schema: Arc<Schema>,
    counters: usize,
    entry: Vec<u8>,
    /// Tokens that it learns, and how many of them visits may use.
    learned: Vec<Vec<u8>>,
    tokens: u32,
}

impl Batch {
    /// For a project whose target has written down its executable. What it wrote about its last
    /// input is removed if it is to die again.
    fn new(project: &Project, target: &str, die_by: Option<&str>) -> Self {
        let exe = std::fs::read_to_string(project.record().join("exe")).expect("it is there");
        let mut environment = vec![("RECORD".into(), project.record().into())];
        if let Some(how) = die_by {
            environment.push(("DIE_BY".into(), how.into()));
            std::fs::remove_file(project.record().join("last-input")).expect("it is there");
        }
        let program = Program {
            package: "values".into(),
            package_dir: project.package(),
            workspace_root: project.package(),
            name: "values".into(),
            kind: "lib".into(),
            path: exe.into(),
            environment,
            ..Program::default()
        };
        let limits = Limits { timeout: Some(Duration::from_secs(60)), ..Limits::default() };
        let mut setup = Setup::new(program, target, limits);
        let greeting = greet(&mut setup).expect("a worker starts");
        let counters = greeting.counters as usize;
        Self {
            setup,
            schema: Arc::new(greeting.schema),
            counters,
            entry: greeting.seeds[0].clone(),
            learned: Vec::new(),
            tokens: 0,
        }
    }

    /// Runs a batch in a fresh worker; returns how many executions were begun, and the last input.
    fn run(&self, execs: u64) -> (u64, Vec<u8>) {
        self.call(&Call::Fuzz(Fuzz { visits: vec![self.visit(execs)], max_ms: 60_000 }))
    }

    /// Runs the end of a batch in a fresh worker; returns the same.
    fn rerun(&self, from: u64, execs: u64) -> (u64, Vec<u8>) {
        self.call(&Call::Rerun(Rerun { visit: self.visit(execs), from }))
    }

    fn visit(&self, execs: u64) -> Visit {
        let (donor_len, hints_len, tokens, weights) = (0, 0, self.tokens, 0);
        let entry_len = self.entry.len() as u64;
        Visit { entry_len, donor_len, hints_len, tokens, weights, rng: RNG, execs }
    }

    fn call(&self, call: &Call) -> (u64, Vec<u8>) {
        let control = Control::default();
        let layout = Layout { capacity: self.setup.capacity, counters: self.counters };
        let mut memory = Memory::new().expect("memory");
        memory.format(layout).expect("memory");
        let map = CoverageMap::new(self.counters).expect("memory");
        let everything: Vec<_> = (0..self.counters).map(|at| (at, 0xff)).collect();
        map.publish(&everything).expect("memory");
        let (worker, _) =
            Worker::start(&self.setup, &memory, map.file(), &control).expect("a worker");
        let worker = worker.attach(&self.setup, layout, &memory, &control);
        let mut worker = worker.expect("it maps its memory");
        memory.prepare(&CallInputs::one(&self.entry)).expect("it fits");
        let timeout = self.setup.limits.timeout();
        let watch = Watch {
            memory: &memory,
            control: &control,
            timeout,
            memory_limit: None,
            patience: None,
        };
        let learn = Learn { tokens: self.learned.clone(), weights: Vec::new() };
        assert_eq!(worker.call(&Call::Learn(learn), &watch).expect("it learns"), Answer::Done);
        match worker.call(call, &watch) {
            Ok(Answer::Fuzzed(fuzzed)) => {
                worker.stop(&mut |_| {});
                (fuzzed.execs, memory.input(fuzzed.input_len).expect("it is there"))
            }
            Err(CallError::Died) => {
                let (status, _) = worker.kill();
                assert!(status.is_some_and(|status| status.signal().is_some()), "{status:?}");
                let words = memory.last_words().expect("the header is there");
                (words.execs, memory.input(words.input_len).expect("it is there"))
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_worker_killed_from_outside_is_replaced_and_the_campaign_goes_on() {
    let project = Project::copy("ends");
    for signal in [Signal::KILL, Signal::TERM, Signal::HUP] {
        // With one worker, it is sure that the one that is killed is past its handshake.
        let mut running =
            project.start(&["fuzz", "slow", "--json", "--jobs=1", "--execs=800", "--seed=1"]);
        let begun = |line: &serde_json::Value| line["type"] == "status" && line["execs"] != 0;
        running.wait_for(begun).expect("it begins");
        let workers = project.processes(running.id());
        assert_eq!(workers.len(), 1);
        kill_process(workers[0], signal).expect("it is there");
        let run = running.finish().exits(0);
        assert_eq!((run.of_type("finding").len(), run.number("execs")), (0, 800), "{signal:?}");
        assert_eq!(run.of_type("warning").len(), 1, "{}", run.stdout);
        project.check_no_process_is_left();
    }
}

#[test]
fn no_worker_outlives_a_killed_coordinator() {
    let project = Project::copy("ends");
    let mut running = project.start(&["fuzz", "slow", "--json", "--jobs=2"]);
    running.wait_for(|line| line["type"] == "status" && line["execs"] != 0).expect("it begins");
    assert_eq!(project.processes(running.id()).len(), 2);
    running.signal(Signal::KILL);
    running.finish();
    project.check_no_process_is_left();
}

#[test]
fn what_a_worker_had_not_looked_at_when_it_died_is_not_missed() {
    let project = Project::copy("large");
    let arguments = ["fuzz", "dies_after_news", "--json", "--jobs=1", "--seed=1", "--execs=4000"];
    let run = project.shakedown(&[&arguments[..], &["--minimize-time=0s"]].concat()).exits(1);
    assert_eq!((run.kinds(), run.number("execs")), (vec!["abort".to_owned()], 4000));
    let is_rare = |path: &std::path::PathBuf| {
        let bytes = std::fs::read(path).expect("an entry can be read");
        let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3).rotate_left(29)
        });
        hash >> 40 & 0x1ff == 0
    };
    assert!(project.entries("dies_after_news").iter().any(is_rare), "{}", run.stdout);
}
