//! The root bundle.

use super::{
    certificate::{BEGIN, Certificate, blocks, may_be_signed_with_rsa},
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
        if !bundle.contains(BEGIN) {
            // One certificate in bare base64, or something else, which the error names.
            certificates.push(Certificate::parse(bundle)?);
        }
        for block in blocks(bundle)? {
            match Certificate::parse(block) {
                Ok(certificate) => certificates.push(certificate),
                Err(
                    CertificateError::NotACertificate | CertificateError::LongSerialNumber { .. },
                ) if !may_be_signed_with_rsa(block) => {}
                Err(problem) => return Err(problem),
            }
        }
        if certificates.iter().any(Certificate::is_signed_with_rsa) {
            Ok(Self { certificates })
        } else {
            Err(CertificateError::NoRoot)
        }
    }

    /// The serials of those that are signed with RSA, in order. Joined by `_`, they are the serial of
    /// the bundle.
    pub(crate) fn serials(&self) -> Vec<String> {
        let counted = self.certificates.iter().filter(|root| root.is_signed_with_rsa());
        counted.map(Certificate::serial).collect()
    }
}
