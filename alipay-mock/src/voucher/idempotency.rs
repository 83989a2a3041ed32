//! `out_biz_no`: the same request again gives the first answer again.

use std::collections::{HashMap, VecDeque};

use serde_json::Value;

use super::config::Object;
use super::operation::Operation;
use crate::error::Failure;

/// The answers of operations that went well. A business failure is not remembered, so the same
/// key may be tried again once its cause is gone; neither is published, both are inferred.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    answers: HashMap<(Operation, String), (Vec<u8>, String)>,
    by_age: VecDeque<(Operation, String)>,
}

/// How many answers are remembered; the oldest go first.
const CAPACITY: usize = 100_000;

impl Remembered {
    /// The earlier answer for this key, if its request had the same parameters.
    pub(crate) fn find(
        &self,
        operation: Operation,
        key: &str,
        request: &Object,
    ) -> Result<Option<String>, Failure> {
        match self.answers.get(&(operation, key.to_owned())) {
            None => Ok(None),
            Some((parameters, answer)) if *parameters == digest(request) => {
                Ok(Some(answer.clone()))
            }
            Some(_) => Err(Failure::invalid(
                "`out_biz_no` was used before with other parameters; repeat a request unchanged, \
                 or take a new number for a new one",
            )),
        }
    }

    pub(crate) fn keep(&mut self, operation: Operation, key: &str, request: &Object, answer: &str) {
        if self.answers.len() >= CAPACITY
            && let Some(oldest) = self.by_age.pop_front()
        {
            self.answers.remove(&oldest);
        }
        let value = (digest(request), answer.to_owned());
        if self.answers.insert((operation, key.to_owned()), value).is_none() {
            self.by_age.push_back((operation, key.to_owned()));
        }
    }
}

/// Equal for equal parameters, in whatever order and with whatever blanks they were written.
fn digest(request: &Object) -> Vec<u8> {
    let mut request = Value::Object(request.clone());
    request.sort_all_objects();
    let text = request.to_string();
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()).as_ref().to_vec()
}
