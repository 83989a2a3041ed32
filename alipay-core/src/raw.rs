//! Calls without a model.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;

use crate::{
    call::{Call, Callable, exchange::Options},
    catalogue::{self, Entry},
    client::Client,
    error::Error,
    finish::{self, Received},
    multipart::NamedFile,
    operation::{Method, RequestInfo, Safety},
    prepare::{Encoded, Payload},
    redact::OneLine,
    response::Response,
    value::File,
};

/// A call of an operation that no crate was generated for: signed, verified, encrypted and repeated like any
/// other, but with JSON of the caller's own.
///
/// [`Client::operation`] makes a [`Call`] of one of Alipay's operations by its id, [`Client::raw`] of any method
/// and path.
///
/// ```no_run
/// # async fn f(client: alipay_core::Client) -> Result<(), alipay_core::Error> {
/// let body = serde_json::json!({"out_trade_no": "20261127_0001"});
/// let trade = client.operation("alipay.trade.query").json(&body).await?;
/// println!("{}", trade["trade_status"]);
/// # Ok(()) }
/// ```
///
/// What only reads is repeated when it fails: a GET, and a POST whose id says that it only reads, such as
/// `alipay.trade.query` (inferred). Anything else is repeated only if the caller says that this is
/// [safe](Call::idempotent). Errors, spans and events show the path as it is written: personal data in a path
/// should be filled in with [`path`](Call::path).
///
/// A signed success counts as an error if its body is an object with a `code` and a `message`, both
/// strings, and no other members than `details` and `links`.
#[derive(Clone, Copy, Debug)]
pub enum Raw {}

/// A raw request, as far as it is made.
#[allow(unnameable_types, reason = "only a sealed trait has it")]
pub struct RawDraft {
    /// The operation's id, or method and path.
    operation: Cow<'static, str>,
    address: Result<Address, String>,
    parameters: Vec<(String, String)>,
    query: Vec<(String, String)>,
    json: Option<Result<Vec<u8>, String>>,
    files: Vec<NamedFile>,
    idempotent: bool,
}

/// Where a raw request goes, and what a repeat does.
struct Address {
    method: Method,
    path: Cow<'static, str>,
    safety: Safety,
}

impl Client {
    /// A call of any method and path, with JSON of the caller's own: for operations that neither a crate nor
    /// [`operation`](Self::operation) has. See [`Raw`].
    pub fn raw(&self, method: Method, path: &str) -> Call<Raw> {
        let operation = format!("{} {path}", method.as_str());
        let safety = match method {
            Method::Get => Safety::ReadOnly,
            _ => Safety::Unsafe,
        };
        self.draft(operation.into(), Ok(Address { method, path: path.to_owned().into(), safety }))
    }

    /// A call of one of Alipay's operations by its id, the `operationId` of the description, with JSON of the
    /// caller's own. See [`Raw`]; [`crate::catalogue`] has all operations.
    ///
    /// # Errors
    ///
    /// With an id that Alipay's description does not have, the call ends with
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) when it is made, and nothing is sent.
    pub fn operation(&self, id: &str) -> Call<Raw> {
        match catalogue::find(id.trim()) {
            Some(entry) => {
                let &Entry { id, method, path, safety, .. } = entry;
                self.draft(id.into(), Ok(Address { method, path: path.into(), safety }))
            }
            None => self.draft(id.to_owned().into(), Err(unknown(id))),
        }
    }

    fn draft(&self, operation: Cow<'static, str>, address: Result<Address, String>) -> Call<Raw> {
        let draft = RawDraft {
            operation,
            address,
            parameters: Vec::new(),
            query: Vec::new(),
            json: None,
            files: Vec::new(),
            idempotent: false,
        };
        Call { client: self.clone(), draft, options: Options::default() }
    }
}

fn unknown(id: &str) -> String {
    let similar = catalogue::similar(id).join("`, `");
    let advice = if similar.is_empty() {
        "`alipay_core::catalogue` lists those there are, and".to_owned()
    } else {
        format!("did you mean `{similar}`?")
    };
    let id = OneLine::new(id, 100);
    format!(
        "Alipay's v3 has no operation `{id}`: {advice} `Client::raw` calls one that is newer than this list"
    )
}

impl Call<Raw> {
    /// Fills `{name}` of the path; the value is percent-encoded.
    #[expect(clippy::needless_pass_by_value, reason = "`2` reads better than `&2`")]
    pub fn path(mut self, name: &str, value: impl ToString) -> Self {
        self.draft.parameters.push((name.to_owned(), value.to_string()));
        self
    }

    /// Adds a parameter to the query; name and value are percent-encoded.
    #[expect(clippy::needless_pass_by_value, reason = "`2` reads better than `&2`")]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.draft.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// The body, or in an upload the part `data`.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.draft.json = Some(serde_json::to_vec(body).map_err(|error| error.to_string()));
        self
    }

    /// Adds a file, which makes the call an upload. Its name must not be `data`.
    pub fn file(mut self, name: &str, file: File) -> Self {
        self.draft.files.push((name.to_owned(), file));
        self
    }

    /// Promises that an unchanged repeat of this request has no further effect, mostly because it
    /// carries an `out_biz_no` by which Alipay recognises a repeat. The request is then repeated when the
    /// outcome is unknown.
    pub fn idempotent(mut self) -> Self {
        self.draft.idempotent = true;
        self
    }
}

impl Callable for Raw {
    type Output = Response<serde_json::Value>;
    type Draft = RawDraft;

    fn operation(draft: &RawDraft) -> &str {
        &draft.operation
    }

    fn encode(draft: RawDraft) -> Result<Encoded, Error> {
        let RawDraft { operation, address, parameters, query, json, files, idempotent } = draft;
        let Address { method, path, safety } = address.map_err(Error::request)?;
        let repeat = match safety {
            Safety::Unsafe if idempotent => Safety::Idempotent,
            safety => safety,
        };
        let info = RequestInfo::raw(operation, method, path, repeat);
        Encoded::raw(info, &parameters, &query, payload(method, json, files))
    }

    fn finish(received: Received) -> Result<Self::Output, Error> {
        finish::into_json(received)
    }
}

fn payload(
    method: Method,
    json: Option<Result<Vec<u8>, String>>,
    files: Vec<NamedFile>,
) -> Result<Payload, String> {
    let json = json
        .transpose()
        .map_err(|problem| format!("the request has no JSON form: {problem}"))?
        .map(Bytes::from);
    if method == Method::Get && (json.is_some() || !files.is_empty()) {
        return Err("a GET has no body; parameters belong into the query".to_owned());
    }
    Ok(match json {
        json if !files.is_empty() => Payload::Upload { json, files },
        Some(json) => Payload::Json(json),
        None => Payload::Nothing,
    })
}
