//! roaring 0.11.2 has iterators that lose their place at the ends of runs:
//! <https://github.com/RoaringBitmap/roaring-rs/issues/352>, fixed in 0.11.5.
//!
//! The target builds a bitmap from one argument and walks over it as another says; the model is a
//! sorted slice.

use roaring::RoaringBitmap;
use shakedown::Input;

/// Consecutive values to insert.
#[derive(Debug, Input)]
struct Run {
    start: u16,
    len: u8,
}

#[derive(Debug, Input)]
enum Step {
    Next,
    NextBack,
    Nth(u8),
    NthBack(u8),
    AdvanceTo(u16),
    AdvanceBackTo(u16),
}

#[shakedown::fuzz(seeds = [
    (&[Run { start: 10, len: 4 }], true, vec![Step::Next, Step::NextBack]),
    (&[Run { start: 7, len: 1 }, Run { start: 90, len: 1 }], false, vec![Step::AdvanceTo(8)]),
])]
fn iterators_agree_with_a_slice(
    #[input(len = ..=32)] runs: &[Run],
    runs_are_compressed: bool,
    steps: Vec<Step>,
) {
    let mut bitmap = RoaringBitmap::new();
    for run in runs {
        let start = u32::from(run.start);
        bitmap.insert_range(start..start + u32::from(run.len));
    }
    if runs_are_compressed {
        bitmap.optimize();
    }
    walk(&bitmap, &values(runs), steps);
}

/// All values of `runs`, in order.
fn values(runs: &[Run]) -> Vec<u32> {
    let values = |run: &Run| (u32::from(run.start)..).take(run.len.into());
    let mut values: Vec<u32> = runs.iter().flat_map(values).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Takes the same steps over a bitmap and over the slice of its values.
fn walk(bitmap: &RoaringBitmap, values: &[u32], steps: Vec<Step>) {
    let mut iter = bitmap.iter();
    let mut model = values.iter();
    for step in steps {
        match step {
            Step::Next => assert_eq!(iter.next(), model.next().copied()),
            Step::NextBack => assert_eq!(iter.next_back(), model.next_back().copied()),
            Step::Nth(n) => assert_eq!(iter.nth(n.into()), model.nth(n.into()).copied()),
            Step::NthBack(n) => {
                assert_eq!(iter.nth_back(n.into()), model.nth_back(n.into()).copied())
            }
            Step::AdvanceTo(value) => {
                iter.advance_to(value.into());
                let rest = model.as_slice();
                let skipped = rest.partition_point(|&other| other < u32::from(value));
                model = rest[skipped..].iter();
            }
            Step::AdvanceBackTo(value) => {
                iter.advance_back_to(value.into());
                let rest = model.as_slice();
                let kept = rest.partition_point(|&other| other <= u32::from(value));
                model = rest[..kept].iter();
            }
        }
        assert_eq!(iter.size_hint(), model.size_hint());
    }
    assert!(iter.eq(model.copied()), "the rest differs");
}
