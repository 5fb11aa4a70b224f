//! Dates, times, spans, and their parts. A day beyond the end of its month is the last one.

use chrono::{
    DateTime, Datelike, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta,
    Timelike, Utc, Weekday,
};

use super::day_of_month;
use crate::Input;
use crate::input::shapes::{foreign_enum, foreign_struct};
use crate::input::{Corrupt, NodeId, Reader, Types, Writer};

/// Nanoseconds of a second, and of one that is followed by a leap second.
const SECOND: u32 = 1_000_000_000;
const MAX_NANO: u32 = 2 * SECOND - 1;

/// The offsets that exist are less than a day.
const MAX_OFFSET: i32 = 24 * 60 * 60 - 1;

foreign_enum! { Weekday, "Weekday" { Mon, Tue, Wed, Thu, Fri, Sat, Sun } }

foreign_enum! {
    Month, "Month" {
        January, February, March, April, May, June, July, August, September, October, November,
        December,
    }
}

foreign_struct! {
    [] NaiveDate, "NaiveDate" {
        year: i32 = Self::MIN.year()..=Self::MAX.year(),
        month: u8 = 1..=12,
        day: u8 = 1..=31
    },
    |date| (date.year(), date.month() as u8, date.day() as u8),
    day_of_month(day, |day| Self::from_ymd_opt(year, month.into(), day.into()))?
}

foreign_struct! {
    [] NaiveTime, "NaiveTime" {
        hour: u8 = 0..=23,
        minute: u8 = 0..=59,
        second: u8 = 0..=59,
        nano: u32 = 0..=MAX_NANO
    },
    |time| (time.hour() as u8, time.minute() as u8, time.second() as u8, time.nanosecond()),
    {
        // Only the last second of a minute may be a long one.
        let make = |nano| Self::from_hms_nano_opt(hour.into(), minute.into(), second.into(), nano);
        make(nano).or_else(|| make(nano % SECOND)).ok_or(Corrupt)?
    }
}

foreign_struct! {
    [] NaiveDateTime, "NaiveDateTime" { date: NaiveDate, time: NaiveTime },
    |both| (both.date(), both.time()), Self::new(date, time)
}

impl<'a> Input<'a> for DateTime<Utc> {
    fn schema(types: &mut Types) -> NodeId {
        NaiveDateTime::schema(types)
    }

    #[inline]
    fn decode(reader: &mut Reader<'a>) -> Result<Self, Corrupt> {
        NaiveDateTime::decode(reader).map(|time| time.and_utc())
    }

    fn encode(&self, writer: &mut Writer) {
        self.naive_utc().encode(writer);
    }
}

foreign_struct! {
    [] DateTime<FixedOffset>, "DateTime" { utc: NaiveDateTime, offset: FixedOffset },
    |time| (time.naive_utc(), *time.offset()), Self::from_naive_utc_and_offset(utc, offset)
}

foreign_struct! {
    [] FixedOffset, "FixedOffset" { seconds: i32 = -MAX_OFFSET..=MAX_OFFSET },
    |offset| (offset.local_minus_utc(),), Self::east_opt(seconds).ok_or(Corrupt)?
}

foreign_struct! {
    [] TimeDelta, "TimeDelta" {
        seconds: i64 = -i64::MAX / 1000..=i64::MAX / 1000 - 1,
        nanos: u32 = 0..=SECOND - 1
    },
    |span| {
        let nanos = span.subsec_nanos();
        let before = i64::from(nanos < 0);
        let nanos = if nanos < 0 { nanos + SECOND as i32 } else { nanos };
        (span.num_seconds() - before, nanos as u32)
    },
    Self::new(seconds, nanos).ok_or(Corrupt)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::testing::{decode, inputs_are_values, survives};

    #[test]
    fn dates_and_times_survive() {
        [NaiveDateTime::MIN, NaiveDateTime::MAX, NaiveDateTime::default()]
            .iter()
            .for_each(survives);
        survives(&NaiveTime::from_hms_nano_opt(23, 59, 59, MAX_NANO).unwrap());
        survives(&DateTime::UNIX_EPOCH);
        survives(&DateTime::UNIX_EPOCH.with_timezone(&FixedOffset::west_opt(3600).unwrap()));
        survives(&TimeDelta::nanoseconds(-1));
        survives(&TimeDelta::seconds(-5));
        survives(&Weekday::Sun);
        survives(&Month::December);
        inputs_are_values::<(NaiveDate, NaiveTime, DateTime<Utc>, DateTime<FixedOffset>)>();
        inputs_are_values::<(TimeDelta, Weekday, Month)>();
    }

    #[test]
    fn a_month_ends_on_its_last_day() {
        let date =
            |month| decode::<NaiveDate>(&[&2023i32.to_le_bytes()[..], &[month, 31]].concat());
        assert_eq!([date(1), date(2), date(4)].map(|date| date.day()), [31, 28, 30]);
    }
}
