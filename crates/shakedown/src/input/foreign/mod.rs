//! [`Input`](super::Input) for the types of other crates, each behind the feature of its name.

#[cfg(feature = "arrayvec")]
mod arrayvec;
#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "either")]
mod either;
#[cfg(feature = "indexmap")]
mod indexmap;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "num-bigint")]
mod num_bigint;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
#[cfg(feature = "serde_json")]
mod serde_json;
#[cfg(feature = "smallvec")]
mod smallvec;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "url")]
mod url;
#[cfg(feature = "uuid")]
mod uuid;

/// The date that `make` makes of a day of a month, or of the last one where the month is shorter.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time"))]
fn day_of_month<T>(day: u8, make: impl Fn(u8) -> Option<T>) -> Result<T, super::Corrupt> {
    [day, 30, 29, 28].iter().find_map(|last| make(day.min(*last))).ok_or(super::Corrupt)
}
