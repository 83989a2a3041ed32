//! One change.

use serde::Serialize;

use crate::{digest::digest, public_api::Level};
use alipay_openapi::{diag::Location, pointer::Pointer};

/// What a change means for code that uses the generated crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rating {
    /// Texts, limits, examples: nothing that code sees.
    Documentation,
    /// More than there was; what was there works as before.
    Additive,
    /// Code may no longer compile, or no longer do what it did.
    Breaking,
}

impl Rating {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documentation => "documentation",
            Self::Additive => "additive",
            Self::Breaking => "breaking",
        }
    }

    /// The release it makes.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::Documentation => Level::Patch,
            Self::Additive => Level::Minor,
            Self::Breaking => Level::Major,
        }
    }
}

/// A place in one of the two descriptions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spot {
    /// The JSON pointer in the effective description.
    pub pointer: Pointer,
    /// The file, line and column.
    #[serde(flatten)]
    pub location: Option<Location>,
}

/// Something that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The stable kebab-case name of this kind of change, for example `field-added`.
    pub kind: &'static str,
    /// The worse of the ratings of the two sides.
    pub rating: Rating,
    /// What it means where callers send the item; none when they do not.
    pub request: Option<Rating>,
    /// What it means where Alipay sends the item; none when it does not.
    pub response: Option<Rating>,
    /// What changed, as the description calls it: `FixVoucherInfo.amount`.
    pub subject: String,
    /// The public Rust path of it: in the new crate, or in the old one when it is gone.
    pub rust: String,
    /// What happened, in one line of Markdown.
    pub message: String,
    /// Where it stands in the old description.
    pub old: Option<Spot>,
    /// Where it stands in the new one.
    pub new: Option<Spot>,
    /// Identifies the change, whatever else changes: for the list of accepted ones.
    pub fingerprint: String,
    /// Why it was accepted, when it was.
    pub accepted: Option<String>,
}

/// Which sides an item travels on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sides {
    pub(super) request: bool,
    pub(super) response: bool,
}

impl Sides {
    pub(super) const RESPONSE: Self = Self { request: false, response: true };

    pub(super) fn or(self, other: Self) -> Self {
        Self { request: self.request || other.request, response: self.response || other.response }
    }

    /// The sides in words.
    pub(super) fn words(self) -> &'static str {
        match (self.request, self.response) {
            (true, true) => "request and response",
            (true, false) => "request",
            (false, true) => "response",
            (false, false) => "",
        }
    }
}

impl Change {
    /// The sides in words.
    #[must_use]
    pub fn sides(&self) -> &'static str {
        Sides { request: self.request.is_some(), response: self.response.is_some() }.words()
    }
}

/// What a change is made of; the rest follows.
pub(super) struct Draft<'a> {
    pub(super) kind: &'static str,
    pub(super) rating: Rating,
    pub(super) sides: Sides,
    pub(super) subject: String,
    pub(super) rust: String,
    pub(super) message: String,
    /// What makes this change differ from others of the same kind and subject.
    pub(super) detail: &'a str,
    pub(super) old: Option<Spot>,
    pub(super) new: Option<Spot>,
}

impl From<Draft<'_>> for Change {
    fn from(draft: Draft<'_>) -> Self {
        let rate = |side: bool| side.then_some(draft.rating);
        let fingerprint = digest([draft.kind, &draft.subject, draft.detail]);
        Self {
            kind: draft.kind,
            rating: draft.rating,
            request: rate(draft.sides.request),
            response: rate(draft.sides.response),
            fingerprint,
            subject: draft.subject,
            rust: draft.rust,
            message: draft.message,
            old: draft.old,
            new: draft.new,
            accepted: None,
        }
    }
}
