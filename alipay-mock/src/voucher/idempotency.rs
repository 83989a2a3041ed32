//! `out_biz_no`: a repeated request gets the response of the first one.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

use super::config::Object;
use super::operation::Operation;
use crate::error::{Refusal, invalid};

/// The responses of operations that succeeded. A business error is not remembered, so the same key
/// may be tried again once its cause is gone. Both are inferred.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    responses: HashMap<(Operation, String), (Vec<u8>, String)>,
    by_age: VecDeque<(Operation, String)>,
}

/// How many responses are remembered. The oldest are dropped first.
const CAPACITY: usize = 100_000;

impl Remembered {
    /// The earlier response for this key, if its request had the same parameters.
    pub(crate) fn find(
        &self,
        operation: Operation,
        key: &str,
        request: &Object,
    ) -> Result<Option<String>, Refusal> {
        match self.responses.get(&(operation, key.to_owned())) {
            None => Ok(None),
            Some((parameters, response)) if *parameters == digest(request) => {
                Ok(Some(response.clone()))
            }
            Some(_) => invalid(
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
        let value = (digest(request), response.to_owned());
        if self.responses.insert((operation, key.to_owned()), value).is_none() {
            self.by_age.push_back((operation, key.to_owned()));
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
