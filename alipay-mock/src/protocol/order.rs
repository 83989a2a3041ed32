//! Orders for pages and apps, as Alipay's older gateway takes them: their parameters, and the checks up to their content.
//!
//! Alipay's page, wap and app payments have no operation in v3. A program signs the parameters of an order and hands them
//! to the buyer, whose browser or app brings them to the gateway.

use std::fmt;

use encoding_rs::{Encoding, GB18030, GBK, UTF_8};
use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use super::request::RawRequest;
use super::verify::{self, Rules, WINDOW_MILLIS};
use super::{canonical, diagnose, diagnosis};
use crate::calendar;
use crate::clock::Times;
use crate::error::{Refusal, bad_request, excerpt};

/// Where orders go.
pub(crate) const PATH: &str = "/gateway.do";
/// How many parameters an order may have.
const MOST_PARAMETERS: usize = 256;
/// The longest URL of an order, in bytes. It is kept.
const LONGEST_URL: usize = 2048;
/// The tokens that an order may have. They are secret.
const TOKENS: [&str; 2] = ["app_auth_token", "auth_token"];
const ROOT_SERIAL: &str = "alipay_root_cert_sn";

/// An operation whose orders are brought by the buyer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Method {
    Page,
    Wap,
    App,
}

impl Method {
    const ALL: [Self; 3] = [Self::Page, Self::Wap, Self::App];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Page => "alipay.trade.page.pay",
            Self::Wap => "alipay.trade.wap.pay",
            Self::App => "alipay.trade.app.pay",
        }
    }

    /// Alipay's name of the product.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Page => "电脑网站支付",
            Self::Wap => "手机网站支付",
            Self::App => "APP 支付",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// A parameter as received, decoded.
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) value: Vec<u8>,
    /// The value if a `+` in it stood for itself.
    pub(super) with_plus: Option<Vec<u8>>,
    pub(super) is_in_query: bool,
}

/// The parameters of an order, in the order they were received.
pub(crate) struct Parameters(Vec<Parameter>);

impl Parameters {
    /// Reads the query, and the form of a POST. A parameter may be in both, if it has one value.
    pub(crate) fn read(request: &RawRequest) -> Result<Self, Refusal> {
        let body: &[u8] = match request.method.as_str() {
            "GET" => b"",
            "POST" if request.body.is_empty() => b"",
            "POST" => match request.media_type().as_deref() {
                Some("application/x-www-form-urlencoded") => &request.body,
                _ => {
                    return bad_request(
                        "invalid-content-type",
                        "the form of an order needs Content-Type: application/x-www-form-urlencoded",
                    );
                }
            },
            _ => {
                return Err(Refusal::new(405, "invalid-method", "an order comes by GET or POST"));
            }
        };
        let mut parameters: Vec<Parameter> = Vec::new();
        let query = request.query().unwrap_or_default().as_bytes();
        for (part, is_in_query) in [(query, true), (body, false)] {
            for pair in part.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
                let parameter = Parameter::read(pair, is_in_query)?;
                match parameters.iter().find(|known| known.name == parameter.name) {
                    Some(known) if known.value == parameter.value => continue,
                    Some(_) => {
                        let name = excerpt(&parameter.name);
                        let message = format!("`{name}` is there twice, with different values");
                        return bad_request("invalid-parameter", message);
                    }
                    None => parameters.push(parameter),
                }
                if parameters.len() > MOST_PARAMETERS {
                    let message = format!("there are more than {MOST_PARAMETERS} parameters");
                    return bad_request("invalid-parameter", message);
                }
            }
        }
        Ok(Self(parameters))
    }

    /// The value of a parameter that is not blank.
    fn bytes(&self, name: &str) -> Option<&[u8]> {
        let parameter = self.0.iter().find(|parameter| parameter.name == name)?;
        Some(parameter.value.as_slice()).filter(|value| !canonical::is_blank(value))
    }

    /// The same of one that is ASCII; otherwise it is something that nobody expects.
    fn get(&self, name: &str) -> Option<&str> {
        self.bytes(name).map(|value| std::str::from_utf8(value).unwrap_or("�"))
    }

    /// A parameter's value. Without it the order is refused with this code.
    fn required(&self, name: &str, code: &'static str) -> Result<&str, Refusal> {
        let missing = || Refusal::bad_request(code, format!("the order has no `{name}`"));
        self.get(name).ok_or_else(missing)
    }

    pub(super) fn all(&self) -> &[Parameter] {
        &self.0
    }

    /// The string that the signature covers.
    pub(super) fn signed(&self) -> Vec<u8> {
        canonical::order(self.0.iter().map(|known| (known.name.as_str(), known.value.as_slice())))
    }

    /// The tokens in it, which are secret.
    pub(super) fn tokens(&self) -> impl Iterator<Item = &str> {
        TOKENS.into_iter().filter_map(|name| self.get(name))
    }

    pub(crate) fn method(&self) -> Option<Method> {
        Method::named(self.get("method")?)
    }

    pub(crate) fn content(&self) -> Option<&[u8]> {
        self.bytes("biz_content")
    }
}

/// Without values, which may be personal.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|parameter| &parameter.name)).finish()
    }
}

impl Parameter {
    fn read(pair: &[u8], is_in_query: bool) -> Result<Self, Refusal> {
        let at = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at(at);
        let value = value.strip_prefix(b"=").unwrap_or_default();
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_-.".contains(b);
        let name: Vec<u8> = percent_decode(name).collect();
        let Some(name) =
            String::from_utf8(name).ok().filter(|name| name.bytes().all(|b| plain(&b)))
        else {
            return bad_request(
                "invalid-parameter",
                "the name of a parameter has characters other than letters, digits, `_`, `-` and `.`; is a value not \
                 percent-encoded, or the form HTML-escaped?",
            );
        };
        let with_plus: Vec<u8> = percent_decode(value).collect();
        let blanks: Vec<u8> = value.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
        let value: Vec<u8> = percent_decode(&blanks).collect();
        let with_plus = Some(with_plus).filter(|with_plus| *with_plus != value);
        Ok(Self { name, value, with_plus, is_in_query })
    }
}

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
    if app_id != rules.app_id {
        let (given, known) = (excerpt(app_id), rules.app_id);
        return bad_request(
            "invalid-app-id",
            format!("the app id `{given}` is unknown; this gateway knows {known}"),
        );
    }
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
    bad_request(
        "invalid-timestamp",
        format!(
            "the timestamp is {} s {} {} clock{hint}",
            age.unsigned_abs() / 1000,
            if age > 0 { "behind" } else { "ahead of" },
            if now.is_by_gateway(sent) { "the gateway's" } else { "the gateway computer's" },
        ),
    )
}
