//! The headers of the protocol, and those that a request cannot set itself.

use http::{HeaderMap, HeaderName};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("alipay-request-id");
pub(crate) const APP_AUTH_TOKEN: HeaderName = HeaderName::from_static("alipay-app-auth-token");
pub(crate) const ENCRYPT_TYPE: HeaderName = HeaderName::from_static("alipay-encrypt-type");
pub(crate) const ROOT_SERIAL: HeaderName = HeaderName::from_static("alipay-root-cert-sn");
/// The id under which Alipay's support finds a request.
pub(crate) const TRACE_ID: HeaderName = HeaderName::from_static("alipay-trace-id");

/// The value of a header as a string. `None` when it is empty or not visible ASCII. Of several, the
/// first counts.
pub(crate) fn value<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().filter(|value| !value.is_empty())
}

/// Whether the client or the HTTP stack sets this header, so that a request cannot.
pub(crate) fn is_reserved(name: &HeaderName) -> bool {
    const OTHERS: [&str; 15] = [
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    ];
    let name = name.as_str();
    name.starts_with("alipay-") || name.starts_with("proxy-") || OTHERS.contains(&name)
}
