//! Messages of HTTP as they are captured: the output of `curl -i` and `curl -v`, and what went over the wire.

use std::borrow::Cow;
use std::str::FromStr as _;

use alipay_core::http::{HeaderMap, HeaderName, HeaderValue};

use super::kind::{Kind, Remarks};

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

/// A message of HTTP; `None` if it is none.
pub(super) fn of_http(
    bytes: &[u8],
    wanted: Option<Kind>,
    remarks: &mut Remarks,
) -> Result<Option<Message>, String> {
    let lines = Lines::of(bytes);
    let is_marked = |line: &Line<'_>| {
        let text = line.text();
        text.strip_prefix("> ").is_some_and(is_request)
            || text.strip_prefix("< ").is_some_and(is_response)
    };
    let is_verbose = !begins(&String::from_utf8_lossy(bytes)) && lines.0.iter().any(is_marked);
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
    let lines = &lines.0;
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
    let end = read_head(&mut message, lines, at, remarks)?;
    let body = lines.get(end..).unwrap_or_default();
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

/// Reads headers up to the empty line, from this line on. Returns the line after them.
fn read_head(
    message: &mut Message,
    lines: &[Line<'_>],
    at: usize,
    remarks: &mut Remarks,
) -> Result<usize, String> {
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
        match text.split_once(':').filter(|(name, _)| HeaderName::from_str(name).is_ok()) {
            Some((name, value)) => {
                entries.extend(last.replace((name.to_owned(), value.trim().to_owned())));
            }
            // An editor may have taken the empty line off.
            None if text.starts_with('{') && !entries.is_empty() => {
                remarks.notes.push(
                    "the empty line between the headers and the body is missing here".to_owned(),
                );
                number -= 1;
                break;
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
    Ok(number.min(lines.len()))
}

impl Message {
    /// The body as it may have been signed, the likelier reading first: the line feed at the end of a file is mostly not of
    /// the body.
    pub(super) fn bodies(&self) -> Vec<Vec<u8>> {
        let mut bodies = vec![self.body.clone()];
        let without = self.body.strip_suffix(b"\n").unwrap_or(&self.body);
        let without = without.strip_suffix(b"\r").unwrap_or(without);
        if self.ends_with_file && without.len() < self.body.len() {
            bodies.insert(0, without.to_vec());
        }
        bodies
    }

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
pub(super) fn add(headers: &mut HeaderMap, name: &str, value: &str, changes: &mut Vec<String>) {
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
    let known = right.is_none().then(|| KNOWN.iter().find(strange)).flatten();
    if let Some(known) = known {
        changes.push(format!("the header {known} is called {name} here"));
    }
    let name = known.copied().unwrap_or(&lower);
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

/// Whether a text begins as a message of HTTP does. Then it is one, whatever its body looks like.
pub(super) fn begins(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or_default();
    is_request(first) || is_response(first) || pseudo(first).is_some()
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
pub(super) fn target_of(address: &str) -> &str {
    let Some((scheme, rest)) = address.split_once("://") else { return address };
    if !matches!(scheme, "http" | "https") {
        return address;
    }
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}
