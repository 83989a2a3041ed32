//! `alipay sign`: signs a request, or in the gateway's place a response or a notification.

use std::time::SystemTime;

use alipay_core::bytes::Bytes;
use alipay_core::http::{HeaderMap, HeaderName, HeaderValue};
use alipay_core::keys::PrivateKey;
use alipay_core::settings::{Input, Settings};
use alipay_core::{Client, Credentials};
use alipay_mock::{Captured, Rule};
use clap::{Args, ValueEnum};
use serde_json::json;
use serde_json::value::RawValue;

use crate::captured::{self, Content, Kind, encoded};
use crate::input::{Given, Source, app_auth_token};
use crate::known_keys::private_key;
use crate::lookup;
use crate::moment::Moment;
use crate::outcome::{Failure, Outcome};
use crate::output::{Output, print_string};
use crate::runtime::block_on;

pub(crate) const EXAMPLES: &str = "Examples:
  alipay sign request.txt --explain
  alipay sign --method POST --path /v3/alipay/trade/query --body '{\"out_trade_no\":\"1\"}'
  alipay sign response.txt --as response --private-key gateway.pem | alipay verify - --public-key gateway.pem

A request is signed as it is sent to Alipay, with ALIPAY_APP_ID, ALIPAY_PRIVATE_KEY and, in certificate mode, the
certificates; the token of a merchant is in ALIPAY_APP_AUTH_TOKEN. Nothing is sent. Responses and notifications are signed
in Alipay's place, for tests of a program that verifies them: with a private key of yours.

FILE has a request or a response: a first line, headers, an empty line and a body. A notification is a form
(`name=value&…`) or a JSON object of its parameters.";

/// What is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Role {
    /// A request of the app
    Request,
    /// A response, in Alipay's place
    Response,
    /// A notification, in Alipay's place
    Notification,
}

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The file with what is signed, or `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "path", conflicts_with_all = ["method", "path", "body"])]
    file: Option<Source>,
    /// What is signed
    #[arg(long = "as", value_enum, value_name = "KIND", default_value_t = Role::Request)]
    role: Role,
    /// Method of the request
    #[arg(long, value_name = "METHOD", default_value = "POST")]
    method: String,
    /// Path and query of the request
    #[arg(long, value_name = "TARGET")]
    path: Option<String>,
    /// JSON of the body, or `@` and the path of a file with it, or `-` for standard input
    #[arg(long, value_name = "JSON")]
    body: Option<Given>,
    /// The file with the private key, or `-` for standard input; a request is signed with ALIPAY_PRIVATE_KEY without it
    #[arg(long, value_name = "FILE")]
    private_key: Option<Source>,
    /// Encrypt the body of the request with ALIPAY_ENCRYPT_KEY
    #[arg(long)]
    encrypted: bool,
    /// When it is signed, in place of now
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
    /// Show the string that is signed, too
    #[arg(long)]
    explain: bool,
}

/// What was signed.
struct Signed {
    /// The first line; empty if there is none.
    start: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    string_to_sign: String,
    signature: String,
    notes: Vec<String>,
}

pub(crate) fn run(options: &Options, output: &Output) -> Outcome {
    let signed = match options.role {
        Role::Request => request(options)?,
        Role::Response => response(options)?,
        Role::Notification => notification(options)?,
    };
    let Signed { start, headers, body, string_to_sign, signature, notes } = signed;
    let text = String::from_utf8_lossy(&body);
    if output.is_json() {
        let headers: serde_json::Map<String, serde_json::Value> =
            headers.into_iter().map(|(name, value)| (name, value.into())).collect();
        output.document(&json!({
            "start": start,
            "headers": headers,
            "body": text,
            "string_to_sign": string_to_sign,
            "signature": signature,
            "notes": notes,
        }));
        return Ok(());
    }
    if start.is_empty() {
        output.line(&*text);
    } else {
        output.line(&*start);
        for (name, value) in headers {
            output.line(format!("{name}: {value}"));
        }
        output.line("");
        if !text.is_empty() {
            output.line(&*text);
        }
    }
    if options.explain {
        print_string(output, "string to sign", &string_to_sign);
    }
    for note in notes {
        output.note(format!("note: {note}"));
    }
    Ok(())
}

/// A request as its file or the options have it.
struct Draft {
    method: String,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

fn draft(options: &Options) -> Result<Draft, Failure> {
    if let (None, Some(target)) = (&options.file, &options.path) {
        let body = match &options.body {
            Some(body) => body.text()?.into_bytes(),
            None => Vec::new(),
        };
        let (method, target) = (options.method.to_ascii_uppercase(), target.clone());
        return Ok(Draft { method, target, headers: HeaderMap::new(), body });
    }
    let (capture, name) = capture(options, Kind::Request)?;
    match capture.content {
        Content::Http(message) => {
            let body = message.body.trim_ascii().to_vec();
            let (method, target) = message.start.unwrap_or_default();
            Ok(Draft { method, target, headers: message.headers, body })
        }
        Content::Form(_) => Err(Failure::Unusable(format!("{name} is no request"))),
    }
}

fn capture(options: &Options, kind: Kind) -> Result<(captured::Capture, String), Failure> {
    let source = options.file.as_ref().ok_or_else(|| Failure::unusable("give a FILE"))?;
    let name = source.name();
    let capture = captured::read(&source.bytes()?, Some(kind))
        .map_err(|problem| Failure::Unusable(format!("cannot read {name}: {problem}")))?;
    Ok((capture, name))
}

/// The runtime signs it, and its bytes are those that would be sent.
fn request(options: &Options) -> Result<Signed, Failure> {
    let draft = draft(options)?;
    let now = options.at.map_or_else(SystemTime::now, Moment::time);
    let credentials = credentials(options, now)?;
    let mut client = Client::builder(credentials).clock(now);
    if options.encrypted {
        client = client.encrypted(true);
    }
    let token = app_auth_token()?;
    if let Some(token) = &token {
        client = client.app_auth_token(token);
    }
    let client = client.build().map_err(Failure::unusable)?;
    let method = lookup::method(&draft.method).ok_or_else(|| {
        let method = &draft.method;
        let known = "GET, POST, PUT, PATCH or DELETE";
        Failure::Unusable(format!("the method is `{method}`; it has to be {known}"))
    })?;
    let (path, query) = draft.target.split_once('?').unwrap_or((&draft.target, ""));
    let mut call = client.raw(method, path);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        call = call.query(&captured::decoded(name), captured::decoded(value));
    }
    let is_upload = draft
        .headers
        .get("content-type")
        .is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/"));
    if is_upload {
        return Err(Failure::unusable(
            "an upload is signed by `alipay call … --file PART=@FILE --dry-run --explain`",
        ));
    }
    if !draft.body.is_empty() {
        let text = String::from_utf8(draft.body.clone())
            .map_err(|_| Failure::unusable("the body is not UTF-8"))?;
        let json = RawValue::from_string(text).map_err(|error| {
            Failure::Unusable(format!("the body is not JSON: {error}; encrypted content is signed from its plain JSON, with --encrypted"))
        })?;
        call = call.json(&json);
    }
    let prepared = block_on(call.prepare_async())?.map_err(Failure::unusable)?;
    let request = prepared.request();
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let mut notes = Vec::new();
    if target != draft.target {
        notes.push(format!(
            "path and query are signed as they have to be sent; what was given is {}",
            draft.target
        ));
    }
    if draft.headers.contains_key("authorization") {
        notes.push("the header authorization of the file was replaced".to_owned());
    }
    let mut string_to_sign = String::from_utf8_lossy(&prepared.string_to_sign()).into_owned();
    let mut headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    if let Some(token) = &token {
        let hidden = |text: &str| text.replace(token, "***");
        string_to_sign = hidden(&string_to_sign);
        for (_, value) in &mut headers {
            *value = hidden(value);
        }
        notes.push("the app auth token is a secret, and hidden (`***`)".to_owned());
    }
    let authorization = headers.iter().find(|(name, _)| name == "authorization");
    let signature = authorization
        .and_then(|(_, value)| value.rsplit_once("sign="))
        .map(|(_, sign)| sign.to_owned());
    Ok(Signed {
        start: format!("{} {target} HTTP/1.1", request.method()),
        headers,
        body: request.body().as_bytes().map(|body| body.to_vec()).unwrap_or_default(),
        string_to_sign,
        signature: signature.unwrap_or_default(),
        notes,
    })
}

/// The app's credentials. Nothing is verified, so that a key of Alipay's is not needed.
fn credentials(options: &Options, now: SystemTime) -> Result<Credentials, Failure> {
    let settings = Settings::from_env_at(now);
    let needed = |input: Input| {
        settings.get(input).ok_or_else(|| {
            // One that is set may have a file that cannot be read.
            match settings.problems().iter().find(|problem| problem.input() == Some(input)) {
                Some(problem) => Failure::unusable(problem),
                None => Failure::Unusable(format!("{}: it is not set", input.variable())),
            }
        })
    };
    let key = match &options.private_key {
        Some(source) => private_key(source)?,
        None => {
            let text = needed(Input::AppPrivateKey)?;
            PrivateKey::parse(text).map_err(|error| {
                Failure::Unusable(format!("{}: {error}", Input::AppPrivateKey.variable()))
            })?
        }
    };
    let app_id = needed(Input::AppId)?.trim().to_owned();
    let public = key.public_key().to_base64();
    let credentials = if settings.is_certificate_mode() {
        let [app, alipay, roots] =
            [Input::AppCertificate, Input::AlipayCertificate, Input::RootCertificates].map(needed);
        Credentials::certificates_with_signer_at(now, app_id, key, app?, [alipay?.as_str()], roots?)
    } else {
        Credentials::keys_with_signer(app_id, key, &public)
    };
    let credentials = credentials.map_err(Failure::unusable)?;
    if options.encrypted {
        return credentials.encrypt_key(needed(Input::AesKey)?).map_err(Failure::unusable);
    }
    Ok(credentials)
}

/// The key that stands for Alipay's.
fn gateway_key(options: &Options) -> Result<PrivateKey, Failure> {
    let source = options.private_key.as_ref().ok_or_else(|| {
        Failure::unusable(
            "a response or a notification is signed in Alipay's place: give --private-key FILE with a key of your tests, \
             such as one of `alipay keys generate`",
        )
    })?;
    private_key(source)
}

fn response(options: &Options) -> Result<Signed, Failure> {
    let key = gateway_key(options)?;
    let (mut headers, body) = response_parts(options)?;
    let now = options.at.unwrap_or_else(Moment::now);
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("alipay-timestamp", now.0.to_string());
    set("alipay-nonce", nonce()?);
    let captured = Captured::response(headers.clone(), Bytes::from(body.clone()));
    let text = captured.string_to_sign().map_err(Failure::unusable)?;
    let signature = key.sign(&text).map_err(Failure::unusable)?;
    if let Ok(value) = HeaderValue::from_str(&signature) {
        headers.insert(HeaderName::from_static("alipay-signature"), value);
    }
    headers.remove("content-length");
    headers.remove("transfer-encoding");
    let headers = { headers.iter() }.map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Ok(Signed {
        start: "HTTP/1.1 200 OK".to_owned(),
        headers: headers.collect(),
        body,
        string_to_sign: String::from_utf8_lossy(&text).into_owned(),
        signature,
        notes: Vec::new(),
    })
}

/// Headers and body of a response. A body alone will do.
fn response_parts(options: &Options) -> Result<(HeaderMap, Vec<u8>), Failure> {
    let source = options.file.as_ref().ok_or_else(|| Failure::unusable("give a FILE"))?;
    let (name, bytes) = (source.name(), source.bytes()?);
    if bytes.trim_ascii_start().starts_with(b"{") {
        let json = HeaderValue::from_static("application/json;charset=UTF-8");
        let headers = HeaderMap::from_iter([(HeaderName::from_static("content-type"), json)]);
        return Ok((headers, bytes.trim_ascii().to_vec()));
    }
    let capture = captured::read(&bytes, Some(Kind::Response))
        .map_err(|problem| Failure::Unusable(format!("cannot read {name}: {problem}")))?;
    let body = capture.readings().into_iter().next().map(|(_, body)| body).unwrap_or_default();
    match capture.content {
        Content::Http(message) => Ok((message.headers, body)),
        Content::Form(_) => Err(Failure::Unusable(format!("{name} is no response"))),
    }
}

fn notification(options: &Options) -> Result<Signed, Failure> {
    let key = gateway_key(options)?;
    let source = options.file.as_ref().ok_or_else(|| Failure::unusable("give a FILE"))?;
    let name = source.name();
    let form = captured::parameters(&source.bytes()?)
        .map_err(|problem| Failure::Unusable(format!("cannot read {name}: {problem}")))?;
    let mut pairs: Vec<(String, String)> =
        form.into_iter().filter(|(name, _)| name != "sign").collect();
    for (name, value) in [("sign_type", "RSA2"), ("charset", "UTF-8")] {
        if !pairs.iter().any(|(known, _)| known == name) {
            pairs.push((name.to_owned(), value.to_owned()));
        }
    }
    let written = |pairs: &[(String, String)]| {
        let pairs: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        pairs.join("&")
    };
    let captured = Captured::form(Rule::Notification, Bytes::from(written(&pairs)));
    let text = captured.string_to_sign().map_err(Failure::unusable)?;
    let signature = key.sign(&text).map_err(Failure::unusable)?;
    pairs.push(("sign".to_owned(), signature.clone()));
    Ok(Signed {
        start: String::new(),
        headers: Vec::new(),
        body: written(&pairs).into_bytes(),
        string_to_sign: String::from_utf8_lossy(&text).into_owned(),
        signature,
        notes: Vec::new(),
    })
}

fn nonce() -> Result<String, Failure> {
    use alipay_core::nonce::{NonceSource as _, RandomNonces};
    let bytes = RandomNonces.next().map_err(Failure::unusable)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
