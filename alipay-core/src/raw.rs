//! Calls without a model.

use bytes::Bytes;
use serde::Serialize;

use crate::{
    call::{Call, Callable, exchange::Options},
    client::Client,
    error::Error,
    finish::{self, Received},
    multipart::NamedFile,
    operation::{Method, Safety},
    prepare::{Encoded, Payload},
    response::Response,
    value::File,
};

/// A call of any method and path, for operations that no crate was generated for: signed, verified,
/// encrypted and repeated like any other, but with JSON of the caller's own.
///
/// [`Client::raw`] makes a [`Call`] of it.
///
/// ```no_run
/// use alipay_core::operation::Method;
///
/// # async fn f(client: alipay_core::Client) -> Result<(), alipay_core::Error> {
/// let response = client
///     .raw(Method::Get, "/v3/alipay/marketing/activity/{activity_id}")
///     .path("activity_id", "2016042700826004508401111111")
///     .query("merchant_access_mode", "SELF_MODE")
///     .await?;
/// println!("{}", response["activity_name"]);
/// # Ok(()) }
/// ```
///
/// A GET is repeated when it fails, anything else only if the caller says that this is
/// [safe](Call::idempotent). Errors and spans show the path as it is written: personal data in a path
/// should be filled in with [`path`](Call::path).
///
/// A signed success counts as an error if its body is an object with a `code` and a `message`, both
/// strings, and no other members than `details` and `links`.
#[derive(Clone, Copy, Debug)]
pub enum Raw {}

/// A raw request, as far as it is made.
pub struct RawDraft {
    method: Method,
    path: String,
    parameters: Vec<(String, String)>,
    query: Vec<(String, String)>,
    json: Option<Result<Vec<u8>, String>>,
    files: Vec<NamedFile>,
    idempotent: bool,
}

impl Client {
    /// A call of any method and path, with JSON of the caller's own: for operations that no crate was
    /// generated for. See [`Raw`].
    pub fn raw(&self, method: Method, path: &str) -> Call<Raw> {
        let draft = RawDraft {
            method,
            path: path.to_owned(),
            parameters: Vec::new(),
            query: Vec::new(),
            json: None,
            files: Vec::new(),
            idempotent: false,
        };
        Call { client: self.clone(), draft, options: Options::default() }
    }
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
        &draft.path
    }

    fn encode(draft: RawDraft) -> Result<Encoded, Error> {
        let RawDraft { method, path, parameters, query, json, files, idempotent } = draft;
        let repeat = match method {
            Method::Get => Safety::ReadOnly,
            _ if idempotent => Safety::Idempotent,
            _ => Safety::Unsafe,
        };
        let payload = payload(method, json, files);
        Encoded::raw(method, path, repeat, &parameters, &query, payload)
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
