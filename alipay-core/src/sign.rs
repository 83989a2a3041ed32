//! What is signed of a request, and how the signature travels.

/// The authentication scheme of RSA2 signatures.
const SCHEME: &str = "ALIPAY-SHA256withRSA";

/// What the signature of a request covers.
#[derive(Clone, Copy)]
pub(crate) struct Signable<'a> {
    /// The fields of the authorization header but the signature.
    pub(crate) auth: &'a str,
    pub(crate) method: &'a str,
    /// Path and query exactly as they are sent.
    pub(crate) target: &'a str,
    /// The body exactly as it is sent.
    pub(crate) body: &'a [u8],
    pub(crate) app_auth_token: Option<&'a str>,
}

impl<'a> Signable<'a> {
    /// The parts of the text that is signed: each line ends with a line feed, that of an empty body
    /// too, and the token's line is there only when a token is.
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

/// The fields of the authorization header that are signed.
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

/// The value of the authorization header.
pub(crate) fn authorization(auth: &str, signature: &str) -> String {
    format!("{SCHEME} {auth},sign={signature}")
}
