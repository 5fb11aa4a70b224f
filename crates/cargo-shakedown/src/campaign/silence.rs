//! What it means that a search has found nothing new for a while.

use std::time::Duration;

/// How long a search has reached nothing new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Silence {
    /// In time.
    pub time: Duration,
    /// In executions.
    pub execs: u64,
}

impl Silence {
    /// Upper bound, with 95 % confidence, of the chance that the next execution reaches something new:
    /// if `n` independent ones did not, it is `3 / n`. That needs no model of the target, only that the
    /// search goes on as it did.
    ///
    /// Source: the rule of three (Hanley and Lippman-Hand, JAMA 249, 1983).
    #[must_use]
    pub(crate) fn discovery_bound(self) -> f64 {
        match self.execs {
            0..3 => 1.0,
            execs => 3.0 / execs as f64,
        }
    }
}

/// When a target has been searched enough: as soon as one of these holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Enough {
    /// Nothing new for this time.
    pub no_news: Option<Duration>,
    /// The [`Silence::discovery_bound`] is at most this.
    pub bound: Option<f64>,
}

impl Enough {
    /// Whether it is.
    #[must_use]
    pub(crate) fn is_met(self, silence: Silence) -> bool {
        self.no_news.is_some_and(|time| silence.time >= time)
            || self.bound.is_some_and(|bound| silence.discovery_bound() <= bound)
    }
}

#[cfg(test)]
mod tests {
    use shakedown_core::rng::Rng;

    use super::*;

    fn silence(seconds: u64, execs: u64) -> Silence {
        Silence { time: Duration::from_secs(seconds), execs }
    }

    #[test]
    fn any_condition_is_enough_and_none_never_is() {
        let no_news = Some(Duration::from_secs(60));
        let both = Enough { no_news, bound: Some(1e-3) };
        assert!(!both.is_met(silence(59, 2999)));
        assert!(both.is_met(silence(60, 0)) && both.is_met(silence(0, 3000)));
        assert!(!Enough::default().is_met(silence(u64::MAX, u64::MAX)));
    }

    /// How often the true chance is above the bound, for executions that are drawn independently.
    #[test]
    fn the_bound_holds_in_nineteen_cases_of_twenty() {
        let mut rng = Rng::new(1);
        for one_in in [3, 20, 1000] {
            // A silence is as long as it gets when news is about to end it.
            let mut longest = || (0..).take_while(|_| !rng.one_in(one_in)).count();
            let holds =
                |execs| silence(0, execs as u64).discovery_bound() >= 1.0 / f64::from(one_in);
            let held = (0..4000).filter(|_| holds(longest())).count();
            assert!(held >= 3740, "1 in {one_in}: {held} of 4000");
        }
    }
}
