//! The issuer's name as Alipay's serials are made of it: RFC 2253, the most specific part first.

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::BmpString;
use x509_cert::der::{self, Encode as _, Tag, Tagged as _};
use x509_cert::name::Name;

/// The attributes that have a short name; others are written as numbers.
const ATTRIBUTES: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// A name as a string.
pub(super) fn rfc2253(name: &Name) -> der::Result<String> {
    let mut parts = Vec::new();
    for part in name.0.iter().rev() {
        let pairs = part.0.iter().map(pair).collect::<der::Result<Vec<_>>>()?;
        parts.push(pairs.join("+"));
    }
    Ok(parts.join(","))
}

fn pair(pair: &AttributeTypeAndValue) -> der::Result<String> {
    let AttributeTypeAndValue { oid, value } = pair;
    let oid = oid.to_string();
    let Some((_, short)) = ATTRIBUTES.iter().find(|(known, _)| *known == oid) else {
        return Ok(format!("{oid}=#{}", hex(&value.to_der()?)));
    };
    let value = match value.tag() {
        Tag::BmpString => value.decode_as::<BmpString>()?.to_string(),
        _ => String::from_utf8(value.value().to_vec()).map_err(|_| value.tag().value_error())?,
    };
    Ok(format!("{short}={}", escaped(&value)))
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Special characters, a leading `#`, and spaces at either end get a backslash.
fn escaped(text: &str) -> String {
    let count = text.chars().count();
    let leading = text.chars().take_while(|c| *c == ' ').count();
    let trailing = text.chars().rev().take_while(|c| *c == ' ').count();
    let mut escaped = String::with_capacity(text.len());
    for (index, c) in text.chars().enumerate() {
        let outer = c == ' ' && (index < leading || index >= count - trailing);
        if outer || ",+\"<>;\\".contains(c) || (c == '#' && index == 0) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
