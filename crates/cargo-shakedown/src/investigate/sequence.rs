//! Which inputs must run one after the other in one process for the last of them to fail: the search
//! for the shortest such sequence. Pure: whether a sequence fails is asked of an [`Oracle`].

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use crate::campaign::Visit;

/// Executions in order. What is known by its visit alone need not be made to be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Sequence(Vec<Part>);

/// Executions that follow each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// One input.
    Input(Arc<[u8]>),
    /// Variations of an entry.
    Visit(Visit),
}

/// What came of a sequence in a fresh process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Its execution of this number, from 1, failed in the way looked for.
    FailsAt(u64),
    /// None did.
    Passes,
    /// It was not run, and no other will be.
    Stop,
}

/// Runs a sequence in a fresh process.
pub(super) type Oracle<'o> = &'o mut dyn FnMut(&Sequence) -> Answer;

impl Part {
    /// The input, if it is known.
    pub(super) fn input(&self) -> Option<Arc<[u8]>> {
        match self {
            Self::Input(input) => Some(input.clone()),
            Self::Visit(_) => None,
        }
    }

    fn len(&self) -> u64 {
        match self {
            Self::Input(_) => 1,
            Self::Visit(visit) => visit.execs.end - visit.execs.start,
        }
    }

    /// The executions at these positions, some of its own.
    fn slice(&self, positions: Range<u64>) -> Self {
        match self {
            Self::Input(input) => Self::Input(input.clone()),
            Self::Visit(visit) => {
                let start = visit.execs.start;
                let execs = start + positions.start..start + positions.end;
                Self::Visit(Visit { execs, ..visit.clone() })
            }
        }
    }
}

impl Sequence {
    /// These parts in order.
    pub(super) fn new(parts: impl IntoIterator<Item = Part>) -> Self {
        Self(parts.into_iter().filter(|part| part.len() > 0).collect())
    }

    /// These inputs in order.
    pub(super) fn of_inputs(inputs: &[Arc<[u8]>]) -> Self {
        Self::new(inputs.iter().cloned().map(Part::Input))
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Number of executions.
    pub(super) fn len(&self) -> u64 {
        self.0.iter().map(Part::len).sum()
    }

    /// The last execution alone.
    pub(super) fn last(&self) -> Self {
        self.slice(self.len().saturating_sub(1)..self.len())
    }

    /// The executions at these positions.
    fn slice(&self, positions: Range<u64>) -> Self {
        let mut begin = 0;
        Self::new(self.0.iter().filter_map(|part| {
            let (base, end) = (begin, begin + part.len());
            begin = end;
            let (from, to) = (positions.start.max(base), positions.end.min(end));
            (from < to).then(|| part.slice(from - base..to - base))
        }))
    }

    /// All but the executions at these positions.
    fn without(&self, positions: Range<u64>) -> Self {
        let (before, after) = (0..positions.start, positions.end..self.len());
        let parts = [before, after].map(|positions| self.slice(positions).0);
        Self(parts.concat())
    }
}

/// The shortest end of `history` that fails with its last execution, found by bisection: more
/// history is taken to fail where less does. Nothing if no end of it fails twice in the same place,
/// or if the search is stopped before that.
pub(super) fn shortest_end(history: &Sequence, ask: Oracle<'_>) -> Option<Sequence> {
    let mut parts = 1;
    let mut failing = loop {
        let from = history.0.len().saturating_sub(parts);
        let candidate = Sequence::new(history.0[from..].iter().cloned());
        match ask(&candidate) {
            Answer::FailsAt(position) => break candidate.slice(0..position),
            Answer::Passes if from > 0 => parts *= 2,
            Answer::Passes | Answer::Stop => return None,
        }
    };
    // What fails by chance does so elsewhere the next time. A single input has been tried.
    if failing.len() < 2 || !fails(&failing, ask).ok()? {
        return None;
    }
    let (mut from, mut too_late) = (0, failing.len() - 1);
    let whole = failing.clone();
    while from + 1 < too_late {
        let middle = from + (too_late - from) / 2;
        let candidate = whole.slice(middle..whole.len());
        match fails(&candidate, ask) {
            Ok(true) => (from, failing) = (middle, candidate),
            Ok(false) => too_late = middle,
            Err(Stopped) => break,
        }
    }
    Some(failing)
}

/// Leaves out whatever the failure of the last execution does not need.
pub(super) fn shorten(failing: Sequence, ask: Oracle<'_>) -> Sequence {
    by_chunks(failing, |now| now.len() - 1, |now, at| Some(now.without(at)), &mut |now| {
        fails(now, ask)
    })
}

/// Puts `simplest` in place of whatever input before the last one need not be what it is.
pub(super) fn simplify(
    inputs: Vec<Arc<[u8]>>,
    simplest: &Arc<[u8]>,
    ask: Oracle<'_>,
) -> Vec<Arc<[u8]>> {
    let put = |now: &Vec<Arc<[u8]>>, at: Range<u64>| {
        let at = at.start as usize..at.end as usize;
        let changes = now[at.clone()].iter().any(|input| input != simplest);
        changes.then(|| {
            let mut changed = now.clone();
            changed[at].fill(simplest.clone());
            changed
        })
    };
    by_chunks(inputs, |now| now.len() as u64 - 1, put, &mut |now| {
        fails(&Sequence::of_inputs(now), ask)
    })
}

/// The oracle gave up.
struct Stopped;

/// Whether the last execution of a sequence fails, and none before it.
fn fails(sequence: &Sequence, ask: Oracle<'_>) -> Result<bool, Stopped> {
    match ask(sequence) {
        Answer::FailsAt(position) => Ok(position == sequence.len()),
        Answer::Passes => Ok(false),
        Answer::Stop => Err(Stopped),
    }
}

/// Makes every change to the first `count` executions that `keeps` allows: to all of them, to
/// halves, and so on to single ones, from the back; these over and over, until nothing changes. What
/// it does not allow is not asked again: of equal executions it does not matter which is left out.
fn by_chunks<T: Hash>(
    mut now: T,
    count: impl Fn(&T) -> u64,
    change: impl Fn(&T, Range<u64>) -> Option<T>,
    keeps: &mut dyn FnMut(&T) -> Result<bool, Stopped>,
) -> T {
    let mut refused = HashSet::new();
    let mut size = count(&now);
    while size > 0 {
        let mut end = count(&now);
        let mut changed = false;
        while end > 0 {
            let start = end.saturating_sub(size);
            if let Some(candidate) = change(&now, start..end) {
                let hash = hash(&candidate);
                if !refused.contains(&hash) {
                    match keeps(&candidate) {
                        Ok(true) => (now, changed) = (candidate, true),
                        Ok(false) => drop(refused.insert(hash)),
                        Err(Stopped) => return now,
                    }
                }
            }
            end = start;
        }
        if size > 1 || !changed {
            size /= 2;
        }
    }
    now
}

/// Deterministic, unlike a hasher from `RandomState`.
fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(number: u8, execs: Range<u64>) -> Part {
        let (donor, hints, tokens, weights) = Default::default();
        let entry = [number].into();
        Part::Visit(Visit { entry, donor, hints, tokens, weights, rng: (0, 0), execs })
    }

    fn input(byte: u8) -> Part {
        Part::Input([byte].into())
    }

    /// Batches with the given numbers of executions, after one input.
    fn history(visits: &[u64]) -> Sequence {
        let visits = visits.iter().zip(0..).map(|(execs, number)| visit(number, 0..*execs));
        Sequence::new([input(99)].into_iter().chain(visits))
    }

    /// Executions by names: `99` is the input, `1.20` the variation 20 of the visit 1.
    fn names(sequence: &Sequence) -> Vec<String> {
        let names = sequence.parts().iter().flat_map(|part| match part {
            Part::Input(input) => vec![input[0].to_string()],
            Part::Visit(visit) => {
                visit.execs.clone().map(|at| format!("{}.{at}", visit.entry[0])).collect()
            }
        });
        names.collect()
    }

    /// A target that fails with `last` once all of `needed` have run; and how often it was asked.
    fn scripted<'a>(
        needed: &'a [&'a str],
        last: &'a str,
        asked: &'a mut usize,
    ) -> impl FnMut(&Sequence) -> Answer + 'a {
        move |sequence| {
            *asked += 1;
            let names = names(sequence);
            let fails = |at: &usize| {
                names[*at] == last
                    && needed.iter().all(|name| names[..*at].iter().any(|n| n == name))
            };
            (0..names.len()).find(fails).map_or(Answer::Passes, |at| Answer::FailsAt(at as u64 + 1))
        }
    }

    #[test]
    fn positions_are_cut_across_parts() {
        let whole = history(&[3, 0, 4]);
        assert_eq!((whole.len(), whole.parts().len()), (8, 3));
        assert_eq!(names(&whole.slice(0..2)), ["99", "0.0"]);
        assert_eq!(names(&whole.slice(3..5)), ["0.2", "2.0"]);
        assert_eq!(whole.slice(3..3), Sequence::default());
        assert_eq!(names(&whole.without(1..7)), ["99", "2.3"]);
        let holed = whole.without(5..7).without(1..2);
        assert_eq!(names(&holed), ["99", "0.1", "0.2", "2.0", "2.3"]);
        assert_eq!(whole.without(0..0), whole);
    }

    #[test]
    fn the_shortest_end_and_then_what_it_needs_is_found_in_few_runs() {
        let whole = history(&[1000, 1000, 1000, 1000, 500]);
        let cases: [(&[&str], u64); 4] = [
            (&["4.498"], 2),
            (&["4.17", "4.300"], 483),
            (&["1.999", "3.5"], 2501),
            (&["99", "0.0", "2.500"], 4501),
        ];
        for (needed, len) in cases {
            let mut asked = 0;
            let mut ask = scripted(needed, "4.499", &mut asked);
            let end = shortest_end(&whole, &mut ask).expect("it fails");
            assert_eq!((end.len(), names(&end)[0].as_str()), (len, needed[0]));
            let least = shorten(end, &mut ask);
            drop(ask);
            assert_eq!(names(&least), [needed, &["4.499"]].concat());
            assert!(asked < 100, "{asked} runs for {needed:?}");
        }
    }

    #[test]
    fn a_count_of_executions_stays_a_count() {
        let whole = history(&[100, 300]);
        let mut ask = |sequence: &Sequence| match sequence.len() {
            0..300 => Answer::Passes,
            _ => Answer::FailsAt(300),
        };
        // The history has more than it takes: the end is where it fails first.
        let end = shortest_end(&whole, &mut ask).expect("it fails");
        assert_eq!((end.len(), names(&end)[299].as_str()), (300, "1.299"));
        assert_eq!(shorten(end.clone(), &mut ask), end);
        let mut longer = |sequence: &Sequence| match sequence.len() {
            0..301 => Answer::Passes,
            _ => Answer::FailsAt(301),
        };
        let end = shortest_end(&whole, &mut longer).expect("it fails");
        assert_eq!((end.len(), names(&end)[300].as_str()), (301, "1.200"));
    }

    #[test]
    fn of_equal_inputs_only_their_number_is_asked_about() {
        let inputs: Vec<Arc<[u8]>> = vec![[0].into(); 300];
        let mut asked = 0;
        let least = shorten(Sequence::of_inputs(&inputs), &mut |sequence| {
            asked += 1;
            match sequence.len() {
                0..300 => Answer::Passes,
                _ => Answer::FailsAt(300),
            }
        });
        assert_eq!(least.len(), 300);
        assert!(asked < 20, "{asked} runs");
    }

    #[test]
    fn what_fails_by_chance_depends_on_nothing() {
        let whole = history(&[50, 50, 50]);
        let mut rounds = 0;
        let mut ask = |_: &Sequence| {
            rounds += 1;
            Answer::FailsAt(10 + rounds)
        };
        assert_eq!(shortest_end(&whole, &mut ask), None);
        assert_eq!(rounds, 2);
        // Nor does what fails alone after all.
        assert_eq!(shortest_end(&whole, &mut |_| Answer::FailsAt(1)), None);
        assert_eq!(shortest_end(&whole, &mut |_| Answer::Passes), None);
        assert_eq!(shortest_end(&Sequence::default(), &mut |_| Answer::Passes), None);
    }

    #[test]
    fn a_search_that_is_stopped_ends_with_what_it_has() {
        let whole = history(&[1000]);
        let needed = ["0.400"];
        for patience in 0..20 {
            let mut left = patience;
            let mut asked = 0;
            let mut scripted = scripted(&needed, "0.999", &mut asked);
            let mut ask = |sequence: &Sequence| match left {
                0 => Answer::Stop,
                _ => {
                    left -= 1;
                    scripted(sequence)
                }
            };
            match shortest_end(&whole, &mut ask) {
                None => assert!(patience < 2, "it took {patience} runs and found nothing"),
                Some(end) => {
                    let end = shorten(end, &mut ask);
                    let names = names(&end);
                    assert!(names.iter().any(|name| name == needed[0]));
                    assert_eq!(names.last().map(String::as_str), Some("0.999"));
                }
            }
        }
    }

    #[test]
    fn inputs_that_do_not_matter_become_the_simplest() {
        let inputs: Vec<Arc<[u8]>> = (1..=40).map(|byte| [byte].into()).collect();
        let simplest: Arc<[u8]> = [0].into();
        let mut asked = 0;
        let simple = simplify(inputs, &simplest, &mut |sequence| {
            asked += 1;
            let names = names(sequence);
            match names.len() == 40 && names[16] == "17" && names[39] == "40" {
                true => Answer::FailsAt(40),
                false => Answer::Passes,
            }
        });
        let kept: Vec<_> = simple.iter().map(|input| input[0]).filter(|byte| *byte != 0).collect();
        assert_eq!((simple.len(), kept), (40, vec![17, 40]));
        assert!(asked < 20, "{asked} runs");
    }
}
