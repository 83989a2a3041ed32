//! One change.

use serde::Serialize;

use crate::public_api::Level;
use alipay_openapi::{diag::Location, pointer::Pointer};

/// What a change means for code that uses the generated crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rating {
    /// Descriptions and examples: nothing that code sees.
    Documentation,
    /// Something is new, and all else works as before.
    Additive,
    /// Code compiles and sends what it did, but Alipay may refuse what it took, or return what it did not.
    Risky,
    /// Code may no longer compile, or may send or read something else.
    Breaking,
}

/// A kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its stable kebab-case name, for example `field-added`.
    pub name: &'static str,
    /// Its rating where callers send the item.
    pub request: Rating,
    /// Its rating where Alipay sends the item.
    pub response: Rating,
}

/// Where a change is listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Scope {
    /// What the entry stands under.
    #[serde(flatten)]
    pub section: Section,
    /// The operation, message or shared type that it belongs to.
    pub entry: String,
    /// The operations that use a shared type.
    pub used_by: Vec<String>,
}

/// A section of a report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "section", content = "tag", rename_all = "kebab-case")]
pub enum Section {
    /// A group, by its tag.
    Group(String),
    /// Types that operations share.
    SharedTypes,
    /// Messages and their contents.
    Messages,
    /// What concerns all operations.
    Gateway,
}

impl Rating {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documentation => "documentation",
            Self::Additive => "additive",
            Self::Risky => "risky",
            Self::Breaking => "breaking",
        }
    }

    /// The release it makes.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::Documentation => Level::Patch,
            // Whoever updates has to hear of a risk.
            Self::Additive | Self::Risky => Level::Minor,
            Self::Breaking => Level::Major,
        }
    }
}

/// Where something stands in one of the two descriptions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
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
    /// What it means for code that uses the crate.
    pub rating: Rating,
    /// What it means where callers send the item; none when they do not.
    pub request: Option<Rating>,
    /// What it means where Alipay sends the item; none when it does not.
    pub response: Option<Rating>,
    /// Where it is listed.
    #[serde(flatten)]
    pub scope: Scope,
    /// What changed, as the description calls it: `FixVoucherInfo.amount`.
    pub subject: String,
    /// The public Rust path of it: in the new crate, or in the old one when it is gone.
    pub rust: String,
    /// What happened, in one line of Markdown.
    pub message: String,
    /// Where it stands in the old description.
    pub old: Option<Position>,
    /// Where it stands in the new one.
    pub new: Option<Position>,
    /// Identifies the change, whatever else changes: for the list of accepted ones.
    pub fingerprint: String,
    /// Alipay's new text, where there is one. It is Alipay's: it is shown, and never stored.
    #[serde(skip)]
    pub new_text: Option<String>,
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
    pub(super) const BOTH: Self = Self { request: true, response: true };
    pub(super) const REQUEST: Self = Self { request: true, response: false };
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
