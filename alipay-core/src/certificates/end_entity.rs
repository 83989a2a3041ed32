//! The certificates that are given to the credentials: the app's, and Alipay's.

use std::time::SystemTime;

use super::{
    certificate::{Certificate, Entry, read_all},
    chain,
    error::CertificateError,
    info::{CertificateChain, CertificateInfo, CertificateOwner},
    roots::Roots,
};
use crate::{error::Error, keys::PublicKey};

/// The certificate of the app or of Alipay, and not of an authority.
pub(crate) struct EndEntity {
    owner: CertificateOwner,
    certificate: Certificate,
    /// The certificates after it in its file.
    others: Vec<Certificate>,
    pub(crate) key: PublicKey,
}

impl EndEntity {
    /// Reads the first certificate of a text.
    pub(crate) fn parse(owner: CertificateOwner, text: &str) -> Result<Self, Error> {
        Self::read(owner, text).map_err(|problem| owner.error(problem))
    }

    fn read(owner: CertificateOwner, text: &str) -> Result<Self, CertificateError> {
        let mut entries = read_all(text)?.into_iter();
        let mut other = None;
        let certificate = loop {
            match entries.next() {
                Some(Entry::Certificate(certificate)) => break *certificate,
                Some(Entry::Unreadable { problem, .. }) => return Err(problem),
                // It may have been the certificate that is meant.
                Some(Entry::Other(problem)) if problem.is_unknown() => return Err(problem),
                Some(Entry::Other(problem)) => other = other.or(Some(problem)),
                None => return Err(other.unwrap_or(CertificateError::NotACertificate)),
            }
        };
        // Of those after it, the ones that cannot be read are skipped.
        let others = entries.filter_map(|entry| match entry {
            Entry::Certificate(certificate) => Some(*certificate),
            Entry::Unreadable { .. } | Entry::Other(_) => None,
        });
        let others = others.collect();
        if certificate.is_root() {
            return Err(CertificateError::Root(owner));
        }
        if certificate.extensions()?.is_ca() {
            return Err(CertificateError::Authority(owner));
        }
        let key = certificate.public_key()?.clone();
        Ok(Self { owner, certificate, others, key })
    }

    /// The app it names, if it is the certificate of an app.
    pub(crate) fn app_id(&self) -> Option<&str> {
        self.certificate.subject.app_id()
    }

    /// Whether its subject is that of an app's certificate, and not of Alipay's.
    pub(crate) fn is_of_app(&self) -> bool {
        self.certificate.subject.is_of_app()
    }

    pub(crate) fn serial(&self) -> String {
        self.certificate.serial()
    }

    /// What it contains. It must be valid at the time `now`, and its chain must not be wrong.
    pub(crate) fn info(&self, roots: &Roots, now: SystemTime) -> Result<CertificateInfo, Error> {
        self.check_validity(now)?;
        let Self { owner, certificate, .. } = self;
        let validity = certificate.validity().map_err(|problem| owner.error(problem))?;
        Ok(CertificateInfo {
            owner: *owner,
            serial: certificate.serial(),
            subject: certificate.subject.as_str().to_owned(),
            issuer: certificate.issuer.as_str().to_owned(),
            not_before: validity.not_before,
            not_after: validity.not_after,
            chain: self.chain(roots, now)?,
        })
    }

    /// It must be valid at the time `now`.
    pub(crate) fn check_validity(&self, now: SystemTime) -> Result<(), Error> {
        let problem = match self.certificate.validity() {
            Err(problem) => problem,
            Ok(validity) if now < validity.not_before => {
                CertificateError::NotYetValid { from: validity.not_before }
            }
            Ok(validity) if now > validity.not_after => {
                CertificateError::Expired { at: validity.not_after }
            }
            Ok(_) => return Ok(()),
        };
        Err(self.owner.error(problem))
    }

    /// Whether the signatures on it lead up to a root certificate.
    pub(crate) fn chain(&self, roots: &Roots, now: SystemTime) -> Result<CertificateChain, Error> {
        chain::check(&self.certificate, &self.others, roots, now)
            .map_err(|problem| self.owner.error(problem))
    }
}
