//! time=0.2.24: unreachable!() / overflow for negative years (time-rs/time#309).

use arbitrary::{Arbitrary, Unstructured};
pub fn target(data: &[u8]) {
    if let Ok((y, m, d)) = <(i32, u8, u8)>::arbitrary(&mut Unstructured::new(data)) {
        target_ymd(y, m, d);
    }
}
pub fn target_ymd(y: i32, m: u8, d: u8) {
    if let Ok(date) = time::Date::try_from_ymd(y, m, d) {
        let _ = (date.weekday(), date.ordinal(), date.iso_year_week(), date.week());
        let _ = date.next_day().weekday();
    }
}
