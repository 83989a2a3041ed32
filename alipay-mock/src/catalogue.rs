//! The operations a gateway serves, and how a request finds its own.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::input::Input;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::RawRequest;
use crate::text;
use crate::voucher::Operation;

#[cfg(feature = "spec")]
use crate::description::Contract;

/// What answers an operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Behaviour {
    /// The voucher service, with its state.
    Voucher(Operation),
    /// The description's example.
    Example,
}

/// One operation.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// `operationId`.
    pub(crate) id: String,
    pub(crate) method: &'static str,
    /// The path template, such as `/v3/alipay/user/{id}`.
    pub(crate) path: String,
    /// A name for people.
    pub(crate) title: String,
    pub(crate) behaviour: Behaviour,
    #[cfg(feature = "spec")]
    pub(crate) contract: Option<Contract>,
}

impl Endpoint {
    /// Checks the parameters against the description.
    #[cfg(feature = "spec")]
    pub(crate) fn check(&self, input: &Input) -> Result<(), Failure> {
        // What the stateful service cannot do without depends on the style of a request: it
        // knows better than the description.
        let required = self.behaviour == Behaviour::Example;
        self.contract.as_ref().map_or(Ok(()), |contract| contract.check(input, required))
    }

    /// Without descriptions only what the state needs is checked.
    #[cfg(not(feature = "spec"))]
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "same face as with `spec`")]
    pub(crate) fn check(&self, _: &Input) -> Result<(), Failure> {
        Ok(())
    }

    /// Whether a request has a body, as far as is known.
    #[cfg(feature = "spec")]
    pub(crate) fn needs_body(&self) -> bool {
        self.contract.as_ref().is_none_or(Contract::needs_body)
    }

    #[cfg(not(feature = "spec"))]
    #[allow(clippy::unused_self, reason = "same face as with `spec`")]
    pub(crate) fn needs_body(&self) -> bool {
        true
    }

    /// Whether a parameter of the query is a list.
    #[cfg(feature = "spec")]
    pub(crate) fn takes_list(&self, name: &str) -> bool {
        self.contract.as_ref().is_some_and(|contract| contract.takes_list(name))
    }

    #[cfg(not(feature = "spec"))]
    #[allow(clippy::unused_self, reason = "same face as with `spec`")]
    pub(crate) fn takes_list(&self, _: &str) -> bool {
        false
    }

    /// The answer of an operation without state.
    #[cfg(feature = "spec")]
    pub(crate) fn example(&self) -> String {
        self.contract.as_ref().map_or_else(|| "{}".to_owned(), Contract::example)
    }

    #[cfg(not(feature = "spec"))]
    #[allow(clippy::unused_self, reason = "same face as with `spec`")]
    pub(crate) fn example(&self) -> String {
        "{}".to_owned()
    }

    /// The path's parameters, if it is this endpoint's.
    fn matches(&self, path: &str) -> Option<Map<String, Value>> {
        let mut parameters = Map::new();
        let mut given = path.split('/');
        for wanted in self.path.split('/') {
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
pub(crate) struct Catalogue(Vec<Endpoint>);

impl Catalogue {
    pub(crate) fn new(mut endpoints: Vec<Endpoint>) -> Self {
        // A literal segment beats a parameter: `/a/list` is not `/a/{id}`.
        endpoints.sort_by_cached_key(|endpoint| {
            let segments = endpoint.path.split('/');
            segments.map(|segment| segment.starts_with('{')).collect::<Vec<_>>()
        });
        Self(endpoints)
    }

    /// The seven voucher operations, without a description.
    #[cfg(not(feature = "spec"))]
    pub(crate) fn vouchers() -> Self {
        let endpoint = |operation: &Operation| Endpoint {
            id: format!("alipay.marketing.activity.voucher.{}", operation.name()),
            method: operation.method(),
            path: operation.path(),
            title: String::new(),
            behaviour: Behaviour::Voucher(*operation),
        };
        Self::new(Operation::ALL.iter().map(endpoint).collect())
    }

    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        &self.0
    }

    /// The operation behind method and path, and the path's parameters.
    pub(crate) fn find(
        &self,
        request: &RawRequest,
    ) -> Result<(&Endpoint, Map<String, Value>), Refusal> {
        let path = request.path();
        let mut methods = Vec::new();
        for endpoint in &self.0 {
            let Some(parameters) = endpoint.matches(path) else { continue };
            if endpoint.method == request.method {
                return Ok((endpoint, parameters));
            }
            methods.push(endpoint.method);
        }
        if methods.is_empty() {
            let message = format!("no operation has the path {}", text::shown(path));
            return Err(Refusal::new(404, "invalid-method", message));
        }
        let message = format!("this path takes {} only", methods.join(", "));
        Err(Refusal::new(405, "invalid-method", message))
    }
}
