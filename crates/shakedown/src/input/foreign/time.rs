//! Dates, times, spans, and their parts. A day beyond the end of its month is the last one.

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset, Weekday};

use super::day_of_month;
use crate::input::Corrupt;
use crate::input::shapes::{foreign_enum, foreign_struct};

/// Most nanoseconds next to whole seconds.
const MAX_NANO: u32 = 999_999_999;

/// The offsets that exist are less than 26 hours.
const MAX_OFFSET: i32 = 26 * 60 * 60 - 1;

foreign_enum! {
    Weekday, "Weekday" { Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday }
}

foreign_enum! {
    Month, "Month" {
        January, February, March, April, May, June, July, August, September, October, November,
        December,
    }
}

foreign_struct! {
    [] Date, "Date" {
        year: i32 = Self::MIN.year()..=Self::MAX.year(), month: Month, day: u8 = 1..=31
    },
    |date| (date.year(), date.month(), date.day()),
    day_of_month(day, |day| Self::from_calendar_date(year, month, day).ok())?
}

foreign_struct! {
    [] Time, "Time" {
        hour: u8 = 0..=23, minute: u8 = 0..=59, second: u8 = 0..=59, nano: u32 = 0..=MAX_NANO
    },
    |time| (time.hour(), time.minute(), time.second(), time.nanosecond()),
    Self::from_hms_nano(hour, minute, second, nano).map_err(|_| Corrupt)?
}

foreign_struct! {
    [] PrimitiveDateTime, "PrimitiveDateTime" { date: Date, time: Time },
    |both| (both.date(), both.time()), Self::new(date, time)
}

foreign_struct! {
    [] OffsetDateTime, "OffsetDateTime" { date: Date, time: Time, offset: UtcOffset },
    |all| (all.date(), all.time(), all.offset()), Self::new_in_offset(date, time, offset)
}

foreign_struct! {
    [] UtcOffset, "UtcOffset" { seconds: i32 = -MAX_OFFSET..=MAX_OFFSET },
    |offset| (offset.whole_seconds(),), Self::from_whole_seconds(seconds).map_err(|_| Corrupt)?
}

foreign_struct! {
    [] Duration, "Duration" { secs: i64, nanos: u32 = 0..=MAX_NANO },
    |span| (span.whole_seconds(), span.subsec_nanoseconds().unsigned_abs()),
    // Both have the same sign.
    Self::new(secs, if secs < 0 { -(nanos as i32) } else { nanos as i32 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{decode, inputs_are_values, survives};

    #[test]
    fn dates_and_times_survive() {
        [Date::MIN, Date::MAX].iter().for_each(survives);
        survives(&PrimitiveDateTime::new(Date::MAX, Time::MIDNIGHT));
        survives(&OffsetDateTime::UNIX_EPOCH);
        [Duration::MIN, Duration::MAX, Duration::ZERO].iter().for_each(survives);
        survives(&UtcOffset::UTC);
        inputs_are_values::<(Date, Time, PrimitiveDateTime, OffsetDateTime)>();
        inputs_are_values::<(UtcOffset, Duration, Weekday, Month)>();
    }

    #[test]
    fn a_month_ends_on_its_last_day() {
        let date = |tag| decode::<Date>(&[&2023i32.to_le_bytes()[..], &[tag, 31]].concat());
        assert_eq!([date(0), date(1), date(3)].map(|date| date.day()), [31, 28, 30]);
    }
}
