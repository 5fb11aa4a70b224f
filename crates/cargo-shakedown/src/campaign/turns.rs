//! Sharing the time between several targets: round-robin turns.

use std::collections::VecDeque;
use std::time::Duration;

/// Length of a turn when there is no end in sight.
const LONG_TURN: Duration = Duration::from_secs(60);

/// A time for which one target has all the workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Position of the target.
    pub target: usize,
    /// How long; nothing means until the target is done.
    pub length: Option<Duration>,
}

/// Who is next.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    /// Targets that are not done, the next one first.
    waiting: VecDeque<usize>,
    /// How many of the first of them have not had their turn in this round.
    round: usize,
    /// Time for all of them, if it is limited.
    limit: Option<Duration>,
}

impl Turns {
    /// Turns for this many targets within a total time.
    #[must_use]
    pub(crate) fn new(targets: usize, limit: Option<Duration>) -> Self {
        Self { waiting: (0..targets).collect(), round: targets, limit }
    }

    /// The next turn, `elapsed` after the start; nothing if the time is up or all are done.
    ///
    /// With a limit, the time left is divided evenly by the turns left in this round, as long as
    /// that makes no turn longer than a minute.
    pub(crate) fn next(&mut self, elapsed: Duration) -> Option<Turn> {
        let target = *self.waiting.front()?;
        let left = match self.limit {
            Some(limit) => Some(limit.checked_sub(elapsed).filter(|left| !left.is_zero())?),
            None => None,
        };
        if self.round == 0 {
            self.round = self.waiting.len();
        }
        let length = match (self.waiting.len(), left) {
            (1, left) => left,
            (_, Some(left)) => Some((left / self.round as u32).min(LONG_TURN)),
            (_, None) => Some(LONG_TURN),
        };
        self.waiting.rotate_left(1);
        self.round -= 1;
        Some(Turn { target, length })
    }

    /// Takes a target out: it has used up its executions, or failed for good.
    pub(crate) fn done(&mut self, target: usize) {
        if let Some(position) = self.waiting.iter().position(|waiting| *waiting == target) {
            self.waiting.remove(position);
            self.round -= usize::from(position < self.round);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn turn(target: usize, seconds: u32) -> Option<Turn> {
        Some(Turn { target, length: Some(seconds * SECOND) })
    }

    #[test]
    fn a_single_target_has_all_the_time() {
        let mut turns = Turns::new(1, Some(90 * SECOND));
        assert_eq!(turns.next(10 * SECOND), turn(0, 80));
        assert_eq!(turns.next(90 * SECOND), None);
        let endless = Turns::new(1, None).next(SECOND);
        assert_eq!(endless, Some(Turn { target: 0, length: None }));
    }

    #[test]
    fn several_share_what_is_left() {
        let mut turns = Turns::new(3, Some(30 * SECOND));
        assert_eq!(turns.next(Duration::ZERO), turn(0, 10));
        turns.done(0);
        assert_eq!(turns.next(2 * SECOND), turn(1, 14));
        assert_eq!(turns.next(16 * SECOND), turn(2, 14));
        assert_eq!(turns.next(30 * SECOND), None);
        turns.done(1);
        turns.done(2);
        assert_eq!(turns.next(17 * SECOND), None);
    }

    #[test]
    fn a_long_time_is_many_rounds() {
        let mut turns = Turns::new(2, Some(3600 * SECOND));
        let order: Vec<_> = (0..5).map(|i| turns.next(i * 60 * SECOND)).collect();
        assert_eq!(order, [turn(0, 60), turn(1, 60), turn(0, 60), turn(1, 60), turn(0, 60)]);
    }
}
