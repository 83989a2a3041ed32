//! Whether a certificate was issued below the root certificates.

use std::time::SystemTime;

use super::certificate::{Certificate, CertificateError, Roots};
use crate::trust::{CertificateChain, ChainGap};

/// How many issuers are tried at most for one certificate. Chains of Alipay's have two.
const MAX_CHECKS: usize = 64;

/// Follows the issuers of a certificate up to a root of the bundle.
///
/// Issuers are searched for among the certificates that came `beside` it and in the bundle. What
/// cannot be checked is told, what is proven to be wrong is an error.
pub(super) fn check(
    certificate: &Certificate,
    beside: &[Certificate],
    roots: &Roots,
    now: SystemTime,
) -> Result<CertificateChain, CertificateError> {
    let mut search = Search { beside, roots: roots.certificates(), now, checks: MAX_CHECKS };
    match search.climb(certificate, 0) {
        Found::Root => Ok(CertificateChain::Verified),
        Found::Gap(gap) => Ok(CertificateChain::NotChecked(gap)),
        Found::Wrong(problem) => Err(problem),
    }
}

struct Search<'a> {
    beside: &'a [Certificate],
    roots: &'a [Certificate],
    now: SystemTime,
    /// How many issuers may still be tried.
    checks: usize,
}

/// Where a way up has led to.
enum Found {
    Root,
    Gap(ChainGap),
    Wrong(CertificateError),
}

impl Search<'_> {
    /// Goes up from a certificate below which there are as many others, not counting the first.
    fn climb(&mut self, certificate: &Certificate, below: usize) -> Found {
        match certificate.extensions() {
            Ok(extensions) if !extensions.has_unknown() => {}
            _ => return Found::Gap(ChainGap::Extension),
        }
        let (beside, roots) = (self.beside, self.roots);
        // Only those of the bundle are roots.
        let beside = beside.iter().filter(|issuer| !issuer.is_root());
        let mut found = None;
        for issuer in roots.iter().chain(beside) {
            if issuer.subject().as_str() != certificate.issuer().as_str() {
                continue;
            }
            let step = self.step(certificate, issuer, below);
            // Names are not unique: that one issuer is wrong proves nothing if another may be right.
            match &step {
                Found::Root => return step,
                Found::Gap(_) => found = Some(step),
                Found::Wrong(_) => found = found.or(Some(step)),
            }
        }
        found.unwrap_or(Found::Gap(ChainGap::IssuerMissing))
    }

    /// Goes up from a certificate by way of one that has its issuer's name.
    fn step(&mut self, certificate: &Certificate, issuer: &Certificate, below: usize) -> Found {
        let Some(checks) = self.checks.checked_sub(1) else {
            return Found::Gap(ChainGap::TooLong);
        };
        self.checks = checks;
        let (Some(hash), Ok(key)) = (certificate.hash(), issuer.public_key()) else {
            return Found::Gap(ChainGap::Algorithm);
        };
        if !certificate.is_signed_with(&key, hash) {
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
            Ok(_) => self.climb(issuer, below + 1),
            Err(problem) => Found::Wrong(problem),
        }
    }
}
