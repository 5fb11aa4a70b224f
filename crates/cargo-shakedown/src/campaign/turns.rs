//! Sharing the time between several targets: most of it goes where most is found.
//!
//! What a target reaches grows about as `k * ln(t)` in the time `t` that it has had, so a second more
//! brings `k / t`. That is equal for all targets when their times are as their `k`, the new features
//! in the last e-fold of their time; so the next turn is for the target with the least `t / k`.

use std::time::Duration;

/// Length of a target's first turn: enough for its seeds, and to find what is found at once. Each
/// later one doubles the time that it has had.
const FIRST_TURN: Duration = Duration::from_secs(1);

/// Length of the longest turn while others wait.
const LONGEST_TURN: Duration = Duration::from_secs(60);

/// Every target has at least an equal share of the time divided by this: nobody knows what a search
/// that finds nothing will find yet.
const FLOOR: u32 = 4;

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
    shares: Vec<Share>,
    /// Time for all of them, if it is limited.
    limit: Option<Duration>,
}

/// What a target has had, and what has come of it.
#[derive(Clone, Debug, Default)]
struct Share {
    time: Duration,
    /// Its time and its features at the end of each turn.
    curve: Vec<(Duration, usize)>,
    is_done: bool,
}

impl Share {
    /// New features in the last e-fold of the target's time. One is added to what was seen, in one
    /// e-fold more: so a target of which little is known is not given up.
    fn slope(&self) -> f64 {
        let Some(&(now, features)) = self.curve.last() else { return 1.0 };
        let is_before = |(time, _): &(Duration, usize)| {
            time.as_secs_f64() <= now.as_secs_f64() / std::f64::consts::E
        };
        let base = self.curve.partition_point(is_before).saturating_sub(1);
        let (then, features_then) = self.curve[base];
        let folds = (now.as_secs_f64() / then.as_secs_f64().max(f64::MIN_POSITIVE)).ln();
        (features.saturating_sub(features_then) as f64 + 1.0) / (folds + 1.0)
    }

    /// What the next second of others must not fall below.
    fn price(&self) -> f64 {
        self.time.as_secs_f64() / self.slope()
    }
}

impl Turns {
    /// Turns for this many targets within a total time.
    #[must_use]
    pub(crate) fn new(targets: usize, limit: Option<Duration>) -> Self {
        Self { shares: vec![Share::default(); targets], limit }
    }

    /// The next turn, `elapsed` after the start; nothing if the time is up or all are done.
    ///
    /// Every target has a short turn before any has a second one; with a limit, they share what is
    /// left of it evenly if it is not enough for that.
    pub(crate) fn next(&self, elapsed: Duration) -> Option<Turn> {
        let waiting = || self.shares.iter().enumerate().filter(|(_, share)| !share.is_done);
        let count = u32::try_from(waiting().count()).unwrap_or(u32::MAX);
        let left = match self.limit {
            Some(limit) => Some(limit.checked_sub(elapsed).filter(|left| !left.is_zero())?),
            None => None,
        };
        let fresh = || waiting().filter(|(_, share)| share.curve.is_empty());
        let floor =
            waiting().map(|(_, share)| share.time).sum::<Duration>() / (FLOOR * count.max(1));
        let starved = waiting().filter(|(_, share)| share.time < floor);
        let cheapest = || waiting().min_by(|(_, a), (_, b)| a.price().total_cmp(&b.price()));
        let next = fresh().next().or_else(|| starved.min_by_key(|(_, share)| share.time));
        let (target, share) = next.or_else(cheapest)?;
        let longest = share.time.clamp(FIRST_TURN, LONGEST_TURN);
        let length = match (count, left) {
            (1, left) => left,
            (_, None) => Some(longest),
            (_, Some(left)) => Some(longest.min(left / fresh().count().max(1) as u32)),
        };
        let after = left.map(|left| left.saturating_sub(length.unwrap_or(left)));
        let overrun = after.map(|after| (after / OVERRUN_SHARE).max(LAST_OVERRUN));
        Some(Turn { target, length, overrun })
    }

    /// Notes that a target has had a turn of this time, and how many features it has now.
    pub(crate) fn took(&mut self, target: usize, time: Duration, features: usize) {
        let share = &mut self.shares[target];
        share.time += time;
        share.curve.push((share.time, features));
    }

    /// Takes a target out: it has used up its executions, or failed for good.
    pub(crate) fn done(&mut self, target: usize) {
        self.shares[target].is_done = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// The time of each target, when what they reach grows like this, until the limit.
    fn times(curves: &[fn(f64) -> f64], limit: Duration) -> Vec<Duration> {
        let mut turns = Turns::new(curves.len(), Some(limit));
        let mut elapsed = Duration::ZERO;
        while let Some(turn) = turns.next(elapsed) {
            let length = turn.length.expect("the time is limited");
            let time = turns.shares[turn.target].time + length;
            turns.took(turn.target, length, curves[turn.target](time.as_secs_f64()) as usize);
            elapsed += length;
        }
        assert_eq!(elapsed, limit);
        turns.shares.into_iter().map(|share| share.time).collect()
    }

    #[test]
    fn a_single_target_has_all_the_time() {
        let turn = |limit, elapsed| Turns::new(1, limit).next(elapsed);
        let length = |elapsed| turn(Some(90 * SECOND), elapsed).map(|turn| turn.length);
        assert_eq!(length(10 * SECOND), Some(Some(80 * SECOND)));
        assert_eq!(length(90 * SECOND), None);
        let endless = turn(None, SECOND);
        assert_eq!(endless, Some(Turn { target: 0, length: None, overrun: None }));
    }

    #[test]
    fn every_target_has_a_short_turn_before_any_has_a_longer_one() {
        let mut turns = Turns::new(3, None);
        let mut order = Vec::new();
        for _ in 0..9 {
            let Turn { target, length, .. } = turns.next(SECOND).expect("there is no limit");
            let length = length.expect("others wait");
            turns.took(target, length, 1);
            order.push((target, length.as_secs()));
        }
        let rounds = [1, 1, 2].map(|length| [0, 1, 2].map(|target| (target, length)));
        assert_eq!(order, rounds.concat());
    }

    #[test]
    fn the_first_turns_share_what_is_too_little_for_them() {
        let mut turns = Turns::new(3, Some(2 * SECOND));
        let length = |turns: &Turns, elapsed| turns.next(elapsed).and_then(|turn| turn.length);
        assert_eq!(length(&turns, Duration::ZERO), Some(2 * SECOND / 3));
        turns.took(0, SECOND, 0);
        assert_eq!(length(&turns, SECOND), Some(SECOND / 2));
        turns.done(1);
        turns.done(2);
        assert_eq!(length(&turns, SECOND), Some(SECOND));
        turns.done(0);
        assert_eq!(length(&turns, SECOND), None);
    }

    #[test]
    fn equal_targets_have_equal_times() {
        let curves: [fn(f64) -> f64; 4] = [|t| 100.0 * t.ln_1p(); 4];
        let times = times(&curves, 1000 * SECOND);
        let is_fair = |time: &Duration| (150..=350).contains(&time.as_secs());
        assert!(times.iter().all(is_fair), "{times:?}");
    }

    #[test]
    fn what_finds_nothing_keeps_its_floor() {
        let times = times(&[|t| 1000.0 * t.sqrt(), |_| 5.0, |_| 0.0, |_| 7.0], 4000 * SECOND);
        assert!(times[1..].iter().all(|time| (240..=320).contains(&time.as_secs())), "{times:?}");
    }

    /// Ten targets as there are: some are soon exhausted, some grow on and on.
    #[test]
    fn an_hour_over_ten_targets_finds_more_than_equal_turns() {
        let curves: [fn(f64) -> f64; 10] = [
            |t| 80.0 * (1.0 - (-t / 2.0).exp()),
            |t| 300.0 * (1.0 - (-t / 20.0).exp()),
            |t| 1500.0 * (1.0 - (-t / 1000.0).exp()),
            |_| 12.0,
            |t| 5.0 * t.ln_1p(),
            |t| 40.0 * t.ln_1p(),
            |t| 400.0 * t.ln_1p(),
            |t| 20.0 * t.sqrt(),
            |t| 200.0 * t.sqrt(),
            |t| t.powf(0.3),
        ];
        let hour = 3600 * SECOND;
        let found = |times: &[Duration]| -> f64 {
            curves.iter().zip(times).map(|(curve, time)| curve(time.as_secs_f64())).sum()
        };
        let shared = times(&curves, hour);
        let (ours, equal) = (found(&shared), found(&[hour / 10; 10]));
        assert!(ours >= 1.3 * equal, "{ours} {equal} {shared:?}");
        assert_eq!(shared, times(&curves, hour));
    }

    #[test]
    fn no_turn_takes_the_time_of_the_others() {
        let turns = Turns::new(7, Some(40 * SECOND));
        let first = turns.next(Duration::ZERO).and_then(|turn| turn.overrun);
        assert_eq!(first, Some(13 * SECOND));
        let last = turns.next(Duration::from_millis(39_900)).and_then(|turn| turn.overrun);
        assert_eq!(last, Some(LAST_OVERRUN));
    }
}
