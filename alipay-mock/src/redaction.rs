//! Hides personal data on the page and in the JSON below `/_mock/`.

use std::sync::Arc;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::catalogue::Catalogue;
use crate::protocol::diagnosis::Diagnosis;
use crate::protocol::request::APP_AUTH_TOKEN;
use crate::record::RecordedRequest;

const HIDDEN: &str = "***";
/// Names of fields that end with one of these hold personal data or secrets, whatever the
/// description says. They are compared in lower case without separators: `buyerUserId` and `receive_user_id` both end with `userid`.
const SENSITIVE: [&str; 12] = [
    "userid",
    "openid",
    "logonid",
    "buyerid",
    "token",
    "phone",
    "phonenumber",
    "mobile",
    "certno",
    "certname",
    "email",
    "emailaddress",
];

/// Which values are hidden when requests and state are shown.
#[derive(Clone, Debug)]
pub(crate) struct Redaction {
    on: bool,
    /// Knows the fields that hold personal data by the description.
    catalogue: Arc<Catalogue>,
}

impl Redaction {
    pub(crate) fn new(on: bool, catalogue: Arc<Catalogue>) -> Self {
        Self { on, catalogue }
    }

    fn hides(&self, name: &str) -> bool {
        if self.catalogue.is_personal(name) {
            return true;
        }
        let letters = name.chars().filter(|c| c.is_alphanumeric());
        let name: String = letters.map(|c| c.to_ascii_lowercase()).collect();
        SENSITIVE.iter().any(|end| name.ends_with(end))
    }

    /// A request as JSON.
    pub(crate) fn request(&self, record: &RecordedRequest) -> Value {
        let headers: Map<String, Value> = record
            .headers
            .iter()
            .map(|(name, value)| {
                let secret = self.on && name == APP_AUTH_TOKEN;
                (name.clone(), if secret { HIDDEN } else { value }.into())
            })
            .collect();
        serde_json::json!({
            "at": record.unix_millis,
            "method": record.method,
            "target": self.target(&record.target),
            "operation": record.operation,
            "verified": record.verified,
            "string_to_sign": record.string_to_sign.as_ref().map(|text| self.signed(text, record)),
            "status": record.status,
            "duration_ms": (record.duration.as_secs_f64() * 1e6).round() / 1e3,
            "code": record.code,
            "message": record.message,
            "diagnosis": record.diagnosis.as_ref().map(|diagnosis| self.diagnosis(diagnosis, record)),
            "fault": record.fault.as_ref().map(ToString::to_string),
            "idle_fault": record.idle_fault.as_ref().map(ToString::to_string),
            "trace_id": record.trace_id,
            "headers": headers,
            "body": self.body(&record.body),
            "response": self.response(record),
        })
    }

    fn body(&self, body: &str) -> Value {
        match serde_json::from_str::<Value>(body) {
            Ok(body) => self.value(body),
            // Anything else may be a ciphertext, or a body that was cut, and may hold personal data.
            Err(_) if self.on && !body.is_empty() => not_json(body).into(),
            Err(_) => body.into(),
        }
    }

    fn response(&self, record: &RecordedRequest) -> Value {
        let mut body = self.body(&record.response);
        let Some(members) = body.as_object_mut().filter(|members| members.contains_key("code"))
        else {
            return body;
        };
        // A field of this name is personal in other bodies.
        if let Some(code) = &record.code {
            members.insert("code".to_owned(), code.as_str().into());
        }
        // Its strings have what was signed.
        if let Some(diagnosis) = &record.diagnosis {
            let diagnosis = self.diagnosis(diagnosis, record);
            members.insert("diagnosis".to_owned(), serde_json::json!(diagnosis));
        }
        body
    }

    /// The string that a request's signature covers, without personal data.
    fn signed(&self, text: &str, record: &RecordedRequest) -> String {
        if !self.on {
            return text.to_owned();
        }
        // The pairs, the method and the target are a line each.
        let start = text.match_indices('\n').nth(2).map_or(text.len(), |(at, _)| at + 1);
        let (before, body) = text.split_at(start);
        // Of an upload one part is signed. The last line may be that of the app auth token.
        let without_last = body.trim_end().rsplit_once('\n').map(|(body, _)| body);
        if is_json(&record.body) || is_json(body) || without_last.is_some_and(is_json) {
            return self.text(text);
        }
        // As in the record: what else a body is, nobody knows.
        format!("{}{}\n", self.text(before), not_json(&record.body))
    }

    /// What is wrong with a signature, without personal data in the strings.
    pub(crate) fn diagnosis(&self, diagnosis: &Diagnosis, record: &RecordedRequest) -> Diagnosis {
        if !self.on {
            return diagnosis.clone();
        }
        let is_shown = is_json(&record.body);
        let signed = diagnosis.signed.as_deref().filter(|_| is_shown).map(|text| self.text(text));
        diagnosis.with_strings(self.signed(&diagnosis.expected, record), signed)
    }

    /// A string in which values stand after their names, as in JSON or in a query, without the personal ones.
    fn text(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        let is_name = |c: char| c.is_alphanumeric() || "_-%\\".contains(c);
        while let Some(start) = rest.find(is_name) {
            let (before, named) = rest.split_at(start);
            let (name, after) = named.split_at(named.find(|c| !is_name(c)).unwrap_or(named.len()));
            shown.push_str(before);
            shown.push_str(name);
            rest = after;
            // Quotes around the name, then what separates it from its value.
            let value = after.trim_start_matches(['"', '\\', ' ']);
            let Some(value) = value.strip_prefix([':', '=']) else { continue };
            let value = value.trim_start();
            if self.hides(&unescaped(name)) {
                shown.push_str(after.get(..after.len() - value.len()).unwrap_or_default());
                shown.push_str(HIDDEN);
                rest = value.get(end_of_value(value)..).unwrap_or_default();
            }
        }
        shown.push_str(rest);
        shown
    }

    /// A value without the personal data in it.
    pub(crate) fn value(&self, value: Value) -> Value {
        if !self.on {
            return value;
        }
        match value {
            Value::Object(members) => {
                let hide = |(name, value): (String, Value)| {
                    let value = if self.hides(&name) { HIDDEN.into() } else { self.value(value) };
                    (name, value)
                };
                Value::Object(members.into_iter().map(hide).collect())
            }
            Value::Array(items) => {
                Value::Array(items.into_iter().map(|item| self.value(item)).collect())
            }
            scalar => scalar,
        }
    }

    /// A target, or a URL, without personal data in its query.
    pub(crate) fn target(&self, target: &str) -> String {
        let Some((path, query)) = target.split_once('?').filter(|_| self.on) else {
            return target.to_owned();
        };
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if self.hides(&percent_decode_str(name).decode_utf8_lossy()) => {
                format!("{name}={HIDDEN}")
            }
            Some((name, value)) => match self.json_in_query(value) {
                Some(shown) => format!("{name}={shown}"),
                None => pair.to_owned(),
            },
            None => pair.to_owned(),
        });
        format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
    }

    /// A value of a query that is JSON, as the content of an order is.
    fn json_in_query(&self, value: &str) -> Option<String> {
        let plain = value.replace('+', " ");
        let plain = percent_decode_str(&plain).decode_utf8_lossy();
        let json: Value = serde_json::from_str(&plain).ok()?;
        if !json.is_object() && !json.is_array() {
            return None;
        }
        let shown = self.value(json.clone());
        let encoded = || utf8_percent_encode(&shown.to_string(), NON_ALPHANUMERIC).to_string();
        (shown != json).then(encoded)
    }
}

/// Whether a body is JSON, or empty.
fn is_json(body: &str) -> bool {
    body.is_empty() || serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok()
}

/// What is shown of a body that is no JSON.
fn not_json(body: &str) -> String {
    format!("({} bytes, not JSON)", body.len())
}

/// A name of a query or of JSON without its escapes.
fn unescaped(name: &str) -> String {
    let plain = percent_decode_str(name).decode_utf8_lossy();
    serde_json::from_str(&format!("\"{plain}\"")).unwrap_or_else(|_| plain.into_owned())
}

/// Where a value ends that begins a string: a string of JSON, a list or an object, or the value of a query.
fn end_of_value(text: &str) -> usize {
    if !text.starts_with(['"', '[', '{']) {
        return text.find([',', '&', ']', '}', '\n']).unwrap_or(text.len());
    }
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => {
                quoted = !quoted;
                if !quoted && depth == 0 {
                    return at + 1;
                }
            }
            _ if quoted => {}
            '[' | '{' => depth += 1,
            ']' | '}' if depth > 1 => depth -= 1,
            ']' | '}' if depth == 1 => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use crate::gateway::GatewayBuilder;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn no_rendering_of_a_personal_value_is_shown(more in "\\PC{0,20}", nested: bool) {
            let redaction = GatewayBuilder::default().engine().unwrap().redaction;
            let secret = format!("SECRET{more}SECRET");
            let value = if nested { json!([{"deep": [secret]}]) } else { json!(secret) };
            let body = json!({"a": 1, "user_id": value, "b": "shown"});
            let pretty = serde_json::to_string_pretty(&body).unwrap();
            let escaped = body.to_string().replace("user_id", "user\\u005fid");
            for text in [body.to_string(), pretty, escaped] {
                let shown = redaction.text(&format!("app_id=1\nPOST\n/v3/x?a=b\n{text}\n"));
                prop_assert!(!shown.contains("SECRET"), "{shown}");
                prop_assert!(shown.contains("shown") && shown.contains("app_id=1"), "{shown}");
            }
            // Of what is no JSON, rather too much is hidden.
            let query = secret.replace(['&', ',', ']', '}', '\n'], "");
            let shown = redaction.text(&format!("/v3/x?user%5Fid={query}&b=1"));
            prop_assert!(!shown.contains("SECRET"), "{shown}");
        }
    }
}
