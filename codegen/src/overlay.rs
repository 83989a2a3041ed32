//! What people know beyond Alipay's description, laid over it.
//!
//! An overlay is an OpenAPI Overlay 1.0 document: actions with a JSONPath target and an update that is
//! merged into every value the target selects. Here every action must apply, must say how sure it is
//! and where that comes from, and may not silently undo another. So a rename upstream, a slip of the
//! pen or a correction that has become needless is noticed the next time code is generated.

mod action;
mod merge;
mod references;
mod target;
mod trace;

pub use self::trace::Trace;
use crate::{
    audit,
    diag::Sink,
    document::Document,
    load::{Raw, Source, parse},
};

/// Audits the base, lays the overlay over it and audits the outcome.
///
/// Everything wrong goes to `sink`, positioned in the file that says it; `None` means there was an
/// error.
pub fn apply(base: Raw, overlay: Option<&Source>, sink: &mut Sink) -> Option<Document> {
    let Some(overlay) = overlay else {
        let model = audit::audit(&base, sink)?;
        return Some(Document::new(base.value, model, Trace::of_base(base.spans)));
    };
    // Both files are looked at before the first error ends the run. The typed model is made of the
    // outcome, in which every value of the base that matters still stands.
    let good = audit::check_shapes(&base, sink);
    let overlay = parse(overlay, sink)?;
    let actions = action::read(&overlay, sink)?;
    if !good {
        return None;
    }
    let Raw { mut value, spans } = base;
    let evidence = actions.iter().map(|action| action.evidence.clone()).collect();
    let mut trace = Trace::of_overlay(spans, overlay.spans, evidence);
    let touched = merge::apply(&mut value, &overlay.value, &actions, &mut trace, sink)?;
    references::annotate(&mut value, &touched, &mut trace);
    let model = audit::audit_value(&value, &|pointer| Some(trace.locate(pointer)), sink)?;
    Some(Document::new(value, model, trace))
}
