//! Who calls, and whom to believe: app id, keys, certificates.

mod certificate;

use std::fmt;

use crate::{
    encrypt::AesKey,
    error::{Error, ErrorKind},
    keys::{PrivateKey, PublicKey},
};
use certificate::Certificate;

/// An app's id and keys, and the keys Alipay's signatures are checked with.
///
/// An app uses either keys or certificates, as chosen in Alipay's console; [`keys`](Self::keys) and
/// [`certificates`](Self::certificates) make the one or the other. All is read and checked here,
/// once. Cheap enough to clone. `Debug` shows no key.
#[derive(Clone)]
pub struct Credentials {
    app_id: String,
    private_key: PrivateKey,
    mode: Mode,
    encrypt_key: Option<AesKey>,
}

/// The two modes an app can be in.
#[derive(Clone)]
enum Mode {
    Keys { alipay: PublicKey },
    Certificates { app_serial: String, root_serial: String, alipay: Vec<TrustedKey> },
}

/// One of Alipay's keys and the serial that names it.
#[derive(Clone)]
struct TrustedKey {
    serial: String,
    key: PublicKey,
}

/// Which key an answer names that is none of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownSerial;

impl Credentials {
    /// Key mode: the app's id, its private key, and Alipay's public key.
    ///
    /// Keys may be PEM or bare base64, the private key PKCS#1 or PKCS#8. Alipay's public key is the
    /// one the console shows as 支付宝公钥 after the app's own public key was uploaded.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`], with a text that names the mistake: nothing given, a key of the
    /// wrong kind or size, a certificate, a truncated text, the app's own public key given as
    /// Alipay's.
    ///
    /// ```
    /// use alipay_core::Credentials;
    ///
    /// let error = Credentials::keys("2021000000000001", "", "").unwrap_err();
    /// assert_eq!(error.to_string(), "the app's private key: the text is empty");
    /// ```
    pub fn keys(
        app_id: impl Into<String>,
        app_private_key: &str,
        alipay_public_key: &str,
    ) -> Result<Self, Error> {
        let app_id = check_app_id(app_id.into())?;
        let private_key = parse_private_key(app_private_key)?;
        let alipay = PublicKey::parse(alipay_public_key)
            .map_err(|problem| configuration(format!("Alipay's public key: {problem}")))?;
        if &alipay == private_key.public_key() {
            return Err(configuration(
                "Alipay's public key: this is the app's own public key (应用公钥); give Alipay's \
                 (支付宝公钥), which the console shows beside it",
            ));
        }
        Ok(Self { app_id, private_key, mode: Mode::Keys { alipay }, encrypt_key: None })
    }

    /// Certificate mode: the app's id, its private key, and the content of the three files of the
    /// console: the app's certificate (`appCertPublicKey_….crt`), Alipay's (`alipayCertPublicKey_RSA2.crt`)
    /// and the root bundle (`alipayRootCert.crt`).
    ///
    /// Several of Alipay's certificates may be given, so that a change can be prepared: answers name
    /// the one they were signed with. A file of Alipay's may hold its issuer as well; the first
    /// certificate counts.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`], with a text that names the mistake; among them a private key
    /// that does not belong to the app's certificate.
    pub fn certificates<'a>(
        app_id: impl Into<String>,
        app_private_key: &str,
        app_certificate: &str,
        alipay_certificates: impl IntoIterator<Item = &'a str>,
        root_certificates: &str,
    ) -> Result<Self, Error> {
        let app_id = check_app_id(app_id.into())?;
        let private_key = parse_private_key(app_private_key)?;
        let app = Certificate::parse(app_certificate)
            .map_err(|problem| configuration(format!("the app's certificate: {problem}")))?;
        let certified = app
            .public_key()
            .map_err(|problem| configuration(format!("the app's certificate: {problem}")))?;
        if &certified != private_key.public_key() {
            return Err(configuration(
                "the app's certificate: it was issued for another key than the app's private key",
            ));
        }
        let mut alipay = Vec::new();
        for text in alipay_certificates {
            let named = |problem| configuration(format!("Alipay's certificate: {problem}"));
            let certificate = Certificate::parse(text).map_err(named)?;
            let key = certificate.public_key().map_err(named)?;
            if key == certified {
                return Err(configuration(
                    "Alipay's certificate: this is the app's own certificate; give \
                     alipayCertPublicKey_RSA2.crt",
                ));
            }
            alipay.push(TrustedKey { serial: certificate.serial(), key });
        }
        if alipay.is_empty() {
            return Err(configuration("Alipay's certificate: none is given"));
        }
        let root_serial = certificate::root_serial(root_certificates)
            .map_err(|problem| configuration(format!("the root certificates: {problem}")))?;
        let mode = Mode::Certificates { app_serial: app.serial(), root_serial, alipay };
        Ok(Self { app_id, private_key, mode, encrypt_key: None })
    }

    /// Adds the AES key for encrypted content: base64, as the console shows it (接口内容加密方式).
    ///
    /// It is used for calls that [ask for encryption](crate::Call::encrypted), and for
    /// notifications that are encrypted.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when it is not the base64 text of 16, 24 or 32 bytes.
    pub fn encrypt_key(mut self, base64: &str) -> Result<Self, Error> {
        let key = AesKey::parse(base64)
            .map_err(|problem| configuration(format!("the AES key: {problem}")))?;
        self.encrypt_key = Some(key);
        Ok(self)
    }

    /// The app's id.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.app_id
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

    pub(crate) fn private_key(&self) -> &PrivateKey {
        &self.private_key
    }

    pub(crate) fn aes_key(&self) -> Option<&AesKey> {
        self.encrypt_key.as_ref()
    }

    /// The keys with which a signature of Alipay's may have been made.
    ///
    /// In key mode that is the one there is, whatever serial the answer names. In certificate mode
    /// it is the one with that serial, or any of them when none is named: each of them is trusted.
    pub(crate) fn alipay_keys(
        &self,
        serial: Option<&str>,
    ) -> Result<Vec<&PublicKey>, UnknownSerial> {
        match &self.mode {
            Mode::Keys { alipay } => Ok(vec![alipay]),
            Mode::Certificates { alipay, .. } => {
                let keys: Vec<_> = alipay
                    .iter()
                    .filter(|trusted| serial.is_none_or(|serial| serial == trusted.serial))
                    .map(|trusted| &trusted.key)
                    .collect();
                if keys.is_empty() { Err(UnknownSerial) } else { Ok(keys) }
            }
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

/// The app id stands in a header among commas, so it must not bring its own.
fn check_app_id(app_id: String) -> Result<String, Error> {
    if app_id.is_empty() {
        return Err(configuration("the app id is empty"));
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if app_id.len() > 64 || !app_id.bytes().all(fits) {
        return Err(configuration(
            "the app id is not one: it consists of digits only, mostly 16, without blanks",
        ));
    }
    Ok(app_id)
}

fn parse_private_key(text: &str) -> Result<PrivateKey, Error> {
    PrivateKey::parse(text)
        .map_err(|problem| configuration(format!("the app's private key: {problem}")))
}

fn configuration(problem: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Configuration, problem)
}
