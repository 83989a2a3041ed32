//! A request as it is received, and its `Authorization` header.

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Request};

use crate::error::{Refusal, bad_request, excerpt};

/// The header with the token of a merchant who has authorized the app. It is signed, and secret.
pub(crate) const APP_AUTH_TOKEN: &str = "alipay-app-auth-token";
/// The only scheme the protocol has: RSA PKCS#1 v1.5 with SHA-256.
const SCHEME: &str = "ALIPAY-SHA256withRSA";

/// A request as received, nothing decoded.
#[derive(Clone, Debug)]
pub(crate) struct RawRequest {
    pub(crate) method: String,
    /// Path and query exactly as received.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl RawRequest {
    /// The request, once its body has arrived.
    pub(crate) fn of(request: Request<Bytes>) -> Self {
        let (head, body) = request.into_parts();
        let target = head.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        Self {
            method: head.method.as_str().to_owned(),
            target: target.to_owned(),
            headers: head.headers,
            body,
        }
    }

    /// A header's value; `None` if it is missing, empty or not ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().filter(|value| !value.is_empty())
    }

    /// The app auth token, if there is one.
    pub(crate) fn app_auth_token(&self) -> Option<&str> {
        self.header(APP_AUTH_TOKEN)
    }

    /// The media type without parameters, in lower case.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        let media_type = value.split(';').next().unwrap_or(value);
        Some(media_type.trim().to_ascii_lowercase())
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or(&self.target)
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }
}

/// The parts of an `Authorization` header.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Authorization<'a> {
    /// The pairs as received, without `sign`: the first line of the signed string.
    pub(crate) signed: String,
    fields: Vec<(&'a str, &'a str)>,
}

impl<'a> Authorization<'a> {
    /// Reads the header. The pairs may have any order, since they are signed as they are sent.
    pub(crate) fn parse(header: &'a str) -> Result<Self, Refusal> {
        let Some((scheme, pairs)) = header.split_once(' ') else {
            return bad_request(
                "invalid-signature-type",
                format!("Authorization must be `{SCHEME} app_id=…,nonce=…,timestamp=…,sign=…`"),
            );
        };
        if scheme != SCHEME {
            return bad_request(
                "invalid-signature-type",
                format!("Authorization has the scheme `{}`, not {SCHEME}", excerpt(scheme)),
            );
        }
        let mut signed = Vec::new();
        let mut fields: Vec<(&str, &str)> = Vec::new();
        for pair in pairs.split(',') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if name.is_empty() || name.contains(char::is_whitespace) {
                return bad_request(
                    "invalid-parameter",
                    "Authorization is not a list of name=value pairs joined by commas, without \
                     spaces",
                );
            }
            if fields.iter().any(|(known, _)| *known == name) {
                return bad_request(
                    "invalid-parameter",
                    format!("Authorization has `{}` twice", excerpt(name)),
                );
            }
            fields.push((name, value));
            if name != "sign" {
                signed.push(pair);
            }
        }
        Ok(Self { signed: signed.join(","), fields })
    }

    /// A pair's value. An empty one counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.fields.iter().find(|(known, _)| *known == name)?;
        Some(*value).filter(|value| !value.is_empty())
    }

    /// A pair's value. Without it the request is refused with this code.
    pub(crate) fn required(&self, name: &str, code: &'static str) -> Result<&'a str, Refusal> {
        let missing = || Refusal::bad_request(code, format!("Authorization has no {name}"));
        self.get(name).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_the_received_order_in_the_signed_string() {
        let header = "ALIPAY-SHA256withRSA nonce=n,sign=YQ==,timestamp=1,app_id=2,x=";
        let parsed = Authorization::parse(header).unwrap();
        assert_eq!(parsed.signed, "nonce=n,timestamp=1,app_id=2,x=");
        assert_eq!(parsed.get("sign"), Some("YQ=="));
        assert_eq!(parsed.get("app_id"), Some("2"));
        assert_eq!(parsed.get("x"), None);
    }

    #[test]
    fn refuses_what_is_not_the_scheme_or_not_pairs() {
        for (header, code) in [
            ("", "invalid-signature-type"),
            ("ALIPAY-SHA256withRSA", "invalid-signature-type"),
            ("Bearer abc", "invalid-signature-type"),
            ("ALIPAY-SHA256withRSA app_id=1, nonce=2", "invalid-parameter"),
            ("ALIPAY-SHA256withRSA app_id=1,,nonce=2", "invalid-parameter"),
            ("ALIPAY-SHA256withRSA app_id=1,app_id=2", "invalid-parameter"),
        ] {
            assert_eq!(Authorization::parse(header).unwrap_err().code, code, "{header}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = Authorization::parse(&text);
            let _ = Authorization::parse(&format!("{SCHEME} {text}"));
        }
    }
}
