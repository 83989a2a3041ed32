//! Whether a certificate was issued below a root certificate.

use std::time::SystemTime;

use super::{
    certificate::Certificate,
    error::CertificateError,
    info::{CertificateChain, ChainGap},
    roots::Roots,
};

/// How many issuers are tried at most for one certificate. Alipay's chains have two.
const MAX_CHECKS: usize = 64;

/// Follows the issuers of a certificate up to a root of the bundle.
///
/// Issuers are looked for among the `others` of the certificate's file and in the bundle. A part of
/// the chain that cannot be checked is a gap; one that is proven wrong is an error.
pub(super) fn check(
    certificate: &Certificate,
    others: &[Certificate],
    roots: &Roots,
    now: SystemTime,
) -> Result<CertificateChain, CertificateError> {
    let mut search = Search { others, roots: &roots.certificates, now, checks: MAX_CHECKS };
    match search.issuers_of(certificate, 0) {
        Found::Root => Ok(CertificateChain::Verified),
        Found::Gap(gap) => Ok(CertificateChain::NotChecked(gap)),
        Found::Wrong(problem) => Err(problem),
    }
}

struct Search<'a> {
    others: &'a [Certificate],
    roots: &'a [Certificate],
    now: SystemTime,
    /// How many issuers may still be tried.
    checks: usize,
}

/// Where following the issuers ends.
enum Found {
    Root,
    Gap(ChainGap),
    Wrong(CertificateError),
}

impl Search<'_> {
    /// Tries all possible issuers of a certificate, which has `below` authorities below it.
    fn issuers_of(&mut self, certificate: &Certificate, below: usize) -> Found {
        match certificate.extensions() {
            Ok(extensions) if !extensions.unknown_critical => {}
            _ => return Found::Gap(ChainGap::Extension),
        }
        // Only the bundle has roots.
        let others = self.others.iter().filter(|issuer| !issuer.is_root());
        let mut found = None;
        for issuer in self.roots.iter().chain(others) {
            if issuer.subject.as_str() != certificate.issuer.as_str() {
                continue;
            }
            // Names are not unique: if one issuer is wrong, another may still be right.
            match self.issuer_of(certificate, issuer, below) {
                Found::Root => return Found::Root,
                gap @ Found::Gap(_) => found = Some(gap),
                wrong @ Found::Wrong(_) => found = found.or(Some(wrong)),
            }
        }
        found.unwrap_or(Found::Gap(ChainGap::IssuerMissing))
    }

    /// Tries one issuer of a certificate: one that has the issuer's name.
    fn issuer_of(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        below: usize,
    ) -> Found {
        let Some(checks) = self.checks.checked_sub(1) else {
            return Found::Gap(ChainGap::TooLong);
        };
        self.checks = checks;
        let (Some(hash), Ok(key)) = (certificate.hash(), issuer.public_key()) else {
            return Found::Gap(ChainGap::Algorithm);
        };
        if !certificate.is_signed_with(key, hash) {
            return Found::Wrong(CertificateError::NotIssued);
        }
        match issuer.extensions() {
            Ok(extensions) if !extensions.may_issue(issuer.is_root(), below) => {
                return Found::Wrong(CertificateError::IssuerMayNot);
            }
            Ok(_) if issuer.is_root() => return Found::Root,
            Ok(_) => {}
            Err(_) => return Found::Gap(ChainGap::Extension),
        }
        match issuer.validity() {
            Ok(validity) if self.now < validity.not_before => {
                Found::Wrong(CertificateError::IssuerNotYetValid { from: validity.not_before })
            }
            Ok(validity) if self.now > validity.not_after => {
                Found::Wrong(CertificateError::IssuerExpired { at: validity.not_after })
            }
            Ok(_) => self.issuers_of(issuer, below + 1),
            Err(problem) => Found::Wrong(problem),
        }
    }
}
