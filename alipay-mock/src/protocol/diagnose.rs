//! Finds the well-known mistake behind a signature that does not verify.
//!
//! The signature is opened with the app's public key, so that how it was made and what was signed are told apart.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;

use super::canonical;
use super::changes::unescape_html;
use super::diagnosis::{self, Diagnosis, Layout};
use super::opened::{Key, Opened, unhex};
use super::order_variants;
use super::parameters::Parameters;
use super::request::{Authorization, RawRequest};
use super::signers::Signers;
use super::variants::{self, Reading, Variant};

/// Who signs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    App,
    Alipay,
}

/// A wrong signature, and what it may be over.
pub(super) struct Case<'a, V> {
    pub(super) by: Side,
    pub(super) signature: &'a str,
    /// What it has to be over: each of these is right, and the first is shown.
    pub(super) right: Vec<Vec<u8>>,
    /// What it may be over by mistake, the likelier first.
    pub(super) variants: V,
    pub(super) layout: Layout,
    /// Secrets that are not shown.
    pub(super) tokens: Vec<&'a [u8]>,
}

/// The message for the wrong signature of a request, which names the mistake if it is a known one, and all that was found
/// out.
pub(crate) fn request(
    request: &RawRequest,
    whole: Option<&RawRequest>,
    authorization: &Authorization<'_>,
    signature: &str,
    signers: &Signers,
) -> (String, Diagnosis) {
    let right = Reading::new(request, authorization);
    let lines = right.lines();
    let expects = format!("{} lines, each ended by a line feed: {}", lines.len(), lines.join(", "));
    let token = request.app_auth_token();
    let case = Case {
        by: Side::App,
        signature,
        right: vec![right.signed()],
        variants: variants::all(request, whole, authorization, signers.aes.as_ref()),
        layout: Layout::Request { has_token: token.is_some() },
        tokens: token.map(str::as_bytes).into_iter().collect(),
    };
    explained(case.diagnose(signers), &expects)
}

/// The same for an order.
pub(crate) fn order(
    parameters: &Parameters,
    signature: &str,
    signers: &Signers,
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
    let case = Case {
        by: Side::App,
        signature,
        right: vec![right],
        variants: order_variants::all(parameters, signers.aes.as_ref()),
        layout: Layout::Parameters,
        tokens: parameters.tokens().collect(),
    };
    explained(case.diagnose(signers), &expects)
}

/// A diagnosis with the message of it.
fn explained(diagnosis: Diagnosis, expects: &str) -> (String, Diagnosis) {
    let mut message = "the signature does not match".to_owned();
    if let Some(mistake) = &diagnosis.mistake {
        message = format!("{message}: {mistake}");
    }
    if let Some(difference) = &diagnosis.difference {
        message = format!("{message}; the first difference is in {difference}");
    }
    if let Some(unexplained) = diagnosis.unexplained {
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

impl<V: IntoIterator<Item = Variant>> Case<'_, V> {
    pub(super) fn diagnose(self, signers: &Signers) -> Diagnosis {
        let (layout, tokens) = (self.layout, self.tokens.clone());
        let shown = |text: &[u8]| diagnosis::shown(text, tokens.iter().copied());
        let right = shown(self.right.first().map_or(&[], Vec::as_slice));
        let Found { mistakes, signed, unexplained } = self.find(signers);
        let mistake = (!mistakes.is_empty()).then(|| mistakes.join("; and "));
        Diagnosis::new(mistake, right, signed.as_deref().map(shown), layout, unexplained)
    }

    fn find(self, signers: &Signers) -> Found {
        let mut found = Found::default();
        let Some(key) = Key::read(&signers.right.to_base64()) else {
            found.unexplained = Some("it");
            return found;
        };
        let (encoding, signature) = decode(self.signature, key.length());
        found.mistakes.extend(encoding.map(Cow::Borrowed));
        let Some(signature) = signature else { return found };
        let mut opened = Opened::new(&signature, &key);
        if opened == Opened::Unknown {
            let others = signers.others.iter().filter_map(|(key, what)| {
                let opened = Opened::new(&signature, &Key::read(&key.to_base64())?);
                (opened != Opened::Unknown).then_some((opened, what))
            });
            let Some((by_other, what)) = { others }.next() else {
                found.mistakes.push(self.by.unknown_key(&signature, key.length()));
                return found;
            };
            found.mistakes.push(format!("it was made with {what}").into());
            opened = by_other;
        }
        found.mistakes.extend(opened.mistake().map(Cow::Owned));
        let right = self.right.into_iter().map(|text| Variant { mistakes: Vec::new(), text });
        let explained = right
            .chain(self.variants)
            .find_map(|variant| Some((opened.is_over(&variant.text)?, variant)));
        match explained {
            Some((treatment, variant)) => {
                found.mistakes.extend(treatment.map(Cow::Borrowed));
                found.mistakes.extend(variant.mistakes);
                found.signed = Some(variant.text);
            }
            None if found.mistakes.is_empty() => found.unexplained = Some(self.by.unexplained()),
            None => found.unexplained = Some("what was signed: it is another string as well"),
        }
        found
    }
}

impl Side {
    fn unexplained(self) -> &'static str {
        match self {
            Self::App => "it: it was made with this app's key and SHA-256, over another string",
            Self::Alipay => "it: it was made with Alipay's key and SHA-256, over another string",
        }
    }

    /// Why a signature does not open with any key that is known.
    fn unknown_key(self, signature: &[u8], length: usize) -> Cow<'static, str> {
        if signature.len() != length {
            let (has, wants) = (signature.len() * 8, length * 8);
            let whose = match self {
                Self::App => "the key of this app",
                Self::Alipay => "the key known as Alipay's",
            };
            return format!(
                "the signature has {has} bits, but {whose} has {wants}: it was made with another key, or is not a \
                 signature of RSA",
            )
            .into();
        }
        match self {
            Self::App => {
                "it was made with another private key than this app's: check that the client has the application private \
                 key (应用私钥) that belongs to the public key known here"
            }
            Self::Alipay => {
                "it was made with another key than the one known as Alipay's: check that this is Alipay's public key \
                 (支付宝公钥) of this very app, and of the same environment (the sandbox has keys of its own)"
            }
        }
        .into()
    }
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
    let html = "the signature is HTML-escaped; it must be standard base64 as it is";
    let json = "the signature has escapes of JSON; it must be standard base64 as it is";
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
    let twice = percent_decode_str(&unescaped).decode_utf8_lossy();
    let inner = serde_json::from_str::<String>(&format!("\"{signature}\"")).ok();
    let readings = [
        (padding, STANDARD_NO_PAD.decode(signature).ok()),
        (url, URL_SAFE.decode(signature).ok()),
        (url, URL_SAFE_NO_PAD.decode(signature).ok()),
        (blanks, STANDARD.decode(signature.replace(' ', "+")).ok()),
        (wrapped, STANDARD.decode(without_blanks).ok()),
        (escaped, STANDARD.decode(unescaped.as_ref()).ok()),
        (escaped, STANDARD.decode(twice.as_ref()).ok()),
        (html, STANDARD.decode(unescape_html(signature)).ok()),
        (json, inner.and_then(|inner| STANDARD.decode(inner).ok())),
        (quotes, STANDARD.decode(signature.trim_matches(['"', '\''])).ok()),
    ];
    let found =
        readings.into_iter().find_map(|(what, bytes)| Some((what, bytes.filter(is_signature)?)));
    match found {
        Some((what, bytes)) => (Some(what), Some(bytes)),
        None => (Some("the signature is not standard base64 with padding"), None),
    }
}
