//! Calls, as the page shows them.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use crate::calendar;
use crate::engine::Engine;
use crate::protocol::diagnosis::Diagnosis;
use crate::protocol::parameters::Method;
use crate::record::RecordedRequest;

/// How much of a body the page shows, in characters.
const LONGEST: usize = 16 * 1024;
/// The operations of vouchers are called by the last part of their ids, others by the last two.
const VOUCHERS: &str = "alipay.marketing.activity.voucher.";

/// The calls of one operation with one idempotency key.
pub(super) struct Row {
    pub(super) call: Call,
    /// The earlier ones, newest first.
    pub(super) repeats: Vec<Call>,
}

pub(super) struct Call {
    pub(super) trace_id: String,
    pub(super) time: String,
    /// Method and path; the query is in `target`.
    pub(super) line: String,
    pub(super) target: String,
    pub(super) operation: Option<Named>,
    pub(super) status: Option<u16>,
    pub(super) outcome: Outcome,
    pub(super) reason: Option<String>,
    pub(super) duration: String,
    pub(super) fault: Option<String>,
    /// A fault that had no effect, and what it needs.
    pub(super) idle_fault: Option<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) request: String,
    pub(super) response: String,
    pub(super) signed: Vec<Part>,
    pub(super) comparison: Option<Comparison>,
    /// Its `out_biz_no`.
    pub(super) number: Option<String>,
}

impl Call {
    /// The reason, unless what was found out about the signature says it.
    pub(super) fn own_reason(&self) -> Option<&str> {
        let is_named =
            self.comparison.as_ref().is_some_and(|comparison| comparison.mistake.is_some());
        self.reason.as_deref().filter(|_| !is_named)
    }
}

/// An operation's names.
pub(super) struct Named {
    pub(super) id: String,
    pub(super) short: String,
    pub(super) title: String,
    /// Whether a page has its fields.
    pub(super) is_described: bool,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    Accepted,
    Refused,
    NotVerified,
    Fault,
}

impl Outcome {
    fn of(record: &RecordedRequest) -> Self {
        match record.status {
            _ if record.fault.is_some() => Self::Fault,
            _ if !record.verified => Self::NotVerified,
            Some(status) if status < 400 && record.code.is_none() => Self::Accepted,
            _ => Self::Refused,
        }
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::NotVerified => "not verified",
            Self::Fault => "fault",
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Accepted => "good",
            Self::Refused | Self::NotVerified => "bad",
            Self::Fault => "odd",
        }
    }
}

/// What had to be signed, and what was.
pub(super) struct Comparison {
    pub(super) mistake: Option<String>,
    /// Where they differ first.
    pub(super) place: Option<String>,
    pub(super) expected: Vec<Part>,
    /// Empty if it could not be found out.
    pub(super) signed: Vec<Part>,
}

/// A part of a string that is signed.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Part {
    Text(String),
    /// A line feed, or another character that cannot be seen.
    Hidden(String),
    /// The first difference.
    Mark(String),
    End,
}

/// The end of an operation's id.
pub(super) fn short(id: &str) -> &str {
    let last_two = || id.rmatch_indices('.').nth(1).and_then(|(at, _)| id.get(at + 1..));
    id.strip_prefix(VOUCHERS).or_else(last_two).unwrap_or(id)
}

/// The calls of these records, newest first, those with the same key together.
pub(super) fn rows(engine: &Engine, records: &[RecordedRequest]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for record in records {
        let call = call(engine, record);
        let key = call.operation.as_ref().map(|operation| operation.id.clone());
        let key = key.zip(call.number.clone());
        match key.as_ref().and_then(|key| rows.get_mut(*places.get(key)?)) {
            Some(row) => row.repeats.push(call),
            None => {
                places.extend(key.map(|key| (key, rows.len())));
                rows.push(Row { call, repeats: Vec::new() });
            }
        }
    }
    rows
}

fn call(engine: &Engine, record: &RecordedRequest) -> Call {
    let shown = engine.redaction.request(record);
    let string = |name: &str| shown.get(name).and_then(Value::as_str).unwrap_or_default();
    let endpoint = engine.catalogue.endpoint(&record.method, record.path());
    let headers = shown.get("headers").and_then(Value::as_object).into_iter().flatten();
    let number = serde_json::from_str::<Value>(&record.body).ok();
    let number = number.as_ref().and_then(|body| body.get("out_biz_no")?.as_str());
    let diagnosis = record.diagnosis.as_ref();
    Call {
        trace_id: record.trace_id.clone(),
        time: calendar::date_time(record.unix_millis / 1000).time().to_string(),
        line: format!("{} {}", record.method, record.path()),
        target: string("target").to_owned(),
        operation: endpoint
            .map(|endpoint| (endpoint.operation.id.as_str(), endpoint.operation.title.as_str()))
            .or_else(|| {
                let method = Method::named(record.operation.as_deref()?)?;
                Some((method.name(), method.title()))
            })
            .map(|(id, title)| Named {
                id: id.to_owned(),
                short: short(id).to_owned(),
                title: title.to_owned(),
                is_described: endpoint.is_some(),
            }),
        status: record.status,
        outcome: Outcome::of(record),
        reason: record.error(),
        duration: duration(record.duration),
        fault: record.fault.as_ref().map(ToString::to_string),
        idle_fault: record
            .idle_fault
            .as_ref()
            .map(|fault| (fault.to_string(), fault.needs().to_string())),
        headers: headers
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect(),
        request: pretty(shown.get("body")),
        response: pretty(shown.get("response")),
        signed: parts(string("string_to_sign"), None),
        comparison: diagnosis
            .map(|diagnosis| comparison(&engine.redaction.diagnosis(diagnosis, record))),
        number: number.map(str::to_owned),
    }
}

fn comparison(diagnosis: &Diagnosis) -> Comparison {
    let Diagnosis { mistake, expected, signed, difference, .. } = diagnosis;
    let at = signed.as_ref().and_then(|signed| first_difference(expected, signed));
    Comparison {
        mistake: mistake.clone(),
        place: difference.as_ref().map(ToString::to_string),
        expected: parts(expected, at),
        signed: signed.as_ref().map(|signed| parts(signed, at)).unwrap_or_default(),
    }
}

/// The number of the first character that differs; `None` if none does, since something is hidden.
fn first_difference(expected: &str, signed: &str) -> Option<usize> {
    let common = expected.chars().zip(signed.chars()).take_while(|(a, b)| a == b).count();
    (common < expected.chars().count().max(signed.chars().count())).then_some(common)
}

/// A string with everything in it visible, and a character of it marked.
fn parts(text: &str, mark: Option<usize>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut count = 0;
    for (at, c) in text.chars().enumerate() {
        count = at + 1;
        let is_marked = mark == Some(at);
        if !c.is_control() && !is_marked {
            plain.push(c);
            continue;
        }
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        let visible = if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
        parts.push(if is_marked { Part::Mark(visible) } else { Part::Hidden(visible) });
        if c == '\n' {
            plain.push(c);
        }
    }
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    // The other string goes on.
    if mark.is_some_and(|mark| mark >= count) {
        parts.push(Part::End);
    }
    parts
}

/// A time for people.
fn duration(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1000.0;
    match millis {
        ..10.0 => format!("{millis:.1} ms"),
        ..1000.0 => format!("{millis:.0} ms"),
        _ => format!("{:.1} s", millis / 1000.0),
    }
}

/// JSON for people, cut if it is long; a string as it is.
pub(super) fn pretty(value: Option<&Value>) -> String {
    let text = match value {
        None | Some(Value::Null) => return String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => format!("{value:#}"),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}\n…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_marked() {
        let (expected, signed) = ("a\nb\n", "a\nb");
        let at = first_difference(expected, signed);
        let text = |text: &str| Part::Text(text.to_owned());
        let feed = || Part::Hidden("\\n".to_owned());
        assert_eq!(
            parts(expected, at),
            [text("a"), feed(), text("\nb"), Part::Mark("\\n".to_owned()), text("\n")]
        );
        assert_eq!(parts(signed, at), [text("a"), feed(), text("\nb"), Part::End]);
        let at = first_difference("abc", "axc");
        assert_eq!(parts("axc", at), [text("a"), Part::Mark("x".to_owned()), text("c")]);
        assert_eq!(first_difference("a", "a"), None);
    }

    #[test]
    fn operations_are_called_by_the_end_of_their_ids() {
        let ids = [
            "alipay.marketing.activity.voucher.send",
            "alipay.trade.fastpay.refund.query",
            "alipay.trade.query",
            "library.list",
            "list",
        ];
        let names = ["send", "refund.query", "trade.query", "library.list", "list"];
        assert_eq!(ids.map(short), names);
    }

    #[test]
    fn times_are_short() {
        let times = [0.4, 12.0, 2000.0].map(|millis| Duration::from_secs_f64(millis / 1000.0));
        assert_eq!(times.map(duration), ["0.4 ms", "12 ms", "2.0 s"]);
    }
}
