//! What is wrong with a certificate.

use std::{fmt, time::SystemTime};

use super::info::CertificateOwner;
use crate::{
    der::DerError,
    input::term,
    keys::{Given, KeyError},
    value::LocalDateTime,
};

/// How many bytes a serial number may have by RFC 5280.
pub(super) const MAX_SERIAL_NUMBER: usize = 20;
/// More certificates than any file of the console has.
pub(super) const MAX_CERTIFICATES: usize = 50;

/// Why a text is not the certificate that belongs there. No message repeats any of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CertificateError {
    /// The message for a key says the same of a certificate.
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the data is not a certificate; was a part of it lost?")]
    NotACertificate,
    #[error(
        "its serial number has {bytes} bytes, and at most {MAX_SERIAL_NUMBER} are allowed (RFC 5280); \
         download the certificate from the console"
    )]
    LongSerialNumber { bytes: usize },
    #[error(
        "there are more than {MAX_CERTIFICATES} certificates in the text; give the file as the \
         console gives it"
    )]
    TooMany,
    #[error("none of them is signed with RSA; give alipayRootCert.crt as it is")]
    NoRoot,
    #[error("this is one of {}, alipayRootCert.crt; give {}", term!(root_certificates), .0.file())]
    Root(CertificateOwner),
    #[error("this is the certificate of an authority, which issues others; give {}", .0.file())]
    Authority(CertificateOwner),
    #[error("this is {}; give {}", term!(app_certificate), CertificateOwner::Alipay.file())]
    OwnApp,
    #[error("this is the certificate of an app; give {}", CertificateOwner::Alipay.file())]
    OtherApp,
    #[error("{} is among them; give alipayRootCert.crt", term!(app_certificate))]
    AppAmongRoots,
    #[error("{} is among them; give alipayRootCert.crt", term!(alipay_certificate))]
    AlipayAmongRoots,
    #[error("it expired at {}; download the present one from the console", Shown(*at))]
    Expired { at: SystemTime },
    #[error("it is valid only from {} on; is this computer's clock right?", Shown(*from))]
    NotYetValid { from: SystemTime },
    #[error(
        "its signature does not match its issuer, whose certificate was given too; one of the two is \
         damaged or forged: download them from the console"
    )]
    NotIssued,
    #[error(
        "it was issued with a certificate that may not issue others; it is not to be trusted: \
         download it from the console"
    )]
    IssuerMayNot,
    #[error(
        "the certificate of its issuer expired at {}; download the present one from the console",
        Shown(*at)
    )]
    IssuerExpired { at: SystemTime },
    #[error(
        "the certificate of its issuer is valid only from {} on; is this computer's clock right?",
        Shown(*from)
    )]
    IssuerNotYetValid { from: SystemTime },
}

/// A time as Alipay's console shows it.
struct Shown(SystemTime);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match LocalDateTime::try_from(self.0) {
            Ok(time) => write!(f, "{time} Beijing time"),
            Err(_) => f.write_str("a time beyond the calendar"),
        }
    }
}

impl CertificateError {
    /// Whether there is something that cannot be recognised.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Key(KeyError::Unfit { given: Given::Unknown, .. }))
    }
}

impl From<DerError> for CertificateError {
    fn from(_: DerError) -> Self {
        Self::NotACertificate
    }
}
