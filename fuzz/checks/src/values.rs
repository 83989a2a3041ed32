//! Decimals, times and other values: what is read is written, and read again.

use std::{
    fmt::{Debug, Display},
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use alipay_core::{
    notification::event_time,
    value::{Decimal, IdempotencyKey, Json, JsonText, LocalDate, LocalDateTime, LocalTime, Yuan},
};
use serde::{Serialize, de::DeserializeOwned};

/// A value that is read is written so that it is read again; conversions there and back change nothing.
pub fn values(data: &[u8]) -> bool {
    if let Some((number, rest)) = data.split_first_chunk::<8>() {
        arithmetic(i64::from_le_bytes(*number), rest);
    }
    str::from_utf8(data).is_ok_and(read)
}

fn read(text: &str) -> bool {
    let mut accepted = false;
    if let Some(yuan) = round_trip::<Yuan>(text) {
        accepted = true;
        money(yuan);
    }
    if let Some(decimal) = round_trip::<Decimal>(text) {
        accepted = true;
        number(decimal);
    }
    if let Some(date) = round_trip::<LocalDate>(text) {
        accepted = true;
        assert_eq!(LocalDate::try_from(chrono::NaiveDate::from(date)), Ok(date));
        assert_eq!(LocalDate::try_from(jiff::civil::Date::from(date)), Ok(date));
        assert_eq!(LocalDate::try_from(time::Date::from(date)), Ok(date));
    }
    if let Some(time) = round_trip::<LocalTime>(text) {
        assert_eq!(LocalTime::try_from(chrono::NaiveTime::from(time)), Ok(time));
        assert_eq!(LocalTime::try_from(jiff::civil::Time::from(time)), Ok(time));
        assert_eq!(LocalTime::try_from(time::Time::from(time)), Ok(time));
    }
    if let Some(time) = round_trip::<LocalDateTime>(text) {
        accepted = true;
        moment(time);
    }
    if let Some(time) = event_time(text) {
        let _ = LocalDateTime::try_from(time).map(moment);
    }
    if let Ok(key) = text.parse::<IdempotencyKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(json) = text.parse::<Json>() {
        assert_eq!(json.to_string().parse::<Json>().as_ref(), Ok(&json), "{text}");
    }
    in_json::<Yuan>(text);
    in_json::<Decimal>(text);
    in_json::<LocalDateTime>(text);
    in_json::<Json>(text);
    in_json::<JsonText<Vec<Json>>>(text);
    in_json::<JsonText<Vec<Decimal>>>(text);
    accepted
}

fn round_trip<T>(text: &str) -> Option<T>
where
    T: FromStr + Display + PartialEq + Debug + Copy,
    T::Err: Display,
{
    match text.parse::<T>() {
        Ok(value) => {
            let written = value.to_string();
            let again = written.parse::<T>().ok();
            assert_eq!(again, Some(value), "{text} is written as {written}");
            assert_eq!(again.map(|again| again.to_string()), Some(written));
            Some(value)
        }
        Err(problem) => {
            assert!(problem.to_string().len() < 100);
            None
        }
    }
}

fn in_json<T: Serialize + DeserializeOwned + PartialEq + Debug>(json: &str) {
    let Ok(value) = serde_json::from_str::<T>(json) else { return };
    let written = serde_json::to_string(&value).expect("is written");
    let again: T = serde_json::from_str(&written).expect("is read again");
    assert_eq!(again, value, "{json} is written as {written}");
}

fn money(yuan: Yuan) {
    let decimal = Decimal::from(yuan);
    assert_eq!(Yuan::try_from(decimal), Ok(yuan));
    let other = rust_decimal::Decimal::from(yuan);
    assert_eq!(Yuan::try_from(other), Ok(yuan));
    assert_eq!(yuan.checked_add(Yuan::ZERO), Some(yuan));
    assert_eq!(Yuan::ZERO.checked_sub(yuan).map(Yuan::fen), yuan.fen().checked_neg());
}

fn number(decimal: Decimal) {
    let other = rust_decimal::Decimal::from(decimal);
    assert_eq!(Decimal::try_from(other).ok(), Some(decimal));
    if let Ok(yuan) = Yuan::try_from(decimal) {
        assert_eq!(Decimal::from(yuan), decimal);
    }
}

fn moment(moment: LocalDateTime) {
    assert_eq!(LocalDateTime::from_unix_seconds(moment.unix_seconds()), Ok(moment));
    assert_eq!(LocalDateTime::of(moment.date(), moment.time()), moment);
    assert_eq!(LocalDateTime::try_from(chrono::NaiveDateTime::from(moment)), Ok(moment));
    assert_eq!(LocalDateTime::try_from(chrono::DateTime::<chrono::Utc>::from(moment)), Ok(moment));
    assert_eq!(LocalDateTime::try_from(jiff::civil::DateTime::from(moment)), Ok(moment));
    assert_eq!(LocalDateTime::try_from(time::PrimitiveDateTime::from(moment)), Ok(moment));
    assert_eq!(LocalDateTime::try_from(time::OffsetDateTime::from(moment)), Ok(moment));
    if let Ok(instant) = jiff::Timestamp::try_from(moment) {
        assert_eq!(LocalDateTime::try_from(instant), Ok(moment));
    }
}

/// Numbers and times that no text leads to.
fn arithmetic(number: i64, rest: &[u8]) {
    let yuan = Yuan::from_fen(number);
    assert_eq!(round_trip::<Yuan>(&yuan.to_string()), Some(yuan));
    money(yuan);
    let scale = rest.first().copied().unwrap_or_default();
    if let Ok(decimal) = Decimal::new(number, scale) {
        let again = round_trip::<Decimal>(&decimal.to_string()).expect("is read again");
        assert_eq!((again.mantissa(), again.scale()), (number, scale));
        self::number(decimal);
    }
    if let Ok(time) = LocalDateTime::from_unix_seconds(number) {
        assert_eq!(time.unix_seconds(), number);
        assert_eq!(round_trip(&time.to_string()), Some(time));
        moment(time);
    }
    if let Some(later) = LocalDate::MIN.checked_plus_days(number) {
        assert_eq!(later.checked_plus_days(-number), Some(LocalDate::MIN));
        assert_eq!(LocalDate::MIN.plus_days(number), later);
    }
    let apart = Duration::from_millis(number.unsigned_abs());
    let times = [UNIX_EPOCH.checked_add(apart), UNIX_EPOCH.checked_sub(apart)];
    for time in times.into_iter().flatten() {
        if let Ok(local) = LocalDateTime::try_from(time) {
            moment(local);
            assert!(seconds_apart(time, local) < 1, "{local}");
        }
    }
}

/// Whole seconds between a time and what is left of it when fractions are cut off.
fn seconds_apart(time: SystemTime, cut: LocalDateTime) -> u64 {
    let cut = match u64::try_from(cut.unix_seconds()) {
        Ok(after) => UNIX_EPOCH.checked_add(Duration::from_secs(after)),
        Err(_) => UNIX_EPOCH.checked_sub(Duration::from_secs(cut.unix_seconds().unsigned_abs())),
    };
    time.duration_since(cut.expect("a time")).expect("is not earlier").as_secs()
}
