//! A request, encoded but neither encrypted nor signed.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use super::{personal, target};
use crate::{
    error::Error,
    model::{Field, Model, Place, Ref, encode_json, items, present},
    multipart::NamedFile,
    operation::{OperationInfo, RequestInfo, Safety},
    redact::PersonalStrings,
};

/// A request, encoded once: the same bytes on every attempt.
#[allow(unnameable_types, reason = "only a sealed trait has it")]
pub struct Encoded {
    pub(crate) info: Arc<RequestInfo>,
    /// The fields of the request's model. A raw request has none.
    pub(super) fields: &'static [Field],
    /// Path and query as they are signed and sent.
    pub(super) target: String,
    /// The headers that are the request's own. They are not signed.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) payload: Payload,
    /// What must not be shown if a server repeats it.
    pub(super) personal: PersonalStrings,
}

/// What is sent besides path, query and headers.
pub(crate) enum Payload {
    Nothing,
    Json(Bytes),
    /// An upload: JSON, and files by the names of their parameters.
    Upload {
        json: Option<Bytes>,
        files: Vec<NamedFile>,
    },
}

impl Encoded {
    pub(crate) fn new(
        operation: &'static OperationInfo,
        request: &dyn Model,
    ) -> Result<Self, Error> {
        let (repeat, key) = repeat(operation, request);
        let info = Arc::new(RequestInfo::described(operation, repeat, key));
        let problem = |problem: String| Error::request(problem).about(&info);
        let target = target::build(operation.path, request).map_err(problem)?;
        let headers = target::headers(request).map_err(problem)?;
        let fields = request.table().fields;
        let has = |place| fields.iter().any(|field| field.place == place);
        let json = if has(Place::Body) {
            let json = encode_json(request, Place::Body)
                .map_err(|error| problem(format!("the request has no JSON form: {error}")))?;
            Some(Bytes::from(json))
        } else {
            None
        };
        let payload = match json {
            json if has(Place::File) => Payload::Upload { json, files: files(request) },
            Some(json) => Payload::Json(json),
            None => Payload::Nothing,
        };
        let personal = personal::of_model(request);
        Ok(Self { info, fields, target, headers, payload, personal })
    }

    /// Encodes a request that there is no model of.
    pub(crate) fn raw(
        info: RequestInfo,
        parameters: &[(String, String)],
        query: &[(String, String)],
        payload: Result<Payload, String>,
    ) -> Result<Self, Error> {
        let target = target::free(&info.template, parameters, query);
        let info = Arc::new(info);
        let problem = |problem: String| Error::request(problem).about(&info);
        let payload = payload.map_err(problem)?;
        let target = target.map_err(problem)?;
        let values = parameters.iter().chain(query).map(|(_, value)| value.as_str());
        let (json, files) = match &payload {
            Payload::Nothing => (None, &[][..]),
            Payload::Json(json) => (Some(json), &[][..]),
            Payload::Upload { json, files } => (json.as_ref(), &files[..]),
        };
        let names = files.iter().map(|(_, file)| file.name());
        let personal = personal::of_raw(values, json, names);
        Ok(Self { info, fields: &[], target, headers: Vec::new(), payload, personal })
    }

    /// Takes status 204 for a success although it is not signed.
    pub(crate) fn allow_unsigned_204(&mut self) {
        Arc::make_mut(&mut self.info).unsigned_204 = true;
    }
}

fn files(request: &dyn Model) -> Vec<NamedFile> {
    let mut files = Vec::new();
    for (field, value) in present(request).filter(|(field, _)| field.place == Place::File) {
        let mut add = |value| {
            if let Ref::File(file) = value {
                files.push((field.name.to_owned(), file.clone()));
            }
        };
        match value {
            Ref::List(list) => items(list).for_each(add),
            value => add(value),
        }
    }
    files
}

/// Whether a repeat of this request is safe, and its idempotency key. Without its key it is unsafe.
fn repeat(operation: &'static OperationInfo, request: &dyn Model) -> (Safety, Option<Box<str>>) {
    let Safety::IdempotentBy(name) = operation.safety else {
        return (operation.safety, None);
    };
    let mut fields = request.table().fields.iter().enumerate();
    let Some((index, field)) = fields.find(|(_, field)| field.name == name) else {
        return (Safety::Unsafe, None);
    };
    let key = request.field(index).and_then(|value| value.get().into_text());
    match key.filter(|key| !key.trim().is_empty()) {
        // Errors show the key.
        Some(key) => (operation.safety, (!field.sensitive).then(|| key.as_ref().into())),
        None => (Safety::Unsafe, None),
    }
}
