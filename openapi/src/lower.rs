//! OpenAPI to [IR](crate::ir): the one place that knows OpenAPI's ways.
//!
//! It is closed-world: what the IR cannot say is a diagnostic with a position, never a guess. What
//! comes out has no references left: tags are reached, error responses collapsed to code sets,
//! parameters and body merged into one request, cycles boxed.

mod annotations;
mod bodies;
mod context;
mod enums;
mod formats;
mod keys;
mod messages;
mod objects;
mod operations;
mod parameters;
mod responses;
mod said;
mod schemas;
mod settle;
mod shape;

use crate::{
    diag::{Sink, Strictness},
    ir::Api,
    overlay::Document,
};

/// Lowers the operations of `tags` (of all tags when empty) and everything they reach.
///
/// `None` means that there was an error; where what does not fit is left out, there is always a result.
pub fn lower(
    document: &Document,
    tags: &[String],
    strictness: Strictness,
    sink: &mut Sink,
) -> Option<Api> {
    let mut own = Sink::new();
    let webhooks = messages::read(document);
    let mut lowering = context::Lowering::new(document, &mut own);
    let groups = lowering.groups(tags);
    let messages = lowering.messages(&webhooks);
    let common_codes = lowering.common_codes.take();
    let (structs, enums) = lowering.finish();
    let mut api = Api {
        title: document.model.info.title.clone(),
        version: document.model.info.version.clone(),
        groups,
        structs,
        enums,
        common_codes,
        messages,
        left_out: Vec::new(),
    };
    crate::personal::mark(&mut api, document);
    sink.end_stage(own, strictness).then_some(api)
}
