//! Why the signature of a notification may not match: web frameworks, proxies and custom code change
//! forms in a few well-known ways.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::form::{CHARSET, CONTENT, Charset, SIGN};
use crate::input::term;

const ESCAPES: [&[u8]; 6] = [b"&quot;", b"&amp;", b"&#34;", b"&#x22;", b"&#39;", b"&lt;"];
/// U+FFFD in UTF-8, which replaces what could not be decoded.
const REPLACED: &[u8] = "\u{fffd}".as_bytes();

/// The damage, if it can be recognised. The messages continue "the notification's …".
pub(super) fn seen_in(parameters: &BTreeMap<String, Vec<u8>>) -> Option<&'static str> {
    parameters.get(SIGN).and_then(|sign| seen_in_signature(sign)).or_else(|| {
        let content = parameters.get(CONTENT).map_or(&[][..], Vec::as_slice);
        let any = |test: &dyn Fn(&[u8]) -> bool| parameters.values().any(|value| test(value));
        if any(&|value| ESCAPES.iter().any(|escape| contains(value, escape))) {
            Some(concat!(
                term!(signature_is_wrong),
                ", and a value holds `&quot;` or the like: HTML-escaped"
            ))
        } else if content.starts_with(b"%7B") || content.starts_with(b"%7b") {
            Some(concat!(term!(signature_is_wrong), ", and its content is percent-encoded twice"))
        } else if content.starts_with(br#"{\""#) {
            Some(concat!(
                term!(signature_is_wrong),
                ", and the quotes in its content are escaped with backslashes"
            ))
        } else if any(&|value| contains(value, REPLACED)) {
            Some(concat!(
                term!(signature_is_wrong),
                ", and its text was decoded in a wrong charset (it holds U+FFFD)"
            ))
        } else {
            seen_in_charset(parameters)
        }
    })
}

fn seen_in_signature(sign: &[u8]) -> Option<&'static str> {
    if STANDARD.decode(sign).is_ok() {
        None
    } else if sign.contains(&b' ') {
        Some(
            "sign is not base64, its `+` became blanks: the form was decoded twice, or put together \
             by hand",
        )
    } else if sign.contains(&b'%') {
        Some("sign is not base64: it is percent-encoded twice")
    } else if sign.contains(&b'&') {
        Some("sign is not base64: it is HTML-escaped")
    } else {
        Some("sign is not base64")
    }
}

/// Whether the values are in another charset than the one that is named.
fn seen_in_charset(parameters: &BTreeMap<String, Vec<u8>>) -> Option<&'static str> {
    let named = Charset::named(parameters.get(CHARSET).map(Vec::as_slice)).ok()?;
    let mut texts = parameters.values().filter(|value| !value.is_ascii()).peekable();
    texts.peek()?;
    let is_utf8 = texts.all(|value| std::str::from_utf8(value).is_ok());
    match named {
        Charset::Utf8 if !is_utf8 => Some(concat!(
            term!(signature_is_wrong),
            ", and its text is not UTF-8, although its charset says so"
        )),
        Charset::Gb18030 if is_utf8 => Some(concat!(
            term!(signature_is_wrong),
            ", and its text is UTF-8, although its charset says otherwise"
        )),
        _ => None,
    }
}

fn contains(value: &[u8], part: &[u8]) -> bool {
    value.windows(part.len()).any(|window| window == part)
}
