//! Reads what people capture: the output of `curl -i` and `curl -v`, requests and responses as they went over the wire, HAR
//! files, bodies of notifications, addresses with a query, orders.
//!
//! It is recognised by looking. What was changed on the way is kept, so that it can be named; only what the file itself
//! adds, such as the line feed at its end, is taken off.

use std::borrow::Cow;
use std::str::FromStr as _;

use alipay_core::http::{HeaderMap, HeaderName, HeaderValue};
use alipay_mock::{Captured, Rule};
use clap::ValueEnum;
use serde_json::Value;

/// What it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Kind {
    /// A request of an app to Alipay
    Request,
    /// Alipay's response
    Response,
    /// What Alipay posts to the app
    Notification,
    /// The address with which a buyer comes back (`return_url`), or its query
    Return,
    /// An order for a page or an app: a link, a form or an order string
    Order,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Notification => "notification",
            Self::Return => "return",
            Self::Order => "order",
        }
    }

    /// Whether the app signs it, rather than Alipay.
    pub(crate) fn is_of_app(self) -> bool {
        matches!(self, Self::Request | Self::Order)
    }
}

/// What was captured.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) kind: Kind,
    pub(crate) content: Content,
    /// What is worth to know, and no mistake.
    pub(crate) notes: Vec<String>,
    /// What was changed since it was sent, other than its content: it does not verify as it stands.
    pub(crate) changes: Vec<String>,
    /// What may be behind a wrong signature.
    pub(crate) hints: Vec<String>,
}

#[derive(Debug)]
pub(crate) enum Content {
    /// A request, or a response if there is no method.
    Http(Message),
    /// A notification, a query or an order, not decoded.
    Form(Vec<u8>),
}

/// A message of HTTP.
#[derive(Debug, Default)]
pub(crate) struct Message {
    /// Method, and path and query.
    pub(crate) start: Option<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether the last line feed may be the file's, and not the body's.
    ends_with_file: bool,
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
                let mut bodies = vec![message.body.clone()];
                if message.ends_with_file {
                    let body = &message.body;
                    let without = body.strip_suffix(b"\n").unwrap_or(body);
                    let without = without.strip_suffix(b"\r").unwrap_or(without);
                    if without.len() < body.len() {
                        bodies.insert(0, without.to_vec());
                    }
                }
                let captured = |body: Vec<u8>| match &message.start {
                    Some((method, target)) => {
                        Captured::request(method, target, message.headers.clone(), body.into())
                    }
                    None => Captured::response(message.headers.clone(), body.into()),
                };
                bodies.into_iter().map(|body| (captured(body.clone()), body)).collect()
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
            Content::Form(form) => {
                let text = String::from_utf8_lossy(form);
                let value = |pair: &str| {
                    let (known, value) = pair.split_once('=')?;
                    (known == name).then(|| decoded(value))
                };
                text.replace("&amp;", "&").split('&').find_map(value)
            }
        }
    }
}

/// Reads a file. The error continues "cannot read NAME: ".
pub(crate) fn read(bytes: &[u8], wanted: Option<Kind>) -> Result<Capture, String> {
    let mut remarks = Remarks::default();
    let bytes = in_utf8(bytes, &mut remarks.notes);
    if bytes.trim_ascii().is_empty() {
        return Err("it is empty".to_owned());
    }
    let text = String::from_utf8_lossy(&bytes);
    let begun = text.trim_start();
    let (kind, content) = if begun.starts_with('{') {
        of_json(begun, wanted, &mut remarks.notes)?
    } else if begun.starts_with('<') && text.contains("<form") {
        remarks.notes.push("it was read from the form of a page".to_owned());
        (
            Kind::Order,
            Content::Form(of_page(&text).ok_or("its form has no `action` or no `biz_content`")?),
        )
    } else if let Some(message) = of_http(&bytes, wanted, &mut remarks)? {
        of_message(message, wanted, &mut remarks)
    } else {
        of_text(&bytes, wanted)?
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
    let Remarks { notes, changes, mut hints } = remarks;
    hints.extend(losses(&content));
    Ok(Capture { kind, content, notes, changes, hints })
}

/// What cannot be brought back, and may be behind a wrong signature.
fn losses(content: &Content) -> Vec<String> {
    let (text, is_empty) = match content {
        Content::Http(message) => {
            let has_type = message.headers.contains_key("content-type");
            let is_empty =
                message.start.is_some() && has_type && message.body.trim_ascii().is_empty();
            (String::from_utf8_lossy(&message.body).into_owned(), is_empty)
        }
        Content::Form(form) => (decoded(&String::from_utf8_lossy(form)), false),
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
    if text.contains("??") {
        losses.push("it holds `??`: characters may have been lost in another charset".to_owned());
    }
    if is_empty {
        losses.push(
            "the request has no body here; `curl -v` prints none, but `--trace-ascii -` does"
                .to_owned(),
        );
    }
    losses
}

/// What is found while a file is read.
#[derive(Default)]
struct Remarks {
    notes: Vec<String>,
    changes: Vec<String>,
    hints: Vec<String>,
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
    notes: &mut Vec<String>,
) -> Result<(Kind, Content), String> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| format!("it begins as JSON does, and is none: {error}"))?;
    if let Some(entries) = value.pointer("/log/entries").and_then(Value::as_array) {
        return of_archive(entries, wanted, notes);
    }
    let members = value.as_object().ok_or("it is JSON, but no object")?;
    if let Some(name) = members.keys().find(|name| name.ends_with("_response")) {
        return Err(format!(
            "it is a response of the older protocol (`{name}`), whose signature follows other rules than those of v3"
        ));
    }
    if !members.contains_key("sign") {
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
    notes.push(
        "it is JSON of the parameters; it was read as the form that they came from".to_owned(),
    );
    Ok((kind_of(&form, None), Content::Form(form.into_bytes())))
}

/// A parameter; servers may give several values for a name as a list.
fn parameter_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => match items.as_slice() {
            [one] => parameter_value(one),
            _ => None,
        },
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        // A content that was read as JSON, too.
        Value::Object(_) => Some(value.to_string()),
        Value::Null => Some(String::new()),
    }
}

/// An archive of HTTP, as browsers and proxies save it: the first exchange with Alipay.
fn of_archive(
    entries: &[Value],
    wanted: Option<Kind>,
    notes: &mut Vec<String>,
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
    notes
        .push(format!("it is the {side} of an archive (HAR); `--as {other}` looks at the {other}"));
    let message = &entry[side];
    let mut read = Message::default();
    for header in message["headers"].as_array().into_iter().flatten() {
        let (name, value) = (header["name"].as_str(), header["value"].as_str());
        let (Some(name), Some(value)) = (name, value) else { continue };
        add(&mut read.headers, name, value, &mut Vec::new());
    }
    if wants_request {
        let url = message["url"].as_str().unwrap_or_default();
        let method = message["method"].as_str().unwrap_or_default();
        read.start = Some((method.to_owned(), target_of(url).to_owned()));
        read.body = message["postData"]["text"].as_str().unwrap_or_default().into();
        return Ok((Kind::Request, Content::Http(read)));
    }
    if message["content"]["encoding"] == "base64" {
        return Err("the body in the archive is in base64; capture it with `curl -i`".to_owned());
    }
    read.body = message["content"]["text"].as_str().unwrap_or_default().into();
    Ok((Kind::Response, Content::Http(read)))
}

/// The parameters of a page that posts an order: those of its address, and its inputs.
fn of_page(page: &str) -> Option<Vec<u8>> {
    let attribute = |tag: &str, name: &str| -> Option<String> {
        let at = tag.find(&format!("{name}="))? + name.len() + 1;
        let rest = tag.get(at..)?;
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let value = rest.get(1..)?;
        Some(unescaped(value.get(..value.find(quote)?)?))
    };
    let tags = |name: &str| -> Vec<String> {
        page.match_indices(&format!("<{name}"))
            .filter_map(|(at, _)| {
                let rest = page.get(at..)?;
                Some(rest.get(..rest.find('>').unwrap_or(rest.len()))?.to_owned())
            })
            .collect()
    };
    let action = tags("form").iter().find_map(|form| attribute(form, "action"))?;
    let mut pairs: Vec<String> =
        action.split_once('?').map(|(_, query)| query.to_owned()).into_iter().collect();
    for input in tags("input") {
        if let (Some(name), Some(value)) = (attribute(&input, "name"), attribute(&input, "value")) {
            // Common parameters may stand in both.
            if !pairs
                .iter()
                .any(|pair| pair.split('&').any(|pair| pair.starts_with(&format!("{name}="))))
            {
                pairs.push(format!("{name}={}", encoded(&value)));
            }
        }
    }
    let form = pairs.join("&");
    form.contains("sign=").then(|| form.into_bytes())
}

/// A form, a query or an address.
fn of_text(bytes: &[u8], wanted: Option<Kind>) -> Result<(Kind, Content), String> {
    let trimmed = bytes.trim_ascii();
    let trimmed = match trimmed {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] => inner,
        _ => trimmed,
    };
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
        return Err("it is neither a request nor a response with its headers, nor has it a parameter `sign`".to_owned());
    }
    Ok((kind_of(&String::from_utf8_lossy(form), path), Content::Form(form.to_vec())))
}

/// What parameters are, by their names. `path` is that of an address.
fn kind_of(form: &str, path: Option<&str>) -> Kind {
    let plain =
        form.replace("&amp;", "&").replace("%26", "&").replace("%3D", "=").replace("%3d", "=");
    let plain = plain.replace(['\r', '\n'], "&");
    let value = |name: &str| {
        plain.split('&').find_map(|pair| {
            let (known, value) = pair.trim().split_once('=')?;
            (known == name).then_some(value)
        })
    };
    if path.is_some_and(|path| path.ends_with("/gateway.do")) {
        Kind::Order
    } else if value("method").is_some_and(|method| method.ends_with(".return")) {
        Kind::Return
    } else if ["notify_id", "notify_type", "msg_method", "trade_status"]
        .iter()
        .any(|name| value(name).is_some())
    {
        Kind::Notification
    } else if value("biz_content").is_some() && value("method").is_some() {
        Kind::Order
    } else if path.is_some() || value("trade_no").is_some() {
        Kind::Return
    } else {
        Kind::Notification
    }
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

/// A message of HTTP; `None` if it is none.
fn of_http(
    bytes: &[u8],
    wanted: Option<Kind>,
    remarks: &mut Remarks,
) -> Result<Option<Message>, String> {
    let lines = Lines::of(bytes);
    let is_verbose = lines.0.iter().any(|line| {
        let text = line.text();
        text.strip_prefix("> ").is_some_and(is_request)
            || text.strip_prefix("< ").is_some_and(is_response)
    });
    let lines = if is_verbose {
        if lines.has_both() && wanted != Some(Kind::Request) {
            remarks.notes.push(
                "the file has request and response; `--as request` looks at the request".to_owned(),
            );
        }
        lines.of_verbose(wanted)
    } else {
        lines
    };
    let lines = lines.0;
    let mut at = lines.iter().position(|line| !line.text().trim().is_empty()).unwrap_or(0);
    let first = lines.get(at).map(Line::text).unwrap_or_default();
    let begins = is_request(&first) || is_response(&first);
    if !begins && !is_header(&first) {
        return Ok(None);
    }
    // The response that follows a request, or an interim response, is the one that counts.
    if wanted != Some(Kind::Request) {
        let later = lines.iter().rposition(|line| line.is_of_head() && is_response(&line.text()));
        if let Some(later) = later.filter(|later| *later > at) {
            if is_request(&first) && !is_verbose {
                remarks.notes.push(
                    "the file has request and response; `--as request` looks at the request"
                        .to_owned(),
                );
            }
            at = later;
        }
    }
    let mut message = Message { ends_with_file: true, ..Message::default() };
    let first = lines.get(at).map(Line::text).unwrap_or_default();
    if is_request(&first) {
        let (method, rest) = first.split_once(' ').unwrap_or((&first, ""));
        let target = rest.rsplit_once(" HTTP/").map_or(rest, |(target, _)| target).trim();
        message.start = Some((method.to_owned(), target_of(target).to_owned()));
        at += 1;
    } else if is_response(&first) {
        at += 1;
    }
    let mut last: Option<(String, String)> = None;
    let mut entries = Vec::new();
    let mut number = at;
    for line in lines.get(at..).unwrap_or_default() {
        number += 1;
        let text = line.text();
        if text.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = pseudo(&text) {
            match (name, message.start.as_mut()) {
                ("method", None) => message.start = Some((value.to_owned(), String::new())),
                ("path", Some((_, target))) => value.clone_into(target),
                ("path", None) => message.start = Some(("GET".to_owned(), value.to_owned())),
                _ => {}
            }
            continue;
        }
        match text
            .split_once(':')
            .filter(|(name, _)| is_header_name(name) && !text.starts_with([' ', '\t']))
        {
            Some((name, value)) => {
                entries.extend(last.replace((name.to_owned(), value.trim().to_owned())));
            }
            None => match &mut last {
                Some((name, value)) => {
                    remarks.changes.push(format!("the header {name} is broken into lines"));
                    value.push_str(text.trim());
                }
                None => return Err(format!("line {number} is neither a header nor empty")),
            },
        }
    }
    entries.extend(last);
    for (name, value) in entries {
        add(&mut message.headers, &name, &value, &mut remarks.changes);
    }
    let body = lines.get(number.min(lines.len())..).unwrap_or_default();
    // A file that ends with its headers has no empty line.
    message.body =
        body.iter().flat_map(|line| [line.content, line.end]).flatten().copied().collect();
    // Where another message follows, the request's body ends before it.
    if message.start.is_some() && wanted == Some(Kind::Request) {
        let next = body.iter().position(|line| line.is_of_head() && is_response(&line.text()));
        if let Some(next) = next {
            message.body = body
                .iter()
                .take(next)
                .flat_map(|line| [line.content, line.end])
                .flatten()
                .copied()
                .collect();
            message.body = message.body.trim_ascii_end().to_vec();
        }
    }
    message.settle_body(remarks)?;
    Ok(Some(message))
}

impl Message {
    /// Takes off what is not of the body, and says what is missing of it.
    fn settle_body(&mut self, remarks: &mut Remarks) -> Result<(), String> {
        let header = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        let is_chunked = header("transfer-encoding").is_some_and(|value| value.contains("chunked"));
        if let Some(body) = is_chunked.then(|| without_chunks(&self.body)).flatten() {
            remarks.notes.push("the body was put together from its chunks".to_owned());
            self.body = body;
            self.ends_with_file = false;
            return Ok(());
        }
        let is_compressed = self.body.starts_with(&[0x1f, 0x8b])
            || (header("content-encoding").is_some() && std::str::from_utf8(&self.body).is_err());
        if is_compressed {
            return Err("the body is compressed; capture it with `curl -i --compressed`, or without compression".to_owned());
        }
        let length =
            header("content-length").and_then(|length| length.trim().parse::<usize>().ok());
        let Some(length) = length else { return Ok(()) };
        let has = self.body.trim_ascii_end().len();
        match self.body.get(..length) {
            Some(body) if self.body.len() == length || self.body.get(length..).is_some_and(is_trailer) => {
                self.body = body.to_vec();
                self.ends_with_file = false;
            }
            Some(_) => remarks.hints.push(format!(
                "the body is longer than it was sent: content-length says {length} bytes, and the file has {has}"
            )),
            None if has == 0 && self.start.is_some() => remarks.notes.push(format!(
                "the file has no body, and content-length says {length} bytes: `curl -v` does not print the body of a request"
            )),
            None => remarks.hints.push(format!(
                "the body is shorter than it was sent: content-length says {length} bytes, and the file has {has}"
            )),
        }
        Ok(())
    }
}

/// Whether this, after the body, is of the file or of curl.
fn is_trailer(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii();
    rest.is_empty()
        || rest.starts_with(b"* ")
        || rest.starts_with(b"{ [")
        || rest.starts_with(b"HTTP/")
}

/// A body that was sent in chunks; `None` if it is none, or was put together already.
fn without_chunks(body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    let mut rest = body;
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (size, after) = rest.split_at(end + 1);
        let size = std::str::from_utf8(size).ok()?.trim();
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(after.get(..size)?);
        rest = after.get(size..)?;
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    }
}

/// The headers of the protocol, by which a name that was changed is recognised.
const KNOWN: [&str; 10] = [
    "authorization",
    "alipay-signature",
    "alipay-timestamp",
    "alipay-nonce",
    "alipay-sn",
    "alipay-trace-id",
    "alipay-app-auth-token",
    "alipay-encrypt-type",
    "alipay-root-cert-sn",
    "alipay-request-id",
];

/// Adds a header; one whose name was changed on the way by its right name.
fn add(headers: &mut HeaderMap, name: &str, value: &str, changes: &mut Vec<String>) {
    let letters = |name: &str| -> String {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|c| c.to_ascii_lowercase()).collect()
    };
    let lower = name.to_ascii_lowercase();
    let given = letters(name);
    let strange = |known: &&&str| {
        let known = letters(known);
        let rest = given.strip_suffix(&known);
        rest.is_some_and(|rest| {
            matches!(
                rest,
                "" | "http" | "x" | "xhttp" | "httpx" | "original" | "xoriginal" | "xforwarded"
            )
        })
    };
    let right = KNOWN.iter().find(|known| **known == lower);
    let changed = right.is_none().then(|| KNOWN.iter().find(strange)).flatten();
    if let Some(known) = changed {
        changes.push(format!("the header {known} is called {name} here"));
    }
    let name = changed.copied().unwrap_or(&lower);
    let (Ok(name), Ok(value)) =
        (HeaderName::from_str(name), HeaderValue::from_bytes(value.as_bytes()))
    else {
        return;
    };
    headers.append(name, value);
}

/// A line with its end.
#[derive(Clone, Copy)]
struct Line<'a> {
    content: &'a [u8],
    end: &'a [u8],
    /// Whether a message can begin here: the line before is empty, or there is none.
    is_first: bool,
}

impl<'a> Line<'a> {
    fn text(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.content)
    }

    fn is_of_head(&self) -> bool {
        self.is_first
    }
}

struct Lines<'a>(Vec<Line<'a>>);

impl<'a> Lines<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let mut lines: Vec<Line<'a>> = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let at = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at(at);
            let content = line.strip_suffix(b"\n").unwrap_or(line);
            let content = content.strip_suffix(b"\r").unwrap_or(content);
            let end = line.get(content.len()..).unwrap_or_default();
            let is_first = lines.last().is_none_or(|line| line.content.trim_ascii().is_empty());
            lines.push(Line { content, end, is_first });
            rest = after;
        }
        Self(lines)
    }

    fn has_both(&self) -> bool {
        let any = |mark: &str, is: fn(&str) -> bool| {
            self.0.iter().any(|line| line.text().strip_prefix(mark).is_some_and(is))
        };
        any("> ", is_request) && any("< ", is_response)
    }

    /// The lines of one side of what `curl -v` prints, without its marks.
    fn of_verbose(self, wanted: Option<Kind>) -> Self {
        let of_request = wanted == Some(Kind::Request)
            || !{ self.0.iter() }.any(|line| line.content.starts_with(b"< "));
        let mark = if of_request { b'>' } else { b'<' };
        let is_marked = |line: &Line<'_>| {
            line.content.first() == Some(&mark) && matches!(line.content.get(1), None | Some(b' '))
        };
        let last = self.0.iter().rposition(is_marked).unwrap_or(0);
        let mut kept: Vec<Line<'a>> = Vec::new();
        let mut after_empty = true;
        for line in self.0.iter().take(last + 1).filter(|line| is_marked(line)) {
            let content = line.content.get(2..).unwrap_or_default();
            kept.push(Line { content, end: line.end, is_first: after_empty });
            after_empty = content.is_empty();
        }
        if !after_empty {
            kept.push(Line { content: b"", end: b"\n", is_first: false });
        }
        if of_request {
            return Self(kept);
        }
        let is_of_curl = |line: &Line<'_>| {
            let content = line.content;
            content.starts_with(b"* ") || content.starts_with(b"{ [") || content.starts_with(b"} [")
        };
        for line in self.0.iter().skip(last + 1).filter(|line| !is_of_curl(line)) {
            // The body has no line feed at its end, so that a remark of curl may follow in its line.
            let text = line.content;
            let remarks: [&[u8]; 3] =
                [b"* Connection #", b"* Closing connection", b"* shutting down"];
            let cut = remarks
                .iter()
                .find_map(|remark| text.windows(remark.len()).position(|part| part == *remark));
            let (content, end) = match cut {
                Some(at) => (text.get(..at).unwrap_or(text), &b""[..]),
                None => (text, line.end),
            };
            kept.push(Line { content, end, is_first: false });
        }
        Self(kept)
    }
}

fn is_request(line: &str) -> bool {
    let Some((method, rest)) = line.split_once(' ') else { return false };
    let is_method = matches!(method, "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD");
    is_method && (rest.starts_with('/') || rest.starts_with("http"))
}

fn is_response(line: &str) -> bool {
    line.strip_prefix("HTTP/").is_some_and(|rest| {
        rest.split_once(' ')
            .is_some_and(|(_, status)| status.starts_with(|c: char| c.is_ascii_digit()))
    })
}

fn is_header(line: &str) -> bool {
    pseudo(line).is_some()
        || line.split_once(": ").is_some_and(|(name, _)| is_header_name(name))
        || line.split_once(':').is_some_and(|(name, value)| {
            is_header_name(name)
                && !value.starts_with("//")
                && KNOWN.contains(&name.to_ascii_lowercase().as_str())
        })
}

fn is_header_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.chars().all(fits)
}

/// A pseudo header of HTTP/2, such as `:method: POST`.
fn pseudo(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix(':')?.split_once(':')?;
    matches!(name, "method" | "path" | "authority" | "scheme" | "status")
        .then(|| (name, value.trim()))
}

/// Path and query of an address.
fn target_of(address: &str) -> &str {
    let Some((scheme, rest)) = address.split_once("://") else { return address };
    if !matches!(scheme, "http" | "https") {
        return address;
    }
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

/// The parameters of a form or of a JSON object, decoded.
pub(crate) fn parameters(bytes: &[u8]) -> Result<Vec<(String, String)>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8")?.trim();
    if text.starts_with('{') {
        let value: Value =
            serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
        let members = value.as_object().into_iter().flatten();
        let pairs: Option<_> =
            members.map(|(name, value)| Some((name.clone(), parameter_value(value)?))).collect();
        return pairs.ok_or_else(|| "it has members that are no parameters".to_owned());
    }
    let pairs: Option<_> = text
        .split('&')
        .map(|pair| pair.split_once('=').map(|(name, value)| (decoded(name), decoded(value))))
        .collect();
    pairs.ok_or_else(|| "it is neither a form (`name=value&…`) nor a JSON object".to_owned())
}

/// A value decoded as that of a form.
pub(crate) fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes().iter();
    while let Some(byte) = rest.next() {
        let hex = || {
            let pair = rest.as_slice().get(..2)?;
            u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()
        };
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => match hex() {
                Some(byte) => {
                    bytes.push(byte);
                    rest.nth(1);
                }
                None => bytes.push(b'%'),
            },
            byte => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A value encoded as that of a form.
pub(crate) fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// A value of an attribute of HTML.
fn unescaped(value: &str) -> String {
    let escapes = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ];
    let text =
        escapes.iter().fold(value.to_owned(), |text, (escape, plain)| text.replace(escape, plain));
    text.replace("&amp;", "&")
}
