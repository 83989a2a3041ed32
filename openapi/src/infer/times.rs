//! Times and dates, in Beijing time.

use serde_json::{Map, Value, json};

use super::{
    subject::{Subject, is_value_of},
    text::has,
};
use crate::ir::Ty;

/// What texts say of times that are no Beijing time. An example may look like one all the same.
const OF_UTC: &[&str] = &["utc", "iso8601", "iso 8601", "iso-8601", "格林"];

/// What texts say of times of another form.
const OF_NUMBERS: &[&str] = &["时间戳", "timestamp", "毫秒", "时区"];

/// What texts say of more than one form.
const OF_OTHER_FORMS: &[&str] = &["永久", "forever", "hh:mm", "hh：mm"];

/// What dates are called.
const NAMES_OF_DATES: &[&str] = &["birth", "birthday", "date", "day", "gmt", "time"];

/// A time: its example is one, and nothing speaks of UTC or of time stamps.
pub(super) fn date_time(subject: &Subject<'_>) -> Option<Map<String, Value>> {
    let words = ["begin", "date", "dt", "end", "gmt", "start", "time"];
    let is_about = subject.is_called(&words) || has(&subject.text, &["时间", "日期", "时刻"]);
    let good = is_about && is_shown_as(subject, &Ty::LocalDateTime);
    good.then(|| format("local-date-time"))
}

/// A date: its example is one, its name says so, and its text allows no other form.
pub(super) fn date(subject: &Subject<'_>) -> Option<Map<String, Value>> {
    let text = subject.text.to_lowercase();
    let open_ended = text.contains("长期") && !text.contains("9999-12-31");
    let only_months = text.split("yyyy-mm").skip(1).any(|rest| !rest.starts_with("-dd"));
    let is_period = subject.is_called(&["limitation"]) && !text.contains("yyyy-mm-dd");
    let otherwise = open_ended || only_months || is_period || has(&text, OF_OTHER_FORMS);
    let named = subject.is_called(NAMES_OF_DATES);
    (named && !otherwise && is_shown_as(subject, &Ty::LocalDate)).then(|| format("local-date"))
}

/// A time of day: its example is one, and its name says so.
pub(super) fn time(subject: &Subject<'_>) -> Option<Map<String, Value>> {
    let good = subject.is_called(&["time"]) && is_shown_as(subject, &Ty::LocalTime);
    good.then(|| format("local-time"))
}

/// Whether a text says that a time is no Beijing time: the other times of its domain may be none, either. A number of
/// seconds says nothing of them.
pub(super) fn is_in_utc(subject: &Subject<'_>) -> bool {
    let text = subject.text.to_lowercase();
    has(&text, OF_UTC) && !has(&text, OF_NUMBERS)
}

/// Whether there are examples and all are of this type, and nothing speaks of another one.
fn is_shown_as(subject: &Subject<'_>, ty: &Ty) -> bool {
    let text = subject.text.to_lowercase();
    let others = [Ty::LocalDateTime, Ty::LocalDate, Ty::LocalTime];
    // Of two ends of a period that are of two types, one is wrong.
    let ends_differ = subject.other_end.is_some_and(|end| {
        !is_value_of(end, ty) && others.iter().any(|other| is_value_of(end, other))
    });
    subject.has_example()
        && subject.examples_are(ty)
        && !has(&text, OF_UTC)
        && !has(&text, OF_NUMBERS)
        && !subject.is_near_utc
        && !ends_differ
}

fn format(word: &str) -> Map<String, Value> {
    Map::from_iter([("format".to_owned(), json!(word))])
}
