//! The operations a gateway serves, and which of them a request is for.

use std::collections::{BTreeSet, HashSet};
use std::iter;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

use crate::contract::{self, Contract, ContractError, Operation};
use crate::error::{Refusal, excerpt};
use crate::template::Template;
use crate::{trade, voucher};

/// The longest path for which a similar one is looked for.
const LONGEST_PATH: usize = 200;

#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) operation: Operation,
    template: Template,
    /// The operation that has a state: of vouchers, or of orders. Any other responds with its example.
    pub(crate) voucher: Option<voucher::Operation>,
    pub(crate) trade: Option<trade::Operation>,
}

impl Endpoint {
    pub(crate) fn keeps_state(&self) -> bool {
        self.voucher.is_some() || self.trade.is_some()
    }

    /// Whether its id, path or title has each of these words, which are in small letters.
    pub(crate) fn is_about(&self, words: &str) -> bool {
        let Operation { id, path, title, .. } = &self.operation;
        let names = [id, path, title].map(|name| name.to_lowercase());
        words.split_whitespace().all(|word| names.iter().any(|name| name.contains(word)))
    }

    /// The parameters of a path, decoded, if it is one of the operation.
    pub(crate) fn values(&self, path: &str) -> Option<Map<String, Value>> {
        self.template.parameters(path)
    }
}

/// The operations of a contract, those with the more concrete path first.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) contract: Contract,
    pub(crate) endpoints: Vec<Endpoint>,
    /// The names of fields that hold personal data.
    personal: BTreeSet<String>,
}

impl Served {
    /// With `examples_only` the operations that have a state respond with their examples as well.
    fn new(contract: Contract, examples_only: bool) -> Self {
        let operations = contract.operations.iter().cloned();
        let mut endpoints: Vec<Endpoint> = operations
            .map(|operation| Endpoint {
                voucher: voucher::Operation::find(&operation.method, &operation.path)
                    .filter(|_| !examples_only),
                trade: trade::Operation::find(&operation.method, &operation.path)
                    .filter(|_| !examples_only),
                template: Template::new(&operation.path),
                operation,
            })
            .collect();
        // `/a/list` is not `/a/{id}`.
        endpoints.sort_by_cached_key(|endpoint| endpoint.template.rank());
        let fields = contract.structs.values().flatten().filter(|field| field.sensitive);
        let personal = fields.map(|field| field.name.clone()).collect();
        Self { contract, endpoints, personal }
    }
}

/// The operation that a request is for.
pub(crate) struct Found<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) contract: &'a Contract,
    /// The parameters in the path.
    pub(crate) path: Map<String, Value>,
}

/// All operations.
#[derive(Debug)]
pub(crate) struct Catalogue {
    /// What was asked for, or what the client crates have.
    first: Served,
    examples_only: bool,
    /// Alipay's operations that no client crate has, if they are served.
    others: Option<&'static Others>,
}

/// Alipay's operations that no client crate has, once one of them was called.
type Others = OnceLock<Result<Served, ContractError>>;

/// They are read once. To read them takes longer than to start a gateway, and most tests need none.
static OTHERS: Others = OnceLock::new();
/// The same for gateways that keep no state.
static OTHERS_AS_EXAMPLES: Others = OnceLock::new();

/// All of Alipay's operations, or why they cannot be read, once a gateway has asked for them.
type All = OnceLock<Result<Arc<Catalogue>, ContractError>>;

impl Catalogue {
    /// The operations of a contract; without one, all of Alipay's. These are read once, for all gateways.
    pub(crate) fn shared(
        contract: Option<&str>,
        examples_only: bool,
    ) -> Result<Arc<Self>, ContractError> {
        static ALL: All = OnceLock::new();
        static ALL_AS_EXAMPLES: All = OnceLock::new();
        let read = || Self::new(contract, examples_only).map(Arc::new);
        if contract.is_some() {
            return read();
        }
        let all = if examples_only { &ALL_AS_EXAMPLES } else { &ALL };
        all.get_or_init(read).clone()
    }

    fn new(contract: Option<&str>, examples_only: bool) -> Result<Self, ContractError> {
        let first = match contract {
            Some(contract) => Contract::parse(contract)?,
            None => Contract::parse_all(&contract::CURATED)?,
        };
        let others = if examples_only { &OTHERS_AS_EXAMPLES } else { &OTHERS };
        let others = contract.is_none().then_some(others);
        Ok(Self { first: Served::new(first, examples_only), examples_only, others })
    }

    /// What of the contract that was asked for cannot be kept to.
    pub(crate) fn notes(&self) -> Vec<String> {
        // The embedded ones are tested.
        if self.others.is_some() {
            return Vec::new();
        }
        let contract = self.contract();
        let mut notes = contract.unchecked_patterns();
        for operation in &contract.operations {
            let mut lost = contract::unmade(contract, &operation.response);
            lost.sort_unstable();
            lost.dedup();
            notes.extend(lost.iter().map(|field| {
                let id = &operation.id;
                format!("`{id}`: the response lacks `{field}`, since no value is found that fits its limits")
            }));
        }
        notes
    }

    /// The contract that was asked for, or that of the client crates.
    pub(crate) fn contract(&self) -> &Contract {
        &self.first.contract
    }

    /// Whether an operation is served with its state.
    pub(crate) fn serves(&self, operation: voucher::Operation) -> bool {
        self.first.endpoints.iter().any(|endpoint| endpoint.voucher == Some(operation))
    }

    /// The operations that were asked for, or that the client crates have.
    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        &self.first.endpoints
    }

    /// Alipay's operations that no client crate has, if they are served.
    pub(crate) fn others(&self) -> Result<&'static [Endpoint], ContractError> {
        Ok(self.read_others()?.map_or(&[], |others| &others.endpoints))
    }

    fn read_others(&self) -> Result<Option<&'static Served>, ContractError> {
        let Some(others) = self.others else { return Ok(None) };
        let others = others.get_or_init(|| {
            let mut contract = Contract::parse(contract::ALL)?;
            // Where others are served, these are the operations of the client crates.
            let curated: HashSet<_> =
                self.contract().operations.iter().map(|operation| &operation.id).collect();
            contract.operations.retain(|operation| !curated.contains(&operation.id));
            Ok(Served::new(contract, self.examples_only))
        });
        others.as_ref().map(Some).map_err(Clone::clone)
    }

    /// Whether a field of this name holds personal data, in an operation that may have been called.
    pub(crate) fn is_personal(&self, name: &str) -> bool {
        let others = self.others.and_then(|others| others.get()?.as_ref().ok());
        iter::once(&self.first).chain(others).any(|served| served.personal.contains(name))
    }

    /// All operations, each with its contract. Those of no client crate are among them once they were read.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Endpoint, &Contract)> {
        let others = self.others.and_then(|others| others.get()?.as_ref().ok());
        iter::once(&self.first)
            .chain(others)
            .flat_map(|served| served.endpoints.iter().map(|endpoint| (endpoint, &served.contract)))
    }

    /// The operation with this id, and its contract.
    pub(crate) fn named(&self, id: &str) -> Result<Option<(&Endpoint, &Contract)>, ContractError> {
        self.read_others()?;
        Ok(self.all().find(|(endpoint, _)| endpoint.operation.id == id))
    }

    /// The operation of a method and path, if there is one.
    pub(crate) fn endpoint(&self, method: &str, path: &str) -> Option<&Endpoint> {
        let served = iter::once(&self.first).chain(self.read_others().ok().flatten());
        let mut found = served.filter_map(|served| find(served, method, path, &mut Vec::new()));
        found.next().map(|found| found.endpoint)
    }

    /// The operation of a method and path.
    pub(crate) fn find(&self, method: &str, path: &str) -> Result<Found<'_>, Refusal> {
        let mut methods = Vec::new();
        if let Some(found) = find(&self.first, method, path, &mut methods) {
            return Ok(found);
        }
        let others = self
            .read_others()
            .map_err(|error| Refusal::internal("Alipay's other operations", error))?;
        if let Some(found) = others.and_then(|others| find(others, method, path, &mut methods)) {
            return Ok(found);
        }
        let (status, message) = if methods.is_empty() {
            let endpoints = iter::once(&self.first).chain(others);
            let near = nearest(endpoints.flat_map(|served| &served.endpoints), path);
            let near = near.map_or_else(String::new, |Endpoint { operation, .. }| {
                format!("; did you mean {} {}?", operation.method, operation.path)
            });
            (404, format!("no operation has the path {}{near}", excerpt(path)))
        } else {
            (405, format!("this path takes {} only", methods.join(", ")))
        };
        Err(Refusal::new(status, "invalid-method", message))
    }
}

/// The operation of a request; if it has another method, that is added to `methods`.
fn find<'a>(
    served: &'a Served,
    method: &str,
    path: &str,
    methods: &mut Vec<&'a str>,
) -> Option<Found<'a>> {
    for endpoint in &served.endpoints {
        let Some(path) = endpoint.template.parameters(path) else { continue };
        let taken = endpoint.operation.method.as_str();
        if taken == method {
            return Some(Found { endpoint, contract: &served.contract, path });
        }
        methods.push(taken);
    }
    None
}

/// The operation whose path is nearest, if one is near. A path may also be an operation's id, have no `/v3`,
/// capitals, or a slash at its end.
fn nearest<'a>(endpoints: impl Iterator<Item = &'a Endpoint>, path: &str) -> Option<&'a Endpoint> {
    if path.len() > LONGEST_PATH {
        return None;
    }
    let path = path.to_ascii_lowercase();
    let path = path.trim_matches('/');
    let path = path.strip_prefix("v3/").unwrap_or(path);
    let path: Vec<&str> = ["", "v3"].into_iter().chain(path.split(['/', '.'])).collect();
    let id = path.get(2..).unwrap_or_default().join(".");
    let near = endpoints.filter_map(|endpoint| {
        let is_meant = endpoint.operation.id == id;
        Some((if is_meant { 0 } else { endpoint.template.slips(&path)? }, endpoint))
    });
    near.min_by_key(|(slips, _)| *slips).map(|(_, endpoint)| endpoint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_operations_are_read_when_one_is_called() {
        static OTHERS: Others = OnceLock::new();
        let mut catalogue = Catalogue::new(None, false).unwrap();
        catalogue.others = Some(&OTHERS);
        let id = |method: &str, path: &str| {
            catalogue.find(method, path).unwrap().endpoint.operation.id.clone()
        };
        let voucher = id("POST", "/v3/alipay/marketing/activity/voucher/create");
        assert_eq!(voucher, "alipay.marketing.activity.voucher.create");
        assert!(!catalogue.is_personal("buyer_id") && OTHERS.get().is_none());
        assert_eq!(id("POST", "/v3/alipay/trade/query"), "alipay.trade.query");
        assert!(catalogue.is_personal("buyer_id") && OTHERS.get().is_some());
    }
}
