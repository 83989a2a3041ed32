//! Asks a running gateway.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::arguments::{Control, Names};
use super::failure::Failure;
use super::output;
use super::runtime::runtime;
use crate::http_client::{PATIENCE, Sent, Target};

/// The variable that the gateway prints for clients.
const VARIABLE: &str = "ALIPAY_BASE_URL";
/// Actions that look, unless they are given something to set.
const LOOKS: [&str; 7] =
    ["state", "orders", "requests", "faults", "clock", "messages", "deliveries"];
/// Actions that look, and may be told at what.
const QUERIES: [&str; 2] = ["operations", "vouchers"];
/// What a query has as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_');
/// How much of a response is read, in bytes. The last requests with their bodies take some megabytes.
const LARGEST: usize = 256 * 1024 * 1024;

/// Looks into a running gateway, or changes something there.
///
/// # Errors
///
/// When there is no gateway at the address, and when it refuses the action.
pub fn control(options: &Control, names: Names) -> Result<(), Failure> {
    let url = match (&options.gateway, std::env::var(VARIABLE)) {
        (Some(url), _) => url.clone(),
        (None, Ok(url)) => url,
        (None, Err(_)) => {
            return Err(Failure::Unusable(format!(
                "give --gateway URL, or set {VARIABLE}, as the gateway prints it"
            )));
        }
    };
    let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    let authority = authority.filter(|rest| !rest.contains(['/', '?', '#']));
    let authority = authority.ok_or_else(|| {
        Failure::Unusable(format!(
            "`{url}` is not the address of a local gateway: http://HOST:PORT"
        ))
    })?;
    let Control { action, members, .. } = options;
    if !action.bytes().all(|b| b.is_ascii_lowercase()) {
        let help = names.control_help();
        return Err(Failure::Unusable(format!("`{action}` is no action; see `{help}`")));
    }
    let encoded = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
    let looks = QUERIES.contains(&action.as_str());
    let (method, query, body) = if looks || (members.is_empty() && LOOKS.contains(&action.as_str()))
    {
        let pairs =
            members.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        (Method::GET, pairs.collect::<Vec<_>>().join("&"), String::new())
    } else {
        let body: Map<String, Value> =
            members.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        (Method::POST, String::new(), Value::Object(body).to_string())
    };
    let cannot = |problem: String| format!("cannot ask the gateway at {authority}: {problem}");
    let target = Target::parse(&format!("http://{authority}/_mock/{action}?{query}"))
        .map_err(|problem| Failure::Unusable(cannot(problem)))?;
    let json = HeaderValue::from_static("application/json");
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, json)]);
    let sent = Sent { method, headers, body: Bytes::from(body) };
    let response = runtime()?
        .block_on(target.send(sent, PATIENCE, LARGEST))
        .map_err(|problem| Failure::Refused(cannot(problem)))?;
    let (status, body) = (response.status(), String::from_utf8_lossy(response.body()));
    if status == StatusCode::OK {
        output::print(body.trim_end());
        return Ok(());
    }
    let value: Value = serde_json::from_str(&body).unwrap_or_default();
    let reason = value.get("error").and_then(Value::as_str).unwrap_or("it does not say why");
    let status = status.as_u16();
    Err(Failure::Refused(format!("the gateway refuses this with {status}: {reason}")))
}
