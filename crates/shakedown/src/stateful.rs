//! Targets that do operations to a system and to a model of it.

use std::fmt::Debug;
use std::sync::LazyLock;

use shakedown_core::WORKER_VARIABLE;
use shakedown_core::schema::{EARLIER, Int, Node};

use crate::input::shapes::{field, tuple};
use crate::input::{Corrupt, Input, NodeId, Reader, Types, Writer};

/// A system and a model of it, which is too simple to be wrong, and what can be done to both.
///
/// Operations are an enum that derives [`Input`](trait@Input). A target takes a list of them, and [`run`]
/// does one after the other. What an operation returns is kept, and later ones refer to it by
/// [`Earlier`]:
///
/// ```
/// use shakedown::stateful::{Earlier, Results, Stateful, run};
/// use std::collections::HashMap;
///
/// #[derive(Debug, shakedown::Input)]
/// enum Op {
///     Insert(u32),
///     Remove(Earlier),
/// }
///
/// /// A list that never moves, as the system, and a map as the model.
/// #[derive(Default)]
/// struct Slots {
///     system: Vec<Option<u32>>,
///     model: HashMap<usize, u32>,
/// }
///
/// impl Stateful for Slots {
///     type Op = Op;
///     type Output = usize;
///
///     fn init() -> Self {
///         Self::default()
///     }
///
///     fn apply(&mut self, op: &Op, results: &mut Results<usize>) -> Option<usize> {
///         match op {
///             Op::Insert(number) => {
///                 let key = self.system.len();
///                 self.system.push(Some(*number));
///                 assert_eq!(self.model.insert(key, *number), None);
///                 Some(key)
///             }
///             Op::Remove(earlier) => {
///                 let key = *results.get(*earlier)?;
///                 assert_eq!(self.system[key].take(), self.model.remove(&key));
///                 None
///             }
///         }
///     }
///
///     fn check(&self) {
///         assert_eq!(self.system.iter().flatten().count(), self.model.len());
///     }
/// }
///
/// #[shakedown::fuzz]
/// fn slots_behave_like_a_map(ops: &[Op]) {
///     run::<Slots>(ops);
/// }
/// # run::<Slots>(&[Op::Remove(Earlier(3)), Op::Insert(7), Op::Remove(Earlier(0)), Op::Remove(Earlier(1))]);
/// ```
///
/// A finding is minimized by operations first. Where one is left out, those after it refer to the same
/// results as before. `cargo test` shows the operations that a failing input has done.
pub trait Stateful: Sized {
    /// What can be done.
    type Op: Debug;
    /// What an operation may give to later ones, such as a key or a handle.
    type Output;

    /// The system and the model before any operation.
    fn init() -> Self;

    /// Whether an operation makes sense now; one that does not is left out.
    fn allows(&self, op: &Self::Op, results: &Results<Self::Output>) -> bool {
        let _ = (op, results);
        true
    }

    /// Does an operation to both, and compares what comes of it.
    fn apply(&mut self, op: &Self::Op, results: &mut Results<Self::Output>)
    -> Option<Self::Output>;

    /// Checks what holds after every operation.
    fn check(&self) {}
}

/// A reference to the result of an earlier operation: of the last one before, or so many before that.
///
/// If that operation has none, the last result before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier(pub u8);

impl<'a> Input<'a> for Earlier {
    fn schema(types: &mut Types) -> NodeId {
        let distance = types.add(Node::Int(Int::full(false, 1)));
        types.add(Node::Record(tuple(EARLIER, vec![field("0", distance, None)])))
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        u8::decode(reader).map(Self)
    }

    fn encode(&self, writer: &mut Writer) {
        self.0.encode(writer);
    }
}

/// What the operations so far have returned.
#[derive(Clone, Debug)]
pub struct Results<T> {
    /// One for each operation.
    all: Vec<Option<T>>,
}

impl<T> Results<T> {
    fn position(&self, earlier: Earlier) -> Option<usize> {
        let last = self.all.len().checked_sub(1)?;
        // Whatever the distance, most references should lead somewhere.
        let from = last - usize::from(earlier.0) % self.all.len();
        (0..=from).rev().find(|at| self.all[*at].is_some())
    }

    /// The result that is referred to; none if there is none that early.
    #[must_use]
    pub fn get(&self, earlier: Earlier) -> Option<&T> {
        self.all[self.position(earlier)?].as_ref()
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, earlier: Earlier) -> Option<&mut T> {
        let position = self.position(earlier)?;
        self.all[position].as_mut()
    }

    /// The same, which nothing can refer to from then on.
    pub fn take(&mut self, earlier: Earlier) -> Option<T> {
        let position = self.position(earlier)?;
        self.all[position].take()
    }
}

/// Whether operations are shown: in the output of a test, which the harness shows if it fails.
static IS_SHOWN: LazyLock<bool> = LazyLock::new(|| std::env::var_os(WORKER_VARIABLE).is_none());

/// Does the operations, one after the other, and checks after each.
///
/// # Panics
/// If [`Stateful::apply`] or [`Stateful::check`] does.
pub fn run<S: Stateful>(ops: &[S::Op]) {
    let mut both = S::init();
    let mut results = Results { all: Vec::with_capacity(ops.len()) };
    both.check();
    for (number, op) in ops.iter().enumerate() {
        let is_allowed = both.allows(op, &results);
        if *IS_SHOWN {
            let note = if is_allowed { "" } else { ", which is not allowed now" };
            eprintln!("operation {number}: {op:?}{note}");
        }
        let result = if is_allowed { both.apply(op, &mut results) } else { None };
        results.all.push(result);
        both.check();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_to_the_last_result_that_far_back() {
        let mut results = Results { all: vec![Some('a'), None, Some('b'), None] };
        let found = [0, 1, 2, 3, 4].map(|distance| results.get(Earlier(distance)).copied());
        assert_eq!(found, [Some('b'), Some('b'), Some('a'), Some('a'), Some('b')]);
        *results.get_mut(Earlier(2)).unwrap() = 'c';
        assert_eq!(results.take(Earlier(0)), Some('b'));
        assert_eq!(results.take(Earlier(0)), Some('c'));
        assert_eq!(results.get(Earlier(0)), None);
        assert_eq!(Results::<u8> { all: vec![] }.get(Earlier(0)), None);
    }
}
