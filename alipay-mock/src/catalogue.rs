//! The operations a gateway serves, and which of them a request is for.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::contract::{Contract, Operation};
use crate::error::{Refusal, excerpt};
use crate::protocol::request::RawRequest;
use crate::voucher;

/// Where the response of an operation comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Behaviour {
    /// The voucher service, with its state.
    Voucher(voucher::Operation),
    /// The description's example.
    Example,
}

/// One operation that is served.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) operation: Operation,
    pub(crate) behaviour: Behaviour,
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
    /// The voucher operations have their state; any other responds with its example.
    pub(crate) fn new(contract: Arc<Contract>) -> Self {
        Self::with(contract, |operation| {
            let stateful = voucher::Operation::find(&operation.method, &operation.path);
            stateful.map_or(Behaviour::Example, Behaviour::Voucher)
        })
    }

    /// Every operation responds with its example.
    pub(crate) fn examples_only(contract: Arc<Contract>) -> Self {
        Self::with(contract, |_| Behaviour::Example)
    }

    fn with(contract: Arc<Contract>, behaviour: impl Fn(&Operation) -> Behaviour) -> Self {
        let operations = contract.operations.iter().cloned();
        let mut endpoints: Vec<Endpoint> = operations
            .map(|operation| Endpoint { behaviour: behaviour(&operation), operation })
            .collect();
        // A literal segment beats a parameter: `/a/list` is not `/a/{id}`.
        endpoints.sort_by_cached_key(|endpoint| {
            let segments = endpoint.operation.path.split('/');
            segments.map(|segment| segment.starts_with('{')).collect::<Vec<_>>()
        });
        Self { contract, endpoints }
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
        if methods.is_empty() {
            let message = format!("no operation has the path {}", excerpt(path));
            return Err(Refusal::new(404, "invalid-method", message));
        }
        let message = format!("this path takes {} only", methods.join(", "));
        Err(Refusal::new(405, "invalid-method", message))
    }
}
