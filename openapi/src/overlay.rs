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

use std::collections::BTreeMap;

use openapiv3::OpenAPI;
use serde_json::Value;

pub(crate) use self::action::read;
pub use self::trace::Evidence;
use self::{action::Action, trace::Trace};
use crate::{
    audit,
    diag::{Diagnostic, Location, Sink, Strictness, describe, quote},
    digest::digest,
    import::{check_tags, cut_to},
    load::{Raw, Source, parse},
    pointer::Pointer,
    scope::Scope,
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
    digest: String,
}

impl Document {
    /// Identifies the description and its overlay by their values: comments, line ends and whether they are
    /// written as YAML or JSON do not count.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

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

    /// The number of the action that set the value at `pointer`.
    pub(crate) fn action(&self, pointer: &Pointer) -> Option<usize> {
        self.trace.action(pointer)
    }

    /// The actions that say that they oblige and set something in this document, by their numbers: where
    /// they say so, in the overlay.
    pub(crate) fn obliging(&self) -> BTreeMap<usize, (Pointer, Location)> {
        self.trace.obliging(|at| self.value.pointer(at).is_some())
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

/// What is laid over a base.
#[derive(Clone, Copy, Debug, Default)]
pub struct Layers<'a> {
    /// What is inferred from Alipay's texts. What people say is stronger, and it holds as far as it fits.
    pub inferred: Option<&'a Source>,
    /// The overlay of a crate with which this one shares types. What it says of schemas holds here, too, as far
    /// as it fits.
    pub shared: Option<&'a Source>,
    /// What people know.
    pub overlay: Option<&'a Source>,
}

/// Lays overlays over the base, cuts the part asked for out of that, and audits it. What an overlay
/// removes, and what stands outside of that part, is not looked at.
///
/// Everything wrong goes to `sink`, positioned in the file that says it. `None` means that there was an
/// error or, where what does not fit is left out, that nothing is left to look at.
pub fn apply(
    mut base: Raw,
    layers: Layers<'_>,
    scope: &Scope,
    strictness: Strictness,
    sink: &mut Sink,
) -> Option<Document> {
    texts::discard(&mut base.value);
    let mut own = Sink::new();
    let document = lay_over(base, layers, &mut own).and_then(|mut laid| {
        check_tags(&laid.value, &scope.tags, &|pointer| laid.trace.locate(pointer), &mut own);
        laid.cut(scope);
        laid.audit(scope, &mut own)
    });
    let good = sink.end_stage(own, strictness);
    document.filter(|_| good)
}

/// A description with its overlay, which nobody has audited.
pub(crate) struct Laid {
    pub(crate) value: Value,
    trace: Trace,
    digest: String,
}

impl Laid {
    /// Leaves only the part asked for.
    fn cut(&mut self, scope: &Scope) {
        if !scope.is_whole() {
            let wants = |path: &str, method: &str| scope.keeps(path, method);
            self.value = cut_to(&self.value, &scope.tags, &wants);
            // The list has lost items.
            self.trace.shortened(Pointer::root().join("tags"));
        }
    }

    fn audit(mut self, scope: &Scope, sink: &mut Sink) -> Option<Document> {
        let Self { value, trace, digest } = &mut self;
        let model = audit::audit_value(value, scope, &|pointer| trace.locate(pointer), sink)?;
        let digest = std::mem::take(digest);
        Some(Document { value: self.value, model, trace: self.trace, digest })
    }
}

/// Lays overlays over the base. `None` when one of them is none.
pub(crate) fn lay_over(base: Raw, layers: Layers<'_>, sink: &mut Sink) -> Option<Laid> {
    let Raw { mut value, spans } = base;
    let mut written = vec![value.to_string()];
    let mut trace = Trace::of_base(spans);
    let mut touched = Vec::new();
    if let Some(inferred) = layers.inferred {
        let inferred = parse(inferred, sink)?;
        written.push(inferred.value.to_string());
        touched.extend(lay_loosely(&mut value, inferred, |_| true, &mut trace, sink)?);
        trace.may_be_changed();
    }
    if let Some(overlay) = layers.overlay {
        let overlay = parse(overlay, sink)?;
        check_extends(&overlay, trace.base(), sink);
        check_shares(&overlay, sink);
        let actions = action::read(&overlay, sink)?;
        written.push(overlay.value.to_string());
        if let Some(shared) = layers.shared {
            let shared = parse(shared, sink)?;
            written.push(shared.value.to_string());
            // It was checked with its crate: what does not fit here is about what is only there.
            let is_shared = |action: &Action| action.target.starts_with(SCHEMAS);
            touched.extend(lay_loosely(&mut value, shared, is_shared, &mut trace, sink)?);
        }
        let first = trace.lay(overlay.spans, actions.iter().map(|action| action.evidence.clone()));
        let actions = (actions.as_slice(), first);
        touched.extend(merge::apply(&mut value, &overlay.value, actions, &mut trace, sink));
    }
    references::annotate(&mut value, &touched, &mut trace);
    Some(Laid { value, trace, digest: digest(written.iter().map(String::as_str)) })
}

/// Lays some actions of an overlay over what they fit.
fn lay_loosely(
    value: &mut Value,
    overlay: Raw,
    wants: impl Fn(&Action) -> bool,
    trace: &mut Trace,
    sink: &mut Sink,
) -> Option<Vec<Pointer>> {
    let mut actions = action::read(&overlay, sink)?;
    actions.retain(wants);
    let first = trace.lay(overlay.spans, actions.iter().map(|action| action.evidence.clone()));
    let mut unfit = Sink::new();
    Some(merge::apply(value, &overlay.value, (&actions, first), trace, &mut unfit))
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
