//! The strings that are signed.
//!
//! This is a second reading of the protocol. It shares no code with the client's, so that a mistake
//! in one of them shows in the other.

/// The string that a request's signature covers: one line each for the authorization pairs, the
/// method, the target, the body and, if there is one, the app auth token. A line feed ends every
/// line, the last one too. An empty body has an empty line.
pub(crate) fn request(
    authorization: &str,
    method: &str,
    target: &str,
    body: &[u8],
    app_auth_token: Option<&str>,
) -> Vec<u8> {
    let mut lines: Vec<&[u8]> =
        vec![authorization.as_bytes(), method.as_bytes(), target.as_bytes(), body];
    lines.extend(app_auth_token.map(str::as_bytes));
    ended(&lines)
}

/// The string that a response's signature covers: timestamp, nonce and body as sent.
pub(crate) fn response(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    ended(&[timestamp.as_bytes(), nonce.as_bytes(), body])
}

/// The string that a message's signature covers under rule v1: all fields but `sign` and `sign_type`,
/// sorted by name, unescaped, joined with `&`.
pub(crate) fn message(fields: &[(&str, &str)]) -> String {
    let mut pairs: Vec<_> =
        fields.iter().filter(|(name, _)| !matches!(*name, "sign" | "sign_type")).collect();
    pairs.sort_unstable();
    let pairs: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// The string that an order's signature covers: all parameters but `sign` and blank ones, sorted by name, not encoded,
/// joined with `&`. Here `sign_type` is signed, too.
pub(crate) fn order<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let signed = parameters.into_iter().filter(|(name, value)| *name != "sign" && !is_blank(value));
    let mut signed: Vec<_> = signed.collect();
    signed.sort_unstable();
    let pairs: Vec<_> =
        signed.into_iter().map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
    pairs.join(&b'&')
}

/// Whether a parameter of an order counts as absent.
pub(crate) fn is_blank(value: &[u8]) -> bool {
    value.trim_ascii().is_empty()
}

fn ended(lines: &[&[u8]]) -> Vec<u8> {
    lines.iter().flat_map(|line| [*line, b"\n"]).collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use alipay_core::keys::{PrivateKey, PublicKey};
    use serde_json::Value;

    use super::*;
    use crate::protocol::request::Authorization;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../tests/fixtures/vectors.json")).unwrap()
    }

    fn text<'a>(value: &'a Value, name: &str) -> &'a str {
        value[name].as_str().unwrap()
    }

    #[test]
    fn requests_of_the_official_sdks_verify() {
        let vectors = vectors();
        let key = PublicKey::parse(text(&vectors["keys"], "app_public")).unwrap();
        for case in vectors["cases"].as_array().unwrap() {
            let sent = &case["request"];
            let headers = &sent["headers"];
            let authorization = Authorization::parse(text(headers, "authorization")).unwrap();
            let signed = request(
                &authorization.signed,
                text(sent, "method"),
                text(sent, "target"),
                text(sent, "body").as_bytes(),
                headers["alipay-app-auth-token"].as_str(),
            );
            let name = text(case, "name");
            assert_eq!(signed, text(sent, "string_to_sign").as_bytes(), "{name}");
            assert_eq!(authorization.get("sign"), Some(text(sent, "signature")), "{name}");
            key.verify(&signed, text(sent, "signature")).unwrap();
        }
    }

    #[test]
    fn responses_the_official_sdks_verified_are_reproduced() {
        let vectors = vectors();
        let key = PrivateKey::parse(text(&vectors["keys"], "alipay_private_pkcs8")).unwrap();
        for case in vectors["cases"].as_array().unwrap() {
            let response = &case["response"];
            let headers = &response["headers"];
            let signed = super::response(
                text(headers, "alipay-timestamp"),
                text(headers, "alipay-nonce"),
                text(response, "body").as_bytes(),
            );
            assert_eq!(signed, text(response, "string_to_verify").as_bytes());
            assert_eq!(key.sign(&signed).unwrap(), text(headers, "alipay-signature"));
        }
    }

    #[test]
    fn a_message_the_official_sdks_verified_is_reproduced() {
        let vectors = vectors();
        let expected = &vectors["message"];
        let key = PrivateKey::parse(text(&vectors["keys"], "alipay_private_pkcs8")).unwrap();
        let form = expected["form"].as_object().unwrap();
        let fields: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        let signed = message(&fields);
        assert_eq!(signed, text(expected, "string_to_verify"));
        assert_eq!(key.sign(signed.as_bytes()).unwrap(), text(&expected["form"], "sign"));
    }

    #[test]
    fn orders_of_the_official_sdk_verify() {
        let orders: Value =
            serde_json::from_str(include_str!("../../tests/fixtures/page-vectors.json")).unwrap();
        let key = PublicKey::parse(text(&vectors()["keys"], "app_public")).unwrap();
        let link = text(&orders, "page_pay_get").split_once('?').unwrap().1;
        for (order, length) in [(link, 11), (text(&orders, "app_pay"), 9)] {
            let decoded = |value: &str| -> Vec<u8> {
                percent_encoding::percent_decode_str(&value.replace('+', " ")).collect()
            };
            let pairs = order.split('&').map(|pair| pair.split_once('=').unwrap());
            let pairs: Vec<_> = pairs.map(|(name, value)| (name, decoded(value))).collect();
            assert_eq!(pairs.len(), length);
            let signed = super::order(pairs.iter().map(|(name, value)| (*name, value.as_slice())));
            let (_, sign) = pairs.iter().find(|(name, _)| *name == "sign").unwrap();
            key.verify(&signed, std::str::from_utf8(sign).unwrap()).unwrap();
            assert!(signed.starts_with(b"a") && !signed.windows(5).any(|part| part == b"sign="));
        }
        let pairs: [(&str, &[u8]); 4] =
            [("b", b"1&c=2"), ("sign", b"x"), ("a", "茶 +%".as_bytes()), ("empty", b" ")];
        assert_eq!(super::order(pairs), "a=茶 +%&b=1&c=2".as_bytes());
    }
}
