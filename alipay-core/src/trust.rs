//! Which of Alipay's certificates are believed, and until when.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use crate::{
    credentials::{AlipayCertificate, Roots, configuration},
    error::Error,
    keys::PublicKey,
    verify::{Distrust, TrustedKeys},
};

/// The certificates of certificate mode: Alipay's, which can be added to while calls are made, and
/// the app's own.
///
/// It is shared by all clones of the [`Credentials`](crate::Credentials) it comes from, and so by
/// the clients made of them: what is added through one is believed by all.
///
/// Alipay announces a change of its certificate. Add the new one before: answers name the
/// certificate they are signed with, and both are believed, each until it expires.
///
/// ```
/// # fn f(credentials: &alipay_core::Credentials, new: &str) -> Result<(), alipay_core::Error> {
/// let trust = credentials.trust();
/// let serial = trust.add_alipay_certificate(new)?;
/// println!("{serial} is believed; without another, calls work until {:?}", trust.expires_at());
/// # Ok(()) }
/// ```
///
/// In key mode there are no certificates: it is empty, and takes none.
#[derive(Clone)]
pub struct TrustStore {
    shared: Option<Arc<Shared>>,
}

struct Shared {
    app: CertificateInfo,
    app_key: PublicKey,
    roots: Roots,
    alipay: RwLock<Vec<AlipayCertificate>>,
}

/// What a certificate says of itself. It holds no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateInfo {
    pub(crate) owner: CertificateOwner,
    pub(crate) serial: String,
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) not_before: SystemTime,
    pub(crate) not_after: SystemTime,
    pub(crate) chain: CertificateChain,
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

/// Whether a certificate is known to have been issued below the root certificates.
///
/// That is a matter of signatures: each certificate is signed with the key of the one it was issued
/// with, up to one of the root bundle. The ones between are searched for in the certificate's own
/// file, behind it, and in the bundle. They have to be certificates of authorities and valid, and the
/// signatures RSA with SHA-256, SHA-384 or SHA-512. Whether a certificate was revoked is not asked.
///
/// Alipay's authorities issue the certificates of all apps, too: a chain says who issued the
/// certificate, not that it is Alipay's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CertificateChain {
    /// All signatures were checked, up to a certificate of the root bundle.
    Verified,
    /// Nothing speaks against the certificate, and nothing for it but where it was taken from: a
    /// part of the chain cannot be checked.
    NotChecked(ChainGap),
}

/// Why a part of a [chain](CertificateChain) cannot be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChainGap {
    /// The certificate of an issuer is neither in the same file nor in the root bundle.
    IssuerMissing,
    /// A signature or a key is of a kind that is not checked, such as SM2, ECDSA, RSA with SHA-1, or
    /// RSA below 2048 bits.
    Algorithm,
    /// A certificate has an extension that may not be ignored, and is not known here or damaged.
    Extension,
    /// There are too many certificates that may be issuers.
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

    /// The serial the protocol names it by (`app_cert_sn`, `alipay-sn`): 32 hexadecimal digits.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Whom it certifies: a distinguished name in the form of RFC 2253.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Who issued it: a distinguished name in the form of RFC 2253.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whether it is known to have been issued below the root certificates.
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

impl TrustStore {
    /// That of key mode.
    pub(crate) fn of_keys() -> Self {
        Self { shared: None }
    }

    pub(crate) fn of_certificates(app: CertificateInfo, app_key: PublicKey, roots: Roots) -> Self {
        let alipay = RwLock::new(Vec::new());
        Self { shared: Some(Arc::new(Shared { app, app_key, roots, alipay })) }
    }

    /// Believes another certificate of Alipay's (the content of `alipayCertPublicKey_RSA2.crt`)
    /// from now on, and gives its serial. One that is believed already may be given again.
    ///
    /// Whether it is valid now is judged by this computer's clock; see
    /// [`add_alipay_certificate_at`](Self::add_alipay_certificate_at). It is checked against the
    /// root certificates of the credentials as far as that can be done, and believed also when it
    /// cannot: [`CertificateInfo::chain`] tells. So it has to come from a source that is trusted,
    /// which Alipay's console is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when it is not a certificate
    /// of Alipay's, has expired or is not yet valid, was not issued by whom it names, or the
    /// credentials are in key mode.
    pub fn add_alipay_certificate(&self, certificate: &str) -> Result<String, Error> {
        self.add_alipay_certificate_at(certificate, SystemTime::now())
    }

    /// As [`add_alipay_certificate`](Self::add_alipay_certificate), at another time than now.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn add_alipay_certificate_at(
        &self,
        certificate: &str,
        now: SystemTime,
    ) -> Result<String, Error> {
        let Some(shared) = &self.shared else {
            return Err(configuration(
                "Alipay's certificate: the credentials are in key mode, where answers are \
                 verified with Alipay's public key; see Credentials::certificates",
            ));
        };
        let certificate =
            AlipayCertificate::parse(certificate, &shared.app_key, &shared.roots, now)?;
        let serial = certificate.info.serial.clone();
        let mut alipay = shared.alipay.write().unwrap_or_else(PoisonError::into_inner);
        if !alipay.iter().any(|known| known.info.serial == serial) {
            alipay.push(certificate);
        }
        Ok(serial)
    }

    /// The serials of Alipay's certificates, in the order they were given; expired ones too.
    #[must_use]
    pub fn serials(&self) -> Vec<String> {
        self.alipay(|certificate| certificate.info.serial.clone())
    }

    /// All certificates: the app's first, then Alipay's in the order they were given; expired ones
    /// too.
    #[must_use]
    pub fn certificates(&self) -> Vec<CertificateInfo> {
        let app = self.shared.iter().map(|shared| shared.app.clone());
        app.chain(self.alipay(|certificate| certificate.info.clone())).collect()
    }

    /// When calls stop working unless certificates are replaced: when the app's expires, or the
    /// last of Alipay's, whichever is first. `None` in key mode.
    ///
    /// Look at it daily, and warn well before: a new certificate of the app's is issued on request.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        let app = self.shared.as_ref()?.app.not_after;
        let alipay = self.alipay(|certificate| certificate.info.not_after);
        alipay.into_iter().max().map(|last| last.min(app))
    }

    /// The keys with which an answer may have been signed that names this certificate, or none.
    pub(crate) fn keys(
        &self,
        serial: Option<&str>,
        now: SystemTime,
    ) -> Result<TrustedKeys, Distrust> {
        let named = |certificate: &AlipayCertificate| {
            serial.is_none_or(|serial| serial == certificate.info.serial)
        };
        let Some(shared) = &self.shared else {
            return Err(Distrust::Unknown);
        };
        let mut known = false;
        let mut keys = Vec::new();
        let alipay = shared.alipay.read().unwrap_or_else(PoisonError::into_inner);
        for certificate in alipay.iter().filter(|certificate| named(certificate)) {
            known = true;
            if now <= certificate.info.not_after {
                keys.push(certificate.key.clone());
            }
        }
        match (keys.is_empty(), known) {
            (false, _) => Ok(TrustedKeys::Public(keys)),
            (true, true) => Err(Distrust::Expired),
            (true, false) => Err(Distrust::Unknown),
        }
    }

    /// Whether nothing of Alipay's can be verified any more, all of its certificates having expired.
    pub(crate) fn has_expired(&self, now: SystemTime) -> bool {
        let Some(shared) = &self.shared else {
            return false;
        };
        let alipay = shared.alipay.read().unwrap_or_else(PoisonError::into_inner);
        alipay.iter().all(|certificate| now > certificate.info.not_after)
    }

    fn alipay<T>(&self, of: impl Fn(&AlipayCertificate) -> T) -> Vec<T> {
        let Some(shared) = &self.shared else {
            return Vec::new();
        };
        let alipay = shared.alipay.read().unwrap_or_else(PoisonError::into_inner);
        alipay.iter().map(of).collect()
    }
}

impl fmt::Debug for TrustStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustStore").field("certificates", &self.certificates()).finish()
    }
}
