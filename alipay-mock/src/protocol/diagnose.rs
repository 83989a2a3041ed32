//! Finds the well-known mistake behind a signature that does not verify.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::canonical;
use super::request::{Authorization, RawRequest};
use crate::keys::GatewayKeys;

/// The longest body for which other serializations are tried, in bytes.
const LONGEST_BODY: usize = 64 * 1024;

/// A mistake, and the string that the client then signed.
type Guess = (&'static str, Vec<u8>);

/// The parts of the signed string, as the client may have signed them.
#[derive(Clone)]
struct Reading<'a> {
    authorization: Cow<'a, str>,
    method: Cow<'a, str>,
    target: Cow<'a, str>,
    body: Cow<'a, [u8]>,
    token: Option<&'a str>,
}

impl Reading<'_> {
    /// The names and lengths of the lines, without their content.
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            ("authorization pairs", self.authorization.len()),
            ("method", self.method.len()),
            ("path and query", self.target.len()),
            ("body", self.body.len()),
        ];
        lines.extend(self.token.map(|token| ("app auth token", token.len())));
        lines.into_iter().map(|(line, length)| format!("{line} ({length} bytes)")).collect()
    }

    fn signed(&self) -> Vec<u8> {
        canonical::request(&self.authorization, &self.method, &self.target, &self.body, self.token)
    }
}

/// The message for a wrong signature. It names the mistake if it is a known one.
pub(crate) fn signature(
    request: &RawRequest,
    whole: Option<&RawRequest>,
    authorization: &Authorization<'_>,
    signature: &str,
    keys: &GatewayKeys,
) -> String {
    if STANDARD.decode(signature).is_err() {
        return "the signature is not standard base64 with padding".to_owned();
    }
    let right = reading(request, authorization);
    let upload = whole.map(|whole| {
        let what = "the whole multipart body was signed; sign the content of its part `data` alone";
        (what, reading(whole, authorization).signed())
    });
    let mistake = guesses(request, &right, keys)
        .into_iter()
        .chain(upload)
        .find(|(_, text)| keys.app_public.verify(text, signature).is_ok());
    match mistake {
        Some((what, _)) => format!("the signature does not match: {what}"),
        None => {
            let lines = right.lines();
            format!(
                "the signature does not match, and no known mistake explains it: check that \
                 the private key is the one of this app, and that the bytes sent are the bytes signed. The gateway \
                 expects {} lines, each ended by a line feed: {}",
                lines.len(),
                lines.join(", "),
            )
        }
    }
}

fn reading<'a>(request: &'a RawRequest, authorization: &'a Authorization<'_>) -> Reading<'a> {
    Reading {
        authorization: Cow::Borrowed(&authorization.signed),
        method: Cow::Borrowed(&request.method),
        target: Cow::Borrowed(&request.target),
        body: Cow::Borrowed(&request.body),
        token: request.app_auth_token(),
    }
}

fn guesses(request: &RawRequest, right: &Reading<'_>, keys: &GatewayKeys) -> Vec<Guess> {
    // Bodies first: if one ends with a line feed, a missing line feed looks like a layout mistake.
    let mut guesses = bodies(request, keys, right);
    guesses.extend(layout(&right.signed(), request));
    guesses.extend(targets(request, right));
    guesses.push((
        "the method was signed in lower case",
        Reading { method: right.method.to_ascii_lowercase().into(), ..right.clone() }.signed(),
    ));
    let with_scheme = format!("ALIPAY-SHA256withRSA {}", right.authorization);
    guesses.push((
        "the scheme ALIPAY-SHA256withRSA was signed with the pairs; sign the pairs alone",
        Reading { authorization: with_scheme.into(), ..right.clone() }.signed(),
    ));
    if right.token.is_some() {
        guesses.push((
            "alipay-app-auth-token was sent but not signed; it needs the last line of its own",
            Reading { token: None, ..right.clone() }.signed(),
        ));
    }
    guesses
}

/// Mistakes with line ends.
fn layout(right: &[u8], request: &RawRequest) -> Vec<Guess> {
    let mut guesses = Vec::new();
    if request.body.is_empty() {
        let mut text = right.to_vec();
        // The only two line feeds in a row are those around the empty line.
        text.dedup_by(|b, a| *a == b'\n' && *b == b'\n');
        guesses.push((
            "the line of the empty body is missing; it stays as an empty line with its line feed",
            text,
        ));
    }
    guesses.push((
        "the last line feed is missing; every line ends with one, the last too",
        right.strip_suffix(b"\n").unwrap_or(right).to_vec(),
    ));
    let without: Vec<u8> = right.iter().copied().filter(|b| *b != b'\n').collect();
    guesses.push(("the lines were joined without line feeds", without));
    let carriage: Vec<u8> = right
        .iter()
        .flat_map(|b| if *b == b'\n' { vec![b'\r', b'\n'] } else { vec![*b] })
        .collect();
    guesses.push(("lines end with CR LF; they must end with LF alone", carriage));
    guesses
}

/// Mistakes with the line of path and query.
fn targets(request: &RawRequest, right: &Reading<'_>) -> Vec<Guess> {
    let mut guesses = Vec::new();
    let mut guess = |what, target: String| {
        guesses.push((what, Reading { target: target.into(), ..right.clone() }.signed()));
    };
    let target = &request.target;
    if let Some(query) = request.query() {
        let path = request.path();
        guess("only the path was signed; the query belongs to it", path.to_owned());
        let decoded = "the query was signed decoded; sign it as it is sent, percent-encoded";
        guess(decoded, percent_decode_str(target).decode_utf8_lossy().into_owned());
        let spaced = target.replace('+', " ");
        guess(decoded, percent_decode_str(&spaced).decode_utf8_lossy().into_owned());
        let encoded = "the query was signed in another encoding than the one sent";
        guess(encoded, target.replace('+', "%20"));
        guess(encoded, target.replace("%20", "+"));
        let mut pairs: Vec<&str> = query.split('&').collect();
        pairs.sort_unstable();
        guess(
            "the query was signed sorted; sign it in the order it is sent",
            format!("{path}?{}", pairs.join("&")),
        );
    }
    if let Some(host) = request.header("host") {
        let whole = "the whole URL was signed; sign path and query only";
        guess(whole, format!("http://{host}{target}"));
        guess(whole, format!("https://{host}{target}"));
        guess(whole, format!("{host}{target}"));
    }
    guesses
}

/// Mistakes with the line of the body.
fn bodies(request: &RawRequest, keys: &GatewayKeys, right: &Reading<'_>) -> Vec<Guess> {
    let mut guesses = Vec::new();
    let mut guess = |what, body: Vec<u8>| {
        guesses.push((what, Reading { body: body.into(), ..right.clone() }.signed()));
    };
    let body = &request.body;
    if body.is_empty() || body.len() > LONGEST_BODY {
        return guesses;
    }
    guess("the body was not signed", Vec::new());
    if let Ok(plain) = keys.aes.decrypt(body) {
        guess("the plaintext was signed; encrypt first, then sign the ciphertext", plain);
        return guesses;
    }
    let rendered = "the JSON was written again between signing and sending; sign the bytes sent";
    guess("the body was signed without the white space around it", body.trim_ascii().to_vec());
    guess("the body was signed with a line feed that was not sent", [body, &b"\n"[..]].concat());
    let Ok(text) = std::str::from_utf8(body) else { return guesses };
    guess(rendered, text.replace("\\/", "/").into_bytes());
    guess(rendered, text.replace('/', "\\/").into_bytes());
    guess(rendered, ascii_only(text).into_bytes());
    guess(rendered, ascii_only(text).replace('/', "\\/").into_bytes());
    let Ok(mut value) = serde_json::from_str::<Value>(text) else { return guesses };
    for _ in ["as sent", "sorted"] {
        guess(rendered, value.to_string().into_bytes());
        guess(rendered, ascii_only(&value.to_string()).into_bytes());
        guess(rendered, serde_json::to_vec_pretty(&value).unwrap_or_default());
        guess(rendered, spaced(&value).into_bytes());
        guess(rendered, ascii_only(&spaced(&value)).into_bytes());
        value.sort_all_objects();
    }
    guesses
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
