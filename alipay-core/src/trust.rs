//! Whom to trust: the keys and certificates that Alipay's signatures are verified with.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    certificates::{CertificateError, CertificateInfo, CertificateOwner, EndEntity, Roots},
    error::Error,
    input::term,
    keys::{PublicKey, SignatureError},
    redact::{OneLine, Personal},
};

/// The most characters of a certificate's serial that an error shows; Alipay's have 32.
const SERIAL_LIMIT: usize = 64;

/// Verifies signatures by other means than a public key in memory.
///
/// It is called for each signed response and notification, and must not block. Timestamps, and the
/// app a notification is for, are checked separately.
pub trait Verifier: Send + Sync + 'static {
    /// Whether Alipay made this signature (the raw bytes; RSA with PKCS#1 v1.5 padding over
    /// SHA-256) over this message.
    ///
    /// It may be called several times for one notification, with the strings that the rules in use
    /// would sign. The first that is accepted counts.
    ///
    /// # Errors
    ///
    /// When Alipay did not make it, or that cannot be decided.
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError>;
}

/// Lets a verifier with rules of its own use a key in memory.
impl Verifier for PublicKey {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        self.verify_raw(&[message], signature)
    }
}

/// What a signature is verified with: one of these keys, or a verifier.
#[derive(Clone)]
pub(crate) enum TrustedKeys {
    Public(Vec<PublicKey>),
    Other(Arc<dyn Verifier>),
}

impl TrustedKeys {
    /// Whether the signature, in base64, was made with one of the keys.
    pub(crate) fn verify(&self, message: &[&[u8]], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else {
            return false;
        };
        match self {
            Self::Public(keys) => {
                keys.iter().any(|key| key.verify_raw(message, &signature).is_ok())
            }
            Self::Other(verifier) => verifier.verify(&message.concat(), &signature).is_ok(),
        }
    }
}

/// Why there is no key to verify a signature with. The messages continue "the response …" or "the
/// notification …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TrustError {
    #[error(
        "is signed with {named} {0}, which is not among the given ones; download the present one from the console",
        named = term!(alipay_certificate)
    )]
    Unknown(String),
    #[error(
        "is signed with {named} {0}, which has expired; download the present one from the console",
        named = term!(alipay_certificate)
    )]
    Expired(String),
    #[error(
        "cannot be verified: {} has expired (all that were given); download the present one from the console",
        term!(alipay_certificate)
    )]
    AllExpired,
}

impl TrustError {
    /// The same without these personal values.
    pub(crate) fn without(self, personal: &Personal) -> Self {
        let redact =
            |serial: String| OneLine::new(&serial, SERIAL_LIMIT).without(personal).to_string();
        match self {
            Self::Unknown(serial) => Self::Unknown(redact(serial)),
            Self::Expired(serial) => Self::Expired(redact(serial)),
            Self::AllExpired => Self::AllExpired,
        }
    }
}

/// The certificates of certificate mode: the app's own, and Alipay's, which can be added to while
/// calls are made.
///
/// All clones of the [`Credentials`](crate::Credentials) it comes from share it, and so do the
/// clients made of them: a certificate that is added through one is trusted by all.
///
/// Alipay announces a change of its certificate. Add the new one before the change. Responses name
/// the certificate they are signed with, and both are trusted, each until it expires.
///
/// ```
/// # fn f(credentials: &alipay_core::Credentials, new: &str) -> Result<(), alipay_core::Error> {
/// let trust = credentials.trust();
/// let serial = trust.add_alipay_certificate(new)?;
/// println!("{serial} is trusted; without another, calls work until {:?}", trust.expires_at());
/// # Ok(()) }
/// ```
///
/// In key mode it is empty, and certificates cannot be added.
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

struct AlipayCertificate {
    info: CertificateInfo,
    key: PublicKey,
}

impl TrustStore {
    /// The empty store of key mode.
    pub(crate) fn of_keys() -> Self {
        Self { shared: None }
    }

    pub(crate) fn of_certificates(app: CertificateInfo, app_key: PublicKey, roots: Roots) -> Self {
        let alipay = RwLock::new(Vec::new());
        Self { shared: Some(Arc::new(Shared { app, app_key, roots, alipay })) }
    }

    /// Trusts another certificate of Alipay's (the content of `alipayCertPublicKey_RSA2.crt`) from
    /// now on, and returns its serial. It is no error if it is trusted already.
    ///
    /// This computer's clock decides whether it is valid now; see
    /// [`add_alipay_certificate_at`](Self::add_alipay_certificate_at). Its chain is checked up to the
    /// root certificates of the credentials. If a part of the chain cannot be checked, the certificate
    /// is still trusted, and [`CertificateInfo::chain`] says so. So take it from a source you trust,
    /// such as Alipay's console.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when it is not a certificate
    /// of Alipay's, has expired or is not yet valid, was not signed by the issuer it names, or the
    /// credentials are in key mode.
    pub fn add_alipay_certificate(&self, certificate: &str) -> Result<String, Error> {
        self.add_alipay_certificate_at(certificate, SystemTime::now())
    }

    /// As [`add_alipay_certificate`](Self::add_alipay_certificate), but the certificate must be valid
    /// at the given time.
    pub fn add_alipay_certificate_at(
        &self,
        certificate: &str,
        now: SystemTime,
    ) -> Result<String, Error> {
        let owner = CertificateOwner::Alipay;
        let Some(shared) = &self.shared else {
            return Err(owner.error(concat!(
                "the credentials are in ",
                term!(key_mode),
                ", where responses are verified with ",
                term!(alipay_public_key),
                "; see Credentials::certificates"
            )));
        };
        let certificate = EndEntity::parse(owner, certificate)?;
        check_alipay_certificate(&certificate, Some(&shared.app_key))?;
        let info = certificate.info(&shared.roots, now)?;
        let serial = info.serial.clone();
        let mut alipay = shared.alipay.write().unwrap_or_else(PoisonError::into_inner);
        if !alipay.iter().any(|existing| existing.info.serial == serial) {
            alipay.push(AlipayCertificate { info, key: certificate.key.clone() });
        }
        Ok(serial)
    }

    /// The serials of Alipay's certificates in the order they were given, including expired ones.
    #[must_use]
    pub fn serials(&self) -> Vec<String> {
        self.alipay(|certificate| certificate.info.serial.clone())
    }

    /// All certificates, including expired ones: the app's first, then Alipay's in the order they
    /// were given.
    #[must_use]
    pub fn certificates(&self) -> Vec<CertificateInfo> {
        let app = self.shared.iter().map(|shared| shared.app.clone());
        app.chain(self.alipay(|certificate| certificate.info.clone())).collect()
    }

    /// When calls stop working unless certificates are replaced: when the app's certificate or the
    /// last of Alipay's expires, whichever is first. `None` in key mode.
    ///
    /// Check it daily and warn early: the console issues a new certificate for the app on request.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        let app = self.shared.as_ref()?.app.not_after;
        let alipay = self.alipay(|certificate| certificate.info.not_after);
        alipay.into_iter().max().map(|last| last.min(app))
    }

    /// The keys that may have made a signature: those of the certificate with this serial, or of all
    /// certificates if there is no serial. None of them has expired.
    pub(crate) fn keys(
        &self,
        serial: Option<&str>,
        now: SystemTime,
    ) -> Result<TrustedKeys, TrustError> {
        let mut is_known = false;
        let keys = self.alipay(|certificate| {
            let is_named = serial.is_none_or(|serial| serial == certificate.info.serial);
            is_known |= is_named;
            let is_valid = now <= certificate.info.not_after;
            (is_named && is_valid).then(|| certificate.key.clone())
        });
        let keys: Vec<PublicKey> = keys.into_iter().flatten().collect();
        if !keys.is_empty() {
            return Ok(TrustedKeys::Public(keys));
        }
        Err(match serial {
            None => TrustError::AllExpired,
            Some(serial) if is_known => TrustError::Expired(shown(serial)),
            Some(serial) => TrustError::Unknown(shown(serial)),
        })
    }

    /// Whether all of Alipay's certificates have expired, so that nothing can be verified.
    pub(crate) fn has_expired(&self, now: SystemTime) -> bool {
        let Some(shared) = &self.shared else {
            return false;
        };
        let alipay = shared.alipay.read().unwrap_or_else(PoisonError::into_inner);
        alipay.iter().all(|certificate| now > certificate.info.not_after)
    }

    fn alipay<T>(&self, of: impl FnMut(&AlipayCertificate) -> T) -> Vec<T> {
        let Some(shared) = &self.shared else {
            return Vec::new();
        };
        let alipay = shared.alipay.read().unwrap_or_else(PoisonError::into_inner);
        alipay.iter().map(of).collect()
    }
}

/// What is given as Alipay's certificate must not be one of an app.
pub(crate) fn check_alipay_certificate(
    certificate: &EndEntity,
    app_key: Option<&PublicKey>,
) -> Result<(), Error> {
    let problem = if app_key == Some(&certificate.key) {
        CertificateError::OwnApp
    } else if certificate.is_of_app() {
        // Apps have certificates of the same issuers, so the chain alone does not prove it Alipay's.
        CertificateError::OtherApp
    } else {
        return Ok(());
    };
    Err(CertificateOwner::Alipay.error(problem))
}

/// A serial that can be shown, whatever was sent in its place.
fn shown(serial: &str) -> String {
    serial.chars().filter(char::is_ascii_alphanumeric).take(SERIAL_LIMIT).collect()
}

impl fmt::Debug for TrustStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustStore").field("certificates", &self.certificates()).finish()
    }
}
