//! What can only be reached through something else.
//!
//! Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm", 2001.

/// A node that is reached from nowhere, or not numbered yet.
const NONE: u32 = u32::MAX;

/// For each node of a graph the last one that every way from the node `root` to it goes through; for the
/// root itself the root, and for a node that is not reached nothing. `next` are the nodes after each
/// node.
#[must_use]
pub(super) fn dominators(next: &[Vec<u32>], root: u32) -> Vec<Option<u32>> {
    let order = order(next, root);
    let mut number = vec![NONE; next.len()];
    (0..).zip(&order).for_each(|(at, node)| number[*node as usize] = at);
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); order.len()];
    for (at, node) in (0..).zip(&order) {
        next[*node as usize].iter().for_each(|n| before[number[*n as usize] as usize].push(at));
    }
    // By numbers in this order, in which a dominator comes before what it dominates.
    let mut dominator = vec![NONE; order.len()];
    dominator[0] = 0;
    let mut is_changed = true;
    while std::mem::take(&mut is_changed) {
        for at in 1..order.len() {
            let known = before[at].iter().copied().filter(|b| dominator[*b as usize] != NONE);
            let common = known.reduce(|one, other| meet(&dominator, one, other)).unwrap_or(NONE);
            is_changed |= dominator[at] != common;
            dominator[at] = common;
        }
    }
    let of = |at: &u32| Some(order[dominator[*at as usize] as usize]);
    number.iter().map(|at| if *at == NONE { None } else { of(at) }).collect()
}

/// The nearest that dominates both.
fn meet(dominator: &[u32], mut one: u32, mut other: u32) -> u32 {
    while one != other {
        match one > other {
            true => one = dominator[one as usize],
            false => other = dominator[other as usize],
        }
    }
    one
}

/// The nodes that are reached, each before those after it, but for circles.
fn order(next: &[Vec<u32>], root: u32) -> Vec<u32> {
    let mut order = Vec::new();
    let mut is_seen = vec![false; next.len()];
    is_seen[root as usize] = true;
    let mut path = vec![(root, 0)];
    while let Some((node, at)) = path.last_mut() {
        match next[*node as usize].get(*at) {
            Some(after) => {
                *at += 1;
                if !std::mem::replace(&mut is_seen[*after as usize], true) {
                    path.push((*after, 0));
                }
            }
            None => {
                order.push(*node);
                path.pop();
            }
        }
    }
    order.reverse();
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition: what is not reached any more without a node is dominated by it.
    fn by_definition(next: &[Vec<u32>], root: u32) -> Vec<Option<u32>> {
        let reached = |without: Option<u32>| {
            let cut: Vec<Vec<u32>> = (0..)
                .zip(next)
                .map(|(node, after)| if Some(node) == without { Vec::new() } else { after.clone() })
                .collect();
            let mut reached = vec![false; next.len()];
            order(&cut, root).iter().for_each(|node| reached[*node as usize] = true);
            if let Some(node) = without {
                reached[node as usize] = false;
            }
            reached
        };
        let all = reached(None);
        let without: Vec<_> = (0..next.len() as u32).map(|node| reached(Some(node))).collect();
        let dominates =
            |one: usize, other: usize| one != other && all[other] && !without[one][other];
        let of = |node: usize| {
            let count = |one: usize| (0..next.len()).filter(|d| dominates(*d, one)).count();
            let all = (0..next.len()).filter(|one| dominates(*one, node));
            all.max_by_key(|one| count(*one)).map(|one| one as u32)
        };
        let of_root = |node: usize| if node == root as usize { Some(root) } else { of(node) };
        (0..next.len()).map(|node| all[node].then(|| of_root(node)).flatten()).collect()
    }

    #[test]
    fn it_is_what_every_way_goes_through() {
        let mut rng = shakedown_core::rng::Rng::new(7);
        for _ in 0..300 {
            let nodes = 2 + rng.below(9);
            let edge = |rng: &mut shakedown_core::rng::Rng| rng.below(nodes) as u32;
            let next: Vec<Vec<u32>> =
                (0..nodes).map(|_| (0..rng.below(4)).map(|_| edge(&mut rng)).collect()).collect();
            assert_eq!(dominators(&next, 0), by_definition(&next, 0), "{next:?}");
        }
    }
}
