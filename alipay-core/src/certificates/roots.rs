//! The root bundle.

use super::{
    certificate::{Certificate, Entry, read_all},
    error::CertificateError,
};

#[derive(Debug)]
pub(crate) struct Roots {
    /// All that could be read, in order.
    pub(super) certificates: Vec<Certificate>,
}

impl Roots {
    /// Reads a bundle. A certificate that cannot be read is skipped, unless it is signed with RSA or
    /// may be: those make up the serial of the bundle, so each of them must be read.
    pub(crate) fn parse(bundle: &str) -> Result<Self, CertificateError> {
        let mut certificates = Vec::new();
        let mut other = None;
        for entry in read_all(bundle)? {
            match entry {
                Entry::Certificate(certificate) => certificates.push(*certificate),
                Entry::Unreadable {
                    problem:
                        CertificateError::NotACertificate | CertificateError::LongSerialNumber { .. },
                    may_be_rsa: false,
                } => {}
                Entry::Unreadable { problem, .. } => return Err(problem),
                Entry::Other(problem) => other = other.or(Some(problem)),
            }
        }
        if certificates.iter().any(Certificate::is_signed_with_rsa) {
            Ok(Self { certificates })
        } else {
            Err(other.filter(|_| certificates.is_empty()).unwrap_or(CertificateError::NoRoot))
        }
    }

    /// The serial of the bundle.
    pub(crate) fn serial(&self) -> String {
        self.serials().join("_")
    }

    /// The serials of those that are signed with RSA, in order.
    pub(crate) fn serials(&self) -> Vec<String> {
        let counted = self.certificates.iter().filter(|root| root.is_signed_with_rsa());
        counted.map(Certificate::serial).collect()
    }
}
