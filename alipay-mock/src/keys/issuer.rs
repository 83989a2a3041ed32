//! The issuer's name as Alipay's serials are made of it: RFC 2253, the most specific part first.

use yasna::tags::TAG_BMPSTRING;
use yasna::{ASN1Error, ASN1ErrorKind, ASN1Result, BERReader};

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

/// Reads a name as a string.
pub(super) fn rfc2253(name: BERReader<'_, '_>) -> ASN1Result<String> {
    let parts = name.collect_sequence_of(|part| Ok(part.collect_set_of(pair)?.join("+")))?;
    Ok(parts.into_iter().rev().collect::<Vec<_>>().join(","))
}

fn pair(pair: BERReader<'_, '_>) -> ASN1Result<String> {
    let (oid, der) =
        pair.read_sequence(|pair| Ok((pair.next().read_oid()?, pair.next().read_der()?)))?;
    let oid = oid.to_string();
    let Some((_, short)) = ATTRIBUTES.iter().find(|(known, _)| *known == oid) else {
        return Ok(format!("{oid}=#{}", hex(&der)));
    };
    let value = yasna::parse_der(&der, |value| match value.lookahead_tag()? {
        TAG_BMPSTRING => value.read_bmp_string(),
        _ => String::from_utf8(value.read_tagged_der()?.value().to_vec())
            .map_err(|_| ASN1Error::new(ASN1ErrorKind::Invalid)),
    })?;
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
