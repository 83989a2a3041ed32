//! Times and dates, in Beijing time.

use serde_json::{Map, Value, json};

use super::{subject::Subject, text::has};
use crate::ir::Ty;

/// What texts say of times that are no Beijing time, or of another form. An example may look like one all the same.
const OF_OTHERS: &[&str] =
    &["utc", "iso8601", "iso 8601", "iso-8601", "时间戳", "timestamp", "毫秒", "时区", "格林"];

/// What texts say of more than one form.
const OF_OTHER_FORMS: &[&str] = &["永久", "forever", "hh:mm", "hh：mm"];

/// What dates are called.
const NAMES_OF_DATES: &[&str] = &["birth", "birthday", "date", "day", "gmt", "time"];

/// A time: its example is one, and neither its text nor one beside it speaks of UTC or of time stamps.
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

/// Whether there are examples and all are of this type, and nothing speaks of another one.
fn is_shown_as(subject: &Subject<'_>, ty: &Ty) -> bool {
    subject.has_example()
        && subject.examples_are(ty)
        && !has(&subject.text.to_lowercase(), OF_OTHERS)
        && !has(&subject.beside.to_lowercase(), &["utc", "iso8601"])
}

fn format(word: &str) -> Map<String, Value> {
    Map::from_iter([("format".to_owned(), json!(word))])
}
