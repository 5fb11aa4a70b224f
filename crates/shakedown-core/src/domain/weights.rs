//! How often each variant of an enum is drawn.

use crate::rng::Rng;

/// The weights of the variants of an enum. What is drawn is drawn in proportion to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// One for each variant; none if all weigh the same.
    each: Vec<u32>,
}

impl Weights {
    /// All variants weigh the same.
    pub const EVEN: Self = Self { each: Vec::new() };

    /// The weights of the variants by tag.
    #[must_use]
    pub fn new(each: Vec<u32>) -> Self {
        Self { each }
    }

    /// The weights by tag; none if all are the same.
    #[must_use]
    pub fn each(&self) -> &[u32] {
        &self.each
    }

    /// Whether they are those of an enum with this many variants, of which one can be drawn.
    pub(crate) fn is_sound(&self, variants: usize) -> bool {
        self.each.is_empty() || (self.each.len() == variants && self.total(None) > 0)
    }

    /// The sum of all weights but that of one variant.
    fn total(&self, left_out: Option<usize>) -> usize {
        let all = self.each.iter().enumerate().filter(|(tag, _)| Some(*tag) != left_out);
        all.map(|(_, weight)| *weight as usize).fold(0, usize::saturating_add)
    }

    /// A random tag of an enum with this many variants.
    pub(crate) fn draw(&self, variants: usize, rng: &mut Rng) -> usize {
        match self.each.is_empty() {
            true => rng.below(variants),
            false => self.pick(None, rng).unwrap_or(0),
        }
    }

    /// A random tag other than `old`; none if no other can be drawn.
    pub(crate) fn draw_other(&self, old: usize, variants: usize, rng: &mut Rng) -> Option<usize> {
        match self.each.is_empty() {
            true => Some((old + 1 + rng.below(variants.checked_sub(1)?)) % variants),
            false => self.pick(Some(old), rng),
        }
        .filter(|tag| *tag != old)
    }

    fn pick(&self, left_out: Option<usize>, rng: &mut Rng) -> Option<usize> {
        let mut left = rng.below(self.total(left_out));
        let is_drawn = |tag: &usize| {
            let weight = if Some(*tag) == left_out { 0 } else { self.each[*tag] as usize };
            let found = left < weight;
            left = left.saturating_sub(weight);
            found
        };
        (0..self.each.len()).find(is_drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(draw: impl Fn(&mut Rng) -> Option<usize>) -> [u32; 3] {
        let (mut rng, mut counts) = (Rng::new(1), [0; 3]);
        (0..4000).filter_map(|_| draw(&mut rng)).for_each(|tag| counts[tag] += 1);
        counts
    }

    #[test]
    fn variants_are_drawn_in_proportion() {
        let weights = Weights::new(vec![3, 0, 1]);
        let [first, second, third] = drawn(|rng| Some(weights.draw(3, rng)));
        assert!(second == 0 && first > 2 * third && third > 500, "{first} {second} {third}");
        let even = drawn(|rng| Some(Weights::EVEN.draw(3, rng)));
        assert!(even.iter().all(|count| *count > 1000), "{even:?}");
    }

    #[test]
    fn another_variant_is_another() {
        let weights = Weights::new(vec![3, 0, 1]);
        assert_eq!(drawn(|rng| weights.draw_other(0, 3, rng)), [0, 0, 4000]);
        assert_eq!(drawn(|rng| Weights::new(vec![3, 0, 0]).draw_other(0, 3, rng)), [0; 3]);
        assert_eq!(drawn(|rng| Weights::EVEN.draw_other(0, 1, rng)), [0; 3]);
        let [first, second, third] = drawn(|rng| Weights::EVEN.draw_other(1, 3, rng));
        assert!(second == 0 && first > 1500 && third > 1500);
    }

    #[test]
    fn weights_are_those_of_the_variants() {
        assert!(Weights::EVEN.is_sound(7) && Weights::new(vec![0, 1]).is_sound(2));
        assert!(!Weights::new(vec![1]).is_sound(2) && !Weights::new(vec![0, 0]).is_sound(2));
    }
}
