//! The credentials of an app: its id, its keys or certificates, and Alipay's.

use std::{fmt, sync::Arc, time::SystemTime};

use crate::{
    certificates::{CertificateError, CertificateOwner, EndEntity, Roots},
    encrypt::AesKey,
    error::Error,
    input::{Input, term},
    keys::{PrivateKey, PublicKey},
    sign::{Signature, Signer, SigningKey},
    trust::{TrustError, TrustStore, TrustedKeys, Verifier},
};

/// An app's id and private key, and the keys or certificates that Alipay's signatures are verified
/// with.
///
/// An app uses either keys or certificates, as chosen in Alipay's console: see [`keys`](Self::keys)
/// and [`certificates`](Self::certificates). If the private key is held elsewhere, see
/// [`keys_with_signer`](Self::keys_with_signer) and
/// [`certificates_with_signer`](Self::certificates_with_signer). Everything is read and checked once,
/// when the credentials are made. They are cheap to clone, and clones share one
/// [trust store](Self::trust). `Debug` shows no key.
#[derive(Clone)]
pub struct Credentials {
    app_id: String,
    signing: SigningKey,
    mode: Mode,
    trust: TrustStore,
    encrypt_key: Option<AesKey>,
}

#[derive(Clone)]
enum Mode {
    Keys { alipay: TrustedKeys },
    Certificates { app_serial: String, root_serial: String },
}

impl Credentials {
    /// Key mode: the app's id, its private key, and Alipay's public key.
    ///
    /// Keys may be PEM or bare base64, and the private key PKCS#1 or PKCS#8; the module
    /// [`keys`](crate::keys) says what else is read. Alipay's public key is the
    /// one that the console shows as 支付宝公钥 after the app's own public key was uploaded.
    ///
    /// # Errors
    ///
    /// The message says which of the two it was, names the mistake, and says what to do: an empty string, a
    /// key of the wrong kind or size, a certificate, a truncated key, a key store, a path, the app's own
    /// public key in place of Alipay's. Here and below, the kind is
    /// [`Configuration`](crate::ErrorKind::Configuration).
    ///
    /// ```
    /// use alipay_core::Credentials;
    ///
    /// let error = Credentials::keys("2021000000000001", "", "").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the app's private key (应用私钥): the text is empty; is the variable set, and the file written?",
    /// );
    /// ```
    pub fn keys(
        app_id: impl Into<String>,
        app_private_key: &str,
        alipay_public_key: &str,
    ) -> Result<Self, Error> {
        let app_id = check_app_id(app_id.into())?;
        let private_key = parse_private_key(app_private_key)?;
        let alipay = parse_alipay_key(alipay_public_key)?;
        check_alipay_key(&alipay, private_key.public_key())?;
        Ok(Self::of_keys(app_id, SigningKey::Local(private_key), alipay))
    }

    /// Key mode with a private key that is held elsewhere, such as in a key management service.
    ///
    /// The app's public key is unknown here, so giving it in place of Alipay's is not noticed.
    pub fn keys_with_signer(
        app_id: impl Into<String>,
        signer: impl Signer,
        alipay_public_key: &str,
    ) -> Result<Self, Error> {
        let app_id = check_app_id(app_id.into())?;
        let alipay = parse_alipay_key(alipay_public_key)?;
        let signing = SigningKey::Remote { signer: Arc::new(signer), public: None };
        Ok(Self::of_keys(app_id, signing, alipay))
    }

    fn of_keys(app_id: String, signing: SigningKey, alipay: PublicKey) -> Self {
        let mode = Mode::Keys { alipay: TrustedKeys::Public(vec![alipay]) };
        Self { app_id, signing, mode, trust: TrustStore::of_keys(), encrypt_key: None }
    }

    /// Certificate mode: the app's id, its private key, and the content of the three files of the
    /// console: the app's certificate (`appCertPublicKey_….crt`), Alipay's (`alipayCertPublicKey_RSA2.crt`)
    /// and the root bundle (`alipayRootCert.crt`).
    ///
    /// Several of Alipay's certificates may be given, to prepare for a change: responses name the one
    /// they were signed with. A file may contain further certificates, such as the issuer's; the first
    /// one is Alipay's. More can be added later to the [trust store](Self::trust).
    ///
    /// Certificates must be valid now, by this computer's clock; see
    /// [`certificates_at`](Self::certificates_at). Their chains are checked up to the root bundle. If a
    /// part of a chain cannot be checked, because it is signed with SM2 or the certificate of an issuer
    /// is missing, the certificate is still trusted, and
    /// [`CertificateInfo::chain`](crate::CertificateInfo::chain) says so. The validity of the root
    /// certificates and revocation are not checked.
    ///
    /// # Errors
    ///
    /// The message names the mistake, for example a private key that does not belong to the app's
    /// certificate, a certificate that names another app or has expired, or one that was not signed by
    /// the issuer it names.
    pub fn certificates<'a>(
        app_id: impl Into<String>,
        app_private_key: &str,
        app_certificate: &str,
        alipay_certificates: impl IntoIterator<Item = &'a str>,
        root_certificates: &str,
    ) -> Result<Self, Error> {
        Self::certificates_at(
            SystemTime::now(),
            app_id,
            app_private_key,
            app_certificate,
            alipay_certificates,
            root_certificates,
        )
    }

    /// As [`certificates`](Self::certificates), with the time at which the certificates must be
    /// valid. It is for tests, and for programs with a better clock than this computer's.
    pub fn certificates_at<'a>(
        now: SystemTime,
        app_id: impl Into<String>,
        app_private_key: &str,
        app_certificate: &str,
        alipay_certificates: impl IntoIterator<Item = &'a str>,
        root_certificates: &str,
    ) -> Result<Self, Error> {
        let app_id = check_app_id(app_id.into())?;
        let private_key = parse_private_key(app_private_key)?;
        let app = EndEntity::parse(CertificateOwner::App, app_certificate)?;
        check_app_key(&app, private_key.public_key())?;
        let signing = SigningKey::Local(private_key);
        Self::of_certificates(now, app_id, signing, &app, alipay_certificates, root_certificates)
    }

    /// Certificate mode with a private key that is held elsewhere, such as in a key management
    /// service. Each of its signatures is verified with the app's certificate before it is sent.
    ///
    /// # Errors
    ///
    /// As for [`certificates`](Self::certificates), except that a key that does not belong to the
    /// app's certificate is noticed only when the first call is made.
    pub fn certificates_with_signer<'a>(
        app_id: impl Into<String>,
        signer: impl Signer,
        app_certificate: &str,
        alipay_certificates: impl IntoIterator<Item = &'a str>,
        root_certificates: &str,
    ) -> Result<Self, Error> {
        Self::certificates_with_signer_at(
            SystemTime::now(),
            app_id,
            signer,
            app_certificate,
            alipay_certificates,
            root_certificates,
        )
    }

    /// As [`certificates_with_signer`](Self::certificates_with_signer), with the time at which the
    /// certificates must be valid.
    pub fn certificates_with_signer_at<'a>(
        now: SystemTime,
        app_id: impl Into<String>,
        signer: impl Signer,
        app_certificate: &str,
        alipay_certificates: impl IntoIterator<Item = &'a str>,
        root_certificates: &str,
    ) -> Result<Self, Error> {
        let app_id = check_app_id(app_id.into())?;
        let app = EndEntity::parse(CertificateOwner::App, app_certificate)?;
        let public = Some(app.key.clone());
        let signing = SigningKey::Remote { signer: Arc::new(signer), public };
        Self::of_certificates(now, app_id, signing, &app, alipay_certificates, root_certificates)
    }

    fn of_certificates<'a>(
        now: SystemTime,
        app_id: String,
        signing: SigningKey,
        app: &EndEntity,
        alipay_certificates: impl IntoIterator<Item = &'a str>,
        root_certificates: &str,
    ) -> Result<Self, Error> {
        let roots = parse_roots(root_certificates)?;
        let (root_serials, root_serial) = (roots.serials(), roots.serial());
        check_app_named(app, &app_id)?;
        let info = app.info(&roots, now)?;
        let app_serial = info.serial.clone();
        let trust = TrustStore::of_certificates(info, app.key.clone(), roots);
        for certificate in alipay_certificates {
            trust.add_alipay_certificate_at(certificate, now)?;
        }
        let alipay_serials = trust.serials();
        if alipay_serials.is_empty() {
            return Err(CertificateOwner::Alipay.error("none is given"));
        }
        check_roots(&root_serials, Some(&app_serial), &alipay_serials)?;
        let mode = Mode::Certificates { app_serial, root_serial };
        Ok(Self { app_id, signing, mode, trust, encrypt_key: None })
    }

    /// In key mode, verifies Alipay's signatures with this verifier instead of the public key.
    ///
    /// # Errors
    ///
    /// In certificate mode, where responses name the certificate they are signed with. Add that to the
    /// [trust store](Self::trust).
    pub fn verifier(mut self, verifier: impl Verifier) -> Result<Self, Error> {
        match &mut self.mode {
            Mode::Keys { alipay } => *alipay = TrustedKeys::Other(Arc::new(verifier)),
            Mode::Certificates { .. } => {
                return Err(Error::configuration(concat!(
                    "a verifier takes the place of ",
                    term!(alipay_public_key),
                    ", in ",
                    term!(key_mode),
                    "; these credentials are in ",
                    term!(certificate_mode)
                )));
            }
        }
        Ok(self)
    }

    /// Adds the AES key for encrypted content: base64, as the console shows it (接口内容加密方式).
    ///
    /// It is used for calls that [ask for encryption](crate::Call::encrypted), and for encrypted
    /// notifications.
    ///
    /// # Errors
    ///
    /// When it is not base64 of 16, 24 or 32 bytes. The message says what it is.
    pub fn encrypt_key(mut self, base64: &str) -> Result<Self, Error> {
        self.encrypt_key = Some(parse_aes_key(base64)?);
        Ok(self)
    }

    /// The app's id.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// The certificates in use, and when they expire; in key mode there are none.
    #[must_use]
    pub fn trust(&self) -> &TrustStore {
        &self.trust
    }

    /// The serial of the app's certificate (`app_cert_sn`); in key mode there is none.
    #[must_use]
    pub fn app_certificate_serial(&self) -> Option<&str> {
        match &self.mode {
            Mode::Keys { .. } => None,
            Mode::Certificates { app_serial, .. } => Some(app_serial),
        }
    }

    /// The serial of the root certificates (`alipay-root-cert-sn`); in key mode there is none.
    #[must_use]
    pub fn root_certificate_serial(&self) -> Option<&str> {
        match &self.mode {
            Mode::Keys { .. } => None,
            Mode::Certificates { root_serial, .. } => Some(root_serial),
        }
    }

    pub(crate) fn sign(&self, message: &[&[u8]]) -> Signature<'_> {
        self.signing.sign(message)
    }

    /// Whether there is an AES key for encrypted content.
    #[must_use]
    pub fn has_encrypt_key(&self) -> bool {
        self.encrypt_key.is_some()
    }

    pub(crate) fn aes_key(&self) -> Option<&AesKey> {
        self.encrypt_key.as_ref()
    }

    /// The keys that may have made a signature of Alipay's.
    ///
    /// In key mode it is the only key, whatever serial the response names. In certificate mode it is
    /// the key of the certificate with that serial, or of any certificate if no serial is named.
    pub(crate) fn alipay_keys(
        &self,
        serial: Option<&str>,
        now: SystemTime,
    ) -> Result<TrustedKeys, TrustError> {
        match &self.mode {
            Mode::Keys { alipay } => Ok(alipay.clone()),
            Mode::Certificates { .. } => self.trust.keys(serial, now),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Keys { .. } => "keys",
            Mode::Certificates { .. } => "certificates",
        };
        f.debug_struct("Credentials")
            .field("app_id", &self.app_id)
            .field("mode", &mode)
            .field("encrypt_key", &self.encrypt_key)
            .finish_non_exhaustive()
    }
}

/// The app id is part of a header whose fields are separated by commas, so it must not contain any.
pub(crate) fn check_app_id(app_id: String) -> Result<String, Error> {
    if app_id.is_empty() {
        return Err(Error::wrong(Input::AppId, "it is empty"));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if app_id.len() > 64 || !app_id.bytes().all(fits) {
        return Err(Error::wrong(
            Input::AppId,
            "it is malformed; it consists of digits, usually 16, without blanks and quotes",
        ));
    }
    Ok(app_id)
}

pub(crate) fn parse_private_key(text: &str) -> Result<PrivateKey, Error> {
    PrivateKey::parse(text).map_err(|problem| Error::wrong(Input::AppPrivateKey, problem))
}

pub(crate) fn parse_alipay_key(text: &str) -> Result<PublicKey, Error> {
    PublicKey::parse(text).map_err(|problem| Error::wrong(Input::AlipayPublicKey, problem))
}

pub(crate) fn parse_roots(bundle: &str) -> Result<Roots, Error> {
    Roots::parse(bundle).map_err(|problem| Error::wrong(Input::RootCertificates, problem))
}

pub(crate) fn parse_aes_key(base64: &str) -> Result<AesKey, Error> {
    AesKey::parse(base64).map_err(|problem| Error::wrong(Input::AesKey, problem))
}

/// The key that is given as Alipay's must not be the app's.
pub(crate) fn check_alipay_key(alipay: &PublicKey, app: &PublicKey) -> Result<(), Error> {
    if alipay != app {
        return Ok(());
    }
    Err(Error::wrong(
        Input::AlipayPublicKey,
        concat!(
            "this is ",
            term!(app_public_key),
            "; give Alipay's, which the console shows beside it"
        ),
    ))
}

/// The app's certificate must be for the app's key.
pub(crate) fn check_app_key(certificate: &EndEntity, app: &PublicKey) -> Result<(), Error> {
    if &certificate.key == app {
        return Ok(());
    }
    Err(CertificateOwner::App.error(concat!(
        "it was issued for another key than ",
        term!(app_private_key),
        "; give the key its request was made with"
    )))
}

/// The app's certificate must not name another app.
pub(crate) fn check_app_named(certificate: &EndEntity, app_id: &str) -> Result<(), Error> {
    match certificate.app_id().filter(|named| *named != app_id) {
        Some(named) => Err(CertificateOwner::App.error(format_args!(
            "it is that of the app {named}, and the app id that was given is {app_id}; give the \
             two of the same app"
        ))),
        None => Ok(()),
    }
}

/// No other certificate may be among the roots.
pub(crate) fn check_roots(
    roots: &[String],
    app: Option<&String>,
    alipay: &[String],
) -> Result<(), Error> {
    let problem = if app.is_some_and(|serial| roots.contains(serial)) {
        CertificateError::AppAmongRoots
    } else if roots.iter().any(|serial| alipay.contains(serial)) {
        CertificateError::AlipayAmongRoots
    } else {
        return Ok(());
    };
    Err(Error::wrong(Input::RootCertificates, problem))
}
