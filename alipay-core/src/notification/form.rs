//! Reads `application/x-www-form-urlencoded`, strictly: a notification that can be read in more
//! than one way is not read at all.

use std::collections::BTreeMap;

/// The largest notification that is read, in bytes.
const MAX_SIZE: usize = 256 * 1024;
const MAX_PARAMETERS: usize = 256;

/// Why a body is not a form. The texts go on from "the notification …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FormError {
    #[error("is empty")]
    Empty,
    #[error("is larger than 256 KiB")]
    TooLarge,
    #[error("has more than 256 parameters")]
    TooMany,
    #[error("is not a form: it has a part that is not name=value")]
    NotAPair,
    #[error("has a parameter whose name is not of letters, digits, `_`, `-` and `.`")]
    Name,
    #[error("has a parameter more than once")]
    Twice,
    #[error("has a percent sign that is not followed by two hexadecimal digits")]
    Percent,
    #[error("has a character that is not allowed in a form")]
    Unencoded,
    #[error("is not UTF-8")]
    NotUtf8,
    #[error("has a NUL character")]
    Nul,
}

/// The parameters, their values decoded once.
pub(super) fn parse(body: &[u8]) -> Result<BTreeMap<String, String>, FormError> {
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
        let equals = part.iter().position(|&byte| byte == b'=').ok_or(FormError::NotAPair)?;
        let (name, value) = part.split_at_checked(equals).ok_or(FormError::NotAPair)?;
        let name = decode(name)?;
        // Names are joined with `=` and `&` where the signature is checked, so they hold none.
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        if name.is_empty() || !name.bytes().all(fits) {
            return Err(FormError::Name);
        }
        let value = decode(value.get(1..).unwrap_or_default())?;
        if parameters.insert(name, value).is_some() {
            return Err(FormError::Twice);
        }
    }
    Ok(parameters)
}

fn decode(text: &[u8]) -> Result<String, FormError> {
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
    String::from_utf8(decoded).map_err(|_| FormError::NotUtf8)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
