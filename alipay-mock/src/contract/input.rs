//! The parameters of a request, read but not yet checked.

use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::formats::is_encoded;
use super::json;
use super::types::{Contract, ListStyle, Operation, Place};
use crate::error::{Refusal, excerpt, invalid};
use crate::protocol::request::RawRequest;
use crate::protocol::upload::FilePart;
use crate::protocol::verify::Accepted;

/// The parameters of a request, by their place.
#[derive(Debug, Default)]
pub(crate) struct Input {
    /// From the path, as strings.
    pub(crate) path: Map<String, Value>,
    /// From the query, as strings and as arrays of strings.
    pub(crate) query: Map<String, Value>,
    pub(crate) headers: HeaderMap,
    /// The JSON body, or the part `data` of a multipart one.
    pub(crate) body: Map<String, Value>,
    pub(crate) files: Vec<FilePart>,
}

impl Input {
    /// Reads the query, and the body unless there is none and none is needed.
    pub(crate) fn read(
        contract: &Contract,
        operation: &Operation,
        request: &RawRequest,
        accepted: &Accepted,
        path: Map<String, Value>,
    ) -> Result<Self, Refusal> {
        let list_style = |name: &str| contract.list_style(operation, name);
        let query = query_parameters(request.query().unwrap_or_default(), list_style)?;
        let headers = request.headers.clone();
        let bodiless =
            !contract.has_body(operation) || matches!(request.method.as_str(), "GET" | "DELETE");
        let body = if (bodiless || !accepted.files.is_empty()) && accepted.plain.is_empty() {
            Map::new()
        } else {
            json_object(&accepted.plain)?
        };
        Ok(Self { path, query, headers, body, files: accepted.files.clone() })
    }

    /// What a request is made of. Its body may be missing.
    pub(crate) fn of_parts(
        contract: &Contract,
        operation: &Operation,
        path: Map<String, Value>,
        query: &str,
        body: Option<&[u8]>,
        files: Vec<FilePart>,
    ) -> Result<Self, Refusal> {
        let query = query_parameters(query, |name| contract.list_style(operation, name))?;
        let body = body.map(json_object).transpose()?.unwrap_or_default();
        Ok(Self { path, query, headers: HeaderMap::new(), body, files })
    }

    /// All parameters together; a body field wins over a query parameter of the same name.
    pub(crate) fn merged(self) -> Map<String, Value> {
        let mut all = self.path;
        all.extend(self.query);
        all.extend(self.body);
        all
    }
}

fn json_object(text: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let illegal = |message: String| Refusal::bad_request("illegal-json", message);
    match json::read(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(illegal("the body is JSON, but not an object".to_owned())),
        Err(_) if text.is_empty() => Err(illegal("the body is empty".to_owned())),
        Err(_) if text.starts_with(b"\xef\xbb\xbf") => {
            Err(illegal("the body begins with a byte order mark; send it without".to_owned()))
        }
        Err(_) if std::str::from_utf8(text).is_err() && !encoding_rs::GBK.decode(text).2 => {
            Err(illegal("the body is not UTF-8, but GBK; send it in UTF-8".to_owned()))
        }
        // The reader's message says what is wrong and where; it does not quote the body.
        Err(e) => Err(illegal(format!("the body is not JSON: {e}"))),
    }
}

fn query_parameters(
    query: &str,
    list_style: impl Fn(&str) -> Option<ListStyle>,
) -> Result<Map<String, Value>, Refusal> {
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name)?;
        let shown = excerpt(&name);
        if let Some(style) = list_style(&name) {
            let list = parameters.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(list) = list {
                for item in split(value, style) {
                    list.push(decoded(&item).map_err(|refusal| in_query(refusal, &shown))?.into());
                }
            }
            continue;
        }
        let value = decoded(value).map_err(|refusal| in_query(refusal, &shown))?;
        if parameters.insert(name, value.into()).is_some() {
            let refusal = Refusal::invalid(format!("`{shown}` is given twice"));
            return Err(in_query(refusal, &shown));
        }
    }
    Ok(parameters)
}

/// The refusal, because of a parameter of the query.
fn in_query(refusal: Refusal, name: &str) -> Refusal {
    refusal.at(name).located(|_| Place::Query.as_str())
}

/// The items of a list as they were sent.
fn split(sent: &str, style: ListStyle) -> Vec<String> {
    let split = |sent: &str, separator: char| sent.split(separator).map(str::to_owned).collect();
    match style {
        ListStyle::Repeated => vec![sent.to_owned()],
        ListStyle::Commas => split(sent, ','),
        ListStyle::Spaces => split(&sent.replace("%20", "+"), '+'),
        ListStyle::Pipes => split(&sent.replace("%7C", "|").replace("%7c", "|"), '|'),
    }
}

fn decoded(text: &str) -> Result<String, Refusal> {
    if !is_encoded(text) {
        return invalid("the query has a % that is not followed by two hexadecimal digits");
    }
    let spaced = text.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => invalid("the query is not UTF-8"),
    }
}
