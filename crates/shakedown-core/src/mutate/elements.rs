//! Mutators of sequences and arrays, element by element. An array is a sequence whose bounds allow
//! one number of elements, so what would change that number does not apply to it.

use std::ops::Range;

use super::generate::append_value;
use super::sources::{Sources, attempt, choose_len};
use super::tree::{Tree, find_site, height};
use crate::hints::Hint;
use crate::schema::shape::{Change, Site};
use crate::schema::{Len, MAX_DEPTH, Node, NodeId};

/// The most elements that are brought into a random order.
const MAX_SHUFFLE: usize = 8;

/// The most copies of an element that are added at once.
const MAX_COPIES: usize = 64;

/// The most elements without bytes that a sequence may have, as [`crate::schema::shape`] checks.
const MAX_EMPTY: usize = 1 << 16;

/// A sequence or array, whose elements are [`Tree::elements`].
#[derive(Clone, Copy, Debug)]
struct Elements {
    /// Index of its site.
    index: usize,
    site: Site,
    node: NodeId,
    bounds: Len,
    /// Whether a count is stored before the elements.
    counted: bool,
    count: usize,
}

/// Says whether it changed the sequence, which it does not where it cannot apply.
type ElementsMutator = fn(&mut Tree, Elements, &mut Sources) -> bool;

static ELEMENTS: [ElementsMutator; 13] = [
    remove,
    truncate,
    duplicate,
    repeat,
    overwrite,
    swap,
    shuffle,
    insert_new,
    replace_by_new,
    insert_from_lender,
    overwrite_from_lender,
    cross_over,
    overwrite_by_token,
];

/// Changes the elements of the sequence or array at site `index`, in number, order or value.
pub(super) fn mutate_elements(tree: &mut Tree, index: usize, sources: &mut Sources) -> bool {
    let site = tree.site(index);
    let (node, bounds, counted) = match *tree.schema.node(site.node) {
        Node::Seq { element, len, .. } => (element, len, true),
        Node::Array { element, len } => (element, Len { min: len, max: len }, false),
        Node::Bool
        | Node::Int(_)
        | Node::Float { .. }
        | Node::Char
        | Node::OneOf { .. }
        | Node::Bytes(_)
        | Node::Str(_)
        | Node::Record(_)
        | Node::Choice { .. } => return false,
    };
    tree.elements.clear();
    tree.elements.extend(tree.sites.children(index));
    let count = tree.elements.len();
    tree.elements.push(site.next as usize);
    let elements = Elements { index, site, node, bounds, counted, count };
    attempt(ELEMENTS.len() as u32, sources, |index, sources| {
        ELEMENTS[index](tree, elements, sources)
    })
}

/// The bytes of the elements `run`.
fn bytes_of(tree: &Tree, elements: Elements, run: Range<usize>) -> Range<usize> {
    let start = |element: usize| match element < elements.count {
        true => tree.site(tree.elements[element]).range().start,
        false => elements.site.range().end,
    };
    start(run.start)..start(run.end)
}

/// Puts the `count` elements in the scratch buffer in the place of `run`. False, and nothing is
/// done, if that breaks a bound or would change nothing.
fn replace(
    tree: &mut Tree,
    elements: Elements,
    run: Range<usize>,
    count: usize,
    sources: &mut Sources,
) -> bool {
    let total = elements.count - run.len() + count;
    let range = bytes_of(tree, elements, run.clone());
    let empty = sources.scratch.is_empty() && total > elements.count;
    if !elements.bounds.contains(total)
        || !tree.input.fits(range.len(), sources.scratch.len())
        || (empty && total > MAX_EMPTY)
    {
        return false;
    }
    // Elements without bytes change the count alone.
    if !tree.input.replace(range.clone(), sources.scratch) && total == elements.count {
        return false;
    }
    if elements.counted {
        tree.input.store_count(elements.site.range().start, total);
    }
    tree.change = Some(Change {
        sites: tree.elements[run.start]..tree.elements[run.end],
        start: range.start,
        parent: elements.index,
        depth: usize::from(elements.site.depth) + 1,
        node: elements.node,
        count,
        moved: 0,
    });
    true
}

/// Copies the elements `run` to the end of the scratch buffer.
fn copy(tree: &Tree, elements: Elements, run: Range<usize>, sources: &mut Sources) {
    sources.scratch.extend_from_slice(&tree.input.bytes()[bytes_of(tree, elements, run)]);
}

/// A random run out of `count` elements, at most `most` long. Nothing if there is none.
fn random_run(count: usize, most: usize, sources: &mut Sources) -> Option<Range<usize>> {
    let most = most.min(count);
    if most == 0 {
        return None;
    }
    let len = choose_len(sources.rng, most);
    let start = sources.rng.below(count - len + 1);
    Some(start..start + len)
}

impl Elements {
    /// How many elements there may be more.
    fn room(self) -> usize {
        (self.bounds.max as usize).saturating_sub(self.count)
    }

    /// How many elements there may be less.
    fn spare(self) -> usize {
        self.count.saturating_sub(self.bounds.min as usize)
    }

    /// A random place between elements.
    fn gap(self, sources: &mut Sources) -> Range<usize> {
        let at = sources.rng.below(self.count + 1);
        at..at
    }
}

/// Removes a run of elements.
fn remove(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    sources.scratch.clear();
    match random_run(elements.count, elements.spare(), sources) {
        Some(run) => replace(tree, elements, run, 0, sources),
        None => false,
    }
}

/// Removes all elements from some place on.
fn truncate(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    sources.scratch.clear();
    let kept = elements.count - elements.spare() + sources.rng.below(elements.spare());
    kept < elements.count && replace(tree, elements, kept..elements.count, 0, sources)
}

/// Inserts a copy of a run somewhere.
fn duplicate(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    sources.scratch.clear();
    let Some(run) = random_run(elements.count, elements.room(), sources) else { return false };
    copy(tree, elements, run.clone(), sources);
    let gap = elements.gap(sources);
    replace(tree, elements, gap, run.len(), sources)
}

/// Inserts several copies of an element after it.
fn repeat(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    sources.scratch.clear();
    let Some(run) = random_run(elements.count, 1, sources) else { return false };
    let len = bytes_of(tree, elements, run.clone()).len().max(1);
    let most = elements.room().min(MAX_COPIES).min(tree.input.room() / len);
    if most == 0 {
        return false;
    }
    let copies = choose_len(sources.rng, most);
    (0..copies).for_each(|_| copy(tree, elements, run.clone(), sources));
    replace(tree, elements, run.end..run.end, copies, sources)
}

/// Copies a run over another of as many elements.
fn overwrite(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    sources.scratch.clear();
    let Some(run) = random_run(elements.count, usize::MAX, sources) else { return false };
    copy(tree, elements, run.clone(), sources);
    let start = sources.rng.below(elements.count - run.len() + 1);
    replace(tree, elements, start..start + run.len(), run.len(), sources)
}

/// Puts what a token of the dictionary or a hint of memory holds over integers: sequences of them are
/// compared as the bytes that they are.
fn overwrite_by_token(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    let Node::Int(int) = tree.schema.node(elements.node) else { return false };
    let wanted = match sources.hints.is_empty() || sources.rng.one_in(2) {
        true => sources.token(false),
        false => match sources.hints.get(sources.rng.below(sources.hints.len())) {
            Hint::Memory { wanted, .. } => Some(wanted),
            Hint::Int { .. } => None,
        },
    };
    let width = usize::from(int.width);
    let count = wanted.map_or(0, |wanted| wanted.len() / width);
    let bounds = elements.bounds;
    let Some(wanted) = wanted.filter(|_| count > 1 && bounds.contains(count.max(elements.count)))
    else {
        return false;
    };
    sources.scratch.clear();
    for value in wanted.chunks_exact(width) {
        let start = sources.scratch.len();
        sources.scratch.extend_from_slice(value);
        let key = int.clamp(int.key(value));
        int.store(key, &mut sources.scratch[start..]);
    }
    let start = sources.rng.below((elements.count + 1).saturating_sub(count));
    let end = elements.count.min(start + count);
    replace(tree, elements, start..end, count, sources)
}

/// Swaps two elements.
fn swap(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    let (one, two) = (sources.rng.below(elements.count), sources.rng.below(elements.count));
    let (first, last) = (one.min(two), one.max(two));
    if first == last {
        return false;
    }
    sources.scratch.clear();
    for run in [last..last + 1, first + 1..last, first..first + 1] {
        copy(tree, elements, run, sources);
    }
    replace(tree, elements, first..last + 1, last + 1 - first, sources)
}

/// Brings a few elements into a random order.
fn shuffle(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    let Some(run) = random_run(elements.count, MAX_SHUFFLE, sources) else { return false };
    let mut order: [usize; MAX_SHUFFLE] = std::array::from_fn(|index| run.start + index);
    let order = &mut order[..run.len()];
    for last in (1..order.len()).rev() {
        order.swap(last, sources.rng.below(last + 1));
    }
    sources.scratch.clear();
    order.iter().for_each(|at| copy(tree, elements, *at..*at + 1, sources));
    let count = run.len();
    replace(tree, elements, run, count, sources)
}

/// Generates an element into the scratch buffer, to stand in the place of `run`.
fn generate(tree: &Tree, elements: Elements, run: Range<usize>, sources: &mut Sources) -> bool {
    sources.scratch.clear();
    let depth = usize::from(elements.site.depth) + 1;
    let room = tree.input.room() + bytes_of(tree, elements, run).len();
    depth + tree.schema.least_depth(elements.node) <= MAX_DEPTH
        && append_value(tree.schema, elements.node, depth, room, sources)
}

/// Inserts a generated element.
fn insert_new(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    let gap = elements.gap(sources);
    elements.room() > 0
        && generate(tree, elements, gap.clone(), sources)
        && replace(tree, elements, gap, 1, sources)
}

/// Replaces an element by a generated one.
fn replace_by_new(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    let Some(run) = random_run(elements.count, 1, sources) else { return false };
    generate(tree, elements, run.clone(), sources) && replace(tree, elements, run, 1, sources)
}

/// Copies elements from a sequence with elements of the same kind in the donor, or elsewhere in
/// this input, to the scratch buffer: at most `most`, or all from some place on if `tail`. Returns
/// their number.
fn borrow(
    tree: &Tree,
    elements: Elements,
    most: usize,
    tail: bool,
    sources: &mut Sources,
) -> Option<usize> {
    let (bytes, sites) = tree.lender(sources);
    let found = find_site(sites, sources, |site| match *tree.schema.node(site.node) {
        Node::Seq { element, .. } | Node::Array { element, .. } => {
            tree.same_kind(element, elements.node)
        }
        Node::Bool
        | Node::Int(_)
        | Node::Float { .. }
        | Node::Char
        | Node::OneOf { .. }
        | Node::Bytes(_)
        | Node::Str(_)
        | Node::Record(_)
        | Node::Choice { .. } => false,
    })?;
    let list = sites.list();
    let total = match *tree.schema.node(list[found].node) {
        Node::Array { len, .. } => len as usize,
        _ => count_at(bytes, list[found].range().start),
    };
    let run = random_run(total, most, sources)?;
    let count = if tail { most.min(total - run.start) } else { run.len() };
    let mut elements_from = sites.children(found).skip(run.start);
    let first = elements_from.next()?;
    let last = if count == 1 { first } else { elements_from.nth(count - 2)? };
    let levels = height(&list[first..list[last].next as usize]);
    if usize::from(elements.site.depth) + 1 + levels >= MAX_DEPTH {
        return None;
    }
    sources.scratch.clear();
    sources.scratch.extend_from_slice(&bytes[list[first].range().start..list[last].range().end]);
    Some(count)
}

/// The count that is stored at this place.
fn count_at(bytes: &[u8], at: usize) -> usize {
    let count = bytes.get(at..at + 4).and_then(|count| count.try_into().ok());
    count.map_or(0, |count| u32::from_le_bytes(count) as usize)
}

/// Inserts a run from another sequence.
fn insert_from_lender(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    let Some(count) = borrow(tree, elements, elements.room(), false, sources) else { return false };
    let gap = elements.gap(sources);
    replace(tree, elements, gap, count, sources)
}

/// Puts a run from another sequence over as many elements.
fn overwrite_from_lender(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    let Some(count) = borrow(tree, elements, elements.count, false, sources) else { return false };
    let start = sources.rng.below(elements.count - count + 1);
    replace(tree, elements, start..start + count, count, sources)
}

/// Keeps a front part and continues with the back part of another sequence.
fn cross_over(tree: &mut Tree, elements: Elements, sources: &mut Sources) -> bool {
    let kept = sources.rng.below(elements.count + 1);
    let most = elements.bounds.max as usize - kept;
    match borrow(tree, elements, most, true, sources) {
        Some(count) => replace(tree, elements, kept..elements.count, count, sources),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::sources::Dictionary;
    use super::*;
    use crate::domain::edit::Buffer;
    use crate::hints::Hints;
    use crate::mutate::draws::{Draws, MutatorId};
    use crate::rng::Rng;
    use crate::schema::shape::{self, Sites};
    use crate::schema::{Bytes, Field, Schema, SeqStyle, Types};
    use crate::testing::cases;

    /// Everything that `mutator` makes of the list `["a", "", "cc"]` with
    /// room for eight bytes, with `["d", "d", "e"]` for a donor.
    fn outcomes(mutator: ElementsMutator, bounds: Len) -> BTreeSet<String> {
        let mut types = Types::new();
        let element = types.add(Node::Bytes(Bytes::ANY));
        let list = types.add(Node::Seq { element, len: bounds, style: SeqStyle::List });
        let argument = Field { name: "a".into(), node: list, default: None };
        let schema = types.finish(vec![argument]).unwrap();
        let encode = |texts: &[&str]| {
            let mut out = (texts.len() as u32).to_le_bytes().to_vec();
            for text in texts {
                out.extend_from_slice(&(text.len() as u32).to_le_bytes());
                out.extend_from_slice(text.as_bytes());
            }
            out
        };
        let (input, donor) = (encode(&["a", "", "cc"]), encode(&["d", "d", "e"]));
        let (mut sites, mut donor_sites) = (Sites::new(), Sites::new());
        sites.rebuild(&schema, &input).unwrap();
        donor_sites.rebuild(&schema, &donor).unwrap();
        let mut seen = BTreeSet::new();
        for seed in 0..cases(1000) {
            let mut buf = input.clone();
            buf.resize(input.len() + 8, 0);
            let mut tree = Tree {
                schema: &schema,
                input: Buffer::new(&mut buf, input.len()),
                sites: &sites,
                donor: Some((&donor, &donor_sites)),
                elements: &mut vec![2, 3, 4, 5],
                change: None,
            };
            let (index, site) = (1, tree.site(1));
            let elements = Elements { index, site, node: element, bounds, counted: true, count: 3 };
            let mut sources = Sources {
                rng: &mut Rng::new(seed),
                dictionary: &Dictionary::default(),
                hints: Hints::default(),
                donor: &[],
                scratch: &mut Vec::new(),
                before: &mut Vec::new(),
                draws: &Draws::even(),
                used: &mut MutatorId::OTHER.clone(),
            };
            let changed = mutator(&mut tree, elements, &mut sources);
            assert_eq!(changed, tree.input.bytes() != input, "seed {seed}");
            if changed {
                seen.insert(decode(&schema, tree.input.bytes()));
            }
        }
        seen
    }

    /// The strings of a list, separated.
    fn decode(schema: &Schema, input: &[u8]) -> String {
        let mut sites = Sites::new();
        sites.rebuild(schema, input).unwrap();
        shape::check(schema, input).unwrap();
        let text = |index: usize| input[sites.list()[index].content()].escape_ascii().to_string();
        sites.children(1).map(text).collect::<Vec<_>>().join(",")
    }

    fn check(mutator: ElementsMutator, expected: &[&str]) {
        let expected = expected.iter().map(|text| (*text).to_string()).collect();
        assert_eq!(outcomes(mutator, Len::ANY), expected);
    }

    #[test]
    #[cfg_attr(miri, ignore = "needs all of its cases")]
    fn elements_move_in_every_way_and_no_other() {
        check(remove, &["", ",cc", "a", "a,", "a,cc", "cc"]);
        check(truncate, &["", "a", "a,"]);
        check(swap, &[",a,cc", "cc,,a", "a,cc,"]);
        check(shuffle, &[",a,cc", ",cc,a", "a,cc,", "cc,,a", "cc,a,"]);
        check(repeat, &["a,,,cc", "a,,,,cc", "a,,cc,cc", "a,a,,cc"]);
        check(overwrite, &["a,a,cc", "a,,", ",,cc", "a,,a", "cc,,cc", "a,cc,cc", "a,a,", ",cc,cc"]);
        let borrowed = outcomes(insert_from_lender, Len::ANY);
        assert!(borrowed.contains("a,d,,cc") && borrowed.contains("e,a,,cc"));
        let crossed = outcomes(cross_over, Len::ANY);
        assert!(crossed.contains("a,d,e") && crossed.contains("e"));
    }

    #[test]
    fn every_mutator_applies_and_keeps_the_bounds() {
        // The last one is for integers.
        for (index, mutator) in ELEMENTS[..ELEMENTS.len() - 1].iter().enumerate() {
            assert!(!outcomes(*mutator, Len::ANY).is_empty(), "{index}");
            outcomes(*mutator, Len { min: 3, max: 3 });
            outcomes(*mutator, Len { min: 2, max: 4 });
        }
    }
}
