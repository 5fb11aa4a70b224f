//! Sharing the time between several targets: round-robin turns.

use std::collections::VecDeque;
use std::time::Duration;

/// Length of a target's first turn: enough for its seeds, and to find what is found at once. Each
/// later one is twice as long.
const FIRST_TURN: Duration = Duration::from_secs(1);

/// Length of the longest turn while others wait.
const LONGEST_TURN: Duration = Duration::from_secs(60);

/// How long what a turn has begun may take beyond the end of the campaign's time.
const LAST_OVERRUN: Duration = Duration::from_secs(1);

/// The part of the time left that one turn may take beyond its end.
const OVERRUN_SHARE: u32 = 3;

/// A time for which one target has all the workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Position of the target.
    pub target: usize,
    /// How long; nothing means until the target is done.
    pub length: Option<Duration>,
    /// How much longer to look into failures; nothing means as long as that takes.
    pub overrun: Option<Duration>,
}

/// Who is next.
#[derive(Clone, Debug)]
pub(crate) struct Turns {
    /// Targets that are not done, the next one first.
    waiting: VecDeque<usize>,
    /// How many of the first of them have not had their turn in this round.
    round: usize,
    /// Length of the turns of this round, if the time is enough.
    longest: Duration,
    /// Time for all of them, if it is limited.
    limit: Option<Duration>,
}

impl Turns {
    /// Turns for this many targets within a total time.
    #[must_use]
    pub(crate) fn new(targets: usize, limit: Option<Duration>) -> Self {
        Self { waiting: (0..targets).collect(), round: targets, longest: FIRST_TURN, limit }
    }

    /// The next turn, `elapsed` after the start; nothing if the time is up or all are done.
    ///
    /// Turns begin short, so that every target has had one soon. With a limit, the time left is
    /// divided evenly by the turns left in this round, as long as that makes no turn too long.
    pub(crate) fn next(&mut self, elapsed: Duration) -> Option<Turn> {
        let target = *self.waiting.front()?;
        let left = match self.limit {
            Some(limit) => Some(limit.checked_sub(elapsed).filter(|left| !left.is_zero())?),
            None => None,
        };
        if self.round == 0 {
            self.round = self.waiting.len();
            self.longest = (self.longest * 2).min(LONGEST_TURN);
        }
        let length = match (self.waiting.len(), left) {
            (1, left) => left,
            (_, Some(left)) => Some((left / self.round as u32).min(self.longest)),
            (_, None) => Some(self.longest),
        };
        let after = left.map(|left| left.saturating_sub(length.unwrap_or(left)));
        let overrun = after.map(|after| (after / OVERRUN_SHARE).max(LAST_OVERRUN));
        self.waiting.rotate_left(1);
        self.round -= 1;
        Some(Turn { target, length, overrun })
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

    /// The next turn: its target and its length in seconds.
    fn next(turns: &mut Turns, elapsed: u32) -> Option<(usize, u64)> {
        let turn = turns.next(elapsed * SECOND)?;
        Some((turn.target, turn.length.map_or(u64::MAX, |length| length.as_secs())))
    }

    #[test]
    fn a_single_target_has_all_the_time() {
        let mut turns = Turns::new(1, Some(90 * SECOND));
        assert_eq!(next(&mut turns, 10), Some((0, 80)));
        assert_eq!(next(&mut turns, 90), None);
        let endless = Turns::new(1, None).next(SECOND);
        assert_eq!(endless, Some(Turn { target: 0, length: None, overrun: None }));
    }

    #[test]
    fn every_target_has_a_short_turn_before_any_has_a_longer_one() {
        for limit in [None, Some(3600 * SECOND)] {
            let mut turns = Turns::new(3, limit);
            let order: Vec<_> = (0..9).filter_map(|second| next(&mut turns, second)).collect();
            let rounds = [1, 2, 4].map(|length| [0, 1, 2].map(|target| (target, length)));
            assert_eq!(order, rounds.concat());
            let later = (0..30).filter_map(|second| next(&mut turns, 10 + second));
            assert_eq!(later.last(), Some((2, 60)));
        }
    }

    #[test]
    fn several_share_what_is_left() {
        let mut turns = Turns::new(3, Some(30 * SECOND));
        assert_eq!(next(&mut turns, 0), Some((0, 1)));
        turns.done(0);
        // The first has taken its time.
        assert_eq!(turns.next(29 * SECOND).and_then(|turn| turn.length), Some(SECOND / 2));
        assert_eq!(next(&mut turns, 29), Some((2, 1)));
        assert_eq!(next(&mut turns, 30), None);
        turns.done(1);
        turns.done(2);
        assert_eq!(next(&mut turns, 17), None);
    }

    #[test]
    fn no_turn_takes_the_time_of_the_others() {
        let mut turns = Turns::new(7, Some(40 * SECOND));
        let first = turns.next(Duration::ZERO).and_then(|turn| turn.overrun);
        assert_eq!(first, Some(13 * SECOND));
        let last = turns.next(Duration::from_millis(39_900)).and_then(|turn| turn.overrun);
        assert_eq!(last, Some(LAST_OVERRUN));
    }
}
