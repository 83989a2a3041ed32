//! Hides personal data on the page, in the JSON below `/_mock/`, and in what was captured.

use std::sync::{Arc, OnceLock};

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

/// Whether a field of this name holds personal data or a secret: by the description, or by its name.
pub(crate) fn is_personal(catalogue: &Catalogue, name: &str) -> bool {
    if catalogue.is_personal(name) {
        return true;
    }
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    let name: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    SENSITIVE.iter().any(|end| name.ends_with(end))
}

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
        is_personal(&self.catalogue, name)
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
            let name = unescaped(name);
            // Of an error, it is no one's.
            let is_error = name == "code" && is_error_code(value);
            if self.hides(&name) && !is_error {
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

/// Whether a value begins with the code of an error, rather than with the code of a user.
fn is_error_code(value: &str) -> bool {
    let code = value.trim_start_matches('"').split('"').next().unwrap_or_default();
    !code.is_empty()
        && code.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.'))
}

/// Whether a body is JSON, or empty.
fn is_json(body: &str) -> bool {
    body.is_empty() || serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok()
}

/// What is shown of a body that is no JSON.
fn not_json(body: &str) -> String {
    format!("({} bytes, not JSON)", body.len())
}

/// Quotation marks as escapes and word processors write them: the first, the last, and the colon beside them.
const QUOTES: [(&str, &str, &str); 11] = [
    ("%22", "%22", "%3A"),
    ("%2522", "%2522", "%253A"),
    ("%5C%22", "%5C%22", "%3A"),
    ("%27", "%27", "%3A"),
    ("&quot;", "&quot;", ":"),
    ("&#34;", "&#34;", ":"),
    ("&#x22;", "&#x22;", ":"),
    ("&amp;quot;", "&amp;quot;", ":"),
    ("\\u0022", "\\u0022", ":"),
    ("\u{201c}", "\u{201d}", ":"),
    ("\u{201d}", "\u{201c}", ":"),
];

/// Text of requests, responses or notifications without personal data and tokens, for people: `***` stands in place of
/// each value whose name says that it is personal, by Alipay's description or as usual, and of what looks like a user's
/// id, a phone number or an email address. Names and values may be escaped as they are in forms, HTML and JSON.
#[must_use]
pub fn hide_personal_data(text: &str) -> String {
    static OF_ALIPAY: OnceLock<Option<Redaction>> = OnceLock::new();
    let redaction = OF_ALIPAY.get_or_init(|| {
        let catalogue = Catalogue::shared(None, true).ok()?;
        catalogue.others().ok()?;
        Some(Redaction::new(true, catalogue))
    });
    match redaction {
        Some(redaction) => without_patterns(&redaction.text(&redaction.escaped(text))),
        // What is embedded is tested, so that it can be read.
        None => HIDDEN.to_owned(),
    }
}

impl Redaction {
    /// Text in which names and values stand in quotation marks that are escaped.
    fn escaped(&self, text: &str) -> String {
        QUOTES.iter().fold(text.to_owned(), |text, quotes| self.in_quotes(&text, *quotes))
    }

    fn in_quotes(&self, text: &str, (quote, last, colon): (&str, &str, &str)) -> String {
        // Either may stand in the place of the other.
        let end_of = |text: &str| [quote, last].iter().filter_map(|quote| find(text, quote)).min();
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = find(rest, quote) {
            let (before, from) = rest.split_at(at + quote.len());
            shown.push_str(before);
            rest = from;
            let Some(end) = end_of(from) else { continue };
            let (name, after) = from.split_at(end);
            if name.len() > 100 || !self.hides(name) {
                continue;
            }
            // What stands between a name and its value.
            let mut value = after.get(quote.len()..).unwrap_or_default();
            value = value.trim_start_matches(['+', ' ']);
            value = value.strip_prefix("%20").unwrap_or(value);
            let colons = [colon, ":", "%3a", "%3A"];
            let Some(value) = colons.iter().find_map(|colon| value.strip_prefix(colon)) else {
                continue;
            };
            shown.push_str(name);
            shown.push_str(after.get(..after.len() - value.len()).unwrap_or_default());
            shown.push_str(HIDDEN);
            let begun = value.trim_start_matches(['+', ' ']);
            let inner = strip(begun, quote).or_else(|| strip(begun, last));
            let end = match inner {
                Some(inner) => {
                    end_of(inner).map(|end| value.len() - inner.len() + end + quote.len())
                }
                None => value
                    .find([',', '}', '&', '\n'])
                    .into_iter()
                    .chain(["%2C", "%7D"].iter().filter_map(|end| find(value, end)))
                    .min(),
            };
            rest = value.get(end.unwrap_or(value.len())..).unwrap_or_default();
        }
        shown.push_str(rest);
        shown
    }
}

impl Diagnosis {
    /// The same with [`hide_personal_data`] applied to the strings.
    #[must_use]
    pub fn without_personal_data(&self) -> Self {
        let signed = self.signed.as_deref().map(hide_personal_data);
        self.with_strings(hide_personal_data(&self.expected), signed)
    }
}

/// Where one string is in another, in capitals or not. The one that is looked for is ASCII.
fn find(text: &str, wanted: &str) -> Option<usize> {
    let wanted = wanted.as_bytes();
    let place =
        text.as_bytes().windows(wanted.len()).position(|part| part.eq_ignore_ascii_case(wanted));
    place.filter(|at| text.is_char_boundary(*at))
}

fn strip<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.get(..start.len()).filter(|begun| begun.eq_ignore_ascii_case(start))?;
    text.get(start.len()..)
}

/// Text without what looks like the id of a user, a phone number or an email address, whatever its name is.
fn without_patterns(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '@' | '.' | '_' | '-' | '*');
    let text = text.replace("%40", "@");
    let mut rest = text.as_str();
    while let Some(start) = rest.find(is_word) {
        let (before, word) = rest.split_at(start);
        let (word, after) = word.split_at(word.find(|c| !is_word(c)).unwrap_or(word.len()));
        shown.push_str(before);
        let begins = |at: &usize| word.get(*at..).is_some_and(looks_personal);
        match [0, end_of_escape(before, word)].into_iter().find(begins) {
            Some(at) => {
                shown.push_str(word.get(..at).unwrap_or_default());
                shown.push_str(HIDDEN);
            }
            None => shown.push_str(word),
        }
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// How much of a word is of an escape that begins before it: `%22`, `%2522`, `\x22`, `\u0022`, `\n`.
fn end_of_escape(before: &str, word: &str) -> usize {
    match (before.chars().next_back(), word.as_bytes().first()) {
        (Some('%'), _) => word.len() - word.trim_start_matches("25").len() + 2,
        (Some('\\'), Some(b'x')) => 3,
        (Some('\\'), Some(b'u')) => 5,
        (Some('\\'), Some(_)) => 1,
        _ => 0,
    }
}

/// Whether a word is the id of a user, a phone number or an email address.
fn looks_personal(word: &str) -> bool {
    // It may stand behind a value that is hidden already.
    let number = word.trim_matches('*');
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let is_user = digits && number.len() == 16 && number.starts_with("2088");
    let is_phone = digits
        && number.len() == 11
        && number.starts_with('1')
        && !matches!(number.as_bytes().get(1), Some(b'0'..=b'2'));
    let is_address =
        word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    is_user || is_phone || is_address
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
                    // Where JSON is damaged, a part of the value may follow.
                    let rest = text.get(at..).unwrap_or_default();
                    let is_after = |c: char| c.is_whitespace() || ",&]}\\".contains(c);
                    return rest.find(is_after).map_or(text.len(), |end| at + end);
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

    use super::hide_personal_data;
    use crate::gateway::GatewayBuilder;

    #[test]
    fn escaped_names_and_values_are_hidden_too() {
        for (text, shown) in [
            ("{\"user_id\":\"x1\",\"a\":\"b\"}", "{\"user_id\":***,\"a\":\"b\"}"),
            (
                "%7B%22user_id%22%3A%22x1%22%2C%22a%22%3A1%7D",
                "%7B%22user_id%22%3A***%2C%22a%22%3A1%7D",
            ),
            (
                "{&quot;open_id&quot;:&quot;x1&quot;,&quot;a&quot;:1}",
                "{&quot;open_id&quot;:***,&quot;a&quot;:1}",
            ),
            ("{\\\"phone\\\":\\\"x1\\\",\\\"a\\\":1}", "{\\\"phone\\\":***,\\\"a\\\":1}"),
            ("{“open_id”:“x1”,“a”:1}", "{“open_id”:***,“a”:1}"),
            ("{\"open_id\":\"\"x1\",\"a\":1}", "{\"open_id\":***,\"a\":1}"),
            (
                "{&quot;user_id&quot;:1,***2088102146225135&quot;}",
                "{&quot;user_id&quot;:***,***&quot;}",
            ),
            ("a=%222088102146225135%22&b=%252213800138000", "a=%22***%22&b=%2522***"),
            (
                "\\xE52088102146225135\\n13800138000\\u00222088102146225135",
                "\\xE5***\\n***\\u0022***",
            ),
            ("%2088102146225135", "%***"),
            ("/v3/user/2088102146225135/13800138000?to=a.b%40c.com", "/v3/user/***/***?to=***"),
            ("{\"code\":\"INVALID_PARAMETER\"}", "{\"code\":\"INVALID_PARAMETER\"}"),
            (
                "a=1767225600123&trade_no=2026010122001400",
                "a=1767225600123&trade_no=2026010122001400",
            ),
        ] {
            assert_eq!(hide_personal_data(text), shown);
        }
    }

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
