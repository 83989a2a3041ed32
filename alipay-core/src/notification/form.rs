//! Reads `application/x-www-form-urlencoded`, strictly: a notification that can be read in more
//! than one way is not read at all. Values stay bytes: what is signed is bytes, in whatever charset.

use std::collections::BTreeMap;

use super::joined::is_name;

/// The largest notification that is read, in bytes.
const MAX_SIZE: usize = 256 * 1024;
const MAX_PARAMETERS: usize = 256;

/// Why a body is not a form. The texts go on from "the notification …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FormError {
    #[error("is empty; was the body of the POST read before?")]
    Empty,
    #[error("is larger than 256 KiB")]
    TooLarge,
    #[error("has more than 256 parameters")]
    TooMany,
    #[error("is JSON, not a form; give the body of the POST as received")]
    Json,
    #[error("is not a form: all of it is percent-encoded; give the body of the POST as received")]
    Encoded,
    #[error("is not a form: it has a part that is not name=value")]
    NotAPair,
    #[error("is HTML-escaped (`&amp;` for `&`); give the body of the POST as received")]
    HtmlEscaped,
    #[error("has a parameter whose name is not of letters, digits, `_`, `-` and `.`")]
    Name,
    #[error("has a parameter more than once")]
    Twice,
    #[error("has a percent sign that is not followed by two hexadecimal digits")]
    Percent,
    #[error(
        "has a character that is not allowed in a form; if it was decoded before, give the body of \
         the POST as received"
    )]
    Unencoded,
    #[error("has a NUL character")]
    Nul,
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
                    // No text has it, and what stores texts may end them there.
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
