//! Certificate signing requests (CSR): whose they are, and for which key.

use super::{error::CertificateError, name::Name};
use crate::{
    der::{INTEGER, Reader, SEQUENCE},
    keys::{KeyError, PublicKey},
};

pub(crate) struct Request {
    /// In RFC 2253 form.
    pub(crate) subject: String,
    pub(crate) key: Result<PublicKey, KeyError>,
}

impl Request {
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let mut fields = Reader::new(der).sequence()?.sequence()?;
        fields.read(INTEGER)?;
        let subject = Name::read(fields.sequence()?)?.as_str().to_owned();
        Ok(Self { subject, key: PublicKey::from_der(fields.read(SEQUENCE)?.raw) })
    }
}
