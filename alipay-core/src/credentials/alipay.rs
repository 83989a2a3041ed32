//! A certificate of Alipay's, read and found good.

use std::time::SystemTime;

use super::{
    certificate::{Certificate, CertificateError, Roots},
    chain, configuration,
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
    /// Reads the first certificate of a text, which must be Alipay's and valid, and nothing in the
    /// text or among the roots may speak against it.
    pub(crate) fn parse(
        text: &str,
        app_key: &PublicKey,
        roots: &Roots,
        now: SystemTime,
    ) -> Result<Self, Error> {
        Self::read(text, app_key, roots, now)
            .map_err(|problem| configuration(format!("Alipay's certificate: {problem}")))
    }

    fn read(
        text: &str,
        app_key: &PublicKey,
        roots: &Roots,
        now: SystemTime,
    ) -> Result<Self, CertificateError> {
        let (certificate, others) = Certificate::parse_with_others(text)?;
        if certificate.is_root() {
            return Err(CertificateError::RootForAlipay);
        }
        if certificate.extensions()?.is_ca() {
            return Err(CertificateError::AuthorityForAlipay);
        }
        let key = certificate.public_key()?;
        if &key == app_key {
            return Err(CertificateError::AppForAlipay);
        }
        // All apps have certificates from the issuers of Alipay's: the chain does not tell them apart.
        if certificate.subject().is_of_app() {
            return Err(CertificateError::OtherAppForAlipay);
        }
        let info = info(&certificate, &others, CertificateOwner::Alipay, roots, now)?;
        Ok(Self { info, key })
    }
}

/// What a certificate says of itself, and what the roots say of it; it must be valid now.
pub(super) fn info(
    certificate: &Certificate,
    beside: &[Certificate],
    owner: CertificateOwner,
    roots: &Roots,
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
        subject: certificate.subject().as_str().to_owned(),
        issuer: certificate.issuer().as_str().to_owned(),
        not_before: validity.not_before,
        not_after: validity.not_after,
        chain: chain::check(certificate, beside, roots, now)?,
    })
}
