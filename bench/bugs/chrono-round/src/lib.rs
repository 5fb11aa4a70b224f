//! chrono=0.4.19: arithmetic overflow in duration_round (chronotope/chrono#1010).

use arbitrary::{Arbitrary, Unstructured};
use chrono::{DateTime, Duration, DurationRound, NaiveDateTime, Utc};
pub fn target(data: &[u8]) {
    if let Ok((s, n, d)) = <(i64, u32, i64)>::arbitrary(&mut Unstructured::new(data)) {
        target_args(s, n, d);
    }
}
pub fn target_args(secs: i64, nanos: u32, span: i64) {
    if let Some(t) = NaiveDateTime::from_timestamp_opt(secs, nanos) {
        let t = DateTime::<Utc>::from_utc(t, Utc);
        let d = Duration::nanoseconds(span);
        let _ = t.duration_trunc(d);
        let _ = t.duration_round(d);
    }
}
