//! The strings that a client may have signed instead of the right one, each with the mistake that leads to it.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::canonical;
use super::opened::hex;
use super::request::{Authorization, RawRequest};
use crate::keys::GatewayKeys;

/// What programs write of an object or of nothing by mistake.
const NOT_A_BODY: [&str; 9] =
    ["{}", "null", "[]", "undefined", "\"\"", "None", "[object Object]", "Array", "nil"];
/// The longest body for which other serializations are tried, in bytes.
pub(super) const LONGEST_BODY: usize = 64 * 1024;
/// The longest of these serializations, in bytes: with its indents, what is deeply nested is many times as long.
const LONGEST_RENDERED: usize = 4 * LONGEST_BODY;
/// The longest string for which two mistakes at once are tried, and other timestamps, in bytes.
pub(super) const LONGEST_OF_TWO: usize = 4 * 1024;
/// How many pairs `Authorization` has at most for their orders to be tried.
const MOST_PAIRS: usize = 5;
/// By how many milliseconds a timestamp that was signed is looked for around the one that was sent.
const NEAR_MILLIS: i64 = 2000;
/// The addresses of Alipay's own gateways.
const ALIPAY: [&str; 2] = ["openapi.alipay.com", "openapi-sandbox.dl.alipaydev.com"];
/// What RFC 3986 leaves as it is.
pub(super) const UNRESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A string that may have been signed, and the mistakes that lead to it.
pub(super) struct Variant {
    pub(super) mistakes: Vec<Cow<'static, str>>,
    pub(super) text: Vec<u8>,
}

/// The parts of the signed string, as the client may have signed them.
#[derive(Clone)]
pub(super) struct Reading<'a> {
    authorization: Cow<'a, str>,
    method: Cow<'a, str>,
    target: Cow<'a, str>,
    body: Cow<'a, [u8]>,
    token: Option<&'a str>,
}

impl<'a> Reading<'a> {
    /// The right parts.
    pub(super) fn new(request: &'a RawRequest, authorization: &'a Authorization<'_>) -> Self {
        Self {
            authorization: Cow::Borrowed(&authorization.signed),
            method: Cow::Borrowed(&request.method),
            target: Cow::Borrowed(&request.target),
            body: Cow::Borrowed(&request.body),
            token: request.app_auth_token(),
        }
    }

    /// The names and lengths of the lines, without their content.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            ("authorization pairs", self.authorization.len()),
            ("method", self.method.len()),
            ("path and query", self.target.len()),
            ("body", self.body.len()),
        ];
        lines.extend(self.token.map(|token| ("app auth token", token.len())));
        lines.into_iter().map(|(line, length)| format!("{line} ({length} bytes)")).collect()
    }

    pub(super) fn signed(&self) -> Vec<u8> {
        canonical::request(&self.authorization, &self.method, &self.target, &self.body, self.token)
    }
}

/// All strings to try, the likelier first: those with one mistake, then those with a second one in the line ends.
pub(super) fn all<'a>(
    request: &'a RawRequest,
    whole: Option<&RawRequest>,
    authorization: &'a Authorization<'_>,
    keys: &GatewayKeys,
) -> impl Iterator<Item = Variant> + use<'a> {
    let right = Reading::new(request, authorization);
    // Bodies first: if one ends with a line feed, a missing line feed looks like a mistake of the line ends.
    let bodies = bodies(request, keys, &right);
    let mut others = [targets(request, &right), methods(&right), pairs(&right)].concat();
    if let Some(token) = right.token {
        others.extend(tokens(token, &right));
    }
    if let Some(whole) = whole {
        let what = "the whole multipart body was signed; sign the content of its part `data` alone";
        others.push((what, Reading { body: Cow::Owned(whole.body.to_vec()), ..right.clone() }));
    }
    let signed = right.signed();
    let small = signed.len() <= LONGEST_OF_TWO;
    let of_two = if small { [bodies.clone(), others.clone()].concat() } else { Vec::new() };
    let one = |(mistake, reading): (&'static str, Reading<'_>)| Variant {
        mistakes: vec![mistake.into()],
        text: reading.signed(),
    };
    let of_lines = layouts(&signed)
        .into_iter()
        .map(|(mistake, text)| Variant { mistakes: vec![mistake.into()], text });
    let of_two = of_two.into_iter().flat_map(|(first, reading)| {
        let both = move |(second, text): (&'static str, _)| Variant {
            mistakes: vec![first.into(), second.into()],
            text,
        };
        layouts(&reading.signed()).into_iter().map(both)
    });
    let of_order = if small { arrangements(&right) } else { Vec::new() };
    let of_order = of_order
        .into_iter()
        .map(|(mistake, text)| Variant { mistakes: vec![mistake.into()], text });
    let of_time = small.then(|| timestamps(right)).into_iter().flatten();
    let of_one = bodies.into_iter().map(one).chain(of_lines).chain(others.into_iter().map(one));
    of_one.chain(of_order).chain(of_two).chain(of_time.map(one))
}

type Readings<'a> = Vec<(&'static str, Reading<'a>)>;

/// Mistakes with line ends.
fn layouts(right: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut layouts = Vec::new();
    if right.windows(2).any(|pair| pair == b"\n\n") {
        let mut text = right.to_vec();
        text.dedup_by(|b, a| *a == b'\n' && *b == b'\n');
        layouts.push((
            "the line of the empty body is missing; it stays as an empty line with its line feed",
            text,
        ));
    }
    let without_last = right.strip_suffix(b"\n").unwrap_or(right);
    layouts.push((
        "the last line feed is missing; every line ends with one, the last too",
        without_last.to_vec(),
    ));
    let lines: Vec<&[u8]> = right.split(|b| *b == b'\n').collect();
    let between = |end: &[u8]| -> Vec<u8> { lines.join(end) };
    layouts.push(("the lines were joined without line feeds", between(b"")));
    layouts.push(("lines end with CR LF; they must end with LF alone", between(b"\r\n")));
    layouts.push((
        "lines end with a backslash and an n; in single quotes, PHP and shells do not make line feeds of them",
        between(b"\\n"),
    ));
    layouts.push((
        "lines end with a backslash and an n, but for the last; in single quotes, PHP and shells do not make line feeds of them",
        between(b"\\n").strip_suffix(b"\\n").unwrap_or_default().to_vec(),
    ));
    layouts.push(("the lines were joined with blanks; each ends with a line feed", between(b" ")));
    layouts.push((
        "there is a line feed too many at the end; without alipay-app-auth-token there is no line for it",
        [right, b"\n"].concat(),
    ));
    layouts.push(("there is a line feed before the first line", [b"\n", right].concat()));
    layouts
}

/// The lines in another order, or without one of them.
fn arrangements(right: &Reading<'_>) -> Vec<(&'static str, Vec<u8>)> {
    let lines = [
        right.authorization.as_bytes(),
        right.method.as_bytes(),
        right.target.as_bytes(),
        right.body.as_ref(),
    ];
    let text = |lines: &[&[u8]]| {
        let token = right.token.map(str::as_bytes);
        lines
            .iter()
            .copied()
            .chain(token)
            .flat_map(|line| [line, b"\n"])
            .collect::<Vec<_>>()
            .concat()
    };
    let [pairs, method, target, body] = lines;
    let mut arrangements = vec![
        ("the line of the authorization pairs is missing", text(&[method, target, body])),
        ("the line of the method is missing", text(&[pairs, target, body])),
        ("the line of path and query is missing", text(&[pairs, method, body])),
    ];
    let order = "the lines were signed in another order than pairs, method, path and query, body";
    arrangements.extend(orders(&lines).iter().map(|lines| (order, text(lines))));
    arrangements
}

/// Mistakes with the line of path and query.
fn targets<'a>(request: &RawRequest, right: &Reading<'a>) -> Readings<'a> {
    let mut readings = Vec::new();
    let mut guess = |what, target: String| {
        readings.push((what, Reading { target: target.into(), ..right.clone() }));
    };
    let (target, path) = (&request.target, request.path());
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    if let Some(query) = request.query() {
        guess("only the path was signed; the query belongs to it", path.to_owned());
        guess(
            "only the path was signed, with a question mark; the query belongs to it",
            format!("{path}?"),
        );
        guess("only the query was signed; the path belongs to it", query.to_owned());
        let unencoded = "the query was signed decoded; sign it as it is sent, percent-encoded";
        guess(unencoded, decoded(target));
        guess(unencoded, decoded(&target.replace('+', " ")));
        let twice = "the query was signed percent-encoded twice; sign it as it is sent";
        guess(twice, format!("{path}?{}", query.replace('%', "%25")));
        guess(twice, format!("{path}?{}", query.replace('%', "%25").replace('+', "%2B")));
        let encoded = "the query was signed in another encoding than the one sent";
        guess(encoded, target.replace('+', "%20"));
        guess(encoded, target.replace("%20", "+"));
        for blank in ["%20", "+"] {
            let again = |text: &str| {
                let plain = decoded(&text.replace('+', " "));
                utf8_percent_encode(&plain, UNRESERVED).to_string().replace("%20", blank)
            };
            let pairs = query.split('&').map(|pair| match pair.split_once('=') {
                Some((name, value)) => format!("{}={}", again(name), again(value)),
                None => again(pair),
            });
            let pairs = pairs.collect::<Vec<_>>().join("&");
            guess(encoded, format!("{path}?{pairs}"));
            guess(encoded, format!("{path}?{}", lower_escapes(&pairs)));
        }
        guess(encoded, lower_escapes(target));
        let mut pairs: Vec<&str> = query.split('&').collect();
        pairs.sort_unstable();
        guess(
            "the query was signed sorted; sign it in the order it is sent",
            format!("{path}?{}", pairs.join("&")),
        );
        let mut seen: Vec<&str> = query.split('&').collect();
        seen.reverse();
        guess(
            "the query was signed in another order than the one sent",
            format!("{path}?{}", seen.join("&")),
        );
    } else {
        guess("the path was signed with a question mark that was not sent", format!("{path}?"));
        let unencoded = "the path was signed decoded; sign it as it is sent, percent-encoded";
        if target.contains('%') {
            guess(unencoded, decoded(target));
        }
    }
    guess("the path was signed without its first slash", target.trim_start_matches('/').to_owned());
    guess("the path was signed with a slash at the end that was not sent", format!("{target}/"));
    if let Some(rest) = target.strip_prefix("/v3") {
        guess("the path was signed without /v3", rest.to_owned());
        guess(
            "the operation's name was signed; sign path and query as they are sent",
            path.trim_start_matches("/v3/").replace('/', "."),
        );
    }
    guess("the path and query are missing", String::new());
    if let Some(host) = request.header("host") {
        let whole = "the whole URL was signed; sign path and query only";
        guess(whole, format!("http://{host}{target}"));
        guess(whole, format!("https://{host}{target}"));
        guess(whole, format!("{host}{target}"));
        for host in ALIPAY {
            guess(whole, format!("https://{host}{target}"));
        }
    }
    readings
}

/// Percent-encoded bytes with small letters, as some libraries write them.
pub(super) fn lower_escapes(text: &str) -> String {
    let mut left = 0;
    let lower = |c: char| {
        if c == '%' {
            left = 2;
        } else if left > 0 {
            left -= 1;
            return c.to_ascii_lowercase();
        }
        c
    };
    text.chars().map(lower).collect()
}

/// Mistakes with the line of the method.
fn methods<'a>(right: &Reading<'a>) -> Readings<'a> {
    let method = right.method.as_ref();
    let small = method.to_ascii_lowercase();
    let title: String = method.chars().take(1).chain(small.chars().skip(1)).collect();
    let lower = "the method was signed in lower case";
    let mut methods =
        vec![(lower, small), (lower, title), ("the method is missing", String::new())];
    for other in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        if other != method {
            methods.push(("another method was signed than the one sent", other.to_owned()));
        }
    }
    let changed = |(what, method): (&'static str, String)| {
        (what, Reading { method: method.into(), ..right.clone() })
    };
    methods.into_iter().map(changed).collect()
}

/// Mistakes with the line of the authorization pairs.
fn pairs<'a>(right: &Reading<'a>) -> Readings<'a> {
    let mut readings = Vec::new();
    let mut guess = |what, authorization: String| {
        readings.push((what, Reading { authorization: authorization.into(), ..right.clone() }));
    };
    let sent = right.authorization.as_ref();
    let scheme = "the scheme ALIPAY-SHA256withRSA was signed with the pairs; sign the pairs alone";
    guess(scheme, format!("ALIPAY-SHA256withRSA {sent}"));
    guess(
        "the name of the header was signed with the pairs; sign the pairs alone",
        format!("Authorization: ALIPAY-SHA256withRSA {sent}"),
    );
    guess(
        "the pairs were signed with blanks between them; sign them as they are sent, joined by commas alone",
        sent.replace(',', ", "),
    );
    guess(
        "the pairs were signed joined by `&`; sign them as they are sent, joined by commas",
        sent.replace(',', "&"),
    );
    let sign = "the pairs were signed with an empty `sign`; it is added afterwards, and not signed";
    guess(sign, format!("{sent},sign="));
    guess("the pairs were signed with a comma at their end", format!("{sent},"));
    guess("the authorization pairs are missing", String::new());
    let pairs: Vec<&str> = sent.split(',').collect();
    let with = |change: &dyn Fn(&str, &str) -> Option<String>| -> String {
        let changed = pairs.iter().filter_map(|pair| match pair.split_once('=') {
            Some((name, value)) => change(name, value),
            None => Some((*pair).to_owned()),
        });
        changed.collect::<Vec<_>>().join(",")
    };
    let quoted = "the values of the pairs were signed in quotes; sign them as they are sent";
    guess(quoted, with(&|name, value| Some(format!("{name}=\"{value}\""))));
    let seconds = "the timestamp was signed in seconds, and sent in milliseconds";
    guess(
        seconds,
        with(&|name, value| {
            let value = if name == "timestamp" {
                value.get(..value.len().saturating_sub(3)).unwrap_or(value)
            } else {
                value
            };
            Some(format!("{name}={value}"))
        }),
    );
    let cases = "`app_cert_sn` was signed in other letters than the ones sent";
    guess(
        cases,
        with(&|name, value| {
            let value =
                if name == "app_cert_sn" { value.to_ascii_uppercase() } else { value.to_owned() };
            Some(format!("{name}={value}"))
        }),
    );
    for left_out in ["expired_seconds", "app_cert_sn", "nonce", "timestamp", "app_id"] {
        let what = match left_out {
            "expired_seconds" => "`expired_seconds` was sent but not signed",
            "app_cert_sn" => "`app_cert_sn` was sent but not signed",
            "nonce" => "`nonce` was sent but not signed",
            "timestamp" => "`timestamp` was sent but not signed",
            _ => "`app_id` was sent but not signed",
        };
        guess(what, with(&|name, value| (name != left_out).then(|| format!("{name}={value}"))));
    }
    let order = "the pairs were signed in another order than the one sent; they are signed as they stand in the header";
    if pairs.len() <= MOST_PAIRS {
        for order_of_pairs in orders(&pairs) {
            guess(order, order_of_pairs.join(","));
        }
    }
    readings
}

/// The times around the one that was sent, the nearest first.
fn timestamps(right: Reading<'_>) -> impl Iterator<Item = (&'static str, Reading<'_>)> {
    let what =
        "the timestamp was taken anew between signing and sending; send the pairs that are signed";
    let sent = right.authorization.split(',').find_map(|pair| pair.strip_prefix("timestamp="));
    let sent = sent.map(str::to_owned);
    let millis = sent.as_ref().and_then(|sent| sent.parse::<i64>().ok());
    let near = millis.into_iter().flat_map(|millis| {
        (1..=NEAR_MILLIS).flat_map(move |by| [millis.saturating_sub(by), millis.saturating_add(by)])
    });
    near.map(move |other| {
        let (from, to) = (
            format!("timestamp={}", sent.as_deref().unwrap_or_default()),
            format!("timestamp={other}"),
        );
        let authorization = right.authorization.replace(&from, &to);
        (what, Reading { authorization: authorization.into(), ..right.clone() })
    })
}

/// All orders of some items.
fn orders<T: Copy>(items: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = items.split_first() else { return vec![Vec::new()] };
    let insert = |order: Vec<T>| {
        (0..=order.len()).map(move |at| {
            let (before, after) = order.split_at(at);
            [before, &[*first], after].concat()
        })
    };
    orders(rest).into_iter().flat_map(insert).collect()
}

/// Mistakes with the app auth token.
fn tokens<'a>(token: &str, right: &Reading<'a>) -> Readings<'a> {
    let without = Reading { token: None, ..right.clone() };
    let inside = |name: &str| Reading {
        authorization: format!("{},{name}={token}", right.authorization).into(),
        ..without.clone()
    };
    let among =
        "alipay-app-auth-token was signed among the pairs; it needs the last line of its own";
    vec![
        (
            "alipay-app-auth-token was sent but not signed; it needs the last line of its own",
            without.clone(),
        ),
        (among, inside("app_auth_token")),
        (among, inside("alipay-app-auth-token")),
    ]
}

/// Mistakes with the line of the body.
fn bodies<'a>(request: &RawRequest, keys: &GatewayKeys, right: &Reading<'a>) -> Readings<'a> {
    let mut readings = Vec::new();
    let mut guess = |what, body: Vec<u8>| {
        readings.push((what, Reading { body: body.into(), ..right.clone() }));
    };
    let body = &request.body;
    if body.is_empty() {
        for other in NOT_A_BODY {
            guess("a body was signed, but none was sent; its line is empty then", other.into());
        }
        return readings;
    }
    if body.len() > LONGEST_BODY {
        return readings;
    }
    guess("the body was not signed", Vec::new());
    if let Ok(plain) = keys.aes.decrypt(body) {
        let plaintext = "the plaintext was signed; encrypt first, then sign the ciphertext";
        for text in rendered(&plain) {
            guess(plaintext, text);
        }
        guess(plaintext, plain);
        return readings;
    }
    guess("the body was signed without the white space around it", body.trim_ascii().to_vec());
    guess("the body was signed with a line feed that was not sent", [body, &b"\n"[..]].concat());
    for other in NOT_A_BODY {
        guess(
            "a value without content was signed, not the body; sign the bytes sent",
            other.into(),
        );
    }
    let digest = "a digest of the body was signed; sign the body itself";
    let sha256 = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
    guess(digest, hex(sha256.as_ref()).into_bytes());
    guess(digest, hex(sha256.as_ref()).to_ascii_uppercase().into_bytes());
    guess(digest, STANDARD.encode(sha256).into_bytes());
    guess(
        "the body was signed in base64; sign it as it is sent",
        STANDARD.encode(body).into_bytes(),
    );
    guess(
        "the body was signed in JSON quotes, as a string; sign it as it is sent",
        Value::from(String::from_utf8_lossy(body)).to_string().into_bytes(),
    );
    let mark = b"\xef\xbb\xbf";
    guess(
        "the body was signed with a byte order mark that was not sent",
        [mark, &body[..]].concat(),
    );
    let Ok(text) = std::str::from_utf8(body) else {
        let (text, _, damaged) = encoding_rs::GBK.decode(body);
        if !damaged {
            guess(
                "the body was signed in UTF-8, and sent in GBK; send it in UTF-8",
                text.into_owned().into_bytes(),
            );
        }
        return readings;
    };
    let unsent = "the body was signed without the byte order mark that was sent";
    guess(unsent, text.trim_start_matches('\u{feff}').as_bytes().to_vec());
    let (gbk, _, _) = encoding_rs::GBK.encode(text);
    guess(
        "the body was signed in GBK, and sent in UTF-8; sign the bytes that are sent",
        gbk.into_owned(),
    );
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
    guess(
        "the body was signed in ISO-8859-1, and sent in UTF-8; sign the bytes that are sent",
        latin,
    );
    for text in rendered(body) {
        guess("the JSON was written again between signing and sending; sign the bytes sent", text);
    }
    readings
}

/// JSON as other libraries write it.
pub(super) fn rendered(body: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(body) else { return Vec::new() };
    let mut texts = vec![text.replace("\\/", "/")];
    if let Ok(mut value) = serde_json::from_str::<Value>(text) {
        for _ in ["as sent", "sorted"] {
            texts.extend([value.to_string(), spaced(&value)]);
            let indented = ["  ", "    ", "\t"].into_iter().map(|indent| pretty(&value, indent));
            texts.extend(indented.filter(|text| text.len() <= LONGEST_RENDERED));
            value.sort_all_objects();
        }
    } else {
        texts.push(text.to_owned());
    }
    let variants = texts.into_iter().flat_map(|text| {
        let slashes = text.replace('/', "\\/");
        let ascii = ascii_only(&text);
        let html = text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
        [
            ascii_only(&slashes),
            capital_escapes(&ascii),
            ascii,
            slashes,
            html,
            text.replace('\n', "\r\n"),
            text,
        ]
    });
    let mut variants: Vec<Vec<u8>> = variants.map(String::into_bytes).collect();
    variants.sort_unstable();
    variants.dedup();
    variants.retain(|variant| variant != body);
    variants
}

fn pretty(value: &Value, indent: &str) -> String {
    let mut text = Vec::new();
    let formatter = PrettyFormatter::with_indent(indent.as_bytes());
    // Writing to memory cannot fail.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut text, formatter));
    String::from_utf8(text).unwrap_or_default()
}

/// JSON with characters outside ASCII as `\uXXXX`, as some libraries write it.
fn ascii_only(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// The same with capitals in `\uXXXX`.
fn capital_escapes(json: &str) -> String {
    let mut parts = json.split("\\u");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(4).unwrap_or((part, ""));
        text.push_str("\\u");
        text.push_str(&digits.to_ascii_uppercase());
        text.push_str(rest);
    }
    text
}

/// JSON with a space after each comma and colon, as some libraries write it.
fn spaced(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(spaced).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", Value::from(name.as_str()), spaced(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;
    use crate::gateway::GatewayBuilder;

    #[test]
    fn what_is_tried_is_bounded_whatever_was_sent() {
        let keys = GatewayBuilder::default().engine().unwrap().keys;
        let (open, close) = ("[".repeat(100), "]".repeat(100));
        let nested = format!(r#"{{"b":{open}{}1{close},"a":"红/<"}}"#, "1,".repeat(30_000));
        let hostile = [
            (format!("/v3/x?a={}", "%20".repeat(20_000)), String::new()),
            (format!("/v3/x?{}", "a=1&".repeat(15_000)), "{}".to_owned()),
            ("/v3/x".to_owned(), nested),
            ("/v3/x".to_owned(), "\u{7ea2}".repeat(20_000)),
        ];
        for (target, body) in hostile {
            let (method, headers) = ("POST".to_owned(), HeaderMap::new());
            let request = RawRequest { method, target, headers, body: Bytes::from(body) };
            let header = "ALIPAY-SHA256withRSA app_id=1,nonce=2,timestamp=1700000000000";
            let authorization = Authorization::parse(header).unwrap();
            let mut size = 0;
            for variant in all(&request, None, &authorization, &keys) {
                size += variant.text.len();
                assert!(size < 64 << 20, "{}", request.path());
            }
        }
    }
}
