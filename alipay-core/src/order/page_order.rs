//! Makes an order: its parameters, checked and signed.

use std::{collections::BTreeMap, fmt, fmt::Write as _, sync::Arc};

use http::Uri;
use secrecy::ExposeSecret;
use serde::Serialize;

use super::signed_order::SignedOrder;
use crate::{
    catalogue,
    client::Client,
    error::Error,
    notification::join,
    operation::{Method, RequestInfo, Safety},
    prepare::{check_app_auth_token, check_trust, no_aes_key, personal_in, put_into_json},
    redact::OneLine,
    sign::{SignError, Signature},
    value::LocalDateTime,
};

/// Where orders go to, below the gateway's address.
const PATH: &str = "/gateway.do";
/// Those of the catalogue's operations that are orders for an app, too. (Alipay's description of the response has an
/// order string.)
const ORDERS_IN_CATALOGUE: [&str; 1] = ["alipay.fund.auth.order.app.freeze"];
/// The parameters that the client sets, or that have a method of their own.
const OWN: [&str; 15] = [
    "alipay_root_cert_sn",
    "app_auth_token",
    "app_cert_sn",
    "app_id",
    "auth_token",
    "biz_content",
    "charset",
    "encrypt_type",
    "method",
    "notify_url",
    "return_url",
    "sign",
    "sign_type",
    "timestamp",
    "version",
];
/// Those of them whose values are not shown.
const PERSONAL: [&str; 3] = ["app_auth_token", "auth_token", "biz_content"];
/// How long the name of a method or a parameter may be.
const LONGEST_NAME: usize = 100;

/// An order that is being made; see [`crate::order`].
///
/// A mistake, such as an address that is no URL, is an error of [`sign`](Self::sign).
#[must_use]
pub struct PageOrder {
    client: Client,
    method: String,
    parameters: BTreeMap<String, String>,
    /// A JSON object.
    content: Option<String>,
    encrypted: Option<bool>,
    /// The first mistake.
    problem: Option<String>,
}

impl Client {
    /// An order for a page or an app: `alipay.trade.page.pay`, `alipay.trade.wap.pay`, `alipay.trade.app.pay`, or
    /// another method that a browser or an app takes to Alipay. See [`crate::order`].
    ///
    /// It goes to the client's gateway, on behalf of the client's
    /// [merchant](crate::ClientBuilder::app_auth_token), and is [encrypted](crate::ClientBuilder::encrypted) if
    /// calls are.
    pub fn page_order(&self, method: &str) -> PageOrder {
        let method = method.trim();
        let parameters = self.inner.app_auth_token.iter();
        let parameters = parameters
            .map(|token| ("app_auth_token".to_owned(), token.expose_secret().to_owned()))
            .collect();
        PageOrder {
            client: self.clone(),
            method: method.to_owned(),
            parameters,
            content: None,
            encrypted: None,
            problem: check_method(method).err(),
        }
    }
}

impl PageOrder {
    /// What is ordered (`biz_content`): anything that serde makes a JSON object of, mostly a struct or
    /// `serde_json::json!({…})`. JSON that exists as a string is given as a
    /// [`RawValue`](serde_json::value::RawValue).
    pub fn biz_content(mut self, content: &impl Serialize) -> Self {
        match object(content) {
            Ok(content) => self.content = Some(content),
            Err(problem) => self.refuse(problem),
        }
        self
    }

    /// Replaces or adds a value in what is ordered: one that the type given to [`biz_content`](Self::biz_content)
    /// does not have. `pointer` is a JSON pointer, such as `/extend_params/hb_fq_num`; objects and lists on the way
    /// must be there. See [`Call::raw_field`](crate::Call::raw_field).
    pub fn raw_field(mut self, pointer: &str, value: impl Serialize) -> Self {
        let changed = match (&self.content, serde_json::to_string(&value)) {
            (None, _) => Err("a raw field is put into biz_content: set that first".to_owned()),
            (_, Err(_)) => Err("the value of a raw field has no JSON form".to_owned()),
            (Some(content), Ok(value)) => put_into_json(content, pointer, &tidy(&value)),
        };
        match changed {
            Ok(content) => self.content = Some(content),
            Err(problem) => self.refuse(problem),
        }
        self
    }

    /// Where Alipay posts the notification about the payment. It must be reachable from the internet; at most 256
    /// characters.
    pub fn notify_url(self, url: &str) -> Self {
        self.url("notify_url", url)
    }

    /// Where Alipay leads the buyer's browser afterwards, with [parameters](crate::Client::verify_return) in the
    /// query; at most 256 characters. Alipay asks that it has no query of its own; what the shop wants to know again
    /// can stand in the path. Apps have none.
    pub fn return_url(self, url: &str) -> Self {
        self.url("return_url", url)
    }

    /// Orders on behalf of the merchant who gave the app this token, instead of the
    /// [client's](crate::ClientBuilder::app_auth_token). The protocol has the token in the order, where the buyer can
    /// read it; it is of use only together with the app's key.
    pub fn app_auth_token(mut self, token: &str) -> Self {
        match check_app_auth_token(token) {
            Ok(token) => self.set("app_auth_token", token.expose_secret()),
            Err(error) => self.refuse(error.to_string()),
        }
        self
    }

    /// The token of a user who is signed in (`auth_token`), so that Alipay need not ask who it is.
    pub fn auth_token(mut self, token: &str) -> Self {
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.refuse(
                "the auth token is empty or has characters other than visible ASCII".into(),
            );
        } else {
            self.set("auth_token", token);
        }
        self
    }

    /// Encrypts what is ordered, with the credentials' AES key. That Alipay takes such orders is inferred: its SDKs
    /// can make them.
    pub fn encrypted(mut self) -> Self {
        self.encrypted = Some(true);
        self
    }

    /// Does not encrypt what is ordered, even if the client is set to.
    pub fn plain(mut self) -> Self {
        self.encrypted = Some(false);
        self
    }

    /// Adds a parameter of the order itself, beside `biz_content`, for example `format`.
    ///
    /// Those that the client sets, and those with a method of their own, cannot be set so. Nor can a value be blank:
    /// the protocol leaves such parameters out.
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        match check_parameter(name, value) {
            Ok(()) => self.set(name, value),
            Err(problem) => self.refuse(problem),
        }
        self
    }

    /// Signs the order, with the client's time.
    ///
    /// A [`Signer`](crate::sign::Signer) may take as long as it likes; otherwise nothing is waited for, and any
    /// runtime will do.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) when what was given makes no order: the method is a call of
    /// v3, `biz_content` is missing or no object, an address is no URL; or when it cannot be signed.
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when encryption is asked for without a key, or
    /// all of Alipay's certificates have expired.
    pub async fn sign(self) -> Result<SignedOrder, Error> {
        self.unsigned()?.sign().await
    }

    /// Signs the order on this thread, or with a [`Signer`](crate::sign::Signer) on another one within the
    /// [time of a call](crate::ClientBuilder::timeout); see [`crate::blocking`]. For its errors see
    /// [`sign`](Self::sign).
    #[cfg(feature = "blocking")]
    pub fn sign_blocking(self) -> Result<SignedOrder, Error> {
        use crate::{blocking, error::ErrorKind};

        let limit = self.client.inner.settings.timeout;
        let order = self.unsigned()?;
        let made = match order.client.inner.settings.credentials.sign(&[&order.message]) {
            Signature::Made(signature) => Some(signature),
            Signature::Awaited(_) => None,
        };
        if let Some(signature) = made {
            return order.signed(signature);
        }
        let info = Arc::clone(&order.info);
        let work = async move { tokio::time::timeout(limit, order.sign()).await };
        let late = || {
            let problem = format!("the order is not signed within {limit:?}");
            Error::new(ErrorKind::Timeout, problem)
        };
        let problem = match blocking::wait(work, limit, late) {
            Ok(Ok(result)) => return result,
            Ok(Err(_)) => late(),
            Err(problem) => problem,
        };
        Err(problem.not_sent().about(&info))
    }

    fn url(mut self, name: &str, url: &str) -> Self {
        match check_url(url.trim()) {
            Ok(()) => self.set(name, url.trim()),
            Err(problem) => self.refuse(format!("the {name} {problem}")),
        }
        self
    }

    fn set(&mut self, name: &str, value: &str) {
        self.parameters.insert(name.to_owned(), value.to_owned());
    }

    /// Keeps the first problem until the order is signed.
    fn refuse(&mut self, problem: String) {
        self.problem.get_or_insert(problem);
    }

    /// All parameters but the signature, and what is signed.
    fn unsigned(self) -> Result<Unsigned, Error> {
        let Self { client, method, parameters, content, encrypted, problem } = self;
        let name = method.clone().into();
        let info = Arc::new(RequestInfo::raw(name, Method::Post, PATH.into(), Safety::Unsafe));
        let settings = &client.inner.settings;
        let encrypted = encrypted.unwrap_or(settings.encrypted);
        let all = || {
            if let Some(problem) = problem {
                return Err(Error::request(problem));
            }
            let content = content.ok_or_else(|| {
                Error::request("what is ordered is missing: set it with `biz_content`")
            })?;
            complete(&client, &method, parameters, &content, encrypted)
        };
        let parameters =
            all().map_err(|error| if is_method(&method) { error.about(&info) } else { error })?;
        let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let message = join(pairs);
        Ok(Unsigned { client, info, parameters, message })
    }
}

/// Shows the method only: all else may be personal or secret.
impl fmt::Debug for PageOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageOrder").field("method", &self.method).finish_non_exhaustive()
    }
}

/// An order with all of its parameters but the signature.
struct Unsigned {
    client: Client,
    info: Arc<RequestInfo>,
    parameters: BTreeMap<String, String>,
    message: Vec<u8>,
}

impl Unsigned {
    async fn sign(self) -> Result<SignedOrder, Error> {
        let signature = match self.client.inner.settings.credentials.sign(&[&self.message]) {
            Signature::Made(signature) => signature,
            Signature::Awaited(signature) => signature.await,
        };
        self.signed(signature)
    }

    fn signed(self, signature: Result<String, SignError>) -> Result<SignedOrder, Error> {
        let Self { client, mut info, parameters, .. } = self;
        match signature {
            Ok(signature) => {
                let address = format!("{}{PATH}", client.inner.base.url);
                Ok(SignedOrder::new(address, parameters, signature))
            }
            Err(error) => {
                // A signer may repeat what it was given.
                let is_known = |name: &str| OWN.contains(&name) && !PERSONAL.contains(&name);
                let values = parameters.iter().filter(|(name, _)| !is_known(name));
                Arc::make_mut(&mut info).personal =
                    personal_in(values.map(|(_, value)| value.as_str()));
                Err(Error::request("the order cannot be signed").with_source(error).about(&info))
            }
        }
    }
}

/// The parameters together with those of the protocol.
fn complete(
    client: &Client,
    method: &str,
    mut parameters: BTreeMap<String, String>,
    content: &str,
    encrypted: bool,
) -> Result<BTreeMap<String, String>, Error> {
    let settings = &client.inner.settings;
    let credentials = &settings.credentials;
    let now = settings.clock.now();
    check_trust(credentials, now)?;
    let timestamp = LocalDateTime::try_from(now)
        .map_err(|_| Error::request("this computer's clock stands outside the years 1 to 9999"))?;
    let mut set = |name: &str, value: &str| parameters.insert(name.to_owned(), value.to_owned());
    set("app_id", credentials.app_id());
    set("method", method);
    // As in Alipay's documentation. `format`, which can only be JSON, may be left out.
    set("charset", "utf-8");
    set("sign_type", "RSA2");
    set("timestamp", &timestamp.to_string());
    set("version", "1.0");
    if let Some(serial) = credentials.app_certificate_serial() {
        set("app_cert_sn", serial);
    }
    if let Some(serial) = credentials.root_certificate_serial() {
        set("alipay_root_cert_sn", serial);
    }
    if encrypted {
        let key = credentials.aes_key().ok_or_else(no_aes_key)?;
        let cipher = key
            .encrypt(content.as_bytes())
            .map_err(|error| Error::request(format!("encrypting: {error}")))?;
        set("encrypt_type", "AES");
        set("biz_content", &cipher);
    } else {
        set("biz_content", content);
    }
    Ok(parameters)
}

fn check_method(method: &str) -> Result<(), String> {
    if !is_method(method) {
        let shown = OneLine::new(method, LONGEST_NAME);
        return Err(format!(
            "the method of an order must be like `alipay.trade.page.pay`, and is `{shown}`"
        ));
    }
    if catalogue::find(method).is_some() && !ORDERS_IN_CATALOGUE.contains(&method) {
        return Err("this is a call of v3, and no order for a page or an app: make it with \
                    `Client::operation`"
            .to_owned());
    }
    Ok(())
}

fn is_method(text: &str) -> bool {
    text.len() <= LONGEST_NAME && text.contains('.') && is_name(text)
}

/// Whether it can be the name of a method or a parameter. It begins with a letter: a browser replaces the value of a
/// field `_charset_`.
fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(fits)
}

fn check_parameter(name: &str, value: &str) -> Result<(), String> {
    let shown = OneLine::new(name, LONGEST_NAME);
    if name.len() > LONGEST_NAME || !is_name(name) {
        return Err(format!(
            "the name of the parameter `{shown}` must be letters, digits, `_`, `-` and `.`, and begin \
             with a letter"
        ));
    }
    if OWN.contains(&name) {
        return Err(format!(
            "the parameter `{shown}` is set by the client or by a method of its own"
        ));
    }
    if value.trim().is_empty() {
        return Err(format!("the parameter `{shown}` is blank: leave it out"));
    }
    // A browser changes them when it sends a form, and then the signature is wrong.
    if value.contains(char::is_control) {
        return Err(format!(
            "the parameter `{shown}` has a line feed or another control character"
        ));
    }
    Ok(())
}

/// The problem continues "the notify_url …".
fn check_url(url: &str) -> Result<(), &'static str> {
    if url.is_empty() {
        return Err("is empty: leave it out, or give an address like https://shop.example/paid");
    }
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("has characters other than visible ASCII: percent-encode them");
    }
    let uri: Uri = url.parse().map_err(|_| "is not a URL")?;
    match (uri.scheme_str(), uri.host()) {
        (Some("https" | "http"), Some(host)) if !host.is_empty() => Ok(()),
        _ => Err("must be a whole address like https://shop.example/paid"),
    }
}

fn object(content: &impl Serialize) -> Result<String, String> {
    // The error of a serializer of the caller's could show what is ordered.
    let json =
        serde_json::to_string(content).map_err(|_| "biz_content has no JSON form".to_owned())?;
    match json.as_bytes().first() {
        Some(b'{') => Ok(tidy(&json)),
        Some(b'"') => {
            Err("biz_content is a string and not an object: give the value that it was made of, \
                           or a `serde_json::value::RawValue`"
                .to_owned())
        }
        _ => Err("biz_content is not an object".to_owned()),
    }
}

/// The same JSON without control characters. A browser changes line feeds when it sends a form, and then the
/// signature is wrong; HTML has no way to write some others.
fn tidy(json: &str) -> String {
    let mut tidy = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            // They stand between values: in a string, JSON has them escaped.
            '\n' | '\r' | '\t' => tidy.push(' '),
            // They stand in strings.
            other if other.is_control() => {
                // Writing to a string does not fail.
                let _ = write!(tidy, "\\u{:04x}", u32::from(other));
            }
            other => tidy.push(other),
        }
    }
    tidy
}
