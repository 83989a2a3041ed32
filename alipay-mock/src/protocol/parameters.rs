//! The parameters of an order, as a buyer's browser or app brings them.

use std::fmt;

use percent_encoding::percent_decode;

use super::canonical;
use super::forms::decoded_form;
use super::request::RawRequest;
use crate::error::{Refusal, bad_request, excerpt};

/// Where orders go.
pub(crate) const PATH: &str = "/gateway.do";
/// How many parameters an order may have.
pub(super) const MOST_PARAMETERS: usize = 256;
/// The tokens that an order may have. They are secret.
pub(super) const TOKENS: [&str; 2] = ["app_auth_token", "auth_token"];

/// An operation whose orders are brought by the buyer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Method {
    Page,
    Wap,
    App,
}

impl Method {
    pub(super) const ALL: [Self; 3] = [Self::Page, Self::Wap, Self::App];

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
    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        let parameter = self.0.iter().find(|parameter| parameter.name == name)?;
        Some(parameter.value.as_slice()).filter(|value| !canonical::is_blank(value))
    }

    /// The same of one that is ASCII; otherwise it is something that nobody expects.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.bytes(name).map(|value| std::str::from_utf8(value).unwrap_or("�"))
    }

    /// A parameter's value. Without it the order is refused with this code.
    pub(super) fn required(&self, name: &str, code: &'static str) -> Result<&str, Refusal> {
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
    pub(super) fn tokens(&self) -> impl Iterator<Item = &[u8]> {
        TOKENS.into_iter().filter_map(|name| self.bytes(name))
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
        let value = decoded_form(value);
        let with_plus = Some(with_plus).filter(|with_plus| *with_plus != value);
        Ok(Self { name, value, with_plus, is_in_query })
    }
}
