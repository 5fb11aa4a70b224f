//! time 0.2.24 panics on the weekday of some dates before the year 0:
//! <https://github.com/time-rs/time/issues/309>, fixed in 0.2.27. Other dates of the year 0 and
//! before have a wrong one, in 0.2.27 still; the number of the day tells.
//!
//! The target takes numbers, not bytes to make numbers from. The ranges are wider than those of
//! valid dates, so that refusing is tested as well.

use time::Date;

#[shakedown::fuzz(seeds = [(2020, 2, 29), (1969, 12, 31)])]
fn dates_have_a_weekday(
    #[input(range = -110_000..=110_000)] year: i32,
    #[input(range = 0..=13)] month: u8,
    #[input(range = 0..=32)] day: u8,
) {
    let Ok(date) = Date::try_from_ymd(year, month, day) else { shakedown::reject() };
    assert_eq!(date.as_ymd(), (year, month, day));
    assert!((1..=366).contains(&date.ordinal()));
    assert_eq!(date.weekday().number_days_from_monday(), (date.julian_day().rem_euclid(7)) as u8);
}
