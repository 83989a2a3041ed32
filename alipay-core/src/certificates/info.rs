//! What users of the crate learn of a certificate.

use std::{fmt, time::SystemTime};

use crate::{error::Error, input::Input};

/// What a certificate contains, and whether its chain was checked. None of it is secret.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateInfo {
    /// Whose it is.
    pub owner: CertificateOwner,
    /// The serial by which the protocol names it (`app_cert_sn`, `alipay-sn`): 32 hexadecimal digits.
    pub serial: String,
    /// Its subject: a distinguished name in the form of RFC 2253.
    pub subject: String,
    /// Its issuer, in the same form.
    pub issuer: String,
    /// From when it is valid.
    pub not_before: SystemTime,
    /// Until when it is valid.
    pub not_after: SystemTime,
    /// Whether the signatures on it were checked up to a root certificate.
    pub chain: CertificateChain,
}

/// Whose certificate it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateOwner {
    /// The app's (`appCertPublicKey_….crt`).
    App,
    /// Alipay's (`alipayCertPublicKey_RSA2.crt`).
    Alipay,
}

impl CertificateOwner {
    /// The file of the console that holds the certificate.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::App => "appCertPublicKey_….crt",
            Self::Alipay => "alipayCertPublicKey_RSA2.crt",
        }
    }

    /// An error that says what is wrong with the certificate.
    pub(crate) fn error(self, problem: impl fmt::Display) -> Error {
        let input = match self {
            Self::App => Input::AppCertificate,
            Self::Alipay => Input::AlipayCertificate,
        };
        Error::wrong(input, problem)
    }
}

/// Whether the signatures on a certificate were checked up to a root certificate.
///
/// Each certificate of a chain is signed with the key of its issuer, and the last issuer is in the
/// root bundle. Issuers in between are looked for in the certificate's own file, after it, and in the
/// bundle. They must be valid and belong to an authority, and their signatures must be RSA with
/// SHA-256, SHA-384 or SHA-512. Revocation is not checked.
///
/// Alipay's authorities also issue the certificates of all apps. So a chain says who issued the
/// certificate, and not that it belongs to Alipay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CertificateChain {
    /// All signatures were checked, up to a certificate of the root bundle.
    Verified,
    /// A part of the chain cannot be checked. No error was found; that the certificate is genuine
    /// depends on where it was downloaded from.
    NotChecked(ChainGap),
}

/// Why a part of a [chain](CertificateChain) cannot be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ChainGap {
    /// The certificate of an issuer is neither in the same file nor in the root bundle.
    #[error("the certificate of an issuer is neither in the same file nor in the root bundle")]
    IssuerMissing,
    /// The algorithm of a signature or key is not supported: SM2, ECDSA, RSA with SHA-1, or RSA below
    /// 2048 bits, for example.
    #[error("a signature or key is not RSA with SHA-256 or better")]
    Algorithm,
    /// A certificate has a critical extension that is unknown, or one that is damaged.
    #[error("a certificate has an unknown or damaged extension")]
    Extension,
    /// There are too many certificates that could be the issuer.
    #[error("there are too many certificates that may be issuers")]
    TooLong,
}

impl fmt::Debug for CertificateInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateInfo")
            .field("owner", &self.owner)
            .field("serial", &self.serial)
            .field("not_before", &self.not_before)
            .field("not_after", &self.not_after)
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}
