//! Finds the well-known mistake behind a signature that does not verify.
//!
//! The signature is opened with the app's public key, so that how it was made and what was signed are told apart.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;

use super::canonical;
use super::diagnosis::{self, Diagnosis, Layout};
use super::opened::{Key, Opened, unhex};
use super::order_variants;
use super::parameters::Parameters;
use super::request::{Authorization, RawRequest};
use super::variants::{self, Reading, Variant};
use crate::keys::GatewayKeys;

/// The message for the wrong signature of a request, which names the mistake if it is a known one, and all that was found out.
pub(crate) fn signature(
    request: &RawRequest,
    whole: Option<&RawRequest>,
    authorization: &Authorization<'_>,
    signature: &str,
    keys: &GatewayKeys,
) -> (String, Diagnosis) {
    let right = Reading::new(request, authorization);
    let lines = right.lines();
    let expects = format!("{} lines, each ended by a line feed: {}", lines.len(), lines.join(", "));
    let found =
        find(&right.signed(), variants::all(request, whole, authorization, keys), signature, keys);
    let token = request.app_auth_token();
    let layout = Layout::Request { has_token: token.is_some() };
    explain(found, &right.signed(), &expects, layout, |text| diagnosis::shown(text, token))
}

/// The same for an order.
pub(crate) fn order(
    parameters: &Parameters,
    signature: &str,
    keys: &GatewayKeys,
) -> (String, Diagnosis) {
    let right = parameters.signed();
    let is_signed = |name: &str, value: &[u8]| name != "sign" && !canonical::is_blank(value);
    let all = parameters.all().iter();
    let count = all.filter(|known| is_signed(&known.name, &known.value)).count();
    let expects = format!(
        "the {count} parameters that are not blank, but for `sign`, sorted by name, as name=value without encoding, joined by \
         `&` ({} bytes)",
        right.len(),
    );
    let found = find(&right, order_variants::all(parameters, keys), signature, keys);
    let shown = |text: &[u8]| diagnosis::shown(text, parameters.tokens());
    explain(found, &right, &expects, Layout::Order, shown)
}

fn explain(
    found: Found,
    right: &[u8],
    expects: &str,
    layout: Layout,
    shown: impl Fn(&[u8]) -> String,
) -> (String, Diagnosis) {
    let Found { mistakes, signed, unexplained } = found;
    let mistake = (!mistakes.is_empty()).then(|| mistakes.join("; and "));
    let signed = signed.as_deref().map(&shown);
    let diagnosis = Diagnosis::new(mistake, shown(right), signed, layout);
    let mut message = "the signature does not match".to_owned();
    if let Some(mistake) = &diagnosis.mistake {
        message = format!("{message}: {mistake}");
    }
    if let Some(difference) = &diagnosis.difference {
        message = format!("{message}; the first difference is in {difference}");
    }
    if let Some(unexplained) = unexplained {
        let joint = if diagnosis.mistake.is_some() { "; and " } else { ", and " };
        message = format!(
            "{message}{joint}no known mistake explains {unexplained}; the gateway expects {expects}; compare them with those \
             that you sign (this response has them)",
        );
    }
    (message, diagnosis)
}

/// What was found out about a signature.
#[derive(Default)]
struct Found {
    mistakes: Vec<Cow<'static, str>>,
    signed: Option<Vec<u8>>,
    /// What the mistakes do not explain.
    unexplained: Option<&'static str>,
}

fn find(
    right: &[u8],
    others: impl Iterator<Item = Variant>,
    signature: &str,
    keys: &GatewayKeys,
) -> Found {
    let mut found = Found::default();
    let Some(key) = Key::read(keys.app_public_key()) else {
        found.unexplained = Some("it");
        return found;
    };
    let (encoding, signature) = decode(signature, key.length());
    found.mistakes.extend(encoding.map(Cow::Borrowed));
    let Some(signature) = signature else { return found };
    let opened = Opened::new(&signature, &key);
    if opened == Opened::Unknown {
        found.mistakes.push(other_key(&signature, key.length(), keys));
        return found;
    }
    found.mistakes.extend(opened.mistake().map(Cow::Owned));
    let right = Variant { mistakes: Vec::new(), text: right.to_vec() };
    let explained = std::iter::once(right)
        .chain(others)
        .find_map(|variant| Some((opened.is_over(&variant.text)?, variant)));
    match explained {
        Some((treatment, variant)) => {
            found.mistakes.extend(treatment.map(Cow::Borrowed));
            found.mistakes.extend(variant.mistakes);
            found.signed = Some(variant.text);
        }
        None if found.mistakes.is_empty() => {
            found.unexplained =
                Some("it: it was made with this app's key and SHA-256, over another string");
        }
        None => found.unexplained = Some("what was signed: it is another string as well"),
    }
    found
}

/// Why a signature does not open with the app's key.
fn other_key(signature: &[u8], length: usize, keys: &GatewayKeys) -> Cow<'static, str> {
    let alipay = Key::read(keys.alipay_public_key());
    if alipay.is_some_and(|alipay| Opened::new(signature, &alipay) != Opened::Unknown) {
        return "it was made with Alipay's private key; an app signs with its own, the application private key (应用私钥)".into();
    }
    if signature.len() != length {
        let (has, wants) = (signature.len() * 8, length * 8);
        return format!(
            "the signature has {has} bits, but the key of this app has {wants}: it was made with another key, or is not a \
             signature of RSA",
        )
        .into();
    }
    "it was made with another private key than this app's: check that the client has the application private key (应用私钥) \
     that belongs to the public key known here"
        .into()
}

/// The bytes of a signature, and what is wrong with how they are written.
fn decode(signature: &str, length: usize) -> (Option<&'static str>, Option<Vec<u8>>) {
    let is_signature = |bytes: &Vec<u8>| bytes.len() == length;
    if let Some(bytes) = unhex(signature).filter(is_signature) {
        return (Some("the signature is hexadecimal; it must be standard base64"), Some(bytes));
    }
    if let Ok(bytes) = STANDARD.decode(signature) {
        let inner = std::str::from_utf8(&bytes).ok();
        let of_hex = inner.and_then(unhex).filter(is_signature);
        let of_base64 =
            inner.and_then(|inner| STANDARD.decode(inner.replace(['\r', '\n'], "")).ok());
        return match (of_hex, of_base64.filter(is_signature)) {
            (Some(inner), _) => (
                Some(
                    "the signature is the base64 of hexadecimal digits; it must be that of the bytes",
                ),
                Some(inner),
            ),
            (None, Some(inner)) => (Some("the signature is in base64 twice"), Some(inner)),
            (None, None) => (None, Some(bytes)),
        };
    }
    let blanks = "the signature is not standard base64 with padding: its `+` became blanks";
    let escaped = "the signature is percent-encoded; it must be standard base64 as it is";
    let url = "the signature is base64url; it must be standard base64, with `+` and `/`, and with padding";
    let padding =
        "the signature is not standard base64 with padding: the `=` at its end are missing";
    let quotes = "the signature stands in quotes; it must be standard base64 alone";
    let wrapped = "the signature is broken into lines; it must be standard base64 in one line, without blanks";
    let without_blanks: String = signature
        .replace("\\r", "")
        .replace("\\n", "")
        .replace("%0D", "")
        .replace("%0A", "")
        .split_ascii_whitespace()
        .collect();
    let unescaped = percent_decode_str(signature).decode_utf8_lossy();
    let readings = [
        (padding, STANDARD_NO_PAD.decode(signature).ok()),
        (url, URL_SAFE.decode(signature).ok()),
        (url, URL_SAFE_NO_PAD.decode(signature).ok()),
        (blanks, STANDARD.decode(signature.replace(' ', "+")).ok()),
        (wrapped, STANDARD.decode(without_blanks).ok()),
        (escaped, STANDARD.decode(unescaped.as_ref()).ok()),
        (quotes, STANDARD.decode(signature.trim_matches(['"', '\''])).ok()),
    ];
    let found =
        readings.into_iter().find_map(|(what, bytes)| Some((what, bytes.filter(is_signature)?)));
    match found {
        Some((what, bytes)) => (Some(what), Some(bytes)),
        None => (Some("the signature is not standard base64 with padding"), None),
    }
}
