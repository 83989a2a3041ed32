//! What is known of Alipay's operations, for programs that show or check requests.
//!
//! ```
//! use alipay_mock::description::Operations;
//!
//! # fn main() -> Result<(), alipay_mock::ContractError> {
//! let operations = Operations::of_alipay()?;
//! let query = operations.find("alipay.trade.query").unwrap();
//! assert_eq!((query.method(), query.path()), ("POST", "/v3/alipay/trade/query"));
//! assert!(operations.search("voucher 支付券").len() > 1);
//! # Ok(()) }
//! ```

use crate::catalogue::{Catalogue, Endpoint};
use crate::contract::{Contract, ContractError};

/// All of Alipay's operations.
#[derive(Debug)]
pub struct Operations(Catalogue);

impl Operations {
    /// Reads what the gateway knows of them.
    ///
    /// # Errors
    ///
    /// None that is known of: what is read is part of this crate.
    pub fn of_alipay() -> Result<Self, ContractError> {
        let catalogue = Catalogue::new(None, true)?;
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
                Some(Operation { endpoint, contract })
            }
            Some((method, path)) => {
                let found = self.0.find(&method.to_ascii_uppercase(), path.trim()).ok()?;
                Some(Operation { endpoint: found.endpoint, contract: found.contract })
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
            .map(|(endpoint, contract)| Operation { endpoint, contract })
            .collect();
        found.sort_by_key(Operation::id);
        found
    }
}

/// One of Alipay's operations.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    endpoint: &'a Endpoint,
    #[expect(dead_code, reason = "the fields come with `describe`")]
    contract: &'a Contract,
}

impl<'a> Operation<'a> {
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
}
