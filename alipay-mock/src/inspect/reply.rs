//! Responses of this interface.

use bytes::Bytes;
use http::{Response, header};
use serde_json::Value;
use tokio::sync::watch;

use super::api::Refused;

/// The page loads from the gateway only, and no other page shows it within itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The body of a response.
pub(crate) enum Content {
    Whole(Bytes),
    /// Server-sent events about changes, whose number this receives.
    Events(watch::Receiver<u64>),
}

pub(super) fn html(text: String) -> Response<Content> {
    html_with(text, POLICY)
}

pub(super) fn html_with(text: String, policy: &'static str) -> Response<Content> {
    response(200, "text/html;charset=UTF-8", text, &[(header::CONTENT_SECURITY_POLICY, policy)])
}

pub(super) fn events(changes: watch::Receiver<u64>) -> Response<Content> {
    response(200, "text/event-stream", "", &[]).map(|_| Content::Events(changes))
}

pub(super) fn json(result: Result<Value, Refused>) -> Response<Content> {
    let (status, body) = match result {
        Ok(value) => (200, value),
        Err(Refused { status, message }) => (status, serde_json::json!({"error": message})),
    };
    // Indented, for people.
    let text = format!("{body:#}\n");
    response(status, "application/json;charset=UTF-8", text, &[])
}

pub(super) fn response(
    status: u16,
    content_type: &'static str,
    text: impl Into<Bytes>,
    headers: &[(header::HeaderName, &'static str)],
) -> Response<Content> {
    let mut response = Response::new(Content::Whole(text.into()));
    if let Ok(status) = http::StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    let all = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in all.iter().chain(headers) {
        response.headers_mut().insert(name, http::HeaderValue::from_static(value));
    }
    response
}
