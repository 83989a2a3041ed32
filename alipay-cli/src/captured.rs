//! Reads what people capture: the output of `curl -i` and `curl -v`, requests and responses as they went over the wire, HAR
//! files, bodies of notifications, addresses with a query, orders.
//!
//! It is recognised by looking. What was changed on the way is kept, so that it can be named; only what the file itself
//! adds, such as the line feed at its end, is taken off.

mod around;
mod http;
mod kind;
mod parameters;
mod trace;

use std::borrow::Cow;

use alipay_mock::{Captured, Rule};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use around::{form_within, is_dump, signed_text};
use http::{Message, add, begins, of_http, target_of};
pub(crate) use kind::{Kind, Remarks};
pub(crate) use parameters::{decoded, encoded, parameters};
use parameters::{kind_of, of_page, parameter_value};
use trace::Trace;

/// What was captured.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) kind: Kind,
    pub(crate) content: Content,
    pub(crate) remarks: Remarks,
}

#[derive(Debug)]
pub(crate) enum Content {
    /// A request, or a response if there is no method.
    Http(Message),
    /// A notification, a query or an order, not decoded.
    Form(Vec<u8>),
}

impl Capture {
    /// What is signed, the likelier reading first: the line feed at the end of a file is mostly not of the body.
    pub(crate) fn readings(&self) -> Vec<(Captured, Vec<u8>)> {
        match &self.content {
            Content::Form(form) => {
                let rule = if self.kind == Kind::Order { Rule::Order } else { Rule::Notification };
                vec![(Captured::form(rule, form.clone().into()), form.clone())]
            }
            Content::Http(message) => {
                let captured = |body: Vec<u8>| match &message.start {
                    Some((method, target)) => {
                        Captured::request(method, target, message.headers.clone(), body.into())
                    }
                    None => Captured::response(message.headers.clone(), body.into()),
                };
                message.bodies().into_iter().map(|body| (captured(body.clone()), body)).collect()
            }
        }
    }

    /// A header of a request or a response.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        match &self.content {
            Content::Http(message) => message.headers.get(name)?.to_str().ok().map(str::trim),
            Content::Form(_) => None,
        }
    }

    /// A pair of the header `authorization`, or a parameter, decoded once.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        match &self.content {
            Content::Http(_) => {
                let (_, pairs) = self.header("authorization")?.split_once(' ')?;
                let value = |pair: &str| {
                    let (known, value) = pair.trim().split_once('=')?;
                    (known == name).then(|| value.to_owned())
                };
                pairs.split(',').find_map(value)
            }
            Content::Form(_) => self.parameters(name).into_iter().next(),
        }
    }

    /// All parameters of this name, decoded once.
    pub(crate) fn parameters(&self, name: &str) -> Vec<String> {
        let Content::Form(form) = &self.content else { return Vec::new() };
        let text = String::from_utf8_lossy(form);
        let value = |pair: &str| {
            let (known, value) = pair.split_once('=')?;
            (known == name).then(|| decoded(value))
        };
        text.replace("&amp;", "&").split('&').filter_map(value).collect()
    }
}

/// Reads a file. The error continues "cannot read NAME: ".
pub(crate) fn read(bytes: &[u8], wanted: Option<Kind>) -> Result<Capture, String> {
    let mut remarks = Remarks::default();
    let bytes = in_utf8(bytes, &mut remarks.notes);
    if bytes.trim_ascii().is_empty() {
        return Err("it is empty".to_owned());
    }
    let is_http = begins(&String::from_utf8_lossy(&bytes));
    let traced = if is_http { None } else { of_trace(&bytes, wanted, &mut remarks)? };
    let bytes = traced.map_or(bytes, Cow::Owned);
    let text = String::from_utf8_lossy(&bytes);
    let begun = text.trim_start();
    let (kind, content) = if !begins(&text) && is_dump(&text) {
        return Err(around::DUMP.to_owned());
    } else if begun.starts_with('{') {
        of_json(begun, wanted, &mut remarks)?
    } else if begun.starts_with("curl ") && text.contains("ALIPAY-SHA256withRSA") {
        return Err("it is a command, and not what it sent; write it as it is sent: `POST /v3/… HTTP/1.1`, then the headers as \
                    `name: value`, an empty line and the body"
            .to_owned());
    } else if begun.starts_with('<') && text.contains("<form") {
        remarks.notes.push("it was read from the form of a page".to_owned());
        (
            Kind::Order,
            Content::Form(of_page(&text).ok_or("its form has no `action` or no `biz_content`")?),
        )
    } else if let Some(message) = of_http(&bytes, wanted, &mut remarks)? {
        of_message(message, wanted, &mut remarks)
    } else {
        of_text(&bytes, wanted, &mut remarks)?
    };
    let kind = wanted.unwrap_or(kind);
    let fits = match (&content, kind) {
        (Content::Http(message), Kind::Request) => message.start.is_some(),
        (Content::Http(message), Kind::Response) => message.start.is_none(),
        (Content::Form(_), Kind::Notification | Kind::Return | Kind::Order) => true,
        _ => false,
    };
    if !fits {
        return Err(match kind {
            Kind::Request => "a request begins with its method and path, such as `POST /v3/… HTTP/1.1`, and has its headers and an \
                              empty line before its body",
            Kind::Response => "a response has its headers, of which alipay-timestamp, alipay-nonce and alipay-signature are \
                               needed, and an empty line before its body: capture it with `curl -i`",
            _ => "it has no parameters such as `name=value&sign=…`",
        }
        .to_owned());
    }
    let mut capture = Capture { kind, content, remarks };
    let losses = losses(&capture.content, |name| capture.parameter(name));
    capture.remarks.hints.extend(losses);
    Ok(capture)
}

/// One side of what `curl --trace` prints.
fn of_trace(
    bytes: &[u8],
    wanted: Option<Kind>,
    remarks: &mut Remarks,
) -> Result<Option<Vec<u8>>, String> {
    let Some(trace) = Trace::read(&String::from_utf8_lossy(bytes)) else { return Ok(None) };
    let wants_request = wanted == Some(Kind::Request) || trace.received.is_empty();
    let (message, other) =
        if wants_request { (trace.sent, "response") } else { (trace.received, "request") };
    if message.is_empty() {
        return Err("the trace has only the other side of the exchange".to_owned());
    }
    remarks
        .notes
        .push(format!("it was read from a trace of curl; `--as {other}` looks at the {other}"));
    if trace.is_ascii {
        remarks.hints.push(
            "`--trace-ascii` prints each byte that is not ASCII as a dot; `--trace -` prints all bytes"
                .to_owned(),
        );
    }
    Ok(Some(message))
}

/// What cannot be brought back, and may be behind a wrong signature.
fn losses(content: &Content, parameter: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let (text, missing) = match content {
        Content::Http(message) => {
            let has_type = message.headers.contains_key("content-type");
            let missing = match &message.start {
                Some(_) => {
                    "the request has no body here; `curl -v` prints none, but `--trace -` does"
                }
                None => {
                    "the response has no body here; capture it with `curl -i`, without `-I` and `-o`"
                }
            };
            let is_empty = has_type && message.body.trim_ascii().is_empty();
            (String::from_utf8_lossy(&message.body).into_owned(), is_empty.then_some(missing))
        }
        Content::Form(form) => (decoded(&String::from_utf8_lossy(form)), None),
    };
    let is_utf8 = match content {
        Content::Http(message) => std::str::from_utf8(&message.body).is_ok(),
        Content::Form(form) => std::str::from_utf8(form).is_ok(),
    };
    let mut losses = Vec::new();
    let bytes = if let Content::Form(form) = content {
        String::from_utf8_lossy(form).to_ascii_uppercase()
    } else {
        String::new()
    };
    if (is_utf8 && text.contains('\u{fffd}') && matches!(content, Content::Http(_)))
        || bytes.contains("%EF%BF%BD")
        || bytes.contains('\u{fffd}')
    {
        losses.push("it holds U+FFFD: characters were lost when it was decoded in another charset than its own".to_owned());
    }
    let is_cut = |json: &str| {
        let problem = serde_json::from_str::<serde::de::IgnoredAny>(json).err();
        json.starts_with('{') && problem.is_some_and(|problem| problem.is_eof())
    };
    match content {
        Content::Http(_) if is_cut(&text) => {
            losses.push("the body is JSON that is cut off".to_owned());
        }
        Content::Form(_) if parameter("biz_content").is_some_and(|json| is_cut(&json)) => {
            losses.push(
                "`biz_content` is JSON that is cut off; in a page its quotation marks have to be written `&quot;`"
                    .to_owned(),
            );
        }
        _ => {}
    }
    if text.contains("??") {
        losses.push("it holds `??`: characters may have been lost in another charset".to_owned());
    }
    losses.extend(missing.map(str::to_owned));
    losses
}

/// The bytes without what an editor or a shell adds in front.
fn in_utf8<'a>(bytes: &'a [u8], notes: &mut Vec<String>) -> Cow<'a, [u8]> {
    let units = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> =
            rest.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit).collect();
        String::from_utf16_lossy(&units).into_bytes()
    };
    let wide = match bytes {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => {
            notes.push("the file begins with a byte order mark, which was left out".to_owned());
            return rest.into();
        }
        _ => return bytes.into(),
    };
    notes.push("the file is in UTF-16, as PowerShell writes it; it was read as UTF-8".to_owned());
    wide.into()
}

/// A HAR file, or the parameters of a notification as a program prints them.
fn of_json(
    text: &str,
    wanted: Option<Kind>,
    remarks: &mut Remarks,
) -> Result<(Kind, Content), String> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| format!("it begins as JSON does, and is none: {error}"))?;
    if let Some(entries) = value.pointer("/log/entries").and_then(Value::as_array) {
        return of_archive(entries, wanted, remarks);
    }
    let members = value.as_object().ok_or("it is JSON, but no object")?;
    if let Some(name) = members.keys().find(|name| name.ends_with("_response")) {
        return Err(format!(
            "it is a response of the older protocol (`{name}`), whose signature follows other rules than those of v3"
        ));
    }
    if !members.contains_key("sign") {
        // An entry of a log, which has it as a string.
        if let Some(inner) = signed_text(&value) {
            remarks.notes.push(FROM_AROUND.to_owned());
            return if inner.starts_with('{') {
                of_json(inner, wanted, remarks)
            } else {
                of_text(inner.as_bytes(), wanted, remarks)
            };
        }
        return Err(
            "it is JSON without a signature: of a response the headers are needed, too (`curl -i`)"
                .to_owned(),
        );
    }
    let pairs: Option<Vec<String>> = members
        .iter()
        .map(|(name, value)| Some(format!("{name}={}", encoded(&parameter_value(value)?))))
        .collect();
    let form = pairs.ok_or("it is JSON with members that are no parameters")?.join("&");
    remarks.notes.push(
        "it is JSON of the parameters; it was read as the form that they came from".to_owned(),
    );
    Ok((kind_of(&form, None), Content::Form(form.into_bytes())))
}

/// An archive of HTTP, as browsers and proxies save it: the first exchange with Alipay.
fn of_archive(
    entries: &[Value],
    wanted: Option<Kind>,
    remarks: &mut Remarks,
) -> Result<(Kind, Content), String> {
    let has = |message: &Value, name: &str| {
        let headers = message["headers"].as_array().into_iter().flatten();
        { headers }.any(|header| {
            header["name"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name))
        })
    };
    let is_signed = |entry: &&Value| {
        has(&entry["response"], "alipay-signature") || has(&entry["request"], "authorization")
    };
    let entry = entries.iter().find(is_signed).ok_or("the archive has no exchange with Alipay")?;
    let wants_request = wanted == Some(Kind::Request);
    let (side, other) =
        if wants_request { ("request", "response") } else { ("response", "request") };
    remarks
        .notes
        .push(format!("it is the {side} of an archive (HAR); `--as {other}` looks at the {other}"));
    let message = &entry[side];
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str);
    let mut read = Message::default();
    for header in message["headers"].as_array().into_iter().flatten() {
        let (name, value) = (header["name"].as_str(), header["value"].as_str());
        let (Some(name), Some(value)) = (name, value) else { continue };
        add(&mut read.headers, name, value, &mut remarks.changes);
    }
    if wants_request {
        let url = message["url"].as_str().unwrap_or_default();
        let method = message["method"].as_str().unwrap_or_default();
        read.start = Some((method.to_owned(), target_of(url).to_owned()));
        read.body = text("/postData/text").unwrap_or_default().into();
        return Ok((Kind::Request, Content::Http(read)));
    }
    let body = text("/content/text").ok_or(
        "the archive has no body of the response; save it with its content, or capture it with `curl -i`",
    )?;
    read.body = if text("/content/encoding") == Some("base64") {
        let problem = "the body in the archive is not the base64 that it is said to be; capture it with `curl -i`";
        STANDARD.decode(body).map_err(|_| problem)?
    } else {
        body.into()
    };
    Ok((Kind::Response, Content::Http(read)))
}

/// What is said where only a part of the file was read.
const FROM_AROUND: &str = "it was taken out of the text around it; if it does not verify, give the body as it was received";

/// A form, a query or an address.
fn of_text(
    bytes: &[u8],
    wanted: Option<Kind>,
    remarks: &mut Remarks,
) -> Result<(Kind, Content), String> {
    let trimmed = bytes.trim_ascii();
    let trimmed = match trimmed {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        _ => trimmed,
    };
    let whole = String::from_utf8_lossy(trimmed);
    let trimmed = match form_within(&whole)? {
        Some(form) if form.len() < whole.len() => {
            remarks.notes.push(FROM_AROUND.to_owned());
            form.as_bytes()
        }
        _ => trimmed,
    };
    // A line of a log with JSON in it.
    let json = whole.find('{').zip(whole.rfind('}')).and_then(|(from, to)| whole.get(from..=to));
    let has_sign = |json: &&str| {
        serde_json::from_str::<Value>(json).is_ok_and(|json| json.get("sign").is_some())
    };
    if let Some(json) = json.filter(has_sign) {
        remarks.notes.push(FROM_AROUND.to_owned());
        return of_json(json, wanted, remarks);
    }
    let text = String::from_utf8_lossy(trimmed);
    let is_address = ["http://", "https://", "/", "?"].iter().any(|start| text.starts_with(start));
    let mut form = trimmed;
    let mut path = None;
    if is_address {
        let at = text.find('?').ok_or("it is an address without a query")?;
        path = text.get(..at);
        // All that stands before is ASCII, or was replaced by more than it had.
        let at = trimmed.iter().position(|byte| *byte == b'?').unwrap_or(at);
        form = trimmed.get(at + 1..).unwrap_or_default();
        // A fragment is not sent. `&#` begins an escape of HTML.
        let is_fragment = |at: &usize| {
            form.get(*at) == Some(&b'#') && form.get(at.wrapping_sub(1)) != Some(&b'&')
        };
        let end = (0..form.len()).find(is_fragment).unwrap_or(form.len());
        form = form.get(..end).unwrap_or(form);
    }
    let lower = text.to_ascii_lowercase();
    if wanted.is_none() && !lower.contains("sign=") && !lower.contains("sign%3d") {
        return Err("it is neither a request nor a response with its headers, nor has it a parameter `sign`; capture what is sent with \
                    `curl --trace -` or as HAR, and of a notification the body as it is received"
            .to_owned());
    }
    Ok((kind_of(&String::from_utf8_lossy(form), path), Content::Form(form.to_vec())))
}

/// A message of HTTP as what it carries: a form is a notification, and an address may be a return or an order.
fn of_message(message: Message, wanted: Option<Kind>, remarks: &mut Remarks) -> (Kind, Content) {
    let Some((_, target)) = message.start.as_ref() else {
        return (Kind::Response, Content::Http(message));
    };
    let is_signed = message.headers.contains_key("authorization");
    if wanted == Some(Kind::Request) || (wanted.is_none() && is_signed) {
        return (Kind::Request, Content::Http(message));
    }
    let body = message.body.trim_ascii();
    let query = target.split_once('?').map(|(_, query)| query.to_owned());
    let in_query = query.as_deref().is_some_and(|query| query.contains("sign="));
    let path = target.split('?').next().unwrap_or(target).to_owned();
    let is_order = wanted.is_none_or(|kind| kind == Kind::Order) && path.ends_with("/gateway.do");
    let has_sign = String::from_utf8_lossy(body).to_ascii_lowercase().contains("sign");
    if is_order && !body.is_empty() {
        // The common parameters may stand in the query, and the rest in the form.
        let query = query.unwrap_or_default();
        let form =
            if query.is_empty() { body.to_vec() } else { [query.as_bytes(), b"&", body].concat() };
        return (Kind::Order, Content::Form(form));
    }
    if in_query && !has_sign {
        let query = query.unwrap_or_default();
        return (kind_of(&query, Some(&path)), Content::Form(query.into_bytes()));
    }
    if body.is_empty() || (!has_sign && wanted.is_none()) {
        return (Kind::Request, Content::Http(message));
    }
    let body = body.to_vec();
    let kind = kind_of(&String::from_utf8_lossy(&body), None);
    if message
        .headers
        .get("content-type")
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
    {
        remarks.hints.push(
            "the content type is JSON; Alipay posts application/x-www-form-urlencoded".to_owned(),
        );
    }
    (kind, Content::Form(body))
}
