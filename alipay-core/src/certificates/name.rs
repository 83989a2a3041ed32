//! Distinguished names: the subject and the issuer of a certificate.

use std::fmt::Write as _;

use crate::{
    der::{DerError, Element, OBJECT_IDENTIFIER, Reader, SET},
    nonce::hex,
};

/// The attribute type `commonName`, 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

#[derive(Debug)]
pub(crate) struct Name {
    /// In RFC 2253 form: the most specific part first, parts joined by commas.
    text: String,
    /// The common name, if there is exactly one.
    common: Option<String>,
}

impl Name {
    pub(super) fn read(mut relative: Reader<'_>) -> Result<Self, DerError> {
        let mut parts = Vec::new();
        let mut common = Vec::new();
        while !relative.is_empty() {
            let mut attributes = relative.read(SET)?.inner();
            let mut part = String::new();
            while !attributes.is_empty() {
                let mut attribute = attributes.sequence()?;
                let id = attribute.read(OBJECT_IDENTIFIER)?.content;
                let value = attribute.next()?;
                if !part.is_empty() {
                    part.push('+');
                }
                push_attribute(&mut part, id, value)?;
                if id == COMMON_NAME {
                    common.extend(characters(value));
                }
            }
            parts.push(part);
        }
        parts.reverse();
        let common = if common.len() == 1 { common.pop() } else { None };
        Ok(Self { text: parts.join(","), common })
    }

    /// The name in RFC 2253 form.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The id of the app that is named. The common name of an app's certificate is `MERCHANT-APP`,
    /// two numbers of 16 digits.
    pub(crate) fn app_id(&self) -> Option<&str> {
        let (merchant, app) = self.common.as_deref()?.split_once('-')?;
        (is_merchant(merchant) && is_id(app)).then_some(app)
    }

    /// Whether it names an app: the number of a merchant, with or without the id of the app. In
    /// Alipay's certificates the merchant's number comes after Alipay's name.
    pub(super) fn is_of_app(&self) -> bool {
        self.app_id().is_some() || self.common.as_deref().is_some_and(is_merchant)
    }
}

/// Whether it is the number of a merchant, which begins with 2088.
fn is_merchant(text: &str) -> bool {
    is_id(text) && text.starts_with("2088")
}

fn is_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn push_attribute(part: &mut String, id: &[u8], value: Element<'_>) -> Result<(), DerError> {
    match (keyword(id), characters(value)) {
        (Some(keyword), Some(text)) => {
            part.push_str(keyword);
            part.push('=');
            push_escaped(part, &text);
        }
        // A type without a keyword is written as its number, and its value in hexadecimal.
        (keyword, _) => {
            match keyword {
                Some(keyword) => part.push_str(keyword),
                None => part.push_str(&dotted(id).ok_or(DerError::Malformed)?),
            }
            part.push_str("=#");
            part.push_str(&hex(value.raw));
        }
    }
    Ok(())
}

/// The keywords RFC 2253 has for attribute types.
fn keyword(id: &[u8]) -> Option<&'static str> {
    Some(match id {
        COMMON_NAME => "CN",
        [0x55, 0x04, 0x06] => "C",
        [0x55, 0x04, 0x07] => "L",
        [0x55, 0x04, 0x08] => "ST",
        [0x55, 0x04, 0x09] => "STREET",
        [0x55, 0x04, 0x0a] => "O",
        [0x55, 0x04, 0x0b] => "OU",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19] => "DC",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01] => "UID",
        _ => return None,
    })
}

fn characters(value: Element<'_>) -> Option<String> {
    match value.tag {
        // UTF8String, NumericString, PrintableString, IA5String, VisibleString.
        0x0c | 0x12 | 0x13 | 0x16 | 0x1a => String::from_utf8(value.content.to_vec()).ok(),
        // TeletexString, read as Latin-1, as other programs do.
        0x14 => Some(value.content.iter().copied().map(char::from).collect()),
        // UniversalString and BMPString: four and two bytes to a character.
        0x1c => value.content.chunks(4).map(code_point).collect(),
        0x1e => {
            let units = value.content.chunks(2).map(|unit| match unit {
                [high, low] => Some(u16::from_be_bytes([*high, *low])),
                _ => None,
            });
            String::from_utf16(&units.collect::<Option<Vec<_>>>()?).ok()
        }
        _ => None,
    }
}

fn code_point(bytes: &[u8]) -> Option<char> {
    char::from_u32(u32::from_be_bytes(bytes.try_into().ok()?))
}

/// Escapes as RFC 2253 says: its special characters anywhere, `#` first, blanks at both ends.
fn push_escaped(part: &mut String, text: &str) {
    let start = text.len() - text.trim_start_matches(' ').len();
    let end = text.trim_end_matches(' ').len();
    for (index, character) in text.char_indices() {
        let special = matches!(character, ',' | '+' | '"' | '\\' | '<' | '>' | ';');
        let number_sign = character == '#' && index == 0;
        let outer_blank = character == ' ' && (index < start || index >= end);
        if special || number_sign || outer_blank {
            part.push('\\');
        }
        part.push(character);
    }
}

/// An object identifier with dots, if its numbers have 64 bits at most.
fn dotted(id: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut arc = 0u64;
    for &byte in id {
        arc = arc.checked_mul(128)? | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        if text.is_empty() {
            // The first number holds two: 40 times the first plus the second.
            let first = (arc / 40).min(2);
            let _ = write!(text, "{first}.{}", arc - 40 * first);
        } else {
            let _ = write!(text, ".{arc}");
        }
        arc = 0;
    }
    Some(text)
}
