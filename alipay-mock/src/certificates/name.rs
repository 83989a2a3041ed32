//! Distinguished names, written as RFC 2253 has them.

use super::der::{self, Element, Elements as _};

/// The attributes that have a short name; others are written as numbers.
const ATTRIBUTES: [(&[u8], &str); 9] = [
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 9], "STREET"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25], "DC"),
    (&[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1], "UID"),
];

/// A name from its parts, the most specific first.
pub(super) fn write(parts: &[(&str, &str)]) -> Vec<u8> {
    let parts: Vec<Vec<u8>> = parts
        .iter()
        .rev()
        .filter_map(|(short, value)| {
            let (oid, _) = ATTRIBUTES.iter().find(|(_, known)| known == short)?;
            let pair = der::sequence(&[&der::oid(oid), &der::element(0x0c, value.as_bytes())]);
            Some(der::element(0x31, &pair))
        })
        .collect();
    der::element(0x30, &parts.concat())
}

/// The content of a name as text, the most specific part first.
pub(super) fn rfc2253(name: &[u8]) -> Option<String> {
    let mut parts = Vec::new();
    for part in name.iter_elements() {
        let pairs: Option<Vec<String>> = part.content.iter_elements().map(pair).collect();
        parts.push(pairs?.join("+"));
    }
    parts.reverse();
    Some(parts.join(","))
}

fn pair(pair: Element<'_>) -> Option<String> {
    let mut parts = pair.content.iter_elements();
    let (oid, value) = (parts.next()?, parts.next()?);
    match ATTRIBUTES.iter().find(|(known, _)| *known == oid.content) {
        Some((_, short)) => Some(format!("{short}={}", escaped(&text(value)?))),
        None => {
            let bytes = der::element(value.tag, value.content);
            let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
            Some(format!("{}=#{hex}", dotted(oid.content)?))
        }
    }
}

fn text(value: Element<'_>) -> Option<String> {
    match value.tag {
        // BMPString: two bytes a character.
        0x1e => {
            let units = value
                .content
                .chunks_exact(2)
                .map(|pair| pair.iter().fold(0, |unit: u16, byte| unit << 8 | u16::from(*byte)));
            String::from_utf16(&units.collect::<Vec<_>>()).ok()
        }
        _ => String::from_utf8(value.content.to_vec()).ok(),
    }
}

/// Special characters, a leading `#`, and blanks at either end get a backslash.
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

/// An object identifier with dots.
fn dotted(content: &[u8]) -> Option<String> {
    let mut numbers = Vec::new();
    let mut number: u64 = 0;
    for byte in content {
        number = number.checked_mul(128)? + u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            numbers.push(std::mem::take(&mut number));
        }
    }
    let (first, rest) = numbers.split_first()?;
    // The first two numbers share one.
    let arc = (first / 40).min(2);
    let mut dotted = format!("{arc}.{}", first - arc * 40);
    for number in rest {
        dotted = format!("{dotted}.{number}");
    }
    Some(dotted)
}
