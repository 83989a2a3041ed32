//! Checks orders for pages and apps, as Alipay's older gateway takes them, up to their content.
//!
//! Alipay's page, wap and app payments have no operation in v3. A program signs the parameters of an order and hands them
//! to the buyer, whose browser or app brings them to the gateway.

use encoding_rs::{Encoding, GB18030, GBK, UTF_8};
use serde_json::{Map, Value};

use super::parameters::{Method, PATH, Parameters};
use super::verify::{self, Rules, WINDOW_MILLIS};
use super::{diagnose, diagnosis};
use crate::calendar;
use crate::clock::Times;
use crate::error::{Refusal, bad_request, excerpt};

/// The longest URL of an order, in bytes. It is kept.
const LONGEST_URL: usize = 2048;
const ROOT_SERIAL: &str = "alipay_root_cert_sn";

/// An order that is verified and decrypted. Not `Debug`: its content may be personal.
pub(crate) struct Accepted {
    pub(crate) method: Method,
    pub(crate) content: Map<String, Value>,
    pub(crate) notify_url: Option<String>,
    pub(crate) return_url: Option<String>,
}

/// What of an order is known to be its app's, although its content may still be wrong.
pub(crate) struct Verified {
    pub(crate) method: Method,
    /// The string that the signature covers, for people.
    pub(crate) string_to_sign: String,
    charset: &'static Encoding,
}

/// Checks an order up to its signature, in the order that requests of v3 are checked in.
pub(crate) fn check(
    parameters: &Parameters,
    rules: Rules<'_>,
    now: Times,
) -> Result<Verified, Refusal> {
    let app_id = parameters.required("app_id", "missing-app-id")?;
    verify::check_app_id(app_id, rules.app_id)?;
    let name = parameters.required("method", "missing-method")?;
    let Some(method) = Method::named(name) else {
        let known = Method::ALL.map(Method::name).join(", ");
        return bad_request(
            "invalid-method",
            format!(
                "`{}` is no method of {PATH} here, which takes {known}; call operations of v3 by their paths",
                excerpt(name),
            ),
        );
    };
    if let Some(format) = parameters.get("format").filter(|format| !is(format, "json")) {
        let message = format!("`format` is `{}`; it must be JSON, or absent", excerpt(format));
        return bad_request("invalid-format", message);
    }
    let charset = check_charset(parameters.required("charset", "invalid-charset")?)?;
    let sign_type = parameters.required("sign_type", "missing-signature-type")?;
    if sign_type != "RSA2" {
        let given = excerpt(sign_type);
        let message = format!("`sign_type` is `{given}`; it must be RSA2 (SHA256withRSA)");
        return bad_request("invalid-signature-type", message);
    }
    check_age(parameters.required("timestamp", "missing-timestamp")?, now)?;
    let version = parameters.required("version", "missing-version")?;
    if version != "1.0" {
        let message = format!("`version` is `{}`; it must be 1.0", excerpt(version));
        return bad_request("invalid-parameter", message);
    }
    let serials = (parameters.get("app_cert_sn"), parameters.get(ROOT_SERIAL));
    verify::check_certificates(serials, ROOT_SERIAL, rules.keys)?;
    let signature = parameters.required("sign", "missing-signature")?;
    let signed = parameters.signed();
    if rules.keys.app_public.verify(&signed, signature).is_err() {
        let (message, diagnosis) = diagnose::order(parameters, signature, &rules.keys.signers());
        let refusal = Refusal::bad_request("invalid-signature", message);
        return Err(Refusal { diagnosis: Some(Box::new(diagnosis)), ..refusal });
    }
    let string_to_sign = diagnosis::cut(diagnosis::shown(&signed, parameters.tokens()));
    Ok(Verified { method, string_to_sign, charset })
}

/// Reads what a verified order has in it.
pub(crate) fn open(
    parameters: &Parameters,
    verified: &Verified,
    rules: Rules<'_>,
) -> Result<Accepted, Refusal> {
    verify::check_token(parameters.get("app_auth_token"), rules.tokens)?;
    let text = |name: &str, value: &[u8]| {
        let (text, _, is_damaged) = verified.charset.decode(value);
        if is_damaged {
            let charset = verified.charset.name();
            let message = format!("`{name}` is not {charset}, which `charset` says it is");
            return bad_request("invalid-parameter", message);
        }
        Ok(text.into_owned())
    };
    let Some(content) = parameters.content() else {
        return bad_request("invalid-parameter", "the order has no `biz_content`");
    };
    let content = match parameters.get("encrypt_type") {
        None => text("biz_content", content)?,
        Some("AES") if content.first() == Some(&b'{') => {
            return bad_request(
                "decryption-error-unknown",
                "`encrypt_type` is AES, but `biz_content` is plain JSON",
            );
        }
        Some("AES") => {
            let plain = rules.keys.aes.decrypt(content).map_err(|e| {
                let message = format!("`biz_content` does not decrypt: {e}");
                Refusal::bad_request("decryption-error-unknown", message)
            })?;
            text("biz_content", &plain)?
        }
        Some(_) => return bad_request("invalid-encrypt-type", "`encrypt_type` must be AES"),
    };
    let content = match serde_json::from_str(&content) {
        Ok(Value::Object(content)) => content,
        Ok(_) => return bad_request("invalid-parameter", "`biz_content` must be a JSON object"),
        Err(_) if parameters.get("encrypt_type").is_none() && !content.contains('{') => {
            return bad_request(
                "invalid-parameter",
                "`biz_content` is not JSON; if it is encrypted, `encrypt_type` must be AES",
            );
        }
        Err(e) => {
            return bad_request("invalid-parameter", format!("`biz_content` is not JSON: {e}"));
        }
    };
    let url = |name: &str| {
        let Some(url) = parameters.bytes(name) else { return Ok(None) };
        let url = text(name, url)?;
        let is_url = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme))
            && url.len() <= LONGEST_URL
            && url.parse::<http::Uri>().is_ok();
        if !is_url {
            let message = format!("`{name}` must be a URL of at most {LONGEST_URL} bytes");
            return bad_request("invalid-parameter", message);
        }
        Ok(Some(url))
    };
    let (notify_url, return_url) = (url("notify_url")?, url("return_url")?);
    Ok(Accepted { method: verified.method, content, notify_url, return_url })
}

fn is(given: &str, wanted: &str) -> bool {
    given.eq_ignore_ascii_case(wanted)
}

fn check_charset(name: &str) -> Result<&'static Encoding, Refusal> {
    let known = [("utf-8", UTF_8), ("gbk", GBK), ("gb2312", GBK), ("gb18030", GB18030)];
    let known = known.into_iter().find(|(known, _)| is(name, known));
    known.map(|(_, encoding)| encoding).ok_or_else(|| {
        let message = format!("`charset` is `{}`; it must be utf-8, or GBK", excerpt(name));
        Refusal::bad_request("invalid-charset", message)
    })
}

/// The timestamp is a time of Beijing, and near.
fn check_age(timestamp: &str, now: Times) -> Result<(), Refusal> {
    const HOUR: i64 = 3_600_000;
    let Some(sent) = calendar::parse_date_time(timestamp).map(|seconds| seconds * 1000) else {
        return bad_request(
            "invalid-timestamp",
            format!(
                "`timestamp` is `{}`; it must be yyyy-MM-dd HH:mm:ss in Beijing time",
                excerpt(timestamp),
            ),
        );
    };
    let age = now.of(sent).saturating_sub(sent);
    if age.abs() <= WINDOW_MILLIS {
        return Ok(());
    }
    // Zones are whole hours apart, or half ones.
    let apart = (age + HOUR / 4).rem_euclid(HOUR / 2) - HOUR / 4;
    let is_zone = age.abs() <= 26 * HOUR && apart.abs() <= 60_000;
    let hint =
        if is_zone { "; is it the time of another zone? It must be Beijing time" } else { "" };
    Err(verify::too_far(sent, now, hint))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue};
    use proptest::prelude::*;

    use super::*;
    use crate::gateway::GatewayBuilder;
    use crate::protocol::order_variants;
    use crate::protocol::parameters::MOST_PARAMETERS;
    use crate::protocol::request::RawRequest;

    fn posted(target: &str, body: impl Into<Bytes>) -> RawRequest {
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(http::header::CONTENT_TYPE, form);
        let (method, target) = ("POST".to_owned(), target.to_owned());
        RawRequest { method, target, headers, body: body.into() }
    }

    fn verdict(request: &RawRequest) -> Result<Verified, Refusal> {
        let engine = GatewayBuilder::default().engine().unwrap();
        let rules = Rules { app_id: &engine.app_id, keys: &engine.keys, tokens: &[] };
        check(&Parameters::read(request)?, rules, engine.clock.read())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_order_is_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(verdict(&posted(PATH, body.clone())).is_err());
            let now = calendar::date_time(GatewayBuilder::default().engine().unwrap().clock.now_millis() / 1000);
            let common = format!(
                "app_id=2021000000000001&method=alipay.trade.page.pay&charset=utf-8&sign_type=RSA2&version=1.0&timestamp={now}"
            );
            let sign = percent_encoding::percent_encode(&body, percent_encoding::NON_ALPHANUMERIC);
            let target = format!("{PATH}?{}&sign={sign}&x=1", common.replace(' ', "+"));
            prop_assert!(verdict(&posted(&target, body)).is_err());
        }
    }

    #[test]
    fn what_is_tried_is_bounded_whatever_was_sent() {
        let keys = GatewayBuilder::default().engine().unwrap().keys;
        let parameters =
            |count| (0..count).map(|n| format!("p{n}=%26%20{n}")).collect::<Vec<_>>().join("&");
        let many = parameters(MOST_PARAMETERS);
        let nested = format!("biz_content={}1{}", "[".repeat(100), "]".repeat(100));
        for body in [many, nested, format!("a={}", "%20".repeat(300_000)), "a=1&b=+&".repeat(2)] {
            let read = Parameters::read(&posted(PATH, body)).unwrap();
            let (mut size, mut count) = (0, 0);
            for variant in order_variants::all(&read, Some(&keys.aes)) {
                size += variant.text.len();
                count += 1;
                assert!(size < 64 << 20 && count < 20_000, "{count} strings, {size} bytes");
            }
        }
        let more = parameters(MOST_PARAMETERS + 1);
        assert_eq!(Parameters::read(&posted(PATH, more)).unwrap_err().code, "invalid-parameter");
    }
}
