//! The strings that a client may have signed instead of the right one, each with the mistake that leads to it.

use std::borrow::Cow;

use alipay_core::encrypt::AesKey;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::canonical;
use super::changes::{self, encodings, lower_escapes};
use super::opened::hex;
use super::request::{Authorization, RawRequest};
use super::rewritten::{LONGEST_BODY, orders, rendered};

/// What programs write of an object or of nothing by mistake.
const NOT_A_BODY: [&str; 9] =
    ["{}", "null", "[]", "undefined", "\"\"", "None", "[object Object]", "Array", "nil"];
/// The longest string for which two mistakes at once are tried, and other timestamps, in bytes.
pub(super) const LONGEST_OF_TWO: usize = 4 * 1024;
/// How many pairs `Authorization` has at most for their orders to be tried.
const MOST_PAIRS: usize = 5;
/// The longest query, and the most pieces of it, for which it is tried which `&` are of a value.
const LONGEST_QUERY: usize = 1024;
const MOST_PIECES: usize = 6;
/// The most ways in which a query is read.
const MOST_READINGS: u32 = 128;
/// By how many milliseconds a timestamp that was signed is looked for around the one that was sent.
const NEAR_MILLIS: i64 = 2000;
/// The addresses of Alipay's own gateways.
const ALIPAY: [&str; 2] = ["openapi.alipay.com", "openapi-sandbox.dl.alipaydev.com"];

/// A string that may have been signed, and the mistakes that lead to it.
pub(super) struct Variant {
    pub(super) mistakes: Vec<Cow<'static, str>>,
    pub(super) text: Vec<u8>,
}

impl Variant {
    pub(super) fn new(mistake: impl Into<Cow<'static, str>>, text: Vec<u8>) -> Self {
        Self { mistakes: vec![mistake.into()], text }
    }

    /// Content that was changed after it was signed. `subject` is what the content is.
    pub(super) fn changed(subject: &str, changes: &[&str], text: Vec<u8>) -> Self {
        let mistakes = changes.iter().map(|change| format!("{subject} {change}").into());
        Self { mistakes: mistakes.collect(), text }
    }
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
    aes: Option<&AesKey>,
) -> impl Iterator<Item = Variant> + use<'a> {
    let right = Reading::new(request, authorization);
    // Bodies first: if one ends with a line feed, a missing line feed looks like a mistake of the line ends.
    let bodies = bodies(request, aes, &right);
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
    let one =
        |(mistake, reading): (&'static str, Reading<'_>)| Variant::new(mistake, reading.signed());
    let last = (right.token.is_none()).then_some(NO_TOKEN);
    let of_lines = layouts(&signed).into_iter().map(|(mistake, text)| Variant::new(mistake, text));
    let of_lines =
        of_lines.chain(last.map(|last| Variant::new(last, [&signed[..], b"\n"].concat())));
    let of_two = of_two.into_iter().flat_map(move |(first, reading)| {
        let signed = reading.signed();
        let last = last.map(|last| (last, [&signed[..], b"\n"].concat()));
        let both = move |(second, text): (&'static str, _)| Variant {
            mistakes: vec![first.into(), second.into()],
            text,
        };
        layouts(&signed).into_iter().chain(last).map(both)
    });
    let of_order = if small { arrangements(&right) } else { Vec::new() };
    let of_order = of_order.into_iter().map(|(mistake, text)| Variant::new(mistake, text));
    let changed = changes::once(&request.body).map(|(what, body)| {
        let reading = Reading { body: body.into(), ..right.clone() };
        Variant::changed("the body", &[what], reading.signed())
    });
    let changed = if request.body.is_empty() { Vec::new() } else { changed.collect() };
    let of_time = small.then(|| timestamps(right)).into_iter().flatten();
    let of_one = bodies.into_iter().map(one).chain(of_lines).chain(others.into_iter().map(one));
    of_one.chain(changed).chain(of_order).chain(of_two).chain(of_time.map(one))
}

type Readings<'a> = Vec<(&'static str, Reading<'a>)>;

const NO_TOKEN: &str = "there is a line feed too many at the end; without alipay-app-auth-token there is no line for it";

/// Mistakes with line ends.
pub(super) fn layouts(right: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
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
        let is_decoded = !query.contains('%') && query.bytes().any(|byte| !is_of_query(byte));
        let again = if is_decoded {
            "the query is decoded here, but was signed percent-encoded; sign and send the same"
        } else {
            encoded
        };
        for pairs in encoded_again(query) {
            guess(again, format!("{path}?{pairs}"));
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

/// Whether it can stand in the value of a query as it is.
fn is_of_query(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$'()*,;:@/?=&+".contains(&byte)
}

/// The query as programs percent-encode it, if it was encoded otherwise, or not at all.
fn encoded_again(query: &str) -> Vec<String> {
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let pieces: Vec<&str> = query.split('&').collect();
    let small = pieces.len() <= MOST_PIECES && query.len() <= LONGEST_QUERY;
    // Of a query that is decoded, an `&` may be one of a value.
    let splits = if small { 1_u32 << (pieces.len() - 1) } else { 1 };
    // And a `+` may be a blank, or stand for itself. Those beyond the last bit do.
    let plus = query.matches('+').count();
    let few = small && splits << plus.min(8) <= MOST_READINGS;
    let blanks: Vec<u64> = if few { (0..1_u64 << plus).rev().collect() } else { vec![u64::MAX, 0] };
    let shift = |number: usize| u32::try_from(number - 1).unwrap_or(u32::MAX);
    let mut queries: Vec<String> = Vec::new();
    for inner in 0..splits {
        let mut pairs: Vec<String> = Vec::new();
        for (number, piece) in pieces.iter().enumerate() {
            match pairs
                .last_mut()
                .filter(|_| number > 0 && inner.checked_shr(shift(number)).unwrap_or(0) & 1 == 1)
            {
                Some(pair) => {
                    pair.push('&');
                    pair.push_str(piece);
                }
                None => pairs.push((*piece).to_owned()),
            }
        }
        for blanks in &blanks {
            let mut number = 0;
            let mut decoded_once = |value: &str| {
                let plain = value.chars().map(|c| {
                    number += u32::from(c == '+');
                    if c == '+' && blanks.checked_shr(number - 1).unwrap_or(blanks & 1) & 1 == 1 {
                        ' '
                    } else {
                        c
                    }
                });
                encodings(&decoded(&plain.collect::<String>()))
            };
            let values: Vec<(&str, Vec<String>)> = pairs
                .iter()
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (name, decoded_once(value)))
                .collect();
            let most = values.first().map_or(0, |(_, values)| values.len());
            for at in 0..most {
                let pairs = values.iter().map(|(name, values)| {
                    format!("{name}={}", values.get(at).map_or("", String::as_str))
                });
                queries.push(pairs.collect::<Vec<_>>().join("&"));
            }
        }
    }
    queries.sort_unstable();
    queries.dedup();
    queries
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
fn bodies<'a>(request: &RawRequest, aes: Option<&AesKey>, right: &Reading<'a>) -> Readings<'a> {
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
    if let Some(Ok(plain)) = aes.map(|key| key.decrypt(body)) {
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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::HeaderMap;

    use super::*;

    #[test]
    fn what_is_tried_is_bounded_whatever_was_sent() {
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
            for variant in all(&request, None, &authorization, None) {
                size += variant.text.len();
                assert!(size < 64 << 20, "{}", request.path());
            }
        }
    }
}
