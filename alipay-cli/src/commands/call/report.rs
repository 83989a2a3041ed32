//! What came of a call.

use alipay_core::{Error, Outcome, Response};
use serde_json::{Value, json};

use crate::output::{Line, Output};

/// What to do when the outcome of a call is unknown that changes something.
const UNKNOWN: &str = "nobody knows whether Alipay has carried out this call. Ask with an operation that reads, such as \
    a query, before you call again. A repeat is safe only if the request has the same number by which Alipay \
    recognises it, such as out_biz_no or out_request_no: then call with `--repeat`";

/// Prints that somebody has ended a call that changes something before its response came.
pub(super) fn interrupted(operation: &str, requests: Vec<Value>, output: &Output) {
    let message = format!("{operation}: interrupted, maybe after the request was sent");
    if output.is_json() {
        let mut document = json!({
            "operation": operation,
            "status": null,
            "outcome": "unknown",
            "trace_id": null,
            "attempts": null,
            "verified": false,
            "error": { "kind": "Interrupted", "code": null, "message": message, "details": [] },
        });
        add_requests(&mut document, requests);
        output.document(&document);
    } else {
        output.problem(message);
    }
    output.warning(UNKNOWN);
}

/// Prints the response, and what is known of the call.
pub(super) fn succeeded(
    operation: &str,
    response: &Response<Value>,
    requests: Vec<Value>,
    output: &Output,
) {
    let trace_id = response.trace_id().map(|id| response.redacted(id));
    if output.is_json() {
        let mut document = json!({
            "operation": operation,
            "status": response.status().as_u16(),
            "outcome": "succeeded",
            "trace_id": trace_id,
            "attempts": response.attempts(),
            "verified": response.verified(),
            "body": &**response,
        });
        add_requests(&mut document, requests);
        return output.document(&document);
    }
    if !response.is_null() {
        output.document(&**response);
    }
    let mut line =
        Line::new().right("succeeded").plain(format!(": HTTP {}", response.status().as_u16()));
    if let Some(trace_id) = trace_id {
        line = line.plain(format!(", trace id {trace_id}"));
    }
    if response.attempts() > 1 {
        line = line.plain(format!(", after {} attempts", response.attempts()));
    }
    if !response.verified() {
        line = line.doubtful(", not signed");
    }
    output.note(line);
}

/// Prints what went wrong, and what that means for what the call should have done.
pub(super) fn failed(
    operation: &str,
    error: &Error,
    requests: Vec<Value>,
    reads_only: bool,
    output: &Output,
) {
    let shown = |text: Option<&str>| text.map(|text| error.redacted(text));
    let details: Vec<[Option<String>; 4]> = error
        .details()
        .iter()
        .map(|detail| {
            [&detail.location, &detail.field, &detail.issue, &detail.description]
                .map(|text| shown(text.as_deref()))
        })
        .collect();
    let outcome = error.outcome();
    if output.is_json() {
        let details = details.iter().map(|[location, field, issue, description]| {
            json!({
                "location": location, "field": field, "issue": issue, "description": description,
            })
        });
        let mut document = json!({
            "operation": operation,
            "status": error.status().map(|status| status.as_u16()),
            "outcome": match outcome {
                Outcome::NotSent => "not_sent",
                Outcome::Rejected => "rejected",
                Outcome::Unknown => "unknown",
            },
            "trace_id": shown(error.trace_id()),
            "attempts": error.attempts(),
            "verified": error.authenticated(),
            "error": {
                "kind": format!("{:?}", error.kind()),
                "code": shown(error.code_text()),
                "message": error.to_string(),
                "details": details.collect::<Vec<_>>(),
            },
        });
        add_requests(&mut document, requests);
        output.document(&document);
    } else {
        output.problem(error);
        for [location, field, _, description] in details {
            let place = [location, field].into_iter().flatten().collect::<Vec<_>>().join(" ");
            output.note(format!("  {place}: {}", description.unwrap_or_default()));
        }
    }
    if outcome == Outcome::Unknown && !reads_only {
        output.warning(UNKNOWN);
    }
}

/// Adds what was sent, if it is asked for.
fn add_requests(document: &mut Value, requests: Vec<Value>) {
    if let Some(document) = document.as_object_mut().filter(|_| !requests.is_empty()) {
        document.insert("requests".to_owned(), Value::Array(requests));
    }
}
