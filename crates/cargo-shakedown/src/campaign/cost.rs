//! What an execution of an entry costs, beside that of other entries.
//!
//! One that is long, or sends the target into a loop, may take as much time as thousands of others:
//! shares of executions would be no shares of the time. But a clock would make no campaign like
//! another. So what is counted is comparisons of the target, when the entry is recorded, and bytes.
//! *Work* is measured in executions of a typical entry.

/// What any execution costs, in comparisons: the engine's part.
const BASE: u64 = 32;

/// Bytes of an input that cost as much as a comparison.
const BYTES_PER_COMPARISON: u64 = 8;

/// What one execution of an input of this length costs, with this many comparisons.
pub(super) fn of(comparisons: u64, len: usize) -> u64 {
    BASE.saturating_add(comparisons).saturating_add(len as u64 / BYTES_PER_COMPARISON)
}

/// A cost in one byte: its logarithm to the base two, in eighths, between powers of two in equal
/// steps. So it is at most an eighth too low.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Level(u8);

/// Steps of a level from one power of two to the next.
const STEPS: u64 = 8;

impl Level {
    fn of(cost: u64) -> Self {
        let cost = cost.clamp(STEPS, u64::from(u32::MAX));
        let power = cost.ilog2();
        Self((u64::from(power) * STEPS + (cost >> (power - 3)) - STEPS) as u8)
    }

    fn cost(self) -> u64 {
        let (power, step) = (u64::from(self.0) / STEPS, u64::from(self.0) % STEPS);
        ((STEPS + step) << power) / STEPS
    }
}

/// The costs of all entries.
#[derive(Clone, Debug, Default)]
pub(super) struct Costs {
    levels: Vec<Level>,
    /// Of the entries whose cost is known.
    sum: u64,
    known: u64,
}

impl Costs {
    /// Adds the next entry, whose execution costs so much; nothing if that is not known yet.
    pub(super) fn add(&mut self, cost: Option<u64>) {
        let level = cost.map_or(self.typical(), Level::of);
        self.levels.push(level);
        self.count(cost.is_some(), level);
    }

    /// Notes what an execution costs of an entry of which that was not known.
    pub(super) fn learn(&mut self, entry: usize, cost: u64) {
        self.levels[entry] = Level::of(cost);
        self.count(true, self.levels[entry]);
    }

    fn count(&mut self, is_known: bool, level: Level) {
        if is_known {
            self.sum += u64::from(level.0);
            self.known += 1;
        }
    }

    /// The geometric mean, near enough.
    fn typical(&self) -> Level {
        self.sum.checked_div(self.known).map_or(Level::of(BASE), |level| Level(level as u8))
    }

    /// What this cost is as work.
    pub(super) fn work(&self, cost: u64) -> u64 {
        (cost / self.typical().cost()).max(1)
    }

    /// The work of so many executions of an entry.
    pub(super) fn work_of(&self, entry: usize, execs: u64) -> u64 {
        self.work(self.levels[entry].cost().saturating_mul(execs))
    }

    /// How many executions of an entry are so much work; may be none.
    pub(super) fn execs(&self, entry: usize, work: u64) -> u64 {
        work.saturating_mul(self.typical().cost()) / self.levels[entry].cost()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_an_eighth_too_low_at_most() {
        for cost in (8..5000).chain([1 << 20, (1 << 31) + 12345]) {
            let level = Level::of(cost).cost();
            assert!(level <= cost && cost < level + level.div_ceil(STEPS) + 1, "{cost} {level}");
        }
        assert_eq!(Level::of(u64::MAX), Level::of(u32::MAX.into()));
    }

    #[test]
    fn what_is_dear_has_fewer_executions_for_the_same_work() {
        let mut costs = Costs::default();
        [100, 100, 100, 100, 100_000].into_iter().for_each(|cost| costs.add(Some(cost)));
        assert!((350..450).contains(&costs.execs(0, 100)), "{}", costs.execs(0, 100));
        assert_eq!(costs.execs(4, 100), 0);
        assert!((400..600).contains(&costs.execs(4, 128_000)));
        assert!((200..300).contains(&costs.work_of(4, 1)), "{}", costs.work_of(4, 1));
    }

    #[test]
    fn what_is_not_known_is_typical() {
        let mut costs = Costs::default();
        [Some(1000), None].into_iter().for_each(|cost| costs.add(cost));
        assert_eq!(costs.execs(1, 77), 77);
        costs.learn(1, 4000);
        assert_eq!((costs.execs(0, 100), costs.execs(1, 100)), (200, 50));
    }
}
