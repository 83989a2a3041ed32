//! Types of fields: decimals, dates and times, files, JSON.

mod decimal;
mod file;
mod idempotency_key;
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
