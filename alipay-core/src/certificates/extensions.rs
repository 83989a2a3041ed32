//! The extensions of a certificate: whether its owner may issue others.

use crate::der::{
    BIT_STRING, BOOLEAN, CONTEXT_3, DerError, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING,
    Reader,
};

/// `keyUsage`, 2.5.29.15.
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
/// `basicConstraints`, 2.5.29.19.
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
/// The bit `keyCertSign` in the first byte of a key's usage.
const KEY_CERT_SIGN: u8 = 0x04;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extensions {
    constraints: Option<Constraints>,
    signs_certificates: Option<bool>,
    /// Such a certificate must not be relied on.
    pub(super) unknown_critical: bool,
}

/// Whether the owner may issue certificates, and how many authorities may follow below.
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
                // Unique identifiers are obsolete.
                0x81 | 0x82 => {}
                CONTEXT_3 => {
                    let mut extensions = element.inner().sequence()?;
                    while !extensions.is_empty() {
                        read.add(extensions.sequence()?)?;
                    }
                }
                _ => return Err(DerError::Unexpected),
            }
        }
        Ok(read)
    }

    fn add(&mut self, mut fields: Reader<'_>) -> Result<(), DerError> {
        let id = fields.read(OBJECT_IDENTIFIER)?.content;
        let critical = flag(&mut fields)?;
        let value = Reader::new(fields.read(OCTET_STRING)?.content);
        let twice = match id {
            KEY_USAGE => self.signs_certificates.replace(key_usage(value)?).is_some(),
            BASIC_CONSTRAINTS => self.constraints.replace(Constraints::read(value)?).is_some(),
            _ => {
                self.unknown_critical |= critical;
                false
            }
        };
        if twice { Err(DerError::Malformed) } else { Ok(()) }
    }

    /// Whether it is the certificate of an authority.
    pub(super) fn is_ca(&self) -> bool {
        self.constraints.is_some_and(|constraints| constraints.ca)
    }

    /// Whether the owner may issue a certificate that has `below` certificates below it. A root
    /// certificate need not say so.
    pub(super) fn may_issue(&self, is_root: bool, below: usize) -> bool {
        let constraints = self.constraints.map_or(is_root, |constraints| {
            constraints.ca && constraints.path_length.is_none_or(|length| below <= length)
        });
        constraints && self.signs_certificates != Some(false)
    }
}

impl Constraints {
    fn read(mut value: Reader<'_>) -> Result<Self, DerError> {
        let mut fields = value.sequence()?;
        let ca = flag(&mut fields)?;
        let path_length = fields.optional(INTEGER)?.map(small_number).transpose()?;
        fields.end()?;
        Ok(Self { ca, path_length })
    }
}

/// A boolean, which is false where it is left out.
fn flag(fields: &mut Reader<'_>) -> Result<bool, DerError> {
    match fields.optional(BOOLEAN)?.map(|flag| flag.content) {
        None | Some([0]) => Ok(false),
        Some([_]) => Ok(true),
        Some(_) => Err(DerError::Malformed),
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
