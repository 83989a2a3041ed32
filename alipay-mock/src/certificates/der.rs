//! The little of DER that certificates need.

pub(super) const NULL: [u8; 2] = [0x05, 0x00];
/// `[0]`: the version of a certificate, which the first version does without.
pub(super) const VERSION: u8 = 0xa0;

/// One element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
}

/// The first element of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Option<Element<'_>> {
    bytes.iter_elements().next()
}

/// Bytes that hold one element after the other.
pub(super) trait Elements {
    /// The elements, up to the first that is malformed.
    fn iter_elements(&self) -> impl Iterator<Item = Element<'_>>;
}

impl Elements for [u8] {
    fn iter_elements(&self) -> impl Iterator<Item = Element<'_>> {
        let mut rest = self;
        std::iter::from_fn(move || {
            let (element, after) = split(rest)?;
            rest = after;
            Some(element)
        })
    }
}

fn split(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        if !(1..=3).contains(&count) {
            return None;
        }
        let (digits, rest) = rest.split_at_checked(count)?;
        (digits.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Element { tag, content }, rest))
}

/// An element of this tag.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len().to_be_bytes();
    let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    match significant.as_slice() {
        [] => bytes.push(0),
        [short] if *short < 0x80 => bytes.push(*short),
        long => {
            // A length has at most eight bytes.
            bytes.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            bytes.extend_from_slice(long);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

pub(super) fn oid(content: &[u8]) -> Vec<u8> {
    element(0x06, content)
}

pub(super) fn integer(content: &[u8]) -> Vec<u8> {
    element(0x02, content)
}

/// A string of whole bytes of bits.
pub(super) fn bits(content: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], content].concat())
}

pub(super) fn utc_time(text: &str) -> Vec<u8> {
    element(0x17, text.as_bytes())
}
