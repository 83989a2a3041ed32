//! The form of a notification (`application/x-www-form-urlencoded`): its parameters, the string of
//! them that is signed, and its charset.
//!
//! It is read strictly: a form that can be read in more than one way is refused. Values stay bytes,
//! since bytes are signed, whatever the charset.

use std::collections::BTreeMap;

use encoding_rs::GB18030;

use crate::redact::OneLine;

pub(super) const SIGN: &str = "sign";
pub(super) const SIGN_TYPE: &str = "sign_type";
pub(super) const APP_ID: &str = "app_id";
pub(super) const CHARSET: &str = "charset";
pub(super) const CONTENT: &str = "biz_content";
pub(super) const ENCRYPT_TYPE: &str = "encrypt_type";
pub(super) const METHOD: &str = "msg_method";
pub(super) const NOTIFY_ID: &str = "notify_id";
pub(super) const UTC_TIMESTAMP: &str = "utc_timestamp";
/// Some gateways add this without signing it.
pub(super) const CERTIFICATE_SERIAL: &str = "alipay_cert_sn";

/// The largest notification that is read, in bytes.
const MAX_SIZE: usize = 256 * 1024;
const MAX_PARAMETERS: usize = 256;

/// What a form came as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The body of a POST.
    Notification,
    /// The query of a `return_url`.
    Return,
}

impl Source {
    /// How errors call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Notification => "the notification",
            Self::Return => "the return",
        }
    }

    /// What to do when something has changed it on its way here.
    pub(super) const fn advice(self) -> &'static str {
        match self {
            Self::Notification => "give the body of the POST as received",
            Self::Return => "give the query of the address as received",
        }
    }
}

/// Why a body is not a form. The messages continue "the notification …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FormError {
    #[error("is empty, perhaps since it was read before")]
    Empty,
    #[error("is larger than 256 KiB")]
    TooLarge,
    #[error("has more than 256 parameters")]
    TooMany,
    #[error("is JSON, not a form")]
    Json,
    #[error("is not a form: all of it is percent-encoded")]
    Encoded,
    #[error("is not a form: it has a part that is not name=value")]
    NotAPair,
    #[error("is HTML-escaped (`&amp;` for `&`)")]
    HtmlEscaped,
    #[error(
        "has a parameter whose name has characters other than letters, digits, `_`, `-` and `.`"
    )]
    Name,
    #[error("has a parameter more than once")]
    Twice,
    #[error("has a percent sign that is not followed by two hexadecimal digits")]
    Percent,
    #[error("has a character that is not allowed in a form, perhaps since it was decoded before")]
    Unencoded,
    #[error("has a NUL character")]
    Nul,
}

impl FormError {
    /// Whether something has changed the form, so that it should be given as it came.
    pub(super) const fn is_change(self) -> bool {
        matches!(
            self,
            Self::Empty | Self::Json | Self::Encoded | Self::HtmlEscaped | Self::Unencoded
        )
    }
}

/// The parameters, their values decoded once.
pub(super) fn parse(body: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, FormError> {
    if body.is_empty() {
        return Err(FormError::Empty);
    }
    if body.len() > MAX_SIZE {
        return Err(FormError::TooLarge);
    }
    let mut parameters = BTreeMap::new();
    for part in body.split(|&byte| byte == b'&') {
        if parameters.len() == MAX_PARAMETERS {
            return Err(FormError::TooMany);
        }
        let equals = part.iter().position(|&byte| byte == b'=').ok_or_else(|| not_a_pair(body))?;
        let (name, value) = part.split_at_checked(equals).ok_or(FormError::NotAPair)?;
        if name.starts_with(b"amp;") {
            return Err(FormError::HtmlEscaped);
        }
        let name = decode(name)?;
        if !is_name(&name) {
            return Err(FormError::Name);
        }
        let name = String::from_utf8(name).map_err(|_| FormError::Name)?;
        let value = decode(value.get(1..).unwrap_or_default())?;
        if parameters.insert(name, value).is_some() {
            return Err(FormError::Twice);
        }
    }
    Ok(parameters)
}

fn not_a_pair(body: &[u8]) -> FormError {
    let encoded = || body.windows(3).any(|bytes| bytes.eq_ignore_ascii_case(b"%3d"));
    if body.trim_ascii_start().starts_with(b"{") {
        FormError::Json
    } else if !body.contains(&b'=') && encoded() {
        FormError::Encoded
    } else {
        FormError::NotAPair
    }
}

fn decode(text: &[u8]) -> Result<Vec<u8>, FormError> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = bytes.next().and_then(digit).ok_or(FormError::Percent)?;
                let low = bytes.next().and_then(digit).ok_or(FormError::Percent)?;
                match high << 4 | low {
                    // No genuine value contains it, and a database may end a value there.
                    0 => return Err(FormError::Nul),
                    byte => byte,
                }
            }
            // Senders differ in which visible characters they leave as they are.
            byte if byte.is_ascii_graphic() => byte,
            _ => return Err(FormError::Unencoded),
        });
    }
    Ok(decoded)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Whether it can be the name of a parameter. Names contain no `=` and no `&`, so it is clear where a
/// name begins and ends in the string that is signed.
pub(super) fn is_name(text: &[u8]) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    !text.is_empty() && text.iter().all(fits)
}

/// The string that is signed: `name=value`, joined by `&`, with nothing escaped. The parameters must
/// be sorted by name.
pub(crate) fn join<'a>(parameters: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut text = Vec::new();
    for (index, (name, value)) in parameters.enumerate() {
        if index > 0 {
            text.push(b'&');
        }
        text.extend_from_slice(name.as_bytes());
        text.push(b'=');
        text.extend_from_slice(value);
    }
    text
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    /// It includes GBK, which includes GB2312.
    Gb18030,
}

impl Charset {
    /// The charset with this name, or UTF-8 if there is no name. The error is the name of an unknown
    /// charset, fit to be shown.
    pub(super) fn named(name: Option<&[u8]>) -> Result<Self, String> {
        let Some(name) = name else { return Ok(Self::Utf8) };
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("UTF-8") || is("UTF8") {
            Ok(Self::Utf8)
        } else if is("GBK") || is("GB2312") || is("GB18030") {
            Ok(Self::Gb18030)
        } else {
            Err(OneLine::new(&String::from_utf8_lossy(name), 40).to_string())
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030 (GBK and GB2312 are within it)",
        }
    }

    /// The string, if the bytes are valid in this charset.
    pub(super) fn decode(self, bytes: Vec<u8>) -> Option<String> {
        match self {
            Self::Utf8 => String::from_utf8(bytes).ok(),
            Self::Gb18030 => GB18030
                .decode_without_bom_handling_and_without_replacement(&bytes)
                .map(std::borrow::Cow::into_owned),
        }
    }
}
