//! What was captured of the traffic with Alipay, and what is wrong with its signature.

use bytes::Bytes;
use http::HeaderMap;

use super::canonical;
use super::changes;
use super::diagnose::{self, Case, Side};
use super::diagnosis::{Diagnosis, Layout};
use super::forms::{self, Parameters, Rule};
use super::order_variants;
use super::parameters;
use super::request::{Authorization, RawRequest};
use super::signers::Signers;
use super::upload;
use super::variants::{Variant, layouts};
use crate::error::Refusal;

/// A request, a response, a notification or the like, as it was captured: byte for byte, nothing decoded.
///
/// [`diagnose`](Self::diagnose) finds the well-known mistake behind a signature that does not verify. It decides nothing
/// about what is from Alipay: that is done by `Credentials::check_response_signature` and `Credentials::verify_notification` of
/// `alipay-core`.
#[derive(Clone)]
pub struct Captured(Kind);

#[derive(Clone)]
enum Kind {
    Request(RawRequest),
    Response { headers: HeaderMap, body: Bytes },
    Form { rule: Rule, form: Bytes },
}

/// Why there is no signature to look at.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct CapturedError(String);

impl Captured {
    /// A request of the v3 protocol. `target` is its path and query.
    #[must_use]
    pub fn request(method: &str, target: &str, headers: HeaderMap, body: Bytes) -> Self {
        let (method, target) = (method.to_owned(), target.to_owned());
        Self(Kind::Request(RawRequest { method, target, headers, body }))
    }

    /// A response of the v3 protocol.
    #[must_use]
    pub fn response(headers: HeaderMap, body: Bytes) -> Self {
        Self(Kind::Response { headers, body })
    }

    /// A notification or an order: a form, a query, or an order for apps.
    #[must_use]
    pub fn form(rule: Rule, form: Bytes) -> Self {
        Self(Kind::Form { rule, form })
    }

    /// The string that the signature has to cover.
    pub fn string_to_sign(&self) -> Result<Vec<u8>, CapturedError> {
        match &self.0 {
            Kind::Request(request) => {
                let authorization = authorization(request)?;
                let (request, _) = signed_part(request)?;
                Ok(canonical::request(
                    &authorization.signed,
                    &request.method,
                    &request.target,
                    &request.body,
                    request.app_auth_token(),
                ))
            }
            Kind::Response { headers, body } => {
                let timestamp = header(headers, "alipay-timestamp")?;
                let nonce = header(headers, "alipay-nonce")?;
                Ok(canonical::response(timestamp, nonce, body))
            }
            Kind::Form { rule, form } => Ok({ Parameters::of_form(form).right(*rule) }
                .into_iter()
                .next()
                .unwrap_or_default()),
        }
    }

    /// Whether it was signed with the right key, over the right string. For what Alipay signs, the runtime says so.
    pub fn verify(&self, signers: &Signers) -> Result<bool, CapturedError> {
        let signature = self.signature()?;
        let matches = |text: &[u8]| signers.right.verify(text, &signature).is_ok();
        Ok(match &self.0 {
            Kind::Form { rule, form } => {
                Parameters::of_form(form).right(*rule).iter().any(|text| matches(text))
            }
            _ => matches(&self.string_to_sign()?),
        })
    }

    /// What is wrong with a signature that does not verify.
    pub fn diagnose(&self, signers: &Signers) -> Result<Diagnosis, CapturedError> {
        let signature = self.signature()?;
        match &self.0 {
            Kind::Request(request) => {
                let authorization = authorization(request)?;
                let (signed, whole) = signed_part(request)?;
                let (_, diagnosis) =
                    diagnose::request(&signed, whole, &authorization, &signature, signers);
                Ok(diagnosis)
            }
            Kind::Response { headers, body } => {
                let timestamp = header(headers, "alipay-timestamp")?;
                let nonce = header(headers, "alipay-nonce")?;
                let case = Case {
                    by: Side::Alipay,
                    signature: &signature,
                    right: vec![self.string_to_sign()?],
                    variants: responses(timestamp, nonce, body),
                    layout: Layout::Response,
                    tokens: Vec::new(),
                };
                Ok(case.diagnose(signers))
            }
            Kind::Form { rule, form } => Ok(form_diagnosis(*rule, form, &signature, signers)),
        }
    }

    fn signature(&self) -> Result<String, CapturedError> {
        match &self.0 {
            Kind::Request(request) => {
                let authorization = authorization(request)?;
                let signature = authorization.required("sign", "missing-signature")?;
                Ok(signature.to_owned())
            }
            Kind::Response { headers, .. } => {
                header(headers, "alipay-signature").map(str::to_owned)
            }
            Kind::Form { form, .. } => {
                let parameters = Parameters::of_form(form);
                // If it is changed as a whole, another reading has it.
                let readings = forms::readings(form).into_iter().map(|(_, parameters)| parameters);
                let mut signatures = std::iter::once(parameters)
                    .chain(readings)
                    .map(|parameters| parameters.signature());
                let missing = || CapturedError("there is no parameter `sign`".to_owned());
                signatures.find(|signature| !signature.is_empty()).ok_or_else(missing)
            }
        }
    }
}

/// The diagnosis of a form or a query.
fn form_diagnosis(rule: Rule, form: &[u8], signature: &str, signers: &Signers) -> Diagnosis {
    let parameters = Parameters::of_form(form);
    let case = |signature, variants: Box<dyn Iterator<Item = Variant>>| Case {
        by: if rule == Rule::Order { Side::App } else { Side::Alipay },
        signature,
        right: parameters.right(rule),
        variants,
        layout: Layout::Parameters,
        tokens: parameters.named(&parameters::TOKENS).collect(),
    };
    // Read in the right way all of it may be right, the signature, too.
    for (what, read) in forms::readings(form).into_iter().chain(forms::joined_values(form)) {
        let signature = read.signature();
        let mut right = read.right(rule).into_iter();
        if let Some(text) = right.find(|text| signers.right.verify(text, &signature).is_ok()) {
            let variants = Box::new(std::iter::once(Variant::new(what, text)));
            return case(&signature, variants).diagnose(signers);
        }
    }
    let variants = forms::all(form, rule);
    let of_order = (rule == Rule::Order).then(|| as_order(form)).flatten();
    match of_order {
        Some(order) => {
            let first = order_variants::all(&order, signers.aes.as_ref());
            case(signature, Box::new(first.chain(variants))).diagnose(signers)
        }
        None => case(signature, Box::new(variants)).diagnose(signers),
    }
}

/// The parameters as the gateway reads those of an order, if it can.
fn as_order(form: &[u8]) -> Option<parameters::Parameters> {
    let query = std::str::from_utf8(form).ok()?;
    let target = format!("/?{query}");
    let (method, headers, body) = ("GET".to_owned(), HeaderMap::new(), Bytes::new());
    parameters::Parameters::read(&RawRequest { method, target, headers, body }).ok()
}

/// What Alipay may have signed, if the response was changed since.
fn responses(timestamp: &str, nonce: &str, body: &[u8]) -> impl Iterator<Item = Variant> {
    let right = canonical::response(timestamp, nonce, body);
    let with = |body: &[u8]| canonical::response(timestamp, nonce, body);
    let mut others: Vec<Variant> =
        layouts(&right).into_iter().map(|(what, text)| Variant::new(what, text)).collect();
    let mut guess = |what: &'static str, text: Vec<u8>| others.push(Variant::new(what, text));
    guess("the body alone was signed; timestamp and nonce belong to the string", body.to_vec());
    guess("the body is missing from the string that was signed", with(b""));
    let order = "the lines were signed in another order than timestamp, nonce, body";
    guess(order, canonical::response(nonce, timestamp, body));
    let lines: [&[u8]; 3] = [timestamp.as_bytes(), nonce.as_bytes(), body];
    for lines in super::rewritten::orders(&lines) {
        let text = lines.iter().flat_map(|line| [*line, b"\n"]).collect::<Vec<_>>().concat();
        guess(order, text);
    }
    let changed: Vec<Variant> = changes::undone(body)
        .map(|(what, body)| Variant::changed("the body", &what, with(&body)))
        .collect();
    others.into_iter().chain(changed)
}

fn authorization(request: &RawRequest) -> Result<Authorization<'_>, CapturedError> {
    let header = header(&request.headers, "authorization")?;
    Ok(Authorization::parse(header)?)
}

/// Of an upload only the part `data` is signed; then the second is the whole request.
fn signed_part(request: &RawRequest) -> Result<(RawRequest, Option<&RawRequest>), CapturedError> {
    Ok(match upload::read(request)? {
        Some(upload) => (RawRequest { body: upload.data, ..request.clone() }, Some(request)),
        None => (request.clone(), None),
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, CapturedError> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    let value = value.filter(|value| !matches!(value.trim(), "" | "null"));
    value.ok_or_else(|| CapturedError(format!("there is no header {name}, or it cannot be read")))
}

impl From<Refusal> for CapturedError {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.message)
    }
}
