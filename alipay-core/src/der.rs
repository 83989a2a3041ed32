//! Just enough DER to tell keys and certificates apart and to read what is needed of them.

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// `[0]`, constructed and context-specific: the version of a certificate.
pub(crate) const CONTEXT_0: u8 = 0xa0;
/// `[3]`, constructed and context-specific: the extensions of a certificate.
pub(crate) const CONTEXT_3: u8 = 0xa3;

/// Why there is no next element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DerError {
    /// The input ends before the element does, or there is no element.
    Ended,
    /// The input is not DER.
    Malformed,
    /// The element has another type than expected.
    Unexpected,
}

/// An element: its tag, its content, and both with the header as they stand in the input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) raw: &'a [u8],
}

impl<'a> Element<'a> {
    pub(crate) fn inner(self) -> Reader<'a> {
        Reader::new(self.content)
    }

    /// The bytes of a bit string that has no unused bits, as those of keys and signatures.
    pub(crate) fn whole_bytes(self) -> Result<&'a [u8], DerError> {
        match self.content.split_first() {
            // The first byte counts the unused bits.
            Some((0, bytes)) => Ok(bytes),
            _ => Err(DerError::Malformed),
        }
    }

    /// The size in bits of an integer that is not negative.
    pub(crate) fn bits(self) -> usize {
        let mut bytes = self.content.iter().skip_while(|byte| **byte == 0);
        let first = bytes.next().map_or(0, |first| u8::BITS - first.leading_zeros());
        bytes.fold(usize::try_from(first).unwrap_or(0), |bits, _| bits + 8)
    }
}

/// Reads one element after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self { rest: input }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The tag of the next element.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever it is.
    pub(crate) fn next(&mut self) -> Result<Element<'a>, DerError> {
        let (&tag, after_tag) = self.rest.split_first().ok_or(DerError::Ended)?;
        // Tag numbers above 30 do not occur in keys and certificates.
        if tag & 0x1f == 0x1f {
            return Err(DerError::Malformed);
        }
        let (length, after_length) = length(after_tag)?;
        let (content, rest) = after_length.split_at_checked(length).ok_or(DerError::Ended)?;
        let size = self.rest.len().saturating_sub(rest.len());
        let raw = self.rest.get(..size).ok_or(DerError::Ended)?;
        self.rest = rest;
        Ok(Element { tag, content, raw })
    }

    /// The next element, which must have this tag.
    pub(crate) fn read(&mut self, tag: u8) -> Result<Element<'a>, DerError> {
        let element = self.next()?;
        if element.tag == tag { Ok(element) } else { Err(DerError::Unexpected) }
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, DerError> {
        if self.peek() == Some(tag) { self.next().map(Some) } else { Ok(None) }
    }

    /// The elements inside of the next element, which must be a sequence.
    pub(crate) fn sequence(&mut self) -> Result<Reader<'a>, DerError> {
        Ok(self.read(SEQUENCE)?.inner())
    }

    /// Nothing more may follow.
    pub(crate) fn end(&self) -> Result<(), DerError> {
        if self.is_empty() { Ok(()) } else { Err(DerError::Malformed) }
    }
}

/// The size of the first element, by what its header says: more than there is if the input was cut.
pub(crate) fn size(input: &[u8]) -> Option<usize> {
    let (_, after_tag) = input.split_first()?;
    let (length, content) = length(after_tag).ok()?;
    length.checked_add(input.len().checked_sub(content.len())?)
}

fn length(input: &[u8]) -> Result<(usize, &[u8]), DerError> {
    let (&first, rest) = input.split_first().ok_or(DerError::Ended)?;
    if first < 0x80 {
        return Ok((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    // Indefinite lengths are not DER, and nothing read here is beyond 4 GiB.
    if !(1..=4).contains(&count) {
        return Err(DerError::Malformed);
    }
    let (bytes, rest) = rest.split_at_checked(count).ok_or(DerError::Ended)?;
    let length = bytes.iter().fold(0u64, |sum, &byte| (sum << 8) | u64::from(byte));
    let length = usize::try_from(length).map_err(|_| DerError::Malformed)?;
    let minimal = bytes.first().is_some_and(|&byte| byte != 0) && length >= 0x80;
    if minimal { Ok((length, rest)) } else { Err(DerError::Malformed) }
}
