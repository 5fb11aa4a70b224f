//! Dates, times, instants and spans. A day beyond the end of its month is the last one.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use super::day_of_month;
use crate::input::Corrupt;
use crate::input::shapes::{foreign_enum, foreign_struct};

/// Most nanoseconds next to whole seconds.
const MAX_NANO: i32 = 999_999_999;

foreign_enum! {
    Weekday, "Weekday" { Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday }
}

foreign_struct! {
    [] Date, "Date" {
        year: i16 = Self::MIN.year()..=Self::MAX.year(),
        month: i8 = 1..=12,
        day: u8 = 1..=31
    },
    |date| (date.year(), date.month(), date.day() as u8),
    day_of_month(day, |day| Self::new(year, month, day as i8).ok())?
}

foreign_struct! {
    [] Time, "Time" {
        hour: i8 = 0..=23, minute: i8 = 0..=59, second: i8 = 0..=59, nano: i32 = 0..=MAX_NANO
    },
    |time| (time.hour(), time.minute(), time.second(), time.subsec_nanosecond()),
    Self::new(hour, minute, second, nano).map_err(|_| Corrupt)?
}

foreign_struct! {
    [] DateTime, "DateTime" { date: Date, time: Time },
    |both| (both.date(), both.time()), Self::from_parts(date, time)
}

foreign_struct! {
    [] Timestamp, "Timestamp" {
        second: i64 = Self::MIN.as_second()..=Self::MAX.as_second(),
        nano: i32 = -MAX_NANO..=MAX_NANO
    },
    |time| (time.as_second(), time.subsec_nanosecond()),
    // Beyond the ends by less than a second are those that the ends stand for.
    Self::new(second, nano).unwrap_or(if second < 0 { Self::MIN } else { Self::MAX })
}

foreign_struct! {
    [] Offset, "Offset" { seconds: i32 = Self::MIN.seconds()..=Self::MAX.seconds() },
    |offset| (offset.seconds(),), Self::from_seconds(seconds).map_err(|_| Corrupt)?
}

foreign_struct! {
    [] SignedDuration, "SignedDuration" { secs: i64, nanos: u32 = 0..=MAX_NANO as u32 },
    |span| (span.as_secs(), span.subsec_nanos().unsigned_abs()),
    // Both have the same sign.
    Self::new(secs, if secs < 0 { -(nanos as i32) } else { nanos as i32 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{decode, inputs_are_values, survives};

    #[test]
    fn dates_and_times_survive() {
        [DateTime::MIN, DateTime::MAX].iter().for_each(survives);
        [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH].iter().for_each(survives);
        [SignedDuration::MIN, SignedDuration::MAX, SignedDuration::ZERO].iter().for_each(survives);
        survives(&Offset::UTC);
        survives(&Weekday::Sunday);
        inputs_are_values::<(Date, Time, DateTime, Timestamp)>();
        inputs_are_values::<(Offset, SignedDuration, Weekday)>();
    }

    #[test]
    fn a_month_ends_on_its_last_day() {
        let date = |month| decode::<Date>(&[&2023i16.to_le_bytes()[..], &[month, 31]].concat());
        assert_eq!([date(1), date(2), date(4)].map(|date| date.day()), [31, 28, 30]);
    }
}
