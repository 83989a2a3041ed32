//! `out_biz_no`: a repeated request gets the response of the first one.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

use super::config::Object;
use super::operation::Operation;
use crate::error::{Refusal, invalid_at};

/// The responses of operations that succeeded. A business error is not remembered, so the same key
/// may be tried again once its cause is gone. Both are inferred.
///
/// Documented: a number is unique among all requests of the caller. What Alipay does with one that another
/// operation has used is not published; it is refused here, since a program cannot rely on anything else.
#[derive(Debug)]
pub(crate) struct Remembered {
    /// Whether each operation has numbers of its own.
    per_operation: bool,
    responses: HashMap<Number, Kept>,
    by_age: VecDeque<Number>,
}

/// A number, with its operation where each has numbers of its own.
type Number = (Option<Operation>, String);

#[derive(Debug)]
struct Kept {
    operation: Operation,
    parameters: Vec<u8>,
    response: String,
}

/// The field that has the number.
pub(crate) const KEY: &str = "out_biz_no";

/// How many responses are remembered. The oldest are dropped first.
const CAPACITY: usize = 100_000;

impl Remembered {
    pub(crate) fn new(per_operation: bool) -> Self {
        Self { per_operation, responses: HashMap::new(), by_age: VecDeque::new() }
    }

    fn number(&self, operation: Operation, key: &str) -> Number {
        (self.per_operation.then_some(operation), key.to_owned())
    }

    /// The earlier response for this key, if its request had the same parameters.
    pub(crate) fn find(
        &self,
        operation: Operation,
        key: &str,
        request: &Object,
    ) -> Result<Option<String>, Refusal> {
        match self.responses.get(&self.number(operation, key)) {
            None => Ok(None),
            Some(kept) if kept.operation != operation => invalid_at(
                KEY,
                format!(
                    "`out_biz_no` was used before by {}; take a new number, since each is unique among all \
                     requests of the caller (that Alipay refuses it is inferred)",
                    kept.operation.name(),
                ),
            ),
            Some(kept) if kept.parameters == digest(request) => Ok(Some(kept.response.clone())),
            Some(_) => invalid_at(
                KEY,
                "`out_biz_no` was used before with other parameters; repeat a request unchanged, \
                 or take a new number for a new one",
            ),
        }
    }

    pub(crate) fn keep(
        &mut self,
        operation: Operation,
        key: &str,
        request: &Object,
        response: &str,
    ) {
        if self.responses.len() >= CAPACITY
            && let Some(oldest) = self.by_age.pop_front()
        {
            self.responses.remove(&oldest);
        }
        let number = self.number(operation, key);
        let kept = Kept { operation, parameters: digest(request), response: response.to_owned() };
        if self.responses.insert(number.clone(), kept).is_none() {
            self.by_age.push_back(number);
        }
    }
}

/// Equal for equal parameters, whatever their order and white space.
fn digest(request: &Object) -> Vec<u8> {
    let mut request = Value::Object(request.clone());
    request.sort_all_objects();
    let text = request.to_string();
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()).as_ref().to_vec()
}
