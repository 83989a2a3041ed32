//! The charset of a body. JSON is UTF-8, but some errors come in GBK, and some bodies begin with a byte
//! order mark.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// A body as a string.
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    /// Whether some bytes were not valid in any charset that was tried. They became U+FFFD.
    pub(crate) damaged: bool,
}

/// The charset that the type of a body names, if it is another one than UTF-8 that JSON may be in.
///
/// Charsets with one byte for each character are left out: any bytes are valid in them, and servers name
/// them (ISO-8859-1) where nobody has chosen one. UTF-16 is recognised without a name.
pub(crate) fn declared(content_type: Option<&str>) -> Option<&'static Encoding> {
    let parameters = content_type?.split(';').skip(1);
    let name = parameters.filter_map(|parameter| parameter.split_once('=')).find_map(|pair| {
        pair.0.trim().eq_ignore_ascii_case("charset").then_some(pair.1.trim().trim_matches('"'))
    })?;
    if name.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let may_be = |encoding: &&'static Encoding| {
        *encoding != UTF_8 && !encoding.is_single_byte() && encoding.is_ascii_compatible()
    };
    Encoding::for_label(name.as_bytes()).filter(may_be)
}

/// Reads a body as a string: by its byte order mark, as UTF-8, in the charset its type names, or in
/// GB18030, which includes GBK.
pub(crate) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, bytes.get(length..).unwrap_or_default());
    }
    match bytes {
        // No JSON in another charset has a NUL.
        [0, _, ..] => return decode_as(UTF_16BE, bytes),
        [_, 0, ..] => return decode_as(UTF_16LE, bytes),
        _ => {}
    }
    let utf8 = decode_as(UTF_8, bytes);
    // The signature does not cover the type. So it makes something else of what is UTF-8 only where that is
    // known to occur, and where no character can take a quote or backslash that follows it.
    let declared =
        declared(content_type).filter(|encoding| utf8.damaged || [GBK, GB18030].contains(encoding));
    if (!utf8.damaged && declared.is_none()) || is_plainly_utf8(&utf8.text) {
        return utf8;
    }
    // What is valid in the charset that is named was sent in it.
    let is_damaged = utf8.damaged;
    let best = match declared {
        Some(encoding) => decode_as(encoding, bytes).or(utf8),
        None => utf8,
    };
    if is_damaged { best.or(decode_as(GB18030, bytes)) } else { best }
}

impl Decoded<'_> {
    /// The other if it has fewer characters that are not valid.
    fn or(self, other: Self) -> Self {
        if replaced(&other.text) < replaced(&self.text) { other } else { self }
    }
}

fn decode_as<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Decoded<'a> {
    let (text, damaged) = encoding.decode_without_bom_handling(bytes);
    Decoded { text, damaged }
}

/// Whether there are more characters with three bytes or more, as Chinese ones have in UTF-8, than bytes
/// that are not UTF-8. In text of other charsets these sequences are rare.
fn is_plainly_utf8(text: &str) -> bool {
    let whole = text.chars().filter(|character| *character >= '\u{800}').count();
    whole > 2 * replaced(text)
}

fn replaced(text: &str) -> usize {
    text.chars().filter(|character| *character == char::REPLACEMENT_CHARACTER).count()
}
