//! The certainty that nothing in a description goes unnoticed.
//!
//! Readers of OpenAPI are forgiving: a misspelt key, a key beside a `$ref`, an unknown type simply
//! vanish. Two nets catch what they let through. The ledger (`shapes`) knows every key a description may
//! have and what becomes of it; anything else stops generation. And the [typed model](openapiv3) is
//! written back and compared with the input, so that what it cannot hold is reported.

mod check;
mod model;
pub(crate) mod shapes;
pub(crate) mod walk;

use openapiv3::OpenAPI;
use serde_json::Value;

use self::walk::Findings;
use crate::{
    diag::{Location, Sink},
    load::Raw,
    pointer::Pointer,
};

/// Audits a description as it stands; gives its typed model.
///
/// Everything wrong with it goes to `sink`; `None` means there was an error.
pub fn audit(raw: &Raw, sink: &mut Sink) -> Option<OpenAPI> {
    audit_value(&raw.value, &|pointer| raw.locate(pointer), sink)
}

/// Checks the keys and values of a description against the ledger, without the typed model. Says
/// whether all is well.
pub(crate) fn check_shapes(raw: &Raw, sink: &mut Sink) -> bool {
    let mut findings = Findings { locate: &|pointer| raw.locate(pointer), sink, failed: false };
    check::check(&raw.value, &mut findings);
    !findings.failed
}

/// Audits a value whose positions `locate` knows.
pub(crate) fn audit_value(
    value: &Value,
    locate: &dyn Fn(&Pointer) -> Location,
    sink: &mut Sink,
) -> Option<OpenAPI> {
    let mut findings = Findings { locate, sink, failed: false };
    check::check(value, &mut findings);
    if findings.failed {
        return None;
    }
    let model = model::read(value, &mut findings)?;
    model::compare(value, &model, &mut findings);
    (!findings.failed).then_some(model)
}
