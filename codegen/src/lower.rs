//! OpenAPI to [IR](crate::ir): the one place that knows OpenAPI's ways.
//!
//! It is closed-world: what the IR cannot say is a diagnostic with a position, never a guess. What
//! comes out has no references left: tags are reached, error responses collapsed to code sets,
//! parameters and body merged into one request, cycles boxed.

mod annotations;
mod bodies;
mod context;
mod cycles;
mod enums;
mod errors;
mod messages;
mod objects;
mod operations;
mod parameters;
mod personal;
mod schemas;

use crate::{
    diag::{Diagnostic, Sink},
    document::Document,
    ir::Api,
    pointer::Pointer,
};

/// Lowers the operations of `tags` (of all tags when empty) and everything they reach.
///
/// Returns `None` after an error.
pub fn lower(document: &Document, tags: &[String], sink: &mut Sink) -> Option<Api> {
    let mut own = Sink::new();
    let api = lower_what_can_be(document, tags, &mut own);
    let failed = own.has_errors();
    sink.append(own);
    (!failed).then_some(api)
}

/// The same, but what cannot be said is left out, so that the rest can be looked at.
pub fn lower_what_can_be(document: &Document, tags: &[String], sink: &mut Sink) -> Api {
    let webhooks = messages::read(document, sink);
    let mut lowering = context::Lowering::new(document, sink);
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
    };
    personal::mark(&mut api, document);
    api
}

/// Notes that an extension does not hold what it should.
fn report(document: &Document, sink: &mut Sink, pointer: &Pointer, message: String) {
    let finding = Diagnostic::error("malformed-extension", message);
    sink.push(finding.at(document.locate(pointer)).pointer(pointer));
}
