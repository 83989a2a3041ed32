//! The operations a gateway serves, and which of them a request is for.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::contract::{Contract, Operation};
use crate::error::{Refusal, excerpt};
use crate::protocol::request::RawRequest;
use crate::voucher;

#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) operation: Operation,
    /// The operation that has a state. Any other responds with its example.
    pub(crate) voucher: Option<voucher::Operation>,
}

impl Endpoint {
    /// The path's parameters, if the path is this endpoint's.
    fn matches(&self, path: &str) -> Option<Map<String, Value>> {
        let mut parameters = Map::new();
        let mut given = path.split('/');
        for wanted in self.operation.path.split('/') {
            let segment = given.next()?;
            match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(_) if segment.is_empty() => return None,
                Some(name) => {
                    let value = percent_decode_str(segment).decode_utf8().ok()?;
                    parameters.insert(name.to_owned(), value.into_owned().into());
                }
                None if wanted == segment => {}
                None => return None,
            }
        }
        given.next().is_none().then_some(parameters)
    }
}

/// All operations, those with literal segments before those with parameters in their place.
#[derive(Debug)]
pub(crate) struct Catalogue {
    pub(crate) contract: Arc<Contract>,
    endpoints: Vec<Endpoint>,
}

impl Catalogue {
    /// With `examples_only` the operations that have a state respond with their examples as well.
    pub(crate) fn new(contract: Arc<Contract>, examples_only: bool) -> Self {
        let operations = contract.operations.iter().cloned();
        let mut endpoints: Vec<Endpoint> = operations
            .map(|operation| Endpoint {
                voucher: voucher::Operation::find(&operation.method, &operation.path)
                    .filter(|_| !examples_only),
                operation,
            })
            .collect();
        // A literal segment beats a parameter: `/a/list` is not `/a/{id}`.
        endpoints.sort_by_cached_key(|endpoint| {
            let segments = endpoint.operation.path.split('/');
            segments.map(|segment| segment.starts_with('{')).collect::<Vec<_>>()
        });
        Self { contract, endpoints }
    }

    /// Whether an operation is served with its state.
    pub(crate) fn serves(&self, operation: voucher::Operation) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.voucher == Some(operation))
    }

    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The operation of a method and path, and the path's parameters.
    pub(crate) fn find(
        &self,
        request: &RawRequest,
    ) -> Result<(&Endpoint, Map<String, Value>), Refusal> {
        let path = request.path();
        let mut methods = Vec::new();
        for endpoint in &self.endpoints {
            let Some(parameters) = endpoint.matches(path) else { continue };
            let method = endpoint.operation.method.as_str();
            if method == request.method {
                return Ok((endpoint, parameters));
            }
            methods.push(method);
        }
        let (status, message) = if methods.is_empty() {
            (404, format!("no operation has the path {}", excerpt(path)))
        } else {
            (405, format!("this path takes {} only", methods.join(", ")))
        };
        Err(Refusal::new(status, "invalid-method", message))
    }
}
