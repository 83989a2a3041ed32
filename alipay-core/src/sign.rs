//! Signing requests: what is signed, the header with the signature, and keys held elsewhere.
//!
//! Usually you give the app's private key to [`Credentials`](crate::Credentials), which sign with it.
//! If the key must not leave a key management service or a hardware module, implement [`Signer`]; see
//! [`Credentials::keys_with_signer`](crate::Credentials::keys_with_signer) and
//! [`Credentials::certificates_with_signer`](crate::Credentials::certificates_with_signer).

use std::{error::Error as StdError, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    input::term,
    keys::{KeyError, MIN_BITS, PrivateKey, PublicKey},
    transport::BoxFuture,
};

/// Signs with a key that is held elsewhere.
///
/// An implementation may use the network. It is called once for each attempt of a call, and the time
/// it takes counts towards the call's timeout. If the call is given up, the future is dropped before it
/// is done. It is also called once for each [order](crate::order) that is signed.
///
/// It must not block. Call a function that blocks, as those of PKCS#11 and of most hardware modules
/// do, on a thread for such work, for example with `tokio::task::spawn_blocking`. In asynchronous code
/// it would otherwise delay everything else on its thread, including the deadlines of other calls. (A
/// call is not sent if its signature comes too late.) In [blocking calls](crate::blocking) each call
/// has a thread of its own, so no other call is delayed, and the call ends in time.
///
/// ```no_run
/// use std::sync::Arc;
/// use alipay_core::{sign::{SignError, Signer}, transport::BoxFuture};
///
/// struct Module(Arc<Session>);
/// # struct Session;
/// # impl Session { fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> { Ok(Vec::new()) } }
///
/// impl Signer for Module {
///     fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
///         let (session, message) = (Arc::clone(&self.0), message.to_vec());
///         let work = tokio::task::spawn_blocking(move || session.sign(&message));
///         Box::pin(async { work.await.map_err(SignError::new)? })
///     }
/// }
/// ```
pub trait Signer: Send + Sync + 'static {
    /// The signature of a message: RSA with PKCS#1 v1.5 padding over SHA-256 (`RSA2`), the raw
    /// bytes, as many as the key's modulus has.
    ///
    /// The message is the string that the protocol signs, from a few hundred bytes to the size of the
    /// request's body or the order. Some services sign a digest: give them the SHA-256 of the message.
    ///
    /// # Errors
    ///
    /// When it cannot be signed. The call then fails and is not sent, and there is no order.
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>>;
}

/// Why a message could not be signed.
///
/// `Display` shows the cause, so the cause must not contain secrets.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SignError {
    cause: Box<dyn StdError + Send + Sync>,
}

impl SignError {
    /// An error with its cause: another error, or a string.
    pub fn new(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { cause: cause.into() }
    }
}

impl From<KeyError> for SignError {
    fn from(error: KeyError) -> Self {
        Self::new(error)
    }
}

/// A key in memory signs at once.
impl Signer for PrivateKey {
    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        let signature = self.sign_raw(&[message]).map_err(SignError::from);
        Box::pin(std::future::ready(signature))
    }
}

/// What an app signs with.
#[derive(Clone)]
pub(crate) enum SigningKey {
    /// A key in memory, which signs at once.
    Local(PrivateKey),
    /// A key that is held elsewhere, and its public key if that is known.
    Remote { signer: Arc<dyn Signer>, public: Option<PublicKey> },
}

impl SigningKey {
    pub(crate) fn sign(&self, message: &[&[u8]]) -> Signature<'_> {
        match self {
            Self::Local(key) => Signature::Made(key.sign_parts(message).map_err(SignError::from)),
            Self::Remote { signer, public } => {
                let message = message.concat();
                Signature::Awaited(Box::pin(async move {
                    let signature = signer.sign(&message).await?;
                    check(&message, &signature, public.as_ref())?;
                    Ok(STANDARD.encode(signature))
                }))
            }
        }
    }
}

/// A signature in base64, or the failure to make it.
pub(crate) enum Signature<'a> {
    Made(Result<String, SignError>),
    /// From a key that is held elsewhere, which is not asked before this is polled.
    Awaited(BoxFuture<'a, Result<String, SignError>>),
}

/// Checks a signature that was made elsewhere, since Alipay would only say that it is wrong.
fn check(message: &[u8], signature: &[u8], public: Option<&PublicKey>) -> Result<(), SignError> {
    if signature.len() < MIN_BITS / 8 {
        return Err(SignError::new(format!(
            "the signer returned {} bytes; an RSA2 signature has at least {}: return its bytes, not base64",
            signature.len(),
            MIN_BITS / 8
        )));
    }
    match public.map(|key| key.verify_raw(&[message], signature)) {
        None | Some(Ok(())) => Ok(()),
        Some(Err(_)) => Err(SignError::new(concat!(
            "the signer's signature does not match ",
            term!(app_certificate),
            ": it must be RSA with PKCS#1 v1.5 padding over SHA-256, made with the key the certificate was \
                 issued for"
        ))),
    }
}

/// The authentication scheme of RSA2 signatures.
const SCHEME: &str = "ALIPAY-SHA256withRSA";

/// What the signature of a request covers.
#[derive(Clone, Copy)]
pub(crate) struct Signable<'a> {
    /// The fields of the authorization header except the signature.
    pub(crate) auth: &'a str,
    pub(crate) method: &'a str,
    /// Path and query exactly as they are sent.
    pub(crate) target: &'a str,
    /// The body exactly as it is sent.
    pub(crate) body: &'a [u8],
    pub(crate) app_auth_token: Option<&'a str>,
}

impl<'a> Signable<'a> {
    /// The parts of the string that is signed. Each line ends with a line feed, even that of an empty
    /// body. The last line is there only if there is a token.
    pub(crate) fn parts(&self) -> [&'a [u8]; 10] {
        const LF: &[u8] = b"\n";
        let (token, end) = match self.app_auth_token {
            Some(token) => (token.as_bytes(), LF),
            None => (&[] as &[u8], &[] as &[u8]),
        };
        [
            self.auth.as_bytes(),
            LF,
            self.method.as_bytes(),
            LF,
            self.target.as_bytes(),
            LF,
            self.body,
            LF,
            token,
            end,
        ]
    }
}

pub(crate) fn auth_text(
    app_id: &str,
    app_certificate_serial: Option<&str>,
    nonce: &str,
    timestamp: u128,
) -> String {
    match app_certificate_serial {
        Some(serial) => {
            format!("app_id={app_id},app_cert_sn={serial},nonce={nonce},timestamp={timestamp}")
        }
        None => format!("app_id={app_id},nonce={nonce},timestamp={timestamp}"),
    }
}

pub(crate) fn authorization(auth: &str, signature: &str) -> String {
    format!("{SCHEME} {auth},sign={signature}")
}
