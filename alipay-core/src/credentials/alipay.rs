//! A certificate of Alipay's, read and found good.

use std::time::SystemTime;

use super::{
    certificate::{Certificate, CertificateError},
    configuration,
};
use crate::{
    error::Error,
    keys::PublicKey,
    trust::{CertificateInfo, CertificateOwner},
};

/// A certificate of Alipay's.
pub(crate) struct AlipayCertificate {
    pub(crate) info: CertificateInfo,
    pub(crate) key: PublicKey,
}

impl AlipayCertificate {
    /// Reads the first certificate of a text, which must be Alipay's and valid.
    pub(crate) fn parse(text: &str, app_key: &PublicKey, now: SystemTime) -> Result<Self, Error> {
        Self::read(text, app_key, now)
            .map_err(|problem| configuration(format!("Alipay's certificate: {problem}")))
    }

    fn read(text: &str, app_key: &PublicKey, now: SystemTime) -> Result<Self, CertificateError> {
        let certificate = Certificate::parse(text)?;
        if certificate.is_root() {
            return Err(CertificateError::RootForAlipay);
        }
        let key = certificate.public_key()?;
        if &key == app_key {
            return Err(CertificateError::AppForAlipay);
        }
        Ok(Self { info: info(&certificate, CertificateOwner::Alipay, now)?, key })
    }
}

/// What a certificate says of itself; it must be valid now.
pub(super) fn info(
    certificate: &Certificate,
    owner: CertificateOwner,
    now: SystemTime,
) -> Result<CertificateInfo, CertificateError> {
    let validity = certificate.validity()?;
    if now < validity.not_before {
        return Err(CertificateError::NotYetValid { from: validity.not_before });
    }
    if now > validity.not_after {
        return Err(CertificateError::Expired { at: validity.not_after });
    }
    Ok(CertificateInfo {
        owner,
        serial: certificate.serial(),
        subject: certificate.subject().to_owned(),
        not_before: validity.not_before,
        not_after: validity.not_after,
    })
}
