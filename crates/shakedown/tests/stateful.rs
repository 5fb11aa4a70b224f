//! Operations that refer to the results of earlier ones, from the search to the minimized program.

#[allow(dead_code, reason = "each test uses its own part of this")]
mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{decode, encode, inputs_are_values, schema_of, survives};
use shakedown::Input;
use shakedown::stateful::{Earlier, Results, Stateful, run};
use shakedown_core::literal;
use shakedown_core::minimize::{Verdict, minimize};
use shakedown_core::mutate::Mutator;
use shakedown_core::rng::Rng;

#[derive(Clone, Debug, Input, PartialEq)]
enum Op {
    Open(u8),
    Write { to: Earlier, byte: u8 },
    Copy { from: Earlier, to: Earlier },
    Close(Earlier),
}

/// Files of which a copy shares what it was made of, although the model says that it does not.
#[derive(Default)]
struct Files {
    files: Vec<Option<std::rc::Rc<std::cell::RefCell<Vec<u8>>>>>,
    model: Vec<Option<Vec<u8>>>,
}

impl Stateful for Files {
    type Op = Op;
    type Output = usize;

    fn init() -> Self {
        Self::default()
    }

    fn allows(&self, op: &Op, results: &Results<usize>) -> bool {
        let is_open =
            |earlier| results.get(earlier).is_some_and(|&file: &usize| self.model[file].is_some());
        match *op {
            Op::Open(_) => true,
            Op::Write { to, .. } | Op::Close(to) => is_open(to),
            Op::Copy { from, to } => is_open(from) && is_open(to),
        }
    }

    fn apply(&mut self, op: &Op, results: &mut Results<usize>) -> Option<usize> {
        let file = |earlier| *results.get(earlier).expect("an allowed operation");
        match *op {
            Op::Open(byte) => {
                self.files.push(Some(std::rc::Rc::new(vec![byte].into())));
                self.model.push(Some(vec![byte]));
                return Some(self.files.len() - 1);
            }
            Op::Write { to, byte } => {
                let to = file(to);
                self.files[to].as_ref()?.borrow_mut().push(byte);
                self.model[to].as_mut()?.push(byte);
            }
            Op::Copy { from, to } => {
                let (from, to) = (file(from), file(to));
                self.files[to] = self.files[from].clone();
                self.model[to] = self.model[from].clone();
            }
            Op::Close(closed) => {
                let closed = file(closed);
                self.files[closed] = None;
                self.model[closed] = None;
            }
        }
        None
    }

    fn check(&self) {
        for (file, model) in self.files.iter().zip(&self.model) {
            assert_eq!(file.as_ref().map(|file| file.borrow().clone()), *model);
        }
    }
}

fn fails(ops: &[Op]) -> bool {
    catch_unwind(AssertUnwindSafe(|| run::<Files>(ops))).is_err()
}

#[test]
fn a_program_is_minimized_by_its_operations_and_keeps_what_they_refer_to() {
    std::panic::set_hook(Box::new(|_| {}));
    let schema = schema_of::<Vec<Op>>();
    let ask = |input: &[u8]| {
        if fails(&decode::<Vec<Op>>(input)) { Verdict::Keep } else { Verdict::Reject }
    };
    let mut found = 0;
    for seed in 0..20 {
        let mut mutator = Mutator::new(Rng::new(seed), Vec::new());
        let mut input = vec![0; 1024];
        let mut len = 4;
        let is_found = (0..20_000).any(|_| {
            len = mutator.mutate(&schema, &mut input, len, &[]);
            fails(&decode::<Vec<Op>>(&input[..len]))
        });
        if !is_found {
            continue;
        }
        found += 1;
        let minimum = minimize(&schema, &input[..len], &mut |input| ask(input), &|| false);
        let ops: Vec<Op> = decode(&minimum.input);
        let kinds: Vec<&str> = ops
            .iter()
            .map(|op| match op {
                Op::Open(_) => "open",
                Op::Write { .. } => "write",
                Op::Copy { .. } => "copy",
                Op::Close(_) => "close",
            })
            .collect();
        assert_eq!(kinds, ["open", "open", "copy", "write"], "seed {seed}: {ops:?}");
        for at in 0..ops.len() {
            let mut fewer = ops.clone();
            fewer.remove(at);
            assert!(!fails(&fewer), "{at} of {ops:?}");
        }
    }
    assert!(found > 10, "{found}");
}

#[test]
fn references_are_values_that_files_can_hold() {
    survives(&vec![Op::Open(1), Op::Copy { from: Earlier(0), to: Earlier(7) }]);
    inputs_are_values::<Vec<Op>>();
    let schema = schema_of::<Vec<Op>>();
    let input = encode(&vec![Op::Close(Earlier(3))]);
    let text = literal::print(&schema, &input, &[]);
    assert!(text.ends_with("value: [Close(Earlier(3))]\n"), "{text}");
    assert_eq!(literal::parse(&schema, &text).unwrap().input, input);
}
