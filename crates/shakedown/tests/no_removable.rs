//! Minimized findings of stateful targets have no operation too many, and no two: each is tried by brute
//! force, as it stands and with the references of later operations led where they led before.

#[allow(dead_code, reason = "each test uses its own part of this")]
mod common;

use std::collections::VecDeque;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{decode, schema_of};
use shakedown::Input;
use shakedown::stateful::{Earlier, Results, Stateful, run};
use shakedown_core::minimize::{Verdict, minimize};
use shakedown_core::mutate::Mutator;
use shakedown_core::rng::Rng;

/// Operations of which the references are known.
trait Referring: Clone + Debug + for<'a> Input<'a> {
    /// All of its references.
    fn references(&mut self) -> Vec<&mut Earlier> {
        Vec::new()
    }
}

/// A ring that copies wrongly when it grows while it is wrapped around.
#[derive(Default)]
struct Ring {
    slots: Vec<u16>,
    start: usize,
    count: usize,
    model: VecDeque<u16>,
}

#[derive(Clone, Debug, Input)]
enum RingOp {
    Push(u16),
    Pop,
    Peek(u8),
    Clear,
}

impl Referring for RingOp {}

impl Stateful for Ring {
    type Op = RingOp;
    type Output = ();

    fn init() -> Self {
        Self { slots: vec![0; 4], ..Self::default() }
    }

    fn apply(&mut self, op: &RingOp, _: &mut Results<()>) -> Option<()> {
        match *op {
            RingOp::Push(value) => {
                if self.count == self.slots.len() {
                    // What is wrapped around stays at the beginning.
                    self.slots.resize(self.count * 2, 0);
                }
                let at = (self.start + self.count) % self.slots.len();
                self.slots[at] = value;
                self.count += 1;
                self.model.push_back(value);
            }
            RingOp::Pop if self.count > 0 => {
                let popped = self.slots[self.start];
                self.start = (self.start + 1) % self.slots.len();
                self.count -= 1;
                assert_eq!(self.model.pop_front(), Some(popped));
            }
            RingOp::Peek(at) if usize::from(at) < self.count => {
                let at = usize::from(at);
                let own = self.slots[(self.start + at) % self.slots.len()];
                assert_eq!(self.model[at], own);
            }
            RingOp::Clear => {
                (self.start, self.count) = (0, 0);
                self.model.clear();
            }
            RingOp::Pop | RingOp::Peek(_) => {}
        }
        None
    }
}

/// A register with nested transactions, of which a rollback two levels deep forgets the outer one.
#[derive(Default)]
struct Transactions {
    value: u8,
    saved: Vec<u8>,
    model: u8,
    model_saved: Vec<u8>,
}

#[derive(Clone, Debug, Input)]
enum TransactionOp {
    Set(u8),
    Add { of: u8, times: u8 },
    Begin,
    Commit,
    Rollback,
}

impl Referring for TransactionOp {}

impl Stateful for Transactions {
    type Op = TransactionOp;
    type Output = ();

    fn init() -> Self {
        Self::default()
    }

    fn allows(&self, op: &TransactionOp, _: &Results<()>) -> bool {
        !matches!(op, TransactionOp::Commit | TransactionOp::Rollback if self.saved.is_empty())
    }

    fn apply(&mut self, op: &TransactionOp, _: &mut Results<()>) -> Option<()> {
        match *op {
            TransactionOp::Set(value) => (self.value, self.model) = (value, value),
            TransactionOp::Add { of, times } => {
                let more = of.wrapping_mul(times);
                self.value = self.value.wrapping_add(more);
                self.model = self.model.wrapping_add(more);
            }
            TransactionOp::Begin => {
                self.saved.push(self.value);
                self.model_saved.push(self.model);
            }
            TransactionOp::Commit => {
                self.saved.pop();
                self.model_saved.pop();
            }
            TransactionOp::Rollback => {
                self.value = self.saved.pop()?;
                self.model = self.model_saved.pop()?;
                if let Some(outer) = self.saved.last_mut()
                    && self.model_saved.len() == 1
                {
                    *outer = self.value;
                }
            }
        }
        assert_eq!(self.value, self.model);
        None
    }
}

/// An arena with generations, of which a slot that was reused twice is taken for the first.
#[derive(Default)]
struct Arena {
    slots: Vec<(u8, Option<u8>)>,
    free: Vec<usize>,
    model: Vec<Option<u8>>,
}

#[derive(Clone, Copy, Debug)]
struct Key {
    slot: usize,
    generation: u8,
    id: usize,
}

#[derive(Clone, Debug, Input)]
enum ArenaOp {
    Insert(u8),
    Remove(Earlier),
    Read(Earlier),
    Swap { a: Earlier, b: Earlier },
}

impl Referring for ArenaOp {
    fn references(&mut self) -> Vec<&mut Earlier> {
        match self {
            Self::Insert(_) => Vec::new(),
            Self::Remove(earlier) | Self::Read(earlier) => vec![earlier],
            Self::Swap { a, b } => vec![a, b],
        }
    }
}

impl Arena {
    fn find(&mut self, key: Key) -> Option<&mut u8> {
        let (generation, value) = &mut self.slots[key.slot];
        value.as_mut().filter(|_| *generation % 2 == key.generation % 2)
    }
}

impl Stateful for Arena {
    type Op = ArenaOp;
    type Output = Key;

    fn init() -> Self {
        Self::default()
    }

    fn apply(&mut self, op: &ArenaOp, results: &mut Results<Key>) -> Option<Key> {
        match *op {
            ArenaOp::Insert(value) => {
                let slot = self.free.pop().unwrap_or(self.slots.len());
                if slot == self.slots.len() {
                    self.slots.push((0, None));
                }
                self.slots[slot].1 = Some(value);
                self.model.push(Some(value));
                let generation = self.slots[slot].0;
                return Some(Key { slot, generation, id: self.model.len() - 1 });
            }
            ArenaOp::Remove(earlier) => {
                let key = *results.get(earlier)?;
                let removed = self.find(key).map(|value| *value);
                if removed.is_some() {
                    self.slots[key.slot] = (self.slots[key.slot].0 + 1, None);
                    self.free.push(key.slot);
                }
                assert_eq!(self.model[key.id].take(), removed);
            }
            ArenaOp::Read(earlier) => {
                let key = *results.get(earlier)?;
                let own = self.find(key).map(|value| *value);
                assert_eq!(self.model[key.id], own);
            }
            ArenaOp::Swap { a, b } => {
                let (a, b) = (*results.get(a)?, *results.get(b)?);
                let both = (self.find(a).copied(), self.find(b).copied());
                assert_eq!((self.model[a.id], self.model[b.id]), both);
                if let (Some(of_a), Some(of_b)) = both {
                    *self.find(a)? = of_b;
                    *self.find(b)? = of_a;
                    self.model.swap(a.id, b.id);
                }
            }
        }
        None
    }
}

/// The operations without some.
fn without<O: Clone>(ops: &[O], gone: &[usize]) -> Vec<O> {
    let kept = ops.iter().enumerate().filter(|(at, _)| !gone.contains(at));
    kept.map(|(_, op)| op.clone()).collect()
}

/// The same, with references that lead to the same operations as before, where these are still there.
fn without_referring<O: Referring>(ops: &[O], gone: &[usize]) -> Vec<O> {
    let mut moved = ops.to_vec();
    for (at, op) in moved.iter_mut().enumerate().filter(|(at, _)| *at > 0) {
        for reference in op.references() {
            let to = at - 1 - usize::from(reference.0) % at;
            let between = gone.iter().filter(|gone| (to + 1..at).contains(gone)).count();
            let distance = (usize::from(reference.0) % at).saturating_sub(between);
            *reference = Earlier(u8::try_from(distance).expect("it was a byte"));
        }
    }
    without(&moved, gone)
}

/// Minimizes failing inputs of a system that random changes find, and tries what is left.
fn has_nothing_too_much<S: Stateful<Op: Referring>>(rounds: u64) {
    let name = std::any::type_name::<S>();
    let fails = |ops: &[S::Op]| catch_unwind(AssertUnwindSafe(|| run::<S>(ops))).is_err();
    let schema = schema_of::<Vec<S::Op>>();
    let (mut found, mut tried) = (0, 0);
    for seed in 0..rounds {
        let mut mutator = Mutator::new(Rng::new(seed), Vec::new());
        let mut input = vec![0; 512];
        let mut len = 4;
        let is_found = (0..20_000).any(|_| {
            len = mutator.mutate(&schema, &mut input, len, &[]);
            fails(&decode::<Vec<S::Op>>(&input[..len]))
        });
        if !is_found {
            continue;
        }
        let mut ask = |input: &[u8]| match fails(&decode::<Vec<S::Op>>(input)) {
            true => Verdict::Keep,
            false => Verdict::Reject,
        };
        let minimum = minimize(&schema, &input[..len], &mut ask, &|| false);
        let ops: Vec<S::Op> = decode(&minimum.input);
        assert!(minimum.complete && fails(&ops), "{name} {seed}: {ops:?}");
        for first in 0..ops.len() {
            for second in first..ops.len() {
                let gone = if first == second { vec![first] } else { vec![first, second] };
                for fewer in [without(&ops, &gone), without_referring(&ops, &gone)] {
                    tried += 1;
                    assert!(!fails(&fewer), "{name} {seed}: {gone:?} of {ops:?} is not needed");
                }
            }
        }
        found += 1;
    }
    assert!(found * 2 > rounds && tried > 20 * found, "{name}: {found} found, {tried} tried");
}

#[test]
fn no_operation_and_no_two_of_a_minimized_finding_can_be_removed() {
    std::panic::set_hook(Box::new(|info| {
        // All but what the test itself says.
        if info.payload_as_str().is_some_and(|text| text.contains("is not needed")) {
            eprintln!("{info}");
        }
    }));
    has_nothing_too_much::<Ring>(60);
    has_nothing_too_much::<Transactions>(60);
    has_nothing_too_much::<Arena>(60);
}
