//! Types of fields: decimals, dates and times, files, JSON.
//!
//! Features, all off by default, convert them to and from types of other crates, with `From` and `TryFrom`:
//!
//! | feature | types |
//! | --- | --- |
//! | `chrono` | [`LocalDate`], [`LocalTime`], [`LocalDateTime`]: `NaiveDate`, `NaiveTime`, `NaiveDateTime`, `DateTime` |
//! | `jiff` | the same: `civil::Date`, `civil::Time`, `civil::DateTime`, `Timestamp` |
//! | `rust_decimal` | [`Yuan`], [`Decimal`]: `Decimal` |
//! | `time` | as for `chrono`: `Date`, `Time`, `PrimitiveDateTime`, `OffsetDateTime` |
//!
//! Dates and times of day are taken as they are, for Beijing time; instants are turned into Beijing time. Fractions of a
//! second are cut off, since the wire has none. Numbers are never rounded: what does not fit is refused.

mod decimal;
mod file;
mod idempotency_key;
mod interop;
mod json;
mod json_text;
mod take;
mod text;
mod time;

pub use crate::model::value::Malformed;
pub(crate) use decimal::is_decimal;
pub use decimal::{Decimal, Yuan};
pub use file::{Content, File};
pub use idempotency_key::IdempotencyKey;
pub(crate) use json::looks_like_json;
pub use json::{Json, JsonError};
pub use json_text::JsonText;
pub use take::Take;
pub use text::UnknownValue;
pub use time::{LocalDate, LocalDateTime, LocalTime};
