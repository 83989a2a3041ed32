//! The extensions of a certificate: what its owner may do with the key.

use crate::der::{
    BIT_STRING, BOOLEAN, CONTEXT_3, DerError, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING,
    Reader, SEQUENCE,
};

/// `keyUsage`, 2.5.29.15.
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
/// `basicConstraints`, 2.5.29.19.
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
/// The bit `keyCertSign` in the first byte of a key's usage.
const KEY_CERT_SIGN: u8 = 0x04;

/// What the extensions say, as far as it matters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extensions {
    constraints: Option<Constraints>,
    /// Whether the key may be used to sign certificates.
    signs_certificates: Option<bool>,
    /// Whether there is one that may not be ignored, and is not known here.
    unknown: bool,
}

/// Whether the owner may issue certificates, and below how many others.
#[derive(Clone, Copy, Debug)]
struct Constraints {
    ca: bool,
    path_length: Option<usize>,
}

impl Extensions {
    /// Reads what follows the public key.
    pub(super) fn read(mut rest: Reader<'_>) -> Result<Self, DerError> {
        let mut read = Self::default();
        while !rest.is_empty() {
            let element = rest.next()?;
            match element.tag {
                // Unique identifiers, which nobody uses.
                0x81 | 0x82 => {}
                CONTEXT_3 => {
                    let mut extensions = element.inner().read(SEQUENCE)?.inner();
                    while !extensions.is_empty() {
                        read.take(extensions.read(SEQUENCE)?)?;
                    }
                }
                _ => return Err(DerError::Unexpected),
            }
        }
        Ok(read)
    }

    fn take(&mut self, extension: Element<'_>) -> Result<(), DerError> {
        let mut fields = extension.inner();
        let id = fields.read(OBJECT_IDENTIFIER)?.content;
        let critical = flag(&mut fields)?.unwrap_or(false);
        let value = Reader::new(fields.read(OCTET_STRING)?.content);
        let twice = match id {
            KEY_USAGE => self.signs_certificates.replace(key_usage(value)?).is_some(),
            BASIC_CONSTRAINTS => self.constraints.replace(Constraints::read(value)?).is_some(),
            _ => {
                self.unknown |= critical;
                false
            }
        };
        if twice { Err(DerError::Malformed) } else { Ok(()) }
    }

    /// Whether the owner is said to issue certificates.
    pub(super) fn is_ca(&self) -> bool {
        self.constraints.is_some_and(|constraints| constraints.ca)
    }

    /// Whether the owner may issue a certificate below which there are as many others. That a root
    /// may need not be said.
    pub(super) fn may_issue(&self, root: bool, below: usize) -> bool {
        let constraints = self.constraints.map_or(root, |constraints| {
            constraints.ca && constraints.path_length.is_none_or(|length| below <= length)
        });
        constraints && self.signs_certificates != Some(false)
    }

    /// Whether the certificate may be believed only by those who know more of it.
    pub(super) fn has_unknown(&self) -> bool {
        self.unknown
    }
}

impl Constraints {
    fn read(mut value: Reader<'_>) -> Result<Self, DerError> {
        let mut fields = value.read(SEQUENCE)?.inner();
        let ca = flag(&mut fields)?.unwrap_or(false);
        let path_length = match fields.peek() {
            Some(INTEGER) => Some(small_number(fields.next()?)?),
            _ => None,
        };
        fields.end()?;
        Ok(Self { ca, path_length })
    }
}

/// A boolean, if the next element is one.
fn flag(fields: &mut Reader<'_>) -> Result<Option<bool>, DerError> {
    if fields.peek() != Some(BOOLEAN) {
        return Ok(None);
    }
    match fields.next()?.content {
        [byte] => Ok(Some(*byte != 0)),
        _ => Err(DerError::Malformed),
    }
}

/// A number of at most 127.
fn small_number(element: Element<'_>) -> Result<usize, DerError> {
    match element.content {
        [byte @ 0..0x80] => Ok(usize::from(*byte)),
        _ => Err(DerError::Malformed),
    }
}

fn key_usage(mut value: Reader<'_>) -> Result<bool, DerError> {
    // The first byte counts unused bits.
    match value.read(BIT_STRING)?.content {
        [_, bits, ..] => Ok(bits & KEY_CERT_SIGN != 0),
        _ => Err(DerError::Malformed),
    }
}
