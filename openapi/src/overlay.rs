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

/// Where an overlay names the crate whose types it shares.
const SHARES: &str = "x-shares";
/// How the targets begin that another crate's overlay may have here.
const SCHEMAS: &str = "$.components.schemas";

/// The name of the crate whose types an overlay shares, if it can be read.
#[must_use]
pub fn shares(overlay: &Source) -> Option<String> {
    // What is wrong with it is found when it is laid over.
    let raw = parse(overlay, &mut Sink::new())?;
    raw.value.get(SHARES)?.as_str().map(str::to_owned)
}

/// Audits the base, lays the overlay over it and audits the result.
///
/// `shared` is the overlay of a crate with which this one shares types. What it says of schemas holds here, too,
/// as far as it fits.
///
/// Everything wrong goes to `sink`, positioned in the file that says it. `None` means that there was an
/// error or, where what does not fit is left out, that nothing is left to look at.
pub fn apply(
    mut base: Raw,
    shared: Option<&Source>,
    overlay: Option<&Source>,
    strictness: Strictness,
    sink: &mut Sink,
) -> Option<Document> {
    texts::discard(&mut base.value);
    let mut own = Sink::new();
    let document = lay_over(base, shared, overlay, strictness, &mut own);
    let good = sink.end_stage(own, strictness);
    document.filter(|_| good)
}

fn lay_over(
    base: Raw,
    shared: Option<&Source>,
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
    check_shares(&overlay, sink);
    let actions = action::read(&overlay, sink)?;
    let Raw { mut value, spans } = base;
    let mut trace = Trace::of_base(spans);
    let mut touched = match shared {
        Some(shared) => lay_shared(&mut value, shared, &mut trace, sink)?,
        None => Vec::new(),
    };
    let first = trace.lay(overlay.spans, actions.iter().map(|action| action.evidence.clone()));
    let actions = (actions.as_slice(), first);
    touched.extend(merge::apply(&mut value, &overlay.value, actions, &mut trace, sink));
    if !good || (strictness == Strictness::Whole && sink.has_errors()) {
        return None;
    }
    references::annotate(&mut value, &touched, &mut trace);
    let model = audit::audit_value(&value, &|pointer| trace.locate(pointer), sink)?;
    Some(Document { value, model, trace })
}

/// Lays the overlay of another crate over what both have. It was checked with that crate: what does not fit here
/// is about what is only there.
fn lay_shared(
    value: &mut Value,
    shared: &Source,
    trace: &mut Trace,
    sink: &mut Sink,
) -> Option<Vec<Pointer>> {
    let shared = parse(shared, sink)?;
    let mut actions = action::read(&shared, sink)?;
    actions.retain(|action| action.target.starts_with(SCHEMAS));
    let first = trace.lay(shared.spans, actions.iter().map(|action| action.evidence.clone()));
    let mut unfit = Sink::new();
    Some(merge::apply(value, &shared.value, (&actions, first), trace, &mut unfit))
}

/// `x-shares` is the name of a crate.
fn check_shares(overlay: &Raw, sink: &mut Sink) {
    let Some(shares) = overlay.value.get(SHARES).filter(|shares| !shares.is_string()) else {
        return;
    };
    let at = Pointer::root().join(SHARES);
    let message = format!("`{SHARES}` must be the name of a crate, found {}", describe(shares));
    let finding = Diagnostic::error("overlay-structure", message);
    sink.push(finding.at(overlay.locate(&at)).pointer(&at).hint("for example `alipay-voucher`"));
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
