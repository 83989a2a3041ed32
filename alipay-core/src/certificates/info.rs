//! What users of the crate learn of a certificate.

use std::{fmt, time::SystemTime};

use crate::error::Error;

/// What a certificate contains, and whether its chain was checked. None of it is secret.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateInfo {
    pub(super) owner: CertificateOwner,
    pub(super) serial: String,
    pub(super) subject: String,
    pub(super) issuer: String,
    pub(super) not_before: SystemTime,
    pub(super) not_after: SystemTime,
    pub(super) chain: CertificateChain,
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
        let certificate = match self {
            Self::App => "the app's certificate",
            Self::Alipay => "Alipay's certificate",
        };
        Error::configuration(format!("{certificate}: {problem}"))
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChainGap {
    /// The certificate of an issuer is neither in the same file nor in the root bundle.
    IssuerMissing,
    /// The algorithm of a signature or key is not supported: SM2, ECDSA, RSA with SHA-1, or RSA below
    /// 2048 bits, for example.
    Algorithm,
    /// A certificate has a critical extension that is unknown, or one that is damaged.
    Extension,
    /// There are too many certificates that could be the issuer.
    TooLong,
}

impl fmt::Display for ChainGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IssuerMissing => {
                "the certificate of an issuer is neither in the same file nor in the root bundle"
            }
            Self::Algorithm => "a signature or key is not RSA with SHA-256 or better",
            Self::Extension => "a certificate has an unknown or damaged extension",
            Self::TooLong => "there are too many certificates that may be issuers",
        })
    }
}

impl CertificateInfo {
    /// Whose it is.
    #[must_use]
    pub fn owner(&self) -> CertificateOwner {
        self.owner
    }

    /// The serial by which the protocol names it (`app_cert_sn`, `alipay-sn`): 32 hexadecimal digits.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Its subject: a distinguished name in the form of RFC 2253.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its issuer: a distinguished name in the form of RFC 2253.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether the signatures on it were checked up to a root certificate.
    #[must_use]
    pub fn chain(&self) -> CertificateChain {
        self.chain
    }

    /// From when it is valid.
    #[must_use]
    pub fn not_before(&self) -> SystemTime {
        self.not_before
    }

    /// Until when it is valid.
    #[must_use]
    pub fn not_after(&self) -> SystemTime {
        self.not_after
    }
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
