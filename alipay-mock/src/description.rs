//! What is known of Alipay's operations, for programs that show or check requests.
//!
//! ```
//! use alipay_mock::description::{Operations, Request};
//!
//! # fn main() -> Result<(), alipay_mock::ContractError> {
//! let operations = Operations::of_alipay()?;
//! let query = operations.find("alipay.trade.query").unwrap();
//! assert_eq!((query.method(), query.path()), ("POST", "/v3/alipay/trade/query"));
//! assert!(operations.search("voucher 支付券").len() > 1);
//!
//! // All that is wrong in a request, without sending it: what the gateway would say.
//! let request = Request::new().body(r#"{"out_trade_no": 1}"#);
//! let findings = query.check(&request);
//! assert_eq!((findings[0].place, findings[0].pointer.as_str()), ("body", "/out_trade_no"));
//! # Ok(()) }
//! ```

mod field;
mod request;

pub use field::{Field, Required};
pub use request::{Example, Finding, Request};

use std::sync::Arc;

use crate::catalogue::{Catalogue, Endpoint};
use crate::contract::{self, Contract, ContractError};
use crate::redaction;
use crate::voucher;

/// All of Alipay's operations.
#[derive(Debug)]
pub struct Operations(Arc<Catalogue>);

impl Operations {
    /// Reads what the gateway knows of them.
    ///
    /// # Errors
    ///
    /// None that is known of: what is read is part of this crate.
    pub fn of_alipay() -> Result<Self, ContractError> {
        let catalogue = Catalogue::shared(None, true)?;
        // They are read here, so that nothing fails later.
        catalogue.others()?;
        Ok(Self(catalogue))
    }

    /// All operations, sorted by their ids.
    #[must_use]
    pub fn all(&self) -> Vec<Operation<'_>> {
        self.search("")
    }

    /// The operation with this id, or with this method and path: `POST /v3/alipay/trade/query`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Operation<'_>> {
        match name.trim().split_once(char::is_whitespace) {
            None => {
                let (endpoint, contract) = self.0.named(name.trim()).ok()??;
                Some(Operation::new(endpoint, contract))
            }
            Some((method, path)) => {
                let found = self.0.find(&method.to_ascii_uppercase(), path.trim()).ok()?;
                Some(Operation::new(found.endpoint, found.contract))
            }
        }
    }

    /// The operations that have all of these words in their id, path or title, in capitals or not, sorted by their
    /// ids.
    #[must_use]
    pub fn search(&self, words: &str) -> Vec<Operation<'_>> {
        let words = words.to_lowercase();
        let mut found: Vec<_> = self
            .0
            .all()
            .filter(|(endpoint, _)| endpoint.is_about(&words))
            .map(|(endpoint, contract)| Operation::new(endpoint, contract))
            .collect();
        found.sort_by_key(Operation::id);
        found
    }

    /// The messages that are described: those of the client crates.
    #[must_use]
    pub fn messages(&self) -> Vec<Message<'_>> {
        let contract = self.0.contract();
        contract.messages.iter().map(|message| Message { message, contract }).collect()
    }

    /// Whether a field of this name holds personal data or a secret, in any operation or message.
    #[must_use]
    pub fn is_personal(&self, name: &str) -> bool {
        redaction::is_personal(&self.0, name)
    }
}

/// One of Alipay's operations.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    endpoint: &'a Endpoint,
    contract: &'a Contract,
}

impl<'a> Operation<'a> {
    pub(crate) fn new(endpoint: &'a Endpoint, contract: &'a Contract) -> Self {
        Self { endpoint, contract }
    }

    /// Its id, such as `alipay.trade.query`.
    #[must_use]
    pub fn id(&self) -> &'a str {
        &self.endpoint.operation.id
    }

    /// Its HTTP method, in capitals.
    #[must_use]
    pub fn method(&self) -> &'a str {
        &self.endpoint.operation.method
    }

    /// The template of its path, such as `/v3/alipay/user/{id}`.
    #[must_use]
    pub fn path(&self) -> &'a str {
        &self.endpoint.operation.path
    }

    /// Alipay's short name of it, mostly Chinese; empty if it has none.
    #[must_use]
    pub fn title(&self) -> &'a str {
        &self.endpoint.operation.title
    }

    /// The error codes that are known of it.
    #[must_use]
    pub fn codes(&self) -> &'a [String] {
        &self.endpoint.operation.codes
    }

    /// Whether its requests have a JSON body, or of an upload the part `data`.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.contract.has_body(&self.endpoint.operation)
    }

    /// The values in a path that is one of this operation, such as `/v3/alipay/user/2088`.
    #[must_use]
    pub fn values_of(&self, path: &str) -> Option<Vec<(String, String)>> {
        let values = self.endpoint.values(path)?.into_iter();
        Some(values.filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect())
    }

    /// The fields of a request and of what is in them, each followed by those within it.
    #[must_use]
    pub fn request_fields(&self) -> Vec<Field<'a>> {
        field::fields(self.contract, &self.endpoint.operation.request)
    }

    /// The fields of the response to a request that succeeds, in the same order.
    #[must_use]
    pub fn response_fields(&self) -> Vec<Field<'a>> {
        field::fields(self.contract, &self.endpoint.operation.response)
    }

    /// A request with every field that is not deprecated. It passes [`check`](Self::check); fields that exclude each
    /// other are both in it.
    #[must_use]
    pub fn example(&self) -> Example {
        request::example(self.contract, &self.endpoint.operation)
    }

    /// A response with every field.
    #[must_use]
    pub fn response_example(&self) -> serde_json::Map<String, serde_json::Value> {
        contract::example(self.contract, &self.endpoint.operation.response)
    }

    /// All that is wrong in a request, by the description: the checks are those of the gateway. Where requests
    /// come in two styles, one that has fields of the older may lack those that the newer requires.
    #[must_use]
    pub fn check(&self, request: &Request) -> Vec<Finding> {
        let operation = &self.endpoint.operation;
        let voucher = voucher::Operation::find(&operation.method, &operation.path);
        let has_styles = voucher.is_some_and(voucher::Operation::has_styles);
        request::check(self.contract, operation, has_styles, request)
    }
}

/// A message that Alipay posts to an app.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    message: &'a contract::Message,
    contract: &'a Contract,
}

impl<'a> Message<'a> {
    /// Its name (`msg_method`).
    #[must_use]
    pub fn name(&self) -> &'a str {
        &self.message.name
    }

    /// Alipay's short name of it; empty if it has none.
    #[must_use]
    pub fn title(&self) -> &'a str {
        &self.message.title
    }

    /// The fields of its content and of what is in them, each followed by those within it.
    #[must_use]
    pub fn fields(&self) -> Vec<Field<'a>> {
        field::fields(self.contract, &self.message.content)
    }
}
