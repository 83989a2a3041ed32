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

use openapiv3::OpenAPI;
use serde_json::Value;

pub use self::trace::Evidence;
use self::trace::Trace;
use crate::{
    audit,
    diag::{Diagnostic, Location, Sink, Strictness, describe, quote},
    load::{Raw, Source, parse},
    pointer::Pointer,
    texts,
};

/// A description that is ready to be lowered.
#[derive(Debug)]
pub struct Document {
    /// Every value, as it stands after the overlay.
    pub value: Value,
    /// The same, typed.
    pub model: OpenAPI,
    trace: Trace,
}

impl Document {
    /// The place of the value at `pointer`: in the overlay if an action set it, else in the base. When
    /// the value itself has none, that of the nearest value above it.
    #[must_use]
    pub fn locate(&self, pointer: &Pointer) -> Location {
        self.trace.locate(pointer)
    }

    /// Where the overlay says something of the value at `pointer` or of what is in it.
    #[must_use]
    pub fn refinement(&self, pointer: &Pointer) -> Option<Location> {
        self.trace.refinement(pointer)
    }

    /// The evidence of the overlay action that set the value at `pointer`, or that set a value above
    /// it as a whole; `None` when it comes from the base.
    #[must_use]
    pub fn evidence(&self, pointer: &Pointer) -> Option<&Evidence> {
        self.trace.evidence(pointer)
    }
}

/// Audits the base, lays the overlay over it and audits the result.
///
/// Everything wrong goes to `sink`, positioned in the file that says it. `None` means that there was an
/// error or, where what does not fit is left out, that nothing is left to look at.
pub fn apply(
    mut base: Raw,
    overlay: Option<&Source>,
    strictness: Strictness,
    sink: &mut Sink,
) -> Option<Document> {
    texts::discard(&mut base.value);
    let mut own = Sink::new();
    let document = lay_over(base, overlay, strictness, &mut own);
    let good = sink.end_stage(own, strictness);
    document.filter(|_| good)
}

fn lay_over(
    base: Raw,
    overlay: Option<&Source>,
    strictness: Strictness,
    sink: &mut Sink,
) -> Option<Document> {
    let Some(overlay) = overlay else {
        let model = audit::audit(&base, sink)?;
        return Some(Document { value: base.value, model, trace: Trace::of_base(base.spans) });
    };
    // Both files are looked at before the first error ends the run. The typed model is made of the
    // outcome, in which every value of the base that matters still stands.
    let good = audit::check_shapes(&base, sink);
    let overlay = parse(overlay, sink)?;
    check_extends(&overlay, base.spans.source(), sink);
    let actions = action::read(&overlay, sink)?;
    let Raw { mut value, spans } = base;
    let evidence = actions.iter().map(|action| action.evidence.clone()).collect();
    let mut trace = Trace::of_overlay(spans, overlay.spans, evidence);
    let touched = merge::apply(&mut value, &overlay.value, &actions, &mut trace, sink);
    if !good || (strictness == Strictness::Whole && sink.has_errors()) {
        return None;
    }
    references::annotate(&mut value, &touched, &mut trace);
    let model = audit::audit_value(&value, &|pointer| trace.locate(pointer), sink)?;
    Some(Document { value, model, trace })
}

/// `extends` names the description an overlay is for; here only the name of its file matters, since
/// the description is given with the overlay.
fn check_extends(overlay: &Raw, base: &str, sink: &mut Sink) {
    let Some(extends) = overlay.value.get("extends") else { return };
    let at = Pointer::root().join("extends");
    let file = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let (message, hint) = match extends.as_str() {
        Some(named) if file(named) == file(base) => return,
        Some(named) => (
            format!("the overlay is for {}, but is laid over {}", quote(named), quote(base)),
            "give the description it is for, or correct `extends`",
        ),
        None => (
            format!("`extends` must be a string, found {}", describe(extends)),
            "name the description the overlay is for, or leave `extends` out",
        ),
    };
    let finding = Diagnostic::warning("other-base", message);
    sink.push(finding.at(overlay.locate(&at)).pointer(&at).hint(hint));
}
